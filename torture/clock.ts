import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { parseLine } from '../src/model/event.ts';
import { openRow, type Check } from './check.ts';
import { compile } from './failio.ts';
import { ask, start, type Service } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** The clock settings that are applied, one after another, while devices ask. `still` stops the clock. */
const CLOCKS: { fault: string; add: number; still?: true; holds?: true }[] = [
  { fault: 'the clock is correct', add: 0 },
  { fault: 'the clock jumps a year ahead', add: YEAR_MS },
  // No admin accepted the clock while it was ahead. So production continues as soon as the clock is correct again.
  { fault: 'the clock goes back to the correct time', add: 0 },
  { fault: 'the clock jumps a year back', add: -YEAR_MS, holds: true },
  { fault: 'a leap second: the clock goes back by one second', add: -1000 },
  { fault: 'the clock stops', add: 0, still: true },
  { fault: 'the clock is correct again', add: 0 },
];

/**
 * The number of devices. The service compares the clock with the median time of its last events (src/model/clock.ts).
 * With this many devices, more than half of the last events are new.
 */
const DEVICES = 60;

/**
 * If the wall clock jumps or stops, the order of events, S/Ns, tokens and repeated requests must still be correct. If
 * the clock is far behind the last events, the service must make no dated S/Ns until an admin confirms that the clock
 * is right.
 */
export const clocks: Check = async ({ folder, say }) => {
  say('clock');
  const control = join(folder, 'clock');
  const set = (add: number, still = 0): void => {
    writeFileSync(`${control}.next`, `${add} ${still}`);
    renameSync(`${control}.next`, control);
  };
  set(0);
  const data = join(folder, 'clocks');
  const env = { LD_PRELOAD: compile('clock.c', folder), CLOCK_CONTROL: control, CLAIMSTAMP_ADDRESS_RATE: '6000' };
  const service = await start(data, { env });
  const token = await tokenFor(30);
  const rows = [];
  for (const { fault, add, still, holds } of CLOCKS) {
    const row = openRow(fault);
    row.tried();
    set(add, still ? Date.now() : 0);
    if ((await goOn(service)) !== (holds ?? false)) row.fail(holds ? 'S/Ns were dated' : 'S/Ns had to wait');
    for (let n = 0; n < DEVICES; n++) {
      const { status } = await ask(service.port, {});
      if (status !== 200) row.fail(`a device got the status ${status} and no Claim ID`);
    }
    const known = await ask(service.port, { mac: 'the same' });
    if (known.id === undefined || known.id !== (await ask(service.port, { mac: 'the same' })).id)
      row.fail('a repeated request got a different ID');
    // The token of this check is valid for thirty days. While the clock is a year ahead, the token counts as expired.
    // As soon as the clock is correct, the token is valid again.
    const isOver = add > 30 * 24 * 3600 * 1000;
    if ((await statusWith(token)) !== (isOver ? 401 : 200))
      row.fail(`a 30-day token got the status ${await statusWith(token)}`);
    if (!(await isReady(service))) row.fail('not ready');
    rows.push(row);
  }
  await service.end('SIGTERM');
  await checkLedger(rows[0]?.fail ?? (() => {}));
  return rows.map((row) => row.row('events in order, no S/N twice, token and repeated requests correct'));

  async function tokenFor(days: number): Promise<string> {
    const { body } = await service.api<{ token: string }>('POST', '/v1/tokens', {
      name: 'auditor',
      role: 'qa',
      expiresInDays: days,
    });
    return body.token;
  }
  async function statusWith(bearer: string): Promise<number> {
    return (await fetch(`${service.url}/v1/products`, { headers: { authorization: `Bearer ${bearer}` } })).status;
  }
  async function checkLedger(fail: (what: string, lost?: number) => void): Promise<void> {
    const { findings } = await contentsOf(ledgerIn(data));
    if (findings.length > 0) fail(findings[0] as string);
    const db = new Database(ledgerIn(data), { readonly: true });
    const lines = db.prepare(`SELECT line FROM event ORDER BY seq`).pluck().all() as string[];
    const serials = db.prepare(`SELECT serial FROM unit WHERE serial IS NOT NULL`).pluck().all() as string[];
    db.close();
    const events = lines.map(parseLine);
    if (events.some(({ seq }, i) => seq !== i + 1)) fail('numbers have a gap');
    if (!events.some(({ at }, i) => i > 0 && at < (events[i - 1]?.at ?? 0)))
      fail('the clock never went back: nothing was tested');
    if (new Set(serials).size !== serials.length)
      fail('an S/N was issued twice', serials.length - new Set(serials).size);
  }
};

async function isReady(service: Service): Promise<boolean> {
  for (let tries = 0; tries < 30; tries++, await pause(100))
    if ((await service.api<string>('GET', '/readyz')).status === 200) return true;
  return false;
}
/** If the service is waiting for an admin to accept the clock, accepts it. Returns true if the service was waiting. */
async function goOn(service: Service): Promise<boolean> {
  if ((await ask(service.port, {})).status !== 503) return false;
  // /readyz reuses the answer of its last check for a second.
  for (let tries = 0; tries < 30; tries++) {
    const { body } = await service.api<object>('GET', '/readyz');
    const [, date] = /claimstamp clock accept (\d{4}-\d\d-\d\d)/.exec(JSON.stringify(body)) ?? [];
    if (date !== undefined && (await service.api('POST', '/v1/clock/accept', { date })).status === 200) return true;
    await pause(100);
  }
  return false;
}

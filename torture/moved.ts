import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { copyLedger, ledgerFilesIn, moveLedger, removeLedger, WAYS } from '../harness/moved-ledger.ts';
import { ask, start, type Service } from '../harness/service.ts';
import { openRow, type Check, type Row } from './check.ts';
import { contentsOf, ledgerIn } from './contents.ts';

const DEVICES = 30;

/** How long, in ms, the ledger file is missing. The service checks for the file once a second. */
const AWAY_MS = 2500;

const RECOVERY_MS = 30_000;

/**
 * The ledger is moved or deleted while the service is running. The service must refuse devices and say why, must not
 * create an empty ledger, and must continue without a restart when the ledger is back.
 */
export const movedLedger: Check = async ({ folder, say }) => {
  const rows: Row[] = [];
  for (const [n, [way, harm]] of WAYS.entries()) {
    say(`moved ledger: ${way}`);
    rows.push(await takeAway(join(folder, `moved-${n}`), way, harm));
  }
  return rows;
};

/**
 * A copy of the file lacks the events that were only in the log. A truncated file lacks pages. So the service must
 * refuse both files.
 */
const NOT_EMPTY = ['replaced by a copy of itself', 'truncated in place'];

async function takeAway(data: string, way: string, harm: (data: string, aside: string) => void): Promise<Row> {
  const row = openRow(`the ledger is ${way} while the service runs`);
  row.tried();
  const [aside, copy] = [`${data}-aside`, `${data}-copy`];
  for (const made of [aside, copy]) mkdirSync(made);
  const service = await start(data);
  const answered = new Map<string, string>();
  const one = async (mac: string): Promise<Awaited<ReturnType<typeof ask>>> => {
    const answer = await ask(service.port, { mac });
    if (answer.id !== undefined && (answered.get(mac) ?? answer.id) !== answer.id)
      row.fail('a repeated request got a different ID');
    if (answer.id !== undefined) answered.set(mac, answer.id);
    return answer;
  };
  for (let n = 0; n < DEVICES; n++) await one(`before-${n}`);
  copyLedger(data, copy);
  harm(data, aside);
  const { status, refused = '' } = await one('away');
  if (status !== 503 || !refused.includes('put ledger.db and ledger.db-wal back'))
    row.fail(`a device got ${status} ${refused}`);
  if (!(await isNotReady(service))) row.fail('/readyz did not say why');
  await pause(AWAY_MS);
  const bytes = statSync(join(data, 'ledger.db'), { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > 0 && !NOT_EMPTY.includes(way)) row.fail('the service created an empty ledger');
  removeLedger(data);
  const kept = ledgerFilesIn(aside);
  if (kept.includes('ledger.db') && kept.length > 1) moveLedger(aside, data);
  else copyLedger(copy, data);
  const begun = performance.now();
  while ((await one('away')).status !== 200 && performance.now() - begun < RECOVERY_MS) await pause(50);
  if (!answered.has('away')) row.fail('no recovery without a restart');
  const recoveredMs = Math.round(performance.now() - begun);
  for (const mac of answered.keys()) await one(mac);
  await service.end('SIGTERM');
  const { macs, ucis, findings } = await contentsOf(ledgerIn(data));
  const gone = [...answered].filter(([mac, id]) => macs.get(mac) !== id || ucis.get(id) !== 1);
  if (gone.length > 0) row.fail(`${gone.length} delivered IDs were lost`, gone.length);
  if (findings.length > 0) row.fail(findings[0] as string);
  return row.row(`503 with the reason, no empty ledger; continues ${recoveredMs} ms after the file is back`);
}

async function isNotReady({ api }: Service): Promise<boolean> {
  // /readyz reuses the answer of its last check for a second.
  for (let tries = 0; tries < 30; tries++, await pause(100)) {
    const { status, body } = await api<object>('GET', '/readyz');
    if (status === 503 && /moved, deleted or replaced|lacks events/.test(JSON.stringify(body))) return true;
  }
  return false;
}

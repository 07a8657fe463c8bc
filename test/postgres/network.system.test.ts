import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBody } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import type { Command } from '../../src/decide/command.ts';
import type { Ledger } from '../../src/contract/ledger.ts';
import { openPostgresLedger } from '../../src/postgres/postgres-ledger.ts';
import { StationDefinition } from '../../src/model/station.ts';
import { copyFile } from '../../src/sqlite/sqlite-ledger.ts';
import { tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openDoor, openServer, type Door, type Server } from '../support/postgres-server.ts';

/** A network that swallows what is said on it: noticed after the time that PostgreSQL and its client are given. */

let server: Server;
const opened: Ledger[] = [];
const doors: Door[] = [];
beforeAll(async () => {
  server = await openServer();
});
afterAll(async () => {
  for (const ledger of opened) await ledger.close();
  for (const door of doors) door.close();
  await server.stop();
});

async function open(url: string, data = tempFolder(), onMoved = (): void => {}): Promise<Ledger> {
  const ledger = await openPostgresLedger({ file: copyFile(data), url, onFault: () => {}, onMoved });
  opened.push(ledger);
  return ledger;
}

async function doorTo(url: string): Promise<Door & { url: string }> {
  const to = new URL(url);
  const door = await openDoor(to.hostname, Number(to.port));
  doors.push(door);
  to.host = `127.0.0.1:${door.port}`;
  return { ...door, url: to.href };
}

const issue = (mac?: string): Command & { kind: 'issue' } => ({
  kind: 'issue',
  ...readBody(
    Buffer.from(JSON.stringify({ product: 'DEMO', ...(mac === undefined ? {} : { mac }) })),
    DEFAULT_IDENTITY,
  ),
  station: 'default',
  source: '127.0.0.1',
  strict: false,
});
const station = { kind: 'set-station', station: StationDefinition.parse({ name: 'default' }), actor: 'test' } as const;

it.each([
  ['the answer to COMMIT', true],
  ['COMMIT itself', false],
])(
  'a network that swallows %s: the device has one unit, and its answer in time',
  async (_what, passed) => {
    const url = await server.database();
    const door = await doorTo(url);
    const one = await open(door.url);
    await one.record(station);
    door.silence('COMMIT', passed);
    const begun = performance.now();
    const { uci } = await one.record(issue());
    expect(performance.now() - begun).toBeLessThan(25_000);
    expect(door.silent()).toBe(1);
    const rows = await server.ask<{ line: string }>(url, `SELECT line FROM event`);
    const issued = rows
      .map(({ line }) => (JSON.parse(line) as { uci?: string }).uci)
      .filter((one) => one !== undefined);
    expect(issued).toEqual([uci]);
  },
  60_000,
);

it('a network that swallows what others recorded is noticed', async () => {
  const url = await server.database();
  const door = await doorTo(url);
  let moved = 0;
  const one = await open(url);
  await open(door.url, tempFolder(), () => moved++);
  // What its listener says now and then, with nothing else to do.
  door.silence('SELECT 1', false);
  await until(async () => (door.silent() > 0 ? true : undefined), 10_000);
  await one.record(station);
  await until(async () => (moved > 0 ? true : undefined), 25_000);
});

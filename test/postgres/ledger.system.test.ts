import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBody } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import type { Command } from '../../src/decide/command.ts';
import { isCode } from '../../src/platform/error.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import type { Ledger } from '../../src/contract/ledger.ts';
import { connect } from '../../src/postgres/connect.ts';
import { openPostgresLedger } from '../../src/postgres/postgres-ledger.ts';
import { tally } from '../../src/decide/reconcile.ts';
import { Product } from '../../src/model/product.ts';
import { StationDefinition } from '../../src/model/station.ts';
import { copyFile } from '../../src/sqlite/sqlite-ledger.ts';
import { tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openServer, type Server } from '../support/postgres-server.ts';

/** Two processes' worth of one ledger on a real PostgreSQL. */

let server: Server;
const opened: Ledger[] = [];
beforeAll(async () => {
  server = await openServer();
});
afterAll(async () => {
  for (const ledger of opened) await ledger.close();
  await server.stop();
});

async function open(url: string, data = tempFolder(), onMoved = (): void => {}): Promise<Ledger> {
  const ledger = await openPostgresLedger({ file: copyFile(data), url, onFault: () => {}, onMoved });
  opened.push(ledger);
  return ledger;
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
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

it('gives two that ask at once never the same Claim ID, and S/Ns without a gap; both have the same tree', async () => {
  const url = await server.database();
  const folder = tempFolder();
  const [one, two] = [await open(url, folder), await open(url)];
  await one.record(station);
  const asked = Array.from({ length: 300 }, (_one, n) => (n % 2 === 0 ? one : two).record(issue()));
  const given = await Promise.all(asked);
  expect(new Set(given.map(({ uci }) => uci)).size).toBe(300);
  await until(async () => ((await one.head()).size === (await two.head()).size ? true : undefined));
  expect(hex((await one.head()).root)).toBe(hex((await two.head()).root));
  const { units } = await one.units({ after: 0, limit: 1000 });
  const counted = units.map(({ serial }) => Number(serial?.slice(-7))).toSorted((a, b) => a - b);
  expect(counted).toEqual(Array.from({ length: 300 }, (_one, n) => n + 1));
  // The copy is a ledger like any other: what follows from the events is checked against them.
  expect(await verifyLedger(copyFile(folder))).toMatchObject({ ok: true, size: (await one.head()).size });
  const rows = await server.ask<{ seq: string; line: string; leaf: Buffer }>(url, `SELECT * FROM event ORDER BY seq`);
  for (const { line, leaf } of rows) expect(createHash('sha256').update(`\0${line}`).digest().equals(leaf)).toBe(true);
});

it('answers the same device the same, whichever process it asks, and counts it in both', async () => {
  const url = await server.database();
  const [one, two] = [await open(url), await open(url)];
  await one.record(station);
  const { uci } = await one.record(issue('m1'));
  expect((await two.record(issue('m1'))).uci).toBe(uci);
  expect((await one.record(issue('m1'))).uci).toBe(uci);
  await until(async () => ((await two.unit(uci))?.repeats?.count === 2 ? true : undefined));
  expect((await one.unit(uci))?.repeats?.count).toBe(2);
});

it('finds the spellings of a MAC in every process, also without the zeros of its bytes', async () => {
  const url = await server.database();
  const [one, two] = [await open(url), await open(url)];
  await one.record(station);
  const short = await one.record(issue('a4:c1:38:aa:0:1'));
  const full = await two.record(issue('A4:C1:38:AA:00:02'));
  expect((await two.record(issue('A4-C1-38-AA-00-01'))).uci).toBe(short.uci);
  expect((await one.record(issue('a4-c1-38-aa-0-2'))).uci).toBe(full.uci);
});

it('a work order that one process closes is blocked in every process, and the change of a unit makes its figures old', async () => {
  const url = await server.database();
  const [one, two] = [await open(url), await open(url)];
  const actor = 'test';
  await one.record({ kind: 'set-product', product: Product.parse({ id: 'DEMO' }), actor });
  const order = { id: 'WO-1', product: 'DEMO', planned: 9, overIssue: 'warn' as const };
  await one.record({ kind: 'set-work-order', workOrder: order, actor });
  const make = {
    kind: 'make',
    as: 'issued',
    product: 'DEMO',
    count: 1,
    workOrder: 'WO-1',
    strict: false,
    actor,
  } as const;
  const { units } = await one.record(make);
  const begin = (process: string) => ({ kind: 'begin-closing', workOrder: 'WO-1', process, actor }) as const;
  const blocked = await one.record(begin('one'));
  const begun = 'begun' in blocked ? blocked.begun : 0;
  await expect(two.record(make)).rejects.toSatisfy((error) => isCode(error, 'work-order-closed'));
  await expect(two.record(begin('two'))).rejects.toSatisfy((error) => isCode(error, 'work-order-closed'));
  const { claiming } = Product.parse({ id: 'DEMO' });
  const close = async () => {
    const counted = tally([], [], { productOf: () => ({ claiming }), orderOf: () => ({}) });
    const { size } = await one.head();
    const decided = { snapshot: { size, root: '' }, rule: { claiming }, figures: counted, signedOff: [] };
    return { kind: 'close-work-order', workOrder: 'WO-1', begun, ...decided, actor } as const;
  };
  const old = await close();
  await two.record({ kind: 'void', units: [{ uci: units[0]?.uci ?? '' }], reason: 'test', actor });
  expect(await one.record(old)).toEqual({ stale: true });
  await until(async () => ((await one.head()).size === (await two.head()).size ? true : undefined));
  expect(await one.record(await close())).toMatchObject({ workOrder: 'WO-1', signedOff: 0 });
  await until(async () => ((await two.workOrder('WO-1'))?.closed ? true : undefined));
});

it('tells every process of what stands beside the events: who may come in, and answers to requests sent again', async () => {
  const url = await server.database();
  const [one, two] = [await open(url), await open(url)];
  const hash = createHash('sha256').update('secret').digest();
  await one.record({ kind: 'create-token', name: 'ci', role: 'qa', hash, actor: 'test' });
  await until(async () => ((await two.credential(hash))?.name === 'ci' ? true : undefined));
  await two.record({ kind: 'revoke-token', name: 'ci', actor: 'test' });
  await until(async () => ((await one.credential(hash))?.revokedAt !== undefined ? true : undefined));
  const person = { kind: 'set-person', name: 'kim', actor: 'test' } as const;
  await one.record({ kind: 'set-product', product: Product.parse({ id: 'VALVE' }), actor: 'test' });
  await one.record({ ...person, role: 'auditor', ends: '2099-12-31', products: ['VALVE'] });
  await until(async () => ((await two.person('kim'))?.ends === '2099-12-31' ? true : undefined));
  expect(await two.person('kim')).toEqual(await one.person('kim'));
  await two.record({ ...person, ends: '2100-01-31' });
  await until(async () => ((await one.person('kim'))?.ends === '2100-01-31' ? true : undefined));
  const once = { key: createHash('sha256').update('key').digest(), fingerprint: hash };
  const make = { kind: 'make', as: 'issued', product: 'DEMO', count: 2, strict: false, actor: 'test', once } as const;
  expect(await two.record(make)).toEqual(await one.record(make));
  const other = { ...once, fingerprint: createHash('sha256').update('other').digest() };
  await expect(two.record({ ...make, once: other })).rejects.toSatisfy((error) => isCode(error, 'key-reused'));
});

it('tells screens in other processes within a moment', async () => {
  const url = await server.database();
  let moved = 0;
  const one = await open(url);
  await open(url, tempFolder(), () => moved++);
  await one.record(station);
  await until(async () => (moved > 0 ? true : undefined), 3000);
});

it('a copy that is lost, or was away, is brought up from the server', async () => {
  const url = await server.database();
  const folder = tempFolder();
  const one = await open(url);
  await one.record(station);
  const two = await open(url, folder);
  await two.record(issue());
  await two.close();
  for (let n = 0; n < 20; n++) await one.record(issue());
  for (const again of [await open(url, folder), await open(url)]) {
    await until(async () => (hex((await again.head()).root) === hex((await one.head()).root) ? true : undefined));
    expect((await again.record(issue())).uci).toMatch(/^[0-9A-Z]{10}$/);
    await until(async () => ((await one.head()).size === (await again.head()).size ? true : undefined));
  }
});

it('a copy that is damaged says what to do, and PostgreSQL has all that was given out', async () => {
  const url = await server.database();
  const folder = tempFolder();
  const one = await open(url, folder);
  await one.record(station);
  const { uci } = await one.record(issue());
  await one.close();

  // The index in which each new Claim ID is looked up.
  const file = copyFile(folder);
  const db = new Database(file);
  const page = db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_unit_1'`).pluck().get();
  db.close();
  const bytes = readFileSync(file);
  bytes.fill(0xff, ((page as number) - 1) * 4096, (page as number) * 4096);
  writeFileSync(file, bytes);
  const damaged = await open(url, folder);
  const instead = /copy.*move this file out of the data folder and restart; PostgreSQL has all its data/;
  await expect(damaged.record(issue())).rejects.toThrow(instead);
  expect((await damaged.problems()).join()).toMatch(instead);
  await damaged.close();

  writeFileSync(file, bytes.fill(0xff, 0, 4096));
  await expect(open(url, folder)).rejects.toThrow(
    /copy\.db is only a copy, move this file out of the data folder and restart/,
  );

  rmSync(file);
  const again = await open(url, folder);
  expect(await again.unit(uci)).toMatchObject({ unit: { uci } });
  await again.record(issue());
});

it('a connection that is terminated again and again loses no answer and gives nothing twice', async () => {
  const url = await server.database();
  const folders = [tempFolder(), tempFolder()];
  const ledgers = [await open(url, folders[0]), await open(url, folders[1])];
  await ledgers[0]?.record(station);
  const answered: string[] = [];
  let refused = 0;
  const stop = new AbortController();
  const clients = ledgers.flatMap((ledger, l) =>
    Array.from({ length: 4 }, async (_one, c) => {
      for (let n = 0; !stop.signal.aborted; n++)
        await ledger.record(issue(`${l}-${c}-${n}`)).then(
          ({ uci }) => answered.push(uci),
          () => refused++,
        );
    }),
  );
  let terminated = 0;
  for (let round = 0; round < 15; round++) {
    // Time to connect again, and to ask for a while.
    await new Promise((resolve) => setTimeout(resolve, 150));
    terminated += await server.terminateAll();
  }
  stop.abort();
  await Promise.all(clients);
  expect(terminated).toBeGreaterThan(15);
  expect(answered.length).toBeGreaterThan(30);
  expect(new Set(answered).size).toBe(answered.length);
  const rows = await server.ask<{ line: string }>(url, `SELECT line FROM event`);
  const held = new Set(rows.map(({ line }) => (JSON.parse(line) as { uci?: string }).uci));
  expect(answered.filter((uci) => !held.has(uci))).toEqual([]);
  // What a device got, it gets again: no answer was lost between commit and reply.
  const [one] = ledgers as [Ledger];
  await until(async () => ((await one.problems()).length === 0 ? true : undefined));
  for (const [l, folder] of folders.entries()) {
    await until(async () => ((await ledgers[l]?.head())?.size === rows.length ? true : undefined));
    expect((await verifyLedger(copyFile(folder))).findings).toEqual([]);
  }
  expect(refused).toBeLessThan(answered.length);
});

it('a process whose connection ended unnoticed still fetches the events of others', async () => {
  const url = await server.database();
  const [idle, busy] = [await open(url, tempFolder()), await open(url, tempFolder())];
  await busy.record(station);
  await until(async () => ((await idle.head()).size === 1 ? true : undefined));
  // The connection that listens for notifications stays, so the idle process learns of the event, and cannot fetch it.
  const { length } = await server.ask(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'claimstamp' AND datname = current_database() AND query NOT LIKE 'LISTEN%'`,
  );
  expect(length).toBe(2);
  await busy.record(issue('first'));
  const { size } = await busy.head();
  await until(async () => ((await idle.head()).size === size ? true : undefined));
});

it('a server soon notices a process whose box lost its power, and frees what it held', async () => {
  const client = await connect(await server.database());
  const { rows } = await client.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_%' OR name = 'idle_in_transaction_session_timeout'`,
  );
  await client.end();
  // As the kernel has them, seconds and milliseconds.
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, Number(setting)]))).toEqual({
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    tcp_user_timeout: 20_000,
    idle_in_transaction_session_timeout: 5000,
  });
});

it('waits for another that has the head, and goes on', async () => {
  const url = await server.database();
  const one = await open(url);
  await one.record(station);
  const begun = performance.now();
  const held = server.ask(url, `BEGIN; SELECT * FROM tree_head FOR UPDATE; SELECT pg_sleep(1.5); COMMIT`);
  await until(
    async () => (await server.ask(url, `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)).length > 0,
  );
  expect((await one.record(issue())).uci).toMatch(/^[0-9A-Z]{10}$/);
  expect(performance.now() - begun).toBeGreaterThan(1400);
  await held;
});

it('a server that was put back, or went another way, gets nothing from a process that knows more', async () => {
  const url = await server.database();
  const folder = tempFolder();
  const one = await open(url, folder);
  await one.record(station);
  for (let n = 0; n < 5; n++) await one.record(issue());
  await one.close();
  // As a standby that had not all of it: the same beginning, and other events behind.
  const other = await server.database();
  const two = await open(other);
  await two.record(station);
  for (let n = 0; n < 9; n++) await two.record(issue());
  await expect(open(other, folder)).rejects.toThrow(/lacks event 7, which is in the copy on this machine/);
  const empty = await server.database();
  await expect(open(empty, folder)).rejects.toThrow(/[Mm]ove .*copy\.db to another place/);
  expect((await server.ask<{ n: string }>(empty, `SELECT count(*) AS n FROM event`))[0]?.n).toBe('0');
});

it('events are never changed, deleted or cut off, not even by who has the database', async () => {
  const url = await server.database();
  const one = await open(url);
  await one.record(station);
  for (const sql of [
    `UPDATE event SET line = 'x'`,
    `DELETE FROM event`,
    `TRUNCATE event`,
    `UPDATE tree_head SET size = 0`,
    `DELETE FROM tree_head`,
  ])
    await expect(server.ask(url, sql), sql).rejects.toThrow(/never/);
});

it('a server that answers before its disk has it is refused', async () => {
  const url = await server.database();
  const name = new URL(url).pathname.slice(1);
  // The service sets it for its own connections; fsync is the server's.
  await server.ask(url, `ALTER DATABASE ${name} SET synchronous_commit = off`);
  const one = await open(url);
  expect(await one.problems()).toEqual([]);
});

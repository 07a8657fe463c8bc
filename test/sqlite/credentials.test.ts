import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { permissionsOf } from '../../src/model/role.ts';
import type { Credential } from '../../src/model/credential.ts';
import type { Command } from '../../src/decide/command.ts';
import { ClaimstampError, isCode } from '../../src/platform/error.ts';
import type { Ledger } from '../../src/contract/ledger.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { ledgerFile, openSqliteLedger } from '../../src/sqlite/sqlite-ledger.ts';
import { migrate, migrations } from '../../src/sqlite/open.ts';
import { openTables } from '../../src/sqlite/tables.ts';
import { StationDefinition } from '../../src/model/station.ts';
import { accessOf, anyAccess } from '../support/access-steps.ts';
import { audit } from '../support/audit.ts';
import { countingRandom, NOON, openMapLedger, product, station, type MapLedger } from '../support/map-ledger.ts';
import { openDesk, tempFolder } from '../support/service.ts';

const actor = 'admin';
const HOUR = 3_600_000;
const hashOf = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

const opened: Ledger[] = [];
afterEach(async () => {
  for (const ledger of opened.splice(0)) await ledger.close();
});

async function openLedger(data: string): Promise<Ledger> {
  const ledger = await openSqliteLedger({
    file: ledgerFile(data),
    onFault: (fault) => {
      throw new Error(fault);
    },
  });
  opened.push(ledger);
  return ledger;
}

/** The same in every file: Buffers of the driver and arrays of the tests compare by their bytes. */
function plain(credentials: (Credential | undefined)[]): unknown[] {
  return credentials.map((one) => one && { ...one, hash: Buffer.from(one.hash).toString('hex') });
}

const SESSION_ENDS = Date.now() + HOUR;
const COMMANDS: Command[] = [
  { kind: 'set-station', station: StationDefinition.parse({ name: 'nest' }), actor },
  { kind: 'set-station-key', station: 'nest', hash: hashOf('key'), actor },
  { kind: 'set-station-key', station: 'nest', hash: hashOf('next key'), overlapMs: HOUR, actor },
  {
    kind: 'create-token',
    name: 'erp',
    role: 'service',
    scopes: ['units:make', 'units:read'],
    hash: hashOf('erp'),
    expiresAt: SESSION_ENDS,
    actor,
  },
  { kind: 'create-token', name: 'ci', role: 'admin', hash: hashOf('ci'), actor },
  { kind: 'touch', hash: hashOf('ci') },
  { kind: 'revoke-token', name: 'ci', actor },
  { kind: 'set-person', name: 'nest', role: 'qa', actor },
  { kind: 'invite', name: 'nest', hash: hashOf('link'), expiresAt: SESSION_ENDS, actor },
  {
    kind: 'use-link',
    hash: hashOf('link'),
    session: { hash: hashOf('cookie'), expiresAt: SESSION_ENDS },
    password: 'scrypt$…',
  },
  { kind: 'invite', name: 'nest', kiosk: true, hash: hashOf('kiosk link'), expiresAt: SESSION_ENDS, actor },
  {
    kind: 'use-link',
    hash: hashOf('kiosk link'),
    session: { hash: hashOf('screen'), expiresAt: SESSION_ENDS },
  },
  { kind: 'set-person', name: 'olga', role: 'operator', badge: 'OP-0001', actor },
  { kind: 'use-badge', hash: hashOf('screen'), badge: 'OP-0001' },
  { kind: 'invite', name: 'nest', kiosk: true, hash: hashOf('next kiosk link'), expiresAt: SESSION_ENDS, actor },
  { kind: 'set-person', name: 'gone', role: 'operator', actor },
  { kind: 'remove-person', name: 'gone', actor },
];

async function everything(ledger: Ledger): Promise<unknown> {
  const kinds = ['station-key', 'token', 'session', 'link'] as const;
  const credentials = await Promise.all(kinds.map((kind) => ledger.credentials(kind)));
  return { credentials: credentials.map(plain), people: await ledger.people() };
}

describe('credentials and people', () => {
  it('are read as they were recorded, by their secret, by kind and by name', async () => {
    const ledger = await openLedger(tempFolder());
    for (const command of COMMANDS) await ledger.record(command);
    const at = expect.closeTo(Date.now(), -5) as number;
    const erp = { kind: 'token', name: 'erp', role: 'service', scopes: ['units:make', 'units:read'], at };
    expect(plain([await ledger.credential(hashOf('erp'))])).toEqual(
      plain([{ ...erp, hash: hashOf('erp'), expiresAt: SESSION_ENDS } as Credential]),
    );
    expect(permissionsOf('service', (await ledger.credential(hashOf('erp')))?.scopes)).toEqual(
      new Set(['units:make', 'units:read']),
    );
    expect(await ledger.credential(hashOf('link'))).toBeUndefined();
    expect(await ledger.credential(hashOf('nobody knows this'))).toBeUndefined();
    expect(
      (await ledger.credentials('token')).map(({ name, usedAt, revokedAt }) => ({ name, usedAt, revokedAt })),
    ).toEqual([
      { name: 'ci', usedAt: at, revokedAt: at },
      { name: 'erp', usedAt: undefined, revokedAt: undefined },
    ]);
    expect((await ledger.credentials('station-key')).map(({ name, expiresAt }) => ({ name, expiresAt }))).toEqual([
      { name: 'nest', expiresAt: expect.closeTo(Date.now() + HOUR, -5) as number },
      { name: 'nest', expiresAt: undefined },
    ]);
    expect(await ledger.credentials('session')).toMatchObject([
      { name: 'nest' },
      { name: 'nest', kiosk: true, operator: 'olga', operatorAt: at },
    ]);
    expect((await ledger.credentials('session'))[0]).not.toHaveProperty('kiosk');
    expect(await ledger.credentials('link')).toMatchObject([{ name: 'nest', kiosk: true }]);
    expect(await ledger.person('nest')).toEqual({ name: 'nest', role: 'qa', password: 'scrypt$…', at });
    expect(await ledger.person('nobody')).toBeUndefined();
    expect(await ledger.people()).toEqual([
      { name: 'gone', role: 'operator', at, removedAt: at },
      { name: 'nest', role: 'qa', password: 'scrypt$…', at },
      { name: 'olga', role: 'operator', badge: 'OP-0001', at },
    ]);
  });

  it('are there after the ledger was closed and opened again', async () => {
    const data = tempFolder();
    const first = await openLedger(data);
    for (const command of COMMANDS) await first.record(command);
    const before = await everything(first);
    await first.close();
    const again = await openLedger(data);
    expect(await everything(again)).toEqual(before);
    await expect(
      again.record({ kind: 'create-token', name: 'ci', role: 'qa', hash: hashOf('x'), actor }),
    ).rejects.toSatisfy((error) => isCode(error, 'name-taken'));
    await again.close();
    expect(audit(data).lines.join('\n')).not.toMatch(/scrypt/);
  });

  it('one link, used by fifty at once, opens one session', async () => {
    const ledger = await openLedger(tempFolder());
    await ledger.record({ kind: 'invite', name: '', hash: hashOf('link'), expiresAt: SESSION_ENDS, actor });
    const tries = Array.from({ length: 50 }, (_, i) =>
      ledger.record({
        kind: 'use-link',
        hash: hashOf('link'),
        session: { hash: hashOf(`cookie ${i}`), expiresAt: SESSION_ENDS },
        name: `person-${i}`,
        password: 'scrypt$…',
      }),
    );
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await ledger.people()).toHaveLength(1);
    expect(await ledger.credentials('session')).toHaveLength(1);
  });

  it('are, whatever happens, the very rows that the rules alone say', () => {
    const step = fc.oneof({ weight: 9, arbitrary: anyAccess }, { weight: 1, arbitrary: fc.constantFrom(1, 600_000) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (story) => {
        const { map, book, tables, db } = openBoth();
        story.forEach((next, n) => {
          if (typeof next === 'number') return map.setClock(map.clock() + next);
          const command = accessOf(next, [...map.tables.credentials.values()], map.clock(), n);
          expect(outcomeOf(() => book.commit([command])[0])).toEqual(
            outcomeOf(() => ({ answer: map.record(command) })),
          );
          const kinds = ['station-key', 'token', 'session', 'link'] as const;
          for (const kind of kinds) {
            const told = [...map.tables.credentials.values()].filter((one) => one.kind === kind);
            // By name and, of one name, by age: as the ledger lists them.
            const listed = told.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
            expect(plain(tables.credentials(kind)), kind).toEqual(plain(listed));
          }
          expect(tables.seen.people()).toEqual(map.seen.people().toSorted((a, b) => (a.name < b.name ? -1 : 1)));
        });
        expect(db.prepare(`SELECT line FROM event ORDER BY seq`).pluck().all()).toEqual(map.lines);
        db.close();
      }),
      { numRuns: 100 },
    );
  });
});

/** The rules over plain Maps, and the same over SQLite, at the same time of day. */
function openBoth() {
  const map: MapLedger = openMapLedger();
  map.setClock(NOON);
  const db = new Database(':memory:');
  migrate(db, migrations());
  const book = openLedgerFile(db, () => map.clock(), countingRandom());
  const commands: Command[] = [
    { kind: 'set-product', product: product(), actor },
    ...['nest-0', 'nest-1'].map((name): Command => ({ kind: 'set-station', station: station({ name }), actor })),
  ];
  for (const command of commands) {
    map.record(command);
    book.commit([command]);
  }
  return { map, book, tables: openTables(db), db };
}

function outcomeOf(act: () => unknown): unknown {
  try {
    const outcome = act() as { answer: unknown } | { refused: ClaimstampError };
    return 'refused' in outcome ? `${outcome.refused.code}: ${outcome.refused.message}` : outcome.answer;
  } catch (error) {
    if (error instanceof ClaimstampError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('a ledger of the version before, with station keys', () => {
  /** What it would have been: the same events and rows at schema 4, and a key for the station. */
  async function before(keys: Record<string, string>): Promise<{ data: string; lines: string[] }> {
    const desk = await openDesk();
    for (const name of Object.keys(keys)) await desk.ask('PUT', `/v1/stations/${name}`, {});
    await desk.agent({ product: 'DEMO', mac: 'm-1' });
    await desk.close();
    const data = tempFolder();
    const db = new Database(join(data, 'ledger.db'));
    db.pragma('journal_mode = WAL');
    migrate(
      db,
      migrations().filter(({ version }) => version <= 4),
    );
    db.prepare(`ATTACH ? AS newer`).run(join(desk.data, 'ledger.db'));
    db.exec(`UPDATE tree_head SET (size, range) = (SELECT size, range FROM newer.tree_head)`);
    for (const table of ['event', 'product', 'station', 'unit', 'identity', 'serial_counter']) {
      const own = db.pragma(`main.table_info(${table})`) as { name: string }[];
      const columns = own.map(({ name }) => name);
      const values = columns.map((name) => (name === 'issued_seq' ? 'id + issued_after' : name));
      db.exec(`INSERT INTO main.${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM newer.${table}`);
    }
    const insert = db.prepare(
      `INSERT INTO station_key (hash, station) VALUES (?, (SELECT id FROM main.station WHERE name = ?))`,
    );
    for (const [name, key] of Object.entries(keys)) insert.run(hashOf(key), name);
    db.close();
    for (const file of ['checkpoint', 'signing-key.pem']) copyFileSync(join(desk.data, file), join(data, file));
    return { data, lines: audit(desk.data).lines };
  }

  it('keeps the keys working, and its events as they were', async () => {
    const { data, lines: former } = await before({
      left: 'the-key-of-the-left-nest',
      right: 'the-key-of-the-right-nest',
    });
    const desk = await openDesk({ CLAIMSTAMP_AGENT_ACCESS: 'key' }, data);
    const asked = await desk.agent(
      { product: 'DEMO', mac: 'm-2' },
      '10.0.0.9',
      '/ioto/serialize/the-key-of-the-left-nest',
    );
    expect(asked.status).toBe(200);
    const unit = await desk.ask<{ station: string }>('GET', `/v1/units/${asked.body.id}`);
    expect(unit.body.station).toBe('left');
    const wrong = await desk.agent({ product: 'DEMO' }, '10.0.0.9', '/ioto/serialize/the-key-of-nobody');
    expect(wrong.status).toBe(404);
    expect(plain(await desk.house.ledger.credentials('station-key'))).toEqual(
      plain([
        { hash: hashOf('the-key-of-the-left-nest'), kind: 'station-key', name: 'left', at: 0 },
        { hash: hashOf('the-key-of-the-right-nest'), kind: 'station-key', name: 'right', at: 0 },
      ]),
    );
    await desk.close();
    const { lines, ucis } = audit(data);
    expect(lines.slice(0, former.length)).toEqual(former);
    expect(ucis).toContain(asked.body.id);
  });

  it('rotates them like any other afterwards', async () => {
    const { data } = await before({ left: 'the-key-of-the-left-nest' });
    const ledger = await openLedger(data);
    await ledger.record({ kind: 'set-station-key', station: 'left', hash: hashOf('new'), overlapMs: HOUR, actor });
    const [former, own] = await ledger.credentials('station-key');
    expect(former?.expiresAt).toBeGreaterThan(Date.now());
    expect(own?.expiresAt).toBeUndefined();
    await ledger.record({ kind: 'set-station-key', station: 'left', actor });
    expect(await ledger.credentials('station-key')).toEqual([]);
  });
});

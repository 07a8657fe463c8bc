import { createHash, createPublicKey } from 'node:crypto';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/decide/command.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { signerIn } from '../../src/jobs/signer.ts';
import { isLive } from '../../src/model/credential.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { copyLedger } from '../../src/sqlite/copy-ledger.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { seededRandom } from '../support/map-ledger.ts';
import { openDesk, run, tempFolder } from '../support/service.ts';

/* What can come in after a backup was restored. */

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
const HOUR = 3_600_000;
const actor = 'admin';
const expiresAt = Date.now() + HOUR;

const COMMANDS: Command[] = [
  { kind: 'set-station-key', station: 'default', hash: hashOf('key'), actor },
  { kind: 'set-person', name: 'ann', role: 'admin', actor },
  { kind: 'invite', name: 'ann', hash: hashOf('link of ann'), expiresAt, actor },
  {
    kind: 'use-link',
    hash: hashOf('link of ann'),
    session: { hash: hashOf('ann'), expiresAt },
    password: 'scrypt$ann',
  },
  { kind: 'invite', name: 'default', kiosk: true, hash: hashOf('link'), expiresAt, actor },
  { kind: 'use-link', hash: hashOf('link'), session: { hash: hashOf('screen'), expiresAt } },
  { kind: 'create-token', name: 'ci', role: 'qa', hash: hashOf('ci'), actor },
  { kind: 'invite', name: 'ann', hash: hashOf('another link'), expiresAt, actor },
];

let data: string;
let backup: string;

beforeAll(async () => {
  data = tempFolder();
  const desk = await openDesk({}, data);
  for (const command of COMMANDS) await desk.house.ledger.record(command);
  await desk.close();
  backup = join(tempFolder(), 'backup.db');
  copyLedger(join(data, 'ledger.db'), backup);
});

function copyOf(file: string, change: (db: Database.Database) => void = () => {}): string {
  const copy = join(tempFolder(), 'b.db');
  cpSync(file, copy);
  const db = new Database(copy);
  change(db);
  db.close();
  return copy;
}

/** A backup in which somebody appended events that are correct in every way, but were never signed. */
function appended(commands: Command[]): string {
  const copy = copyOf(backup);
  const db = openForWriting(copy);
  const outcomes = openLedgerFile(db, Date.now, seededRandom(3)).commit(commands);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  expect(outcomes.filter((one) => 'refused' in one)).toEqual([]);
  return copy;
}

/** The key of the folder that the ledger came from, or nothing. */
function folderWith(...files: string[]): string {
  const folder = tempFolder();
  for (const file of files) cpSync(join(data, file), join(folder, file));
  return folder;
}

async function restored(file: string, args: string[], folder: string) {
  const out = await run('claimstamp', ['restore', file, ...args], folder);
  expect(out.code, out.stderr).toBe(0);
  expect(await verifyLedger(join(folder, 'ledger.db'))).toMatchObject({ ok: true });
  const desk = await openDesk({}, folder);
  const opens = async (secret: string): Promise<boolean> => {
    const found = await desk.house.ledger.credential(hashOf(secret));
    return found !== undefined && isLive(found, Date.now());
  };
  const open: string[] = [];
  for (const secret of ['key', 'screen', 'ci', 'ann', 'another link', 'evil', 'new key'])
    if (await opens(secret)) open.push(secret);
  const people = (await desk.house.ledger.people()).map(({ name, role, password, removedAt }) => [
    name,
    removedAt === undefined ? role : 'removed',
    password !== undefined,
  ]);
  await desk.close();
  return { out: out.stdout, open, people };
}

describe('a restore', () => {
  it('keeps people, station keys and kiosks, ends the rest, and says what can come in', async () => {
    const folder = folderWith('signing-key.pem');
    const { out, open, people } = await restored(backup, [], folder);
    expect(open).toEqual(['key', 'screen']);
    expect(people).toEqual([['ann', 'admin', true]]);
    expect(out).toMatch(
      /people: ann \(admin\)\n +station keys: default\n +kiosks: default \(until .*\)\n +tokens of printers: none\n +tokens: none/,
    );
    expect(out).toMatch(/Ended.*: session ann, token ci, link ann/);
    expect(out).not.toMatch(/WARNING/);
    const db = new Database(join(folder, 'ledger.db'), { readonly: true });
    const lines = db.prepare(`SELECT line FROM event`).pluck().all() as string[];
    db.close();
    expect(lines.flatMap((line) => /"type":"access-restored".*/.exec(line) ?? [])).toEqual([
      '"type":"access-restored","actor":"local","data":{"kept":{"station-key":1,"kiosk":1,"person":1},"ended":{"session":1,"token":1,"link":1}}}',
    ]);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('keeps tokens where that is asked for, and warns where no key is known', async () => {
    const { out, open } = await restored(backup, ['--keep-tokens'], tempFolder());
    expect(open).toEqual(['key', 'screen', 'ci']);
    expect(out).toMatch(/tokens: ci \(qa\)/);
    expect(out).toMatch(
      /WARNING: no key and no checkpoint is known, so nothing proves that this file is genuine.*--key/,
    );
  });

  it('refuses rows that no event made, and removes them where that is asked for', async () => {
    const evil = hashOf('evil').toString('hex');
    const file = copyOf(backup, (db) => {
      db.exec(`INSERT INTO credential (hash, kind, name, role, at) VALUES (x'${evil}', 'token', 'evil', 'admin', 1)`);
      db.exec(`INSERT INTO person (name, role, password, at) VALUES ('eve', 'admin', 'scrypt$eve', 1)`);
      db.exec(`UPDATE credential SET hash = x'${hashOf('new key').toString('hex')}' WHERE kind = 'station-key'`);
    });
    const folder = folderWith('signing-key.pem');
    const refused = await run('claimstamp', ['restore', file, '--keep-tokens', '--keep-unproven'], folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/2 more problems.*give --drop-unknown.*nothing was restored/);
    expect(readdirSync(folder)).toEqual(expect.not.arrayContaining(['ledger.db']) as string[]);
    const { out, open, people } = await restored(file, ['--drop-unknown', '--keep-tokens'], folder);
    expect(open).toEqual(['screen', 'ci']);
    expect(people).toEqual([
      ['ann', 'admin', true],
      ['eve', 'removed', false],
    ]);
    expect(out).toMatch(/Removed, because no event proves that they are genuine: .*token evil, person eve/);
  });

  const APPENDED: Command[] = [
    { kind: 'set-person', name: 'eve', role: 'admin', actor },
    { kind: 'set-person', name: 'mallory', role: 'admin', actor },
    { kind: 'set-printer', merge: true, printer: { name: 'far', kind: 'raw9100', host: '203.0.113.9' }, actor },
  ];

  it('refuses a backup with events that no signature covers, and says how many, which, and what to do', async () => {
    const folder = folderWith('signing-key.pem');
    const refused = await run('claimstamp', ['restore', appended(APPENDED)], folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /no signature covers 5 of the \d+ events.*: 2 access-committed, 2 person-set, 1 printer-set.*--keep-unproven.*nothing was restored/s,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('ledger.db'))).toEqual([]);
    const key = join(tempFolder(), 'key.pem');
    const { privateKey } = signerIn(join(data, 'signing-key.pem'), undefined);
    writeFileSync(key, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
    for (const args of [
      ['--key', key],
      ['--checkpoint', join(data, 'checkpoint')],
    ]) {
      const other = await run('claimstamp', ['restore', appended(APPENDED), ...args], tempFolder());
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('no signature covers 5 of the')]);
    }
  });

  it('with --keep-unproven takes them, and the service issues nothing until an admin accepts the ledger', async () => {
    const folder = folderWith('signing-key.pem', 'checkpoint');
    const out = await run('claimstamp', ['restore', appended(APPENDED), '--keep-unproven'], folder);
    expect(out.code, out.stderr).toBe(0);
    expect(out.stdout).toMatch(
      /no signed event proves that these people and credentials are genuine: person eve, person mallory/,
    );
    const [, size = ''] = /claimstamp checkpoint accept (\d+)/.exec(out.stderr) ?? [];
    const held = await openDesk({}, folder);
    const asked = await held.agent({ product: 'DEMO' });
    expect([asked.status, asked.body.detail]).toEqual([503, expect.stringMatching(/no signature covers/)]);
    expect((await held.ask('GET', '/v1/ledger/checkpoint')).status).toBe(503);
    await held.close();
    // The hold survives a restart.
    const desk = await openDesk({}, folder);
    expect((await desk.agent({ product: 'DEMO' })).status).toBe(503);
    expect((await desk.ask('POST', '/v1/ledger/accept', { size: Number(size) })).status).toBe(200);
    expect((await desk.agent({ product: 'DEMO' })).status).toBe(200);
    await desk.close();
    const later = await openDesk({}, folder);
    expect((await later.agent({ product: 'DEMO' })).status).toBe(200);
    await later.close();
  });

  it('with the key of another line trusts nothing', async () => {
    const other = await openDesk();
    await other.close();
    const folder = tempFolder();
    cpSync(join(other.data, 'signing-key.pem'), join(folder, 'signing-key.pem'));
    const refused = await run('claimstamp', ['restore', backup], folder);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('no signature covers')]);
    const { out, people } = await restored(backup, ['--keep-unproven'], folder);
    expect(people).toEqual([['ann', 'admin', true]]);
    expect(out).toMatch(/no signed event proves that these people and credentials are genuine: .*person ann/);
  });
});

describe('rows that no event proves', () => {
  const YEAR_2100 = Date.UTC(2100, 0, 1);

  /** The backup with forged rows in the tables that `verify` does not compare with events. */
  const forged = (): string =>
    copyOf(backup, (db) => {
      const row = `(x'${'ab'.repeat(32)}', x'${'cd'.repeat(32)}', '{"units":[{"uci":"EVEEVEEVE0"}]}', ${Date.now()})`;
      db.exec(`INSERT INTO once (key, fingerprint, answer, at) VALUES ${row}`);
      db.exec(`INSERT INTO invented (source, day, count) VALUES ('10.0.0.1', 99999, 1000)`);
      db.pragma('foreign_keys = OFF');
      db.exec(`INSERT INTO sighting VALUES (1, '10.0.0.9', 'far', '10.0.0.1', 'default', 1, 1, 1, 1)`);
      db.exec(`INSERT INTO introduced VALUES ('clock', ${YEAR_2100}, 0), ('later', 1, 1)`);
      db.exec(`UPDATE introduced SET at = ${YEAR_2100}, upgraded = 1 WHERE what = 'limits'`);
    });

  const rowsIn = (folder: string, sql: string): unknown[] => {
    const db = new Database(join(folder, 'ledger.db'), { readonly: true });
    const rows = db.prepare(sql).raw().all();
    db.close();
    return rows;
  };

  async function restoredTo(file: string): Promise<string> {
    const folder = folderWith('signing-key.pem');
    const out = await run('claimstamp', ['restore', file], folder);
    expect(out.code, out.stderr).toBe(0);
    return folder;
  }

  it('do not survive a restore', async () => {
    const began = Date.now();
    const folder = await restoredTo(forged());
    const tables = ['once', 'invented', 'sighting'];
    expect(tables.flatMap((table) => rowsIn(folder, `SELECT * FROM ${table}`))).toEqual([]);
    const [[at]] = rowsIn(folder, `SELECT at FROM introduced`) as [[number]];
    expect([at >= began, at <= Date.now()]).toEqual([true, true]);
    expect(rowsIn(folder, `SELECT what, upgraded FROM introduced`)).toEqual([['limits', 1]]);
  });

  it('do not replace what an event proves: when a person last accepted the clock', async () => {
    const file = copyOf(backup);
    const db = openForWriting(file);
    const accepted = Date.UTC(2024, 0, 1);
    let clock = accepted;
    const ledger = openLedgerFile(db, () => clock, seededRandom(3));
    const accept = (date: string): Command[] => [{ kind: 'accept-clock', date, actor }];
    expect(ledger.commit(accept('2024-01-01'))).toMatchObject([{ events: 1 }]);
    clock = Date.UTC(2024, 0, 2);
    ledger.commit([{ kind: 'set-person', name: 'clock-accepted', role: 'qa', actor }]);
    db.exec(`UPDATE introduced SET at = ${YEAR_2100} WHERE what = 'clock'`);
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const folder = folderWith('signing-key.pem');
    const out = await run('claimstamp', ['restore', file, '--keep-unproven'], folder);
    expect(out.code, out.stderr).toBe(0);
    expect(rowsIn(folder, `SELECT at, upgraded FROM introduced WHERE what = 'clock'`)).toEqual([[accepted, 0]]);
  });
});

describe('a backup of a version without commitments', () => {
  const OLDER = join(packageRoot, 'test', 'fixtures', 'ledger-0.1.0', 'ledger.db');

  it('is restored; passwords in it do not work until they are chosen again, unless they are kept', async () => {
    const first = await run('claimstamp', ['restore', copyOf(OLDER)], tempFolder());
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/no signed event proves that these people and credentials are genuine: /);
    const folder = tempFolder();
    const kept = await run('claimstamp', ['restore', copyOf(OLDER), '--keep-unproven', '--keep-tokens'], folder);
    expect(kept.code, kept.stderr).toBe(0);
    expect(kept.stdout).not.toMatch(/no longer have a password/);
    const { ok, unproven } = await verifyLedger(join(folder, 'ledger.db'));
    expect(ok).toBe(true);
    expect(unproven.join('\n')).toMatch(/access not covered before event 64/);
  });

  it('with a row for an admin is refused, although no event commits to any row', async () => {
    const file = copyOf(OLDER, (db) => {
      const evil = hashOf('evil').toString('hex');
      db.exec(`INSERT INTO credential (hash, kind, name, role, at) VALUES (x'${evil}', 'token', 'evil', 'admin', 1)`);
    });
    const refused = await run('claimstamp', ['restore', file], tempFolder());
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/token evil has a row, but no event made it/);
  });

  it('is covered by one event at the first start, and by no second one', async () => {
    const folder = tempFolder();
    for (const name of ['ledger.db', 'signing-key.pem'])
      cpSync(join(packageRoot, 'test', 'fixtures', 'ledger-0.1.0', name), join(folder, name));
    const before = await verifyLedger(join(folder, 'ledger.db'));
    expect(before.unproven.join('\n')).toMatch(/access not covered: an earlier version/);
    for (const times of [1, 2]) {
      const desk = await openDesk({}, folder);
      expect(await desk.house.ledger.record({ kind: 'cover-access' }), String(times)).toEqual({ unknown: [] });
      await desk.close();
    }
    const db = new Database(join(folder, 'ledger.db'), { readonly: true });
    const types = db.prepare(`SELECT line ->> 'type' FROM event WHERE line ->> 'type' LIKE 'access-%'`).pluck().all();
    db.close();
    expect(types).toEqual(['access-covered']);
    rmSync(join(folder, 'ledger.db'));
  });
});

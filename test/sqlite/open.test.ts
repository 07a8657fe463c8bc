import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { migrate, migrations, openForReading, openForWriting } from '../../src/sqlite/open.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { systemRandom } from '../../src/model/claim-id.ts';
import { audit } from '../support/audit.ts';
import { openDesk, startService, tempFolder } from '../support/service.ts';

/** A data folder with a few units, and nobody at work in it. */
async function closedLedger(): Promise<string> {
  const desk = await openDesk();
  for (const serial of ['S-1', 'S-2', 'S-3']) await desk.agent({ product: 'DEMO', serial });
  await desk.close();
  return desk.data;
}

/** A connection as any other program makes one: without our settings. */
function stranger(data: string): Database.Database {
  const db = new Database(join(data, 'ledger.db'));
  db.pragma('recursive_triggers = OFF');
  return db;
}

/** What is in the file and in its WAL, byte for byte. */
function files(data: string): { ledger: string; wal: string } {
  const digest = (name: string): string =>
    existsSync(join(data, name))
      ? createHash('sha256')
          .update(readFileSync(join(data, name)))
          .digest('hex')
      : 'none';
  return { ledger: digest('ledger.db'), wal: digest('ledger.db-wal') };
}

describe('the ledger file', () => {
  let data: string;
  let before: string[];
  beforeAll(async () => {
    data = await closedLedger();
    before = audit(data).lines;
  });

  it.each([
    `UPDATE event SET line = '{}' WHERE seq = 1`,
    `UPDATE OR REPLACE event SET seq = 2 WHERE seq = 1`,
    `UPDATE event SET leaf = zeroblob(32)`,
    `DELETE FROM event WHERE seq = 1`,
    `DELETE FROM event`,
    `REPLACE INTO event (seq, line, leaf) VALUES (1, '{}', zeroblob(32))`,
    `INSERT OR REPLACE INTO event (seq, line, leaf) VALUES (2, '{}', zeroblob(32))`,
    `INSERT INTO event (seq, line, leaf) VALUES (1, '{}', zeroblob(32))
       ON CONFLICT (seq) DO UPDATE SET line = excluded.line`,
    `INSERT INTO event (seq, line, leaf) VALUES (99, '{}', zeroblob(32))`,
    `REPLACE INTO tree_head (one, size, range) VALUES (1, 0, x'')`,
    `UPDATE tree_head SET size = 0, range = x''`,
    `DELETE FROM tree_head`,
    `DELETE FROM unit`,
    `UPDATE unit SET uci = 'ZZZZZZZZZZ' WHERE id = 3`,
  ])('refuses %s from any connection', (sql) => {
    const db = stranger(data);
    expect(() => db.exec(sql)).toThrow(/never|only|keeps/);
    db.close();
    expect(audit(data).lines).toEqual(before);
  });

  it('has only STRICT tables: a text is no number, a number no text', () => {
    const db = stranger(data);
    const loose = db.prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'`,
    );
    expect(loose.all()).toEqual([]);
    expect(() => db.exec(`INSERT INTO serial_counter (product, prefix, last) VALUES (1, 'x', 'many')`)).toThrow(
      /cannot store TEXT value in INTEGER column/,
    );
    db.close();
  });

  it('is opened with synchronous=FULL for writing and for reading', () => {
    for (const db of [openForWriting(join(data, 'ledger.db')), openForReading(join(data, 'ledger.db'))]) {
      expect(db.pragma('synchronous', { simple: true })).toBe(2);
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      db.close();
    }
  });
});

describe('a unit in the file', () => {
  const unit = (outcome: string | null): string =>
    `INSERT INTO unit (uci, product, last_seq, outcome) VALUES ('AAAAAAAAAA', 1, 1, ${outcome === null ? 'NULL' : `'${outcome}'`})`;
  const product = `INSERT INTO product (id, name, settings) VALUES (1, 'P', '{}')`;

  it.each([null, 'registered', 'claimed', 'refused', 'unreachable'])(
    'keeps the outcome %s from schema 12 on',
    (outcome) => {
      const db = new Database(':memory:');
      migrate(
        db,
        migrations().filter(({ version }) => version <= 12),
      );
      db.exec(`${product}; ${unit(outcome)}`);
      migrate(db, migrations());
      expect(db.prepare(`SELECT uci, outcome FROM unit`).all()).toEqual([{ uci: 'AAAAAAAAAA', outcome }]);
      expect(() => db.exec(`UPDATE unit SET outcome = 'lost'`)).toThrow(/CHECK constraint failed/);
      db.close();
    },
  );

  it('is written without a table that SQLite makes for the occasion', () => {
    const db = new Database(':memory:');
    migrate(db, migrations());
    for (const sql of [unit(null), `UPDATE unit SET last_seq = 2, outcome = 'refused' WHERE id = 1`]) {
      const steps = db.prepare(`EXPLAIN ${sql}`).all() as { opcode: string }[];
      expect(steps.filter(({ opcode }) => opcode === 'OpenEphemeral')).toEqual([]);
    }
    db.close();
  });
});

describe('the write-ahead log', () => {
  it('is moved into the file though nothing but /readyz writes', () => {
    const data = tempFolder();
    const db = openForWriting(join(data, 'ledger.db'));
    const book = openLedgerFile(db, Date.now, systemRandom);
    // A probe writes a page: more of them than the 4000 pages that the log may have.
    for (let probe = 0; probe < 4500; probe++) {
      book.probe();
      book.tidy();
    }
    expect(statSync(join(data, 'ledger.db-wal')).size / (4096 + 24)).toBeLessThan(4100);
    db.close();
  });
});

describe('opening a ledger', () => {
  it('a second time applies no migration again', async () => {
    const data = await closedLedger();
    const read = (): unknown => {
      const db = openForReading(join(data, 'ledger.db'));
      const rows = db.prepare(`SELECT * FROM migration`).all();
      const schema = db.prepare(`SELECT * FROM sqlite_schema ORDER BY name`).all();
      db.close();
      return { rows, schema };
    };
    const before = read();
    const db = openForWriting(join(data, 'ledger.db'));
    migrate(db, migrations());
    db.close();
    expect(read()).toEqual(before);
  });

  it('is empty and can be opened again if the first start was cut off while it made the ledger', () => {
    const file = join(tempFolder(), 'ledger.db');
    const db = new Database(file);
    const cutOff = { version: 4, name: '0004_cut_off.sql', checksum: '', sql: 'INSERT INTO nothing VALUES (1)' };
    expect(() => migrate(db, [...migrations().slice(0, 3), cutOff])).toThrow(/nothing/);
    expect(db.prepare(`SELECT count(*) FROM sqlite_schema`).pluck().get()).toBe(0);
    db.close();
    openForWriting(file).close();
  });

  it('is refused where a migration was changed after it was applied', () => {
    const db = new Database(':memory:');
    migrate(db, migrations());
    const [first, ...rest] = migrations();
    const changed = { ...(first as NonNullable<typeof first>), checksum: '0'.repeat(64) };
    expect(() => migrate(db, [changed, ...rest])).toThrow(/was changed after it was applied/);
    db.close();
  });

  it('is refused where the files of the newer version were left beside this one', () => {
    const folder = tempFolder();
    cpSync(join(packageRoot, 'migrations', 'sqlite'), folder, { recursive: true });
    const newest = readdirSync(folder).toSorted().at(-1);
    expect(migrations().at(-1)?.name, 'raise SCHEMA in src/sqlite/open.ts').toBe(newest);
    writeFileSync(join(folder, '9999_later.sql'), '');
    expect(migrations(folder)).toEqual(migrations());
  });

  it('is refused, and leaves every byte, where a newer version wrote it', async () => {
    const data = await closedLedger();
    const db = stranger(data);
    db.pragma('user_version = 99');
    db.close();
    const before = files(data);
    await expect(openDesk({}, data)).rejects.toThrow(
      /newer version \(schema 99, .*: start the newer version, or restore a backup .* Nothing was changed/,
    );
    expect(files(data).ledger).toEqual(before.ledger);
  });

  it('is refused, and leaves every byte, where a newer version was killed and left a WAL', async () => {
    const data = await closedLedger();
    const db = stranger(data);
    db.pragma('user_version = 99');
    // What a killed process leaves: the files as they are while it is still at work.
    const killed = tempFolder();
    for (const name of ['ledger.db', 'ledger.db-wal']) cpSync(join(data, name), join(killed, name));
    db.close();
    const before = files(killed);
    expect(statSync(join(killed, 'ledger.db-wal')).size).toBeGreaterThan(0);
    await expect(openDesk({}, killed)).rejects.toThrow(/newer version/);
    expect(files(killed)).toEqual(before);
  });

  it('is refused, and leaves every byte, where the file belongs to another program', async () => {
    const data = tempFolder();
    const db = new Database(join(data, 'ledger.db'));
    db.exec(`CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT)`);
    db.close();
    const before = files(data);
    await expect(openDesk({}, data)).rejects.toThrow(/is not a Claimstamp ledger: set CLAIMSTAMP_DATA/);
    expect(files(data)).toEqual(before);
  });

  it('is refused with a sentence where the file is no database at all', async () => {
    const data = tempFolder();
    writeFileSync(join(data, 'ledger.db'), 'uci,serial,product\n'.repeat(100));
    const before = files(data);
    await expect(openDesk({}, data)).rejects.toThrow(/is not a Claimstamp ledger: set CLAIMSTAMP_DATA/);
    expect(files(data)).toEqual(before);
  });

  it('is refused where the tree head is not that of the events', async () => {
    const data = await closedLedger();
    const db = stranger(data);
    const { size, range } = db.prepare(`SELECT size, range FROM tree_head`).get() as { size: number; range: Buffer };
    expect(size % 2).toBe(1);
    range[range.length - 1]! ^= 1;
    db.prepare(`UPDATE tree_head SET range = ?`).run(range);
    db.close();
    await expect(openDesk({}, data)).rejects.toThrow(/tree head .* restore a backup/);
  });

  it('is refused where an event does not match its hash', async () => {
    const data = await closedLedger();
    const db = stranger(data);
    db.exec(`DROP TRIGGER event_stays; UPDATE event SET line = replace(line, 'S-2', 'S-9')`);
    db.close();
    await expect(openDesk({}, data)).rejects.toThrow(/does not match its hash: restore a backup/);
  });

  it('says at the start of the service why it is refused, and exits with 1', async () => {
    const data = tempFolder();
    writeFileSync(join(data, 'ledger.db'), 'no database');
    await expect(startService(data)).rejects.toThrow(/claimstamp: .*ledger\.db is not a Claimstamp ledger/);
  });
});

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { linesOf } from '../../src/export/unzip.ts';
import { verifyFile } from '../../src/jobs/verify-file.ts';
import { migrate, migrations } from '../../src/sqlite/open.ts';
import { rawZip } from '../support/forged-bundle.ts';
import { tempFolder } from '../support/service.ts';

/* Files from strangers: `verify` reads them to the end, or says what is wrong, and needs no more memory than they have. */

let folder: string;
beforeAll(() => void (folder = tempFolder()));

describe('a bundle', () => {
  it('a line that does not end costs no more than its bytes, and is refused where it is too long', async () => {
    let joined = 0;
    async function* pieces(count: number): AsyncGenerator<Buffer> {
      for (let i = 0; i < count; i++) {
        joined++;
        yield Buffer.alloc(64 * 1024, 'x');
      }
    }
    const lines: number[] = [];
    for await (const batch of linesOf(pieces(256))) lines.push(...batch.map((line) => line.length));
    expect(lines).toEqual([16 * 1024 * 1024]);
    joined = 0;
    await expect(async () => {
      for await (const _ of linesOf(pieces(100_000)));
    }).rejects.toThrow(/a line has more than/);
    expect(joined).toBeLessThan(1000);
  });

  it('lines are the same however the pieces are cut', async () => {
    const text = 'one\ntwo\n\nthree and more\nlast';
    for (let size = 1; size <= text.length; size++) {
      async function* pieces(): AsyncGenerator<Buffer> {
        for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
      }
      const lines: string[] = [];
      for await (const batch of linesOf(pieces())) lines.push(...batch.map(String));
      expect(lines).toEqual(text.split('\n'));
    }
  });

  it('with many files is refused before they are compared', async () => {
    const file = await rawZip(new Map(Array.from({ length: 5000 }, (_, n) => [`file-${n}`, ''])));
    const { ok, findings } = await verifyFile(file);
    expect(ok).toBe(false);
    expect(findings[0]?.what).toMatch(/more than 64 files/);
  });

  it.each(['['.repeat(200_000), '{"format":'.repeat(50_000), '1e999999', 'x'.repeat(2_000_000)])(
    'with a strange manifest is broken',
    async (text) => {
      expect((await verifyFile(await rawZip([['manifest.json', text]]))).ok).toBe(false);
    },
  );
});

describe('a database', () => {
  const forever = `WITH RECURSIVE c(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM c)`;
  it.each([
    ['a view that has no end', `CREATE VIEW event AS ${forever} SELECT seq, '' AS line, x'00' AS leaf FROM c`, 'event'],
    [
      'a checkpoint view',
      `CREATE VIEW checkpoint AS ${forever} SELECT seq AS size, '' AS note, 0 AS at FROM c`,
      'checkpoint',
    ],
    [
      'a table with a computed column',
      `CREATE TABLE unit (id INTEGER PRIMARY KEY, uci AS (hex(zeroblob(900000000))))`,
      'unit',
    ],
  ])('with %s is not read', async (_what, sql, table) => {
    for (const version of [migrations().length, 6]) {
      const file = join(folder, `${table}-${version}.db`);
      const db = new Database(file);
      migrate(
        db,
        migrations().filter((one) => one.version <= version),
      );
      db.pragma('foreign_keys = OFF');
      db.exec(`DROP TABLE ${table}`);
      db.exec(sql);
      db.close();
      const said = await verifyFile(file).then(
        ({ ok, findings }) => `${ok} ${findings.map(({ what }) => what).join(' ')}`,
        (error: Error) => `false ${error.message}`,
      );
      expect(said).toMatch(/^false .*(belong)/);
      expect(said).toContain(table);
    }
  });

  it('of an earlier version with a foreign trigger is not migrated', async () => {
    const file = join(folder, 'trigger.db');
    const db = new Database(file);
    migrate(
      db,
      migrations().filter(({ version }) => version <= 6),
    );
    db.exec(`CREATE TRIGGER mine AFTER INSERT ON migration BEGIN DELETE FROM checkpoint; END`);
    db.close();
    await expect(verifyFile(file)).rejects.toThrow(/trigger mine/);
  });
});

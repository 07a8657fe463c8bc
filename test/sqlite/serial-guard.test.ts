import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { makeBusyLedger } from '../support/busy-ledger.ts';
import { tempFolder } from '../support/service.ts';

/* The rows themselves refuse an S/N twice, whatever the code before them decided. */

it('refuses an S/N that another unit of the same product has, and accepts it in another product or after a void', () => {
  const { file } = makeBusyLedger(tempFolder(), 300, 3);
  const db = new Database(file);
  const { product, serial } = db
    .prepare<[], { product: number; serial: string }>(
      'SELECT product, serial FROM unit WHERE serial IS NOT NULL AND void_at IS NULL LIMIT 1',
    )
    .get()!;
  const insert = db.prepare(
    `INSERT INTO unit (id, uci, product, serial, last_seq) VALUES (900001, 'ABCDEFGH01', ?, ?, 900001)`,
  );
  expect(() => insert.run(product, serial)).toThrow('already has this S/N');
  db.prepare('INSERT INTO product (id, name, settings) SELECT 900, ?, settings FROM product LIMIT 1').run(
    '01H4R15D3478JD26YDYK408XZZ',
  );
  insert.run(900, serial);
  db.prepare('UPDATE unit SET serial = NULL WHERE id = 900001').run();
  db.prepare(
    `INSERT INTO unit (id, uci, product, serial, last_seq) VALUES (900002, 'ABCDEFGH02', 900, 'X1', 900002)`,
  ).run();
  const rename = db.prepare('UPDATE unit SET serial = ? WHERE id = 900001');
  expect(() => rename.run('X1')).toThrow('already has this S/N');
  db.prepare('UPDATE unit SET void_at = 1 WHERE id = 900002').run();
  rename.run('X1');
  db.close();
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrationsFolder } from '../../src/platform/package-root.ts';
import { ABOUT_ACCESS } from '../../src/model/audit/kinds.ts';
import { makeExceptions } from '../support/exceptions.ts';
import { recordAged } from '../support/aged-ledger.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { tempFolder } from '../support/service.ts';

/* A migration fills the table of the audit from the events of earlier versions, as the service fills it from new events. */

it('the migration finds the same events for the audit as the service', () => {
  const data = tempFolder();
  const { noLabel, notScanned } = makeExceptions(data);
  const [first = ''] = noLabel;
  const [second = ''] = notScanned;
  recordAged(data, (record) => {
    const actor = 'person:quinn';
    record(5, { kind: 'close-exception', uci: first, exception: 'no-label', note: 'seen', actor });
    record(5, { kind: 'print', uci: second, printer: 'zebra-1', copies: 1, reason: 'label torn', actor });
    record(4, { kind: 'note-bulk-read', what: 'units', filter: {}, count: 3, actor });
    record(4, { kind: 'note-bulk-read', what: 'backup', filter: {}, count: 3, actor });
    record(3, { kind: 'note-bulk-read', what: 'export', filter: {}, count: 3, treeSize: 4, sha256: 'ab', actor });
    record(2, { kind: 'void', units: [{ uci: second }], reason: 'label-damaged', actor });
  });
  const db = new Database(ledgerFile(data));
  const others = `type NOT IN (${ABOUT_ACCESS.map((type) => `'${type}'`).join(', ')}, 'drill-held')`;
  const rows = () => db.prepare(`SELECT seq, type, actor FROM access_event WHERE ${others} ORDER BY seq`).all();
  const made = rows() as { type: string }[];
  const types = new Set(made.map(({ type }) => type));
  for (const type of ['exception-closed', 'reprinted', 'bulk-read', 'exported', 'void', 'product-set'])
    expect(types, type).toContain(type);
  db.exec(`DELETE FROM access_event WHERE ${others}`);
  const sql = readFileSync(join(migrationsFolder, 'sqlite', '0034_audit.sql'), 'utf8');
  db.exec(sql);
  expect(rows()).toEqual(made);
  db.close();
});

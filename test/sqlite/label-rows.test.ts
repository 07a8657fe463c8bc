import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { openLabelRows } from '../../src/sqlite/label-rows.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openDesk, tempFolder } from '../support/service.ts';

/* The revisions of label templates in the ledger: a year of them. */

const REVISIONS = 1000;
const source = (revision: number): string => `{ note: '${'x'.repeat(2000)}', revision: ${revision} }`;

let file: string;
beforeAll(async () => {
  const data = tempFolder();
  const desk = await openDesk({}, data);
  for (let revision = 0; revision < REVISIONS; revision++)
    await desk.house.ledger.record({
      kind: 'save-template',
      name: 'mine',
      source: source(revision + 1),
      revision,
      actor: 'person:ines',
    });
  expect(await desk.house.ledger.template('mine')).toMatchObject({ revision: REVISIONS, source: source(REVISIONS) });
  expect(await desk.house.ledger.template('mine', 7)).toMatchObject({ revision: 7, source: source(7) });
  expect(await desk.house.ledger.template('other')).toBeUndefined();
  expect((await desk.house.ledger.templates()).map(({ name, revision }) => [name, revision])).toEqual([
    ['mine', REVISIONS],
  ]);
  const page = await desk.house.ledger.templateRevisions({ name: 'mine', before: 500, limit: 3 });
  expect(page.map(({ revision }) => revision)).toEqual([499, 498, 497]);
  await desk.close();
  file = ledgerFile(data);
});

const findings = async (): Promise<string[]> => (await verifyLedger(file)).findings.map(({ what }) => what);

it('a print reads the newest revision by its index, however many there are', () => {
  const db = new Database(file, { readonly: true });
  const plans: string[] = [];
  const spied = {
    prepare: (sql: string) => {
      const plan = db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', '1')}`).all();
      if (/WHERE name = \?|FROM event/.test(sql)) plans.push(...plan.map(({ detail }) => detail));
      return db.prepare(sql);
    },
  };
  openLabelRows(spied as Database.Database);
  db.close();
  expect(plans.length).toBeGreaterThan(3);
  expect(plans.filter((plan) => !plan.startsWith('SEARCH'))).toEqual([]);
});

describe('verify', () => {
  it('finds nothing in a ledger with revisions', async () => {
    expect(await findings()).toEqual([]);
  });

  it.each([
    ['another hash', `UPDATE label_revision SET hash = 'x' WHERE revision = 7`, 'hash differs from its events'],
    ['a revision that is missing', `DELETE FROM label_revision WHERE revision = 8`, 'has events, but no row'],
    [
      'a revision that no event saved',
      `INSERT INTO label_revision VALUES (999999, 'mine', 5000, 'x')`,
      'has a row, but no event made it',
    ],
  ])('finds %s', async (_, sql, finding) => {
    const db = new Database(file);
    db.exec(sql);
    db.close();
    expect(await findings()).toEqual(expect.arrayContaining([expect.stringContaining(finding)]));
  });
});

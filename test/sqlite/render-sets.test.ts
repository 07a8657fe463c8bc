import Database from 'better-sqlite3';
import { beforeAll, expect, it } from 'vitest';
import type { Ledger } from '../../src/contract/ledger.ts';
import { sha256, type DrawnSet } from '../../src/model/labels/render-set.ts';
import { Printer } from '../../src/model/printer.ts';
import { openLabelRows } from '../../src/sqlite/label-rows.ts';
import { openRenderSets } from '../../src/sqlite/render-sets.ts';
import { ledgerFile, openSqliteLedger } from '../../src/sqlite/sqlite-ledger.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { openDesk, tempFolder } from '../support/service.ts';

/* Many revisions, each of which was approved and printed. `npm run bench -- --only revisions` measures their time. */

const REVISIONS = 100;
const source = (revision: number): string => `{ note: '${'x'.repeat(2000)}', revision: ${revision} }`;
const drawn = (revision: number): DrawnSet => ({
  set: {
    role: 'device',
    template: { name: 'mine', hash: sha256(source(revision)), revision },
    product: { id: 'DEMO', hash: sha256('product') },
    fonts: { sans: sha256('sans') },
    files: {},
    renderer: 1,
    dpi: 203,
  },
  contents: [source(revision), 'product'].map((text) => ({ hash: sha256(text), bytes: Buffer.from(text) })),
});

interface Line {
  data: string;
  ledger: Ledger;
}

async function openLine(): Promise<Line> {
  const data = tempFolder();
  // The desk makes the folder, and the ledger with its settings.
  const desk = await openDesk({}, data);
  await desk.close();
  const ledger = await openSqliteLedger({ file: ledgerFile(data), onFault: () => {} });
  const printer = Printer.parse({ name: 'P', kind: 'file', folder: '/nowhere', format: 'zpl' });
  await ledger.record({ kind: 'set-printer', printer, actor: 'a' });
  return { data, ledger };
}

/** Issues a unit and sends its label. */
async function workOn({ ledger }: Line, set: DrawnSet): Promise<void> {
  const made = await ledger.record({
    kind: 'make',
    as: 'issued',
    product: 'DEMO',
    count: 1,
    strict: false,
    actor: 'a',
  });
  const uci = made.units[0]?.uci ?? '';
  const { job } = await ledger.record({ kind: 'print', uci, printer: 'P', copies: 1, actor: 'a' });
  await ledger.record({ kind: 'move-print', job, to: 'sending', set, actor: 'system' });
  await ledger.record({ kind: 'move-print', job, to: 'done', actor: 'system' });
}

let old: Line;
beforeAll(async () => {
  old = await openLine();
  for (let revision = 1; revision <= REVISIONS; revision++) {
    const save = { kind: 'save-template', name: 'mine', source: source(revision), revision: revision - 1 } as const;
    await old.ledger.record({ ...save, actor: 'person:ines' });
    const approve = { kind: 'approve-template', name: 'mine', revision, hash: sha256(source(revision)) } as const;
    await old.ledger.record({ ...approve, actor: 'person:quinn' });
    await workOn(old, drawn(revision));
  }
});

it('each look-up of a print uses an index, however many sets and approvals there are', () => {
  const db = new Database(ledgerFile(old.data), { readonly: true });
  const plans: string[] = [];
  const spied = {
    prepare: (sql: string) => {
      const plan = db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', '1')}`).all();
      if (/WHERE (name|hash|number) = \?|max\(number\)/.test(sql)) plans.push(...plan.map(({ detail }) => detail));
      return db.prepare(sql);
    },
  };
  openRenderSets(spied as Database.Database);
  openLabelRows(spied as Database.Database);
  db.close();
  expect(plans.length).toBeGreaterThan(8);
  expect(plans.filter((plan) => !/^(SEARCH|SCALAR SUBQUERY)/.test(plan))).toEqual([]);
});

it('verify finds nothing in it, and each approval that no event made', async () => {
  await old.ledger.close();
  const file = ledgerFile(old.data);
  const { findings, proven } = await verifyLedger(file);
  expect(findings).toEqual([]);
  expect(proven.join('\n')).toContain(`printed with ${REVISIONS} render sets, and ${REVISIONS} of them`);
  const db = new Database(file);
  db.exec(`INSERT INTO label_approval VALUES ('mine', 2000, 1); DELETE FROM label_approval WHERE revision = 7`);
  db.close();
  const said = (await verifyLedger(file)).findings.map(({ what }) => what).join('\n');
  expect(said).toContain('label_approval mine 2000 has a row, but no event made it');
  expect(said).toContain('label_approval mine 7 has events, but no row');
});

import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ledger } from '../src/contract/ledger.ts';
import { sha256, type DrawnSet } from '../src/model/labels/render-set.ts';
import { Printer } from '../src/model/printer.ts';
import { Product } from '../src/model/product.ts';
import { ledgerFile, openSqliteLedger } from '../src/sqlite/sqlite-ledger.ts';
import { PRODUCT_SETTINGS } from './children.ts';
import { compare, type Figure } from './figure.ts';

/*
 * Measures how long it takes to issue a unit and to print its label. The label template has a year of revisions, and
 * each revision was approved and printed.
 */

const REVISIONS = 1000;
const ROUNDS = 5;
const UNITS = 100;
/** How many times longer a step may take after these revisions than with one revision. */
const BOUND = 1.5;

const source = (revision: number): string => `{ note: '${'x'.repeat(2000)}', revision: ${revision} }`;

function drawn(revision: number): DrawnSet {
  return {
    set: {
      role: 'device',
      template: { name: 'mine', hash: sha256(source(revision)), revision },
      product: { id: PRODUCT_SETTINGS.id, hash: sha256('product') },
      fonts: { sans: sha256('sans') },
      files: {},
      renderer: 1,
      dpi: 203,
    },
    contents: [source(revision), 'product'].map((text) => ({ hash: sha256(text), bytes: Buffer.from(text) })),
  };
}

async function open(data: string): Promise<Ledger> {
  mkdirSync(data, { recursive: true });
  const ledger = await openSqliteLedger({ file: ledgerFile(data), onFault: () => {} });
  const printer = Printer.parse({ name: 'P', kind: 'file', folder: '/nowhere', format: 'zpl' });
  await ledger.record({ kind: 'set-product', product: Product.parse(PRODUCT_SETTINGS), actor: 'file' });
  await ledger.record({ kind: 'set-printer', printer, actor: 'file' });
  return ledger;
}

async function revise(ledger: Ledger, revision: number): Promise<void> {
  const save = { kind: 'save-template', name: 'mine', source: source(revision), revision: revision - 1 } as const;
  await ledger.record({ ...save, actor: 'person:ines' });
  const approve = { kind: 'approve-template', name: 'mine', revision, hash: sha256(source(revision)) } as const;
  await ledger.record({ ...approve, actor: 'person:quinn' });
  await workOn(ledger, drawn(revision));
}

/** Issues a unit and sends its label. */
async function workOn(ledger: Ledger, set: DrawnSet): Promise<void> {
  const make = { kind: 'make', as: 'issued', product: PRODUCT_SETTINGS.id, count: 1, strict: false } as const;
  const { units } = await ledger.record({ ...make, actor: 'bench' });
  const { job } = await ledger.record({
    kind: 'print',
    uci: units[0]?.uci ?? '',
    printer: 'P',
    copies: 1,
    actor: 'bench',
  });
  await ledger.template('mine');
  await ledger.approvedTemplate('mine');
  await ledger.record({ kind: 'move-print', job, to: 'sending', set, actor: 'system' });
  await ledger.record({ kind: 'move-print', job, to: 'done', actor: 'system' });
}

export async function benchRevisions(folder: string, say: (text: string) => void): Promise<Figure[]> {
  const [young, old] = [await open(`${folder}-young`), await open(`${folder}-old`)];
  await revise(young, 1);
  for (let revision = 1; revision <= REVISIONS; revision++) {
    if (revision % 200 === 1) say(`revisions: ${revision} of ${REVISIONS}`);
    await revise(old, revision);
  }
  const timed = async (ledger: Ledger, revision: number): Promise<number> => {
    await pause(50);
    const begun = performance.now();
    for (let unit = 0; unit < UNITS; unit++) await workOn(ledger, drawn(revision));
    return (performance.now() - begun) / UNITS;
  };
  const times: Record<'young' | 'old', number[]> = { young: [], old: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times.young.push(await timed(young, 1));
    times.old.push(await timed(old, REVISIONS));
  }
  await young.close();
  await old.close();
  const what = `issue and print after ${REVISIONS.toLocaleString('en-US')} revisions`;
  return [compare(what, 'ms', times.old, { what: 'one revision', values: times.young }, BOUND)];
}

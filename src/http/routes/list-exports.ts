import { EXCEPTIONS } from '../../model/exceptions/kinds.ts';
import { FACTS, statusOf, type Unit } from '../../model/unit.ts';
import { csvAnswer, csvHeaders, MAX_LINES, type Cell } from '../csv-answer.ts';
import type { Declarations, On } from '../operation.ts';
import type { Services } from '../services.ts';
import { shownTime } from '../schemas.ts';
import { settledBefore } from './exceptions.ts';
import { pageOf, said, UnitFilter } from './find-units.ts';
import { openTurns } from '../../platform/turns.ts';

/* CSV files of the console's lists. Larger files are exports (exports.ts), which a child process makes. */

const of = { tag: 'units', may: 'ledger:export' } as const;
const file = { types: ['text/csv'], description: 'A line for each unit' };

export const listExportOperations = {
  'GET /v1/units.csv': {
    ...of,
    summary: 'The first 10,000 units of a search as CSV, with the same filters and in the same order',
    description: 'The ledger records who exported, and how many Claim IDs.',
    query: UnitFilter,
    file,
  },
  'GET /v1/exceptions.csv': {
    ...of,
    summary: 'The open exceptions of units as CSV, at most 10,000 of each kind, the newest first',
    description: 'The ledger records who exported, and how many Claim IDs.',
    file,
  },
} satisfies Declarations;

/** The number of units that are read at a time. Agents are served between two pages. */
const PAGE = 500;

const COLUMNS = ['claim_id', 'sn', 'status', 'product', 'station', 'work_order', ...FACTS.map((fact) => `${fact}_at`)];

export function listExportRoutes(on: On, services: Services): void {
  const { ledger, now } = services;
  on(listExportOperations, 'GET /v1/units.csv', async ({ c, query, who }) => {
    if (c.req.method === 'HEAD') return c.body(null, 200, csvHeaders('units.csv'));
    const turns = openTurns();
    const units: Unit[] = [];
    for (let after: number | null = 0; after !== null && units.length < MAX_LINES;) {
      const limit = Math.min(PAGE, MAX_LINES - units.length);
      const page = await pageOf(services, { ...query, after, limit }, who);
      units.push(...page.units);
      after = page.next;
      await turns();
    }
    const filter = { of: 'units', ...said({ ...query, after: 0, limit: PAGE }) };
    await ledger.record({ kind: 'note-bulk-read', what: 'export', filter, count: units.length, actor: who.actor });
    return csvAnswer(c, 'units.csv', COLUMNS, units.map(cellsOf));
  });
  on(listExportOperations, 'GET /v1/exceptions.csv', async ({ c, who }) => {
    if (c.req.method === 'HEAD') return c.body(null, 200, csvHeaders('exceptions.csv'));
    const turns = openTurns();
    const rows: Cell[][] = [];
    for (const exception of EXCEPTIONS) {
      const until = exception === 'wrong-id' ? {} : { to: settledBefore(now()) };
      let left = MAX_LINES;
      for (let after: number | null = 0; after !== null && left > 0;) {
        const limit = Math.min(PAGE, left);
        const page = await ledger.units({ exception, ...until, newest: true, after, limit });
        rows.push(...page.units.map((unit) => [exception, ...cellsOf(unit)]));
        left -= page.units.length;
        after = page.next;
        await turns();
      }
    }
    const read = { what: 'export', filter: { of: 'exceptions' }, count: rows.length } as const;
    await ledger.record({ kind: 'note-bulk-read', ...read, actor: who.actor });
    return csvAnswer(c, 'exceptions.csv', ['exception', ...COLUMNS], rows);
  });
}

function cellsOf(unit: Unit): Cell[] {
  const { uci, serial, product, station, workOrder, facts } = unit;
  return [uci, serial, statusOf(unit), product, station, workOrder, ...FACTS.map((fact) => shownTime(facts[fact]))];
}

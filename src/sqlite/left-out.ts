import type { LeftOut } from '../decide/line-figures.ts';
import { openForReading } from './open.ts';

/**
 * Returns the units that are left out of the line's figures, each with the reason. Indexes can be used to find these
 * units, because few work orders are for engineering or samples, and few units are reference devices.
 */
export function readLeftOut(file: string): Map<string, LeftOut> {
  const db = openForReading(file);
  try {
    const ofOrders = db.prepare<[], { uci: string; why: LeftOut }>(
      `SELECT unit.uci, work_order.settings ->> '$.purpose' AS why FROM work_order
       JOIN unit ON unit.work_order = work_order.id
       WHERE work_order.settings ->> '$.purpose' IN ('engineering', 'sample')`,
    );
    // The index also contains units that have a test procedure named `reference`.
    const references = db
      .prepare<[], string>(
        `SELECT uci FROM unit WHERE instr(extra, '"reference":') > 0 AND extra ->> '$.reference' IS NOT NULL`,
      )
      .pluck();
    const found = new Map(ofOrders.all().map(({ uci, why }) => [uci, why]));
    for (const uci of references.all()) found.set(uci, 'reference');
    return found;
  } finally {
    db.close();
  }
}

import { createHash } from 'node:crypto';
import type { Happening } from '../../model/event.ts';
import type { ImportedUnit } from '../../model/imports/imported-unit.ts';
import type { Importing, ImportPart } from '../../model/imports/importing.ts';
import type { Product } from '../../model/product.ts';
import { refusal } from '../../platform/error.ts';
import { productForDesk } from '../make-units.ts';
import type { AtSite } from '../new-unit.ts';
import type { Decision, Kept, Seen } from '../seen.ts';
import {
  checkUnits,
  gatherProblems,
  isVoid,
  refuseOrder,
  withProducts,
  type Problem,
  type UnitsToCheck,
} from './check-units.ts';
import { running } from './claims.ts';
import { importedEvents, type Import, type Imported } from './import-units.ts';

/*
 * An import that is recorded in parts. Each part is a short command, and agents get answers between the parts:
 *
 * 1. `claim-units` checks the units of one part and claims their Claim IDs, S/Ns and identities. If a unit has a
 *    problem, or if the process ends, `drop-claims` drops the claims, and nothing has changed.
 * 2. `begin-import` checks products and work orders once more, and records `import-begun`. After that, the import is
 *    always completed. If the service stops, it completes the import at its next start.
 * 3. `record-units` records the units of one part, and drops their claims in the same transaction. With the last part,
 *    `record-units` also stores the answer for the Idempotency-Key.
 *
 * docs/decisions/0016 gives the reasons.
 */

/**
 * The claims of these units are stored under the import's id. Each command claims the units of one part. The parts
 * follow the order of the file.
 */
export interface ClaimUnits extends UnitsToCheck {
  kind: 'claim-units';
  import: string;
  process: string;
  part: number;
  as: Import['as'];
  /** The number of units of the import. */
  total: number;
  /** How many more problems the import's refusal may list. */
  room: number;
  onceOf?: Importing['once'];
}

/** `hashes` contains the hash of each stored part. */
export interface Claimed {
  problems: Problem[];
  hashes: string[];
}

/**
 * Parts are recorded in the order of their numbers. Void units must be recorded first, so the numbers of parts with
 * void units are below `LIVE`. A part of the file that contains void units and other units becomes two parts of the
 * import.
 */
const LIVE = 1_000_000;

export function claimUnits(seen: Seen, command: ClaimUnits, now: number): Decision<Claimed | Imported> {
  const { import: id, process, part, as, total: units, room, onceOf, actor } = command;
  const former = seen.importing();
  const current = running(seen);
  if (current !== undefined && current.id !== id) throw another(current, onceOf);
  if (part > 0 && (current === undefined || current.begun !== undefined)) throw refusal('importing', 'dropped');
  const { problems, good } = checkUnits(seen, command, room);
  const row: Importing = current ?? { id, process, actor, at: now, units, ...(onceOf ? { once: onceOf } : {}) };
  if (current === undefined && former !== undefined) row.former = spanOf(former);
  const explicit = good.map((unit) => ({ ...unit, as: unit.as ?? as }));
  const parts = [
    { part, units: explicit.filter(isVoid) },
    { part: LIVE + part, units: explicit.filter((unit) => !isVoid(unit)) },
  ]
    .filter((one) => one.units.length > 0)
    .map((one) => ({ part: one.part, units: JSON.stringify(one.units) }));
  const kept: Kept[] = [
    { table: 'import', row: { ...row, at: now } },
    ...parts.map((one): Kept => ({ table: 'import-part', import: id, ...one })),
  ];
  return { events: [], answer: { problems: problems.all(), hashes: parts.map(partHash) }, kept, unfinished: true };
}

/** Returns the refusal for a second import while the import `current` is running. */
export function another(current: Importing, once: Importing['once']) {
  const isSame = once !== undefined && current.once?.key === once.key;
  return isSame ? refusal('in-flight', 'importing') : refusal('importing', 'another');
}

/** Returns the numbers of the first and the last event of the last import that began. */
function spanOf({ begun, ended, former }: Importing): [number, number] {
  return begun === undefined || ended === undefined ? (former ?? [0, 0]) : [begun, ended];
}

/** Returns the SHA-256 of a stored part in hexadecimal. */
export function partHash({ part, units }: ImportPart): string {
  return createHash('sha256').update(`${part} ${units}`).digest('hex');
}

export interface BeginImport extends AtSite {
  kind: 'begin-import';
  import: string;
  /** One unit for each product and each work order that the import names. */
  named: Pick<ImportedUnit, 'place' | 'product' | 'workOrder'>[];
  hashes: string[];
  strict: boolean;
  actor: string;
}

export function beginImport(seen: Seen, command: BeginImport, now: number): Decision<{ begun: number }> {
  const { named, hashes, actor } = command;
  const current = running(seen);
  if (current?.id !== command.import) throw refusal('importing', 'dropped');
  if (current.begun !== undefined) return { events: [], answer: { begun: current.begun } };
  const problems = gatherProblems();
  const products = new Map<string, Product>();
  const added: Happening[] = [];
  for (const unit of named) {
    if (problems.isFull()) break;
    problems.at(unit.place, () => {
      if (!products.has(unit.product)) {
        const { product, events } = productForDesk(withProducts(seen, products), unit.product, command);
        products.set(unit.product, product);
        added.push(...events);
      }
      refuseOrder(seen, unit);
    });
  }
  problems.refuse();
  const begun = seen.size() + 1;
  const workOrders = [...new Set(named.flatMap(({ workOrder }) => workOrder ?? []))];
  const row: Importing = { ...current, at: now, begun, products: [...products.keys()], workOrders };
  return {
    events: [{ type: 'import-begun', actor, data: { units: current.units, parts: hashes } }, ...added],
    answer: { begun },
    kept: [{ table: 'import', row }],
  };
}

/** Records the stored part that has the lowest number. Several processes may send this command for the same import. */
export interface RecordUnits {
  kind: 'record-units';
  import: string;
}

/** The answer to the last part is the answer to the entire import. */
export function recordUnits(seen: Seen, command: RecordUnits, now: number): Decision<Imported | { goesOn: true }> {
  const row = seen.importing();
  if (row?.id !== command.import || row.begun === undefined) throw refusal('importing', 'dropped');
  const answer: Imported = { imported: row.units };
  if (row.ended !== undefined) return { events: [], answer };
  const { first, isLast } = seen.importParts();
  const units: ImportedUnit[] = first === undefined ? [] : JSON.parse(first.units);
  const events = units.flatMap((unit) => importedEvents(seen, unit, 'issued', row.actor));
  const ended = isLast ? { ended: seen.size() + events.length } : {};
  const kept: Kept[] = [
    ...(first === undefined ? [] : [{ table: 'dropped-import-part' as const, import: row.id, part: first.part }]),
    { table: 'import', row: { ...row, at: now, ...ended } },
  ];
  if (isLast) return { events, answer, kept };
  return { events, answer: { goesOn: true }, kept, unfinished: true };
}

/** Drops one part of the claims, but only if the import has not begun. */
export interface DropClaims {
  kind: 'drop-claims';
  import: string;
}

/** `begun` is set if the import has begun. The import's claims are then kept. */
export interface Dropped {
  goesOn: boolean;
  begun?: true;
}

export function dropClaims(seen: Seen, command: DropClaims): Decision<Dropped> {
  const current = running(seen);
  if (current?.id !== command.import) return { events: [], answer: { goesOn: false } };
  if (current.begun !== undefined) return { events: [], answer: { goesOn: false, begun: true } };
  const { first, isLast } = seen.importParts();
  const kept: Kept[] =
    first === undefined ? [] : [{ table: 'dropped-import-part', import: current.id, part: first.part }];
  if (isLast) kept.push({ table: 'import', row: { ...current, ended: seen.size() } });
  return { events: [], answer: { goesOn: !isLast }, kept };
}

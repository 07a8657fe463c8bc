import { isObject, type Json } from '../model/event.ts';
import { asWritten } from '../platform/formula-marks.ts';

/* Reads the rows of a unit export (docs/qa.md), so that an import can restore the units. */

/** The data of a unit in an export, apart from its Claim ID and its device. */
export interface Restored {
  as?: 'issued' | 'reserved';
  /** The unit's S/N, unless the device itself sent it. */
  serial?: string;
  workOrder?: string;
  reservation?: string;
  identifiedBy: string[];
  ends: { type: 'void' | 'scrapped'; reason: string; note?: string }[];
}

/**
 * Columns that say how the service handled a unit. The import ignores these columns and does not store them as
 * attributes.
 */
const LEFT_OUT = ['seq', 'lot', 'station', 'status', 'alarm', 'outcome', 'labels', 'last_seq', 'printed_at'];
LEFT_OUT.push('verified_at', 'reported_at', 'registered_at');
const READ = [
  'serial',
  'product',
  'name',
  'model',
  'identity',
  'work_order',
  'reservation',
  'reserved_at',
  'issued_at',
];
READ.push('void_at', 'scrapped_at', 'end_reason', 'end_note');

/**
 * Columns that files from other programs are unlikely to have. A file counts as an export even if it has only some of
 * them, because JSONL leaves out empty cells and people delete columns.
 */
const SIGNS = [
  'last_seq',
  'identity',
  'reservation',
  'void_at',
  'issued_at',
  'reserved_at',
  'end_reason',
  'work_order',
];
const ENOUGH_SIGNS = 2;

/**
 * A file with the column `identity` is always read as an export of this program. Otherwise, the import would store
 * `identity` as an attribute, and the devices would get a second Claim ID when they ask again.
 */
export function isOwnExport(properties: string[]): boolean {
  return properties.includes('identity') || SIGNS.filter((name) => properties.includes(name)).length >= ENOUGH_SIGNS;
}

/**
 * True for an export of events. Such a file cannot be imported, because it has one row per event, and a unit has many
 * events.
 */
export function isEventExport(properties: string[]): boolean {
  return ['seq', 'at', 'type', 'actor'].every((name) => properties.includes(name));
}

/**
 * Divides the cells of a row into the device's own properties and the rest. `marked` is true for CSV, because this
 * program's CSV exports put an apostrophe before texts that a spreadsheet would run as formulas. Throws an Error whose
 * message is a sentence for people.
 */
export function readOwnRow(
  cells: ReadonlyMap<string, string>,
  marked: boolean,
): { device: { [property: string]: Json }; restored: Restored } {
  const text = (name: string): string | undefined => {
    const cell = cells.get(name);
    return cell === undefined || !marked ? cell : asWritten(cell);
  };
  const identity = identityIn(text('identity'));
  const others = [...cells].filter(([name]) => !LEFT_OUT.includes(name) && !READ.includes(name));
  const device = withoutAbsent({
    product: cells.get('product'),
    name: text('name'),
    model: text('model'),
    ...Object.fromEntries(others),
    ...identity,
  });
  const serial = cells.get('serial');
  const [workOrder, reservation] = [cells.get('work_order'), cells.get('reservation')];
  const restored: Restored = {
    identifiedBy: Object.keys(identity),
    ends: endsIn(cells, text),
  };
  if (cells.has('issued_at')) restored.as = 'issued';
  else if (cells.has('reserved_at')) restored.as = 'reserved';
  if (serial !== undefined && identity['serial'] === undefined) restored.serial = serial;
  if (workOrder !== undefined) restored.workOrder = workOrder;
  if (reservation !== undefined) restored.reservation = reservation;
  return { device, restored };
}

function identityIn(text: string | undefined): { [property: string]: Json } {
  if (text === undefined) return {};
  let identity: unknown;
  try {
    identity = JSON.parse(text);
  } catch {
    identity = undefined;
  }
  if (isObject(identity)) return identity;
  throw new Error('identity: is not the JSON object that an export writes: use the unchanged export');
}

function endsIn(cells: ReadonlyMap<string, string>, text: (name: string) => string | undefined): Restored['ends'] {
  const [reason, note] = [text('end_reason'), text('end_note')];
  const types = (['scrapped', 'void'] as const).filter((type) => cells.has(`${type}_at`));
  return types.map((type) => {
    if (reason === undefined) throw new Error(`the unit is ${type} and has no end_reason: use the unchanged export`);
    return { type, reason, ...(note === undefined ? {} : { note }) };
  });
}

function withoutAbsent(values: { [name: string]: Json | undefined }): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

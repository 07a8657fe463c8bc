import { z } from 'zod';
import { RoleName } from '../../model/labels/label-set.ts';
import { Name } from '../../model/product.ts';
import { MAX_SENT } from '../../model/scan/read.ts';
import { codeIdentity } from '../find-unit.ts';
import type { Ledger, UnitList } from '../../contract/ledger.ts';
import { MAX_UNITS_AT_ONCE } from '../../decide/make-units.ts';
import { notRead } from '../../decide/scans/codes.ts';
import { parseLine } from '../../model/event.ts';
import { isEnded, type Unit } from '../../model/unit.ts';
import { refusal } from '../../platform/error.ts';
import type { Services } from '../services.ts';

/* Finds the labels of a roll, and the station that a roll belongs to. */

export const Code = z.string().trim().min(1, 'scan or type the label').max(MAX_SENT);
const Reason = z.string().trim().min(1).max(200);
const Role = RoleName.optional().meta({
  description: 'Which labels of the units, such as box; by default the labels of the devices',
});

export const RollBody = z.union([
  z.strictObject({
    after: Code.meta({ description: 'The code that was scanned from the last good label' }),
    role: Role,
    reason: Reason,
  }),
  z.strictObject({
    reservation: Name,
    from: z
      .int()
      .min(1)
      .meta({ description: 'The number of the first label to print. Labels of void units are not counted' }),
    role: Role,
    reason: Reason,
  }),
]);

/** The maximum number of labels in one request: as many as the units that one transaction makes. */
export const MAX_ROLL = MAX_UNITS_AT_ONCE;

/** Returns true if the unit's label was printed for a station before a device got the unit. */
type PrintedHere = (unit: Unit) => Promise<boolean>;

/**
 * A roll belongs to the station for which its labels were printed. If no station is recorded, the roll belongs to the
 * stations that use the printer. Only labels printed before the unit was issued count, because a kiosk may later
 * reprint the label of a unit from another station's roll.
 */
export async function printedAt(ledger: Ledger, name: string): Promise<PrintedHere> {
  const printer = (await ledger.station(name))?.printer;
  return async ({ uci }) => {
    const events = ((await ledger.unit(uci))?.lines ?? []).map(parseLine);
    const issued = events.findIndex(({ type }) => type === 'issued');
    return events
      .slice(0, issued === -1 ? events.length : issued)
      .some(
        (event) =>
          event.type === 'print-queued' &&
          (event.station === undefined ? event.data.printer === printer : event.station === name),
      );
  };
}

/**
 * True if a device got this unit at this station, or if the unit's label was printed for this station before a device
 * got the unit.
 */
export async function isUnitOf(ledger: Ledger, station: string, unit: Unit): Promise<boolean> {
  return unit.station === station || (await printedAt(ledger, station))(unit);
}

/**
 * Finds the unit with this code, and returns the units that follow it on its roll. For a kiosk, `here` is set: a kiosk
 * learns nothing about another station's roll.
 */
export async function behind(
  services: Services,
  station: string,
  code: string,
  here: PrintedHere | undefined,
): Promise<Unit[]> {
  const { ledger } = services;
  const scans = await ledger.scanned(code, { station, identity: codeIdentity(services.config) });
  const unclear = scans.find(({ meaning }) => 'told' in meaning && meaning.told !== 'not-ours');
  if (unclear !== undefined) throw notRead(unclear);
  const last = scans.length === 1 ? scans[0]?.unit : undefined;
  if (last?.reservation === undefined || !(here === undefined || (await here(last))))
    throw refusal('not-found', 'rollLabel');
  return ownPart(await rollOf(ledger, last.reservation, last.id), here);
}

export async function rollFrom(
  ledger: Ledger,
  reservation: string,
  from: number,
  here: PrintedHere | undefined,
): Promise<Unit[]> {
  const units = await rollOf(ledger, reservation);
  const last = units[Math.max(from - 2, 0)];
  if (here !== undefined && !(last !== undefined && (await here(last)))) return [];
  return ownPart(units.slice(from - 1), here);
}

/** For a kiosk, cuts off the list before the first label that another station printed. */
async function ownPart(units: Unit[], here: PrintedHere | undefined): Promise<Unit[]> {
  if (here === undefined) return units;
  for (const [at, unit] of units.slice(0, MAX_ROLL).entries())
    if (unit.labels > 0 && !(await here(unit))) return units.slice(0, at);
  return units;
}

/** Returns the roll's units after the unit with this id, in order. Void and scrapped units are left out. */
async function rollOf(ledger: Ledger, reservation: string, id = 0): Promise<Unit[]> {
  const units: Unit[] = [];
  for (let after: number | null = id; after !== null;) {
    const page: UnitList = await ledger.units({ reservation, after, limit: MAX_ROLL });
    units.push(...page.units.filter((unit) => !isEnded(unit)));
    after = page.next;
  }
  return units;
}

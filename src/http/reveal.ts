import { z } from 'zod';
import { mask } from '../model/claim-id.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { NoteBulkRead } from '../decide/access.ts';
import type { Slot, Station } from '../model/station.ts';
import { refuseWithout, type Principal } from './auth.ts';

/*
 * Anyone who knows a Claim ID can claim the device. So Claim IDs are masked in lists that show the state of stations
 * and printers. A caller with permission to list units can ask for the complete Claim IDs. The ledger then records
 * that the caller read the Claim IDs.
 */

export const Reveal = z.strictObject({
  reveal: z.literal('true').optional().meta({
    description: 'Show complete Claim IDs. Needs the permission `units:list`. The ledger records a bulk read',
  }),
});

interface Asked {
  ledger: Ledger;
  who: Principal;
  what: 'stations' | 'print-jobs';
  filter: NoteBulkRead['filter'];
}

/**
 * Returns the function that shows the Claim IDs of a list: masked, or complete if the caller asked for this. Before
 * complete ones are shown, the ledger records that `count` of them were read.
 */
export async function shownBy(
  reveal: 'true' | undefined,
  { ledger, who, what, filter }: Asked,
  count: number,
): Promise<(uci: string) => string> {
  if (reveal === undefined) return mask;
  refuseWithout(who, 'units:list');
  if (count > 0) await ledger.record({ kind: 'note-bulk-read', what, count, filter, actor: who.actor });
  return (uci) => uci;
}

interface Nest {
  armed?: Station['armed'] | undefined;
  slot: Slot;
}

/** Returns the number of Claim IDs in a station's state. */
export function idsIn({ armed, slot }: Nest): number {
  return (armed ? 1 : 0) + ('uci' in slot ? 1 : 0);
}

export function withIds<S extends Nest>(station: S, show: (uci: string) => string): S {
  const { armed, slot } = station;
  return {
    ...station,
    ...(armed && { armed: { ...armed, uci: show(armed.uci) } }),
    slot: 'uci' in slot ? { ...slot, uci: show(slot.uci) } : slot,
  };
}

/**
 * Returns true for the station's own screen, and for callers who may work at stations. People at a station can see the
 * complete Claim ID on the device there.
 */
export function worksThere({ kiosk, may }: Principal): boolean {
  return kiosk !== undefined || may.has('stations:operate');
}

import { identityKey, scannedKey } from '../../../src/model/identity/spelling.ts';
import type { KnownCodes } from '../../../src/model/scan/known.ts';

export interface Held {
  uci: string;
  serial: string;
  mac: string;
}

/** The look-ups of a ledger with these units. */
export function knownCodes(units: Held[], moreSerials: string[] = []): KnownCodes {
  const serials = [...units.map(({ serial }) => serial), ...moreSerials];
  const isBegin = (begin: string) => (text: string) => text.toLowerCase().startsWith(begin.toLowerCase());
  return {
    hasClaimId: (uci) => units.some((unit) => unit.uci === uci),
    beginsClaimId: (begin) => units.some(({ uci }) => uci.startsWith(begin)),
    serials: (text) => serials.filter((serial) => serial.toLowerCase() === text.toLowerCase()),
    beginsSerial: (begin) => serials.some(isBegin(begin)),
    sampleSerials: () => serials.slice(0, 1),
    identities: (value) =>
      units
        .filter(
          ({ mac }) => mac === value || (scannedKey(value) !== undefined && identityKey(mac) === scannedKey(value)),
        )
        .map(({ mac }) => ({ property: 'mac', value: mac })),
    beginsIdentity: (digits) => units.some(({ mac }) => identityKey(mac)?.startsWith(digits)),
  };
}

import { codeIdentity } from '../http/find-unit.ts';
import { nameOf } from '../http/auth.ts';
import type { Lookups } from '../http/lookups.ts';
import { isUnitOf } from '../http/routes/rolls.ts';
import type { Services } from '../http/services.ts';
import { isOfLayout, isTold } from '../decide/scans/codes.ts';
import { wearerOf } from '../model/person.ts';
import { textsIn } from '../model/scan/clean.ts';
import { isEnded, type Unit } from '../model/unit.ts';
import { refusal } from '../platform/error.ts';
import type { PageContext } from './pages.tsx';

/* Badges that are scanned at the screen of a station. */

const MINUTE_MS = 60_000;

/** Counts guessed codes at kiosks, for each kiosk and for each address. */
export interface Guesses {
  /** Counts codes that belong neither to a badge nor to a label. */
  unknown: Lookups;
  /** Counts codes that were refused because the kiosk or the address had to wait. */
  refused: Lookups;
}

/**
 * Returns the person whose badge was scanned at a kiosk. If a person is signed in, no code counts as a badge. A code
 * that belongs neither to a badge nor to a label is a guess. After too many guesses, the next codes must wait.
 */
export async function badgeScanned(
  services: Services,
  guesses: Guesses,
  { c, who }: PageContext,
  code: string,
): Promise<string | undefined> {
  if (who.kiosk === undefined || who.session === undefined) return undefined;
  const { ledger, source, config, now } = services;
  const address = source.address(c);
  const guessers: Guesser[] = [
    [nameOf(who), ''],
    ['', address],
  ];
  const scans = await ledger.scanned(code, { station: who.kiosk, identity: codeIdentity(config) });
  const unit = scans.length === 1 ? scans[0]?.unit : undefined;
  const waitS = waitOf(guesses.unknown, guessers);
  // While the kiosk must wait, a misread code is not looked up as a badge, and is not refused here either. So if a
  // scanner is broken, the operator still sees what is wrong with each scan.
  if (waitS > 0 && scans.every(isTold)) return undefined;
  if (waitS > 0) {
    const isPatient = waitOf(guesses.refused, guessers) === 0;
    if (!(await isAnswered(ledger, who.kiosk, unit, isPatient))) {
      if (isPatient) count(guesses.refused, guessers);
      throw refusal('lookups-throttled', 'codes', { waitS });
    }
  }
  const people = await ledger.people();
  const texts = [code.trim(), ...textsIn(code, (await ledger.station(who.kiosk))?.scanPrefix)];
  const badge = texts.find((text) => wearerOf(people, text, now()) !== undefined);
  if (badge === undefined) {
    // A partly read code could be a guessed badge, so it counts as a guess. If a code becomes a unit's code in another
    // keyboard layout, it does not count as a guess.
    if (unit === undefined && !scans.every(isOfLayout)) count(guesses.unknown, guessers);
    return undefined;
  }
  const kiosk = { hash: who.session.hash, source: address, idleMs: config.badgeIdle * MINUTE_MS };
  return (await ledger.record({ kind: 'use-badge', ...kiosk, badge })).operator;
}

/**
 * Returns true if a scan of this label is answered even while guesses must wait. Scans of the station's own labels are
 * always answered, so that production continues. An answer about any other label could reveal which codes exist. A
 * reserved label that no station has printed could belong to this station. So a scan of such a label is also answered,
 * unless too many codes have already been refused.
 */
async function isAnswered(
  ledger: Services['ledger'],
  station: string,
  unit: Unit | undefined,
  isPatient: boolean,
): Promise<boolean> {
  if (unit === undefined) return false;
  const isReserved = unit.facts.issued === undefined && !isEnded(unit);
  return (isReserved && isPatient) || (await isUnitOf(ledger, station, unit));
}

type Guesser = [name: string, address: string];

function waitOf(lookups: Lookups, guessers: Guesser[]): number {
  return Math.max(...guessers.map(([name, address]) => lookups.waitS(name, address)));
}

function count(lookups: Lookups, guessers: Guesser[]): void {
  for (const [name, address] of guessers) lookups.missed(name, address);
}

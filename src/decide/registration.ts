import { isSameValue, type Identity } from '../model/body.ts';
import type { Decision, Seen } from './seen.ts';
import { agentActor, type Station } from '../model/station.ts';
import type { Outcome, Unit } from '../model/unit.ts';
import { own } from '../platform/own.ts';

/*
 * A device registers with the vendor's cloud, and sends its Claim ID. The registration shows whether the Claim ID is on
 * the right device. A device registers repeatedly until someone claims it, so only its first report and changes are
 * recorded as events.
 */

/** The content of a device's registration. */
export interface Said {
  /** The products in the bearer token and in the body, which must both be the product of the unit. */
  products: string[];
  /** Pairs of [property, value], as in an agent's request for a Claim ID. */
  identity: Identity[];
  serial?: string;
}

/** An alarm is a reason why the device that sends a Claim ID cannot be the device that got this Claim ID. */
export type Alarm =
  | 'void'
  | 'scrapped'
  | 'not-given-out'
  | 'other-identity'
  | 'not-the-open-unit'
  /** The text after the colon is the product that the device reported. */
  | `other-product:${string}`;

/** Returns a sentence about the alarm for the station's screen and the log. */
export function alarmText(alarm: string): string {
  const [code = '', product = ''] = alarm.split(':');
  const texts: Record<string, string> = {
    void: 'a device holds a Claim ID that is void',
    scrapped: 'a device holds the Claim ID of a scrapped unit',
    'not-given-out': 'a device holds a Claim ID that was reserved and never issued',
    'two-sources': 'two devices take turns sending the identity of one unit',
    'other-link': 'the device of this unit sends an identity that contradicts its link address',
    'other-identity': 'the device that holds this Claim ID is not the device to which it was issued',
    'not-the-open-unit': 'the device here does not hold the Claim ID of the unit that is open at this station',
    'other-product': `the device reports the product ${product}`,
  };
  return own(texts, code) ?? code;
}

export function alarmOf(
  unit: Unit,
  identity: ReadonlyMap<string, string>,
  /** True if a different unit has the device's identity. */
  isAnothers: boolean,
  station: Pick<Station, 'slot'> | undefined,
  said: Said,
): Alarm | undefined {
  if (unit.facts.void !== undefined) return 'void';
  if (unit.facts.scrapped !== undefined) return 'scrapped';
  if (unit.facts.issued === undefined) return 'not-given-out';
  const stranger = said.products.find((product) => product !== unit.product);
  if (stranger !== undefined) return `other-product:${stranger}`;
  const differs = said.identity.some((one) => identity.has(one[0]) && !isSameValue(identity.get(one[0]), one));
  const otherSerial = said.serial !== undefined && unit.serial !== undefined && said.serial !== unit.serial;
  if (differs || otherSerial || isAnothers) return 'other-identity';
  const { slot } = station ?? {};
  return slot?.state === 'open' && slot.uci !== unit.uci ? 'not-the-open-unit' : undefined;
}

/**
 * Records a registration. The first report and each change are recorded as events. If a report changes nothing, this
 * command is not used.
 */
export interface NoteReport extends Said {
  kind: 'note-report';
  uci: string;
  station: string;
  source: string;
}

/** Records the outcome of a registration in the cloud. */
export interface NoteOutcome {
  kind: 'note-outcome';
  uci: string;
  station: string;
  source: string;
  outcome: Outcome;
}

export function isReportNews(unit: Unit, alarm: Alarm | undefined): boolean {
  return unit.alarm !== alarm || (alarm === undefined && unit.facts.reported === undefined);
}

/**
 * True if the report is the first one of a unit or starts an alarm. If two devices with the same Claim ID take turns
 * reporting, the alarm can change again and again. So http/routes/registration.ts limits how many of the later changes
 * are written.
 */
export function isFirstReport(unit: Unit, alarm: Alarm | undefined): boolean {
  return unit.alarm === undefined || (alarm === undefined && unit.facts.reported === undefined);
}

export function isFirstOutcome(unit: Unit, outcome: Outcome): boolean {
  const registers = outcome === 'registered' || outcome === 'claimed';
  return unit.outcome === undefined || (registers && unit.facts.registered === undefined);
}

export function noteReport(seen: Seen, command: NoteReport): Decision<{ alarm?: Alarm }> {
  const unit = seen.unit(command.uci);
  // A report with an unknown Claim ID adds no event, because strangers must not be able to make the ledger grow.
  if (!unit) return { events: [], answer: {} };
  const isAnothers = command.identity.some((one) =>
    seen.unitsByIdentity(unit.product, one).some(({ uci }) => uci !== unit.uci),
  );
  const alarm = alarmOf(unit, seen.identityOf(unit), isAnothers, seen.station(command.station), command);
  const answer = alarm === undefined ? {} : { alarm };
  if (!isReportNews(unit, alarm)) return { events: [], answer };
  return { events: [{ type: 'reported', ...heard(command), data: answer }], answer };
}

/**
 * True if the outcome of a registration is new information. The outcome `unreachable` is new only if the unit has no
 * outcome yet.
 */
export function isOutcomeNews(unit: Unit, outcome: Outcome): boolean {
  return outcome === 'unreachable' ? unit.outcome === undefined : unit.outcome !== outcome;
}

export function noteOutcome(seen: Seen, command: NoteOutcome): Decision<null> {
  const unit = seen.unit(command.uci);
  const { outcome } = command;
  if (!unit || !isOutcomeNews(unit, outcome)) return { events: [], answer: null };
  const type = outcome === 'registered' || outcome === 'claimed' ? 'registered' : 'registration-failed';
  return { events: [{ type, ...heard(command), data: { outcome } }], answer: null };
}

function heard({ uci, station, source }: Pick<NoteReport, 'uci' | 'station' | 'source'>) {
  return { uci, actor: agentActor(source), station };
}

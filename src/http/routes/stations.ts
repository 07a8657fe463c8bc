import type { Language } from '../../../words/sentence.ts';
import { languageOf } from '../language.ts';
import { z } from 'zod';
import { isCode, refusal, type ErrorCode } from '../../platform/error.ts';
import { parseLine } from '../../model/event.ts';
import { comparedNothing, FAILURES } from '../../decide/station-actions.ts';
import type { Ledger, UnitList } from '../../contract/ledger.ts';
import { MAX_UNITS_AT_ONCE } from '../../decide/make-units.ts';
import { Name } from '../../model/product.ts';
import { mask, parse } from '../../model/claim-id.ts';
import { isLive, type Credential } from '../../model/credential.ts';
import { isEnded, type Unit } from '../../model/unit.ts';
import type { Services } from '../services.ts';
import type { Principal } from '../auth.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { present } from '../read-body.ts';
import { idsIn, Reveal, shownBy, withIds, worksThere } from '../reveal.ts';
import {
  PrintTestAnswer,
  refusalJson,
  shownTime,
  StationAnswer,
  StationParams,
  StationState,
  StationWithRefusals,
  VerifyAnswer,
} from '../schemas.ts';

const Code = z.string().trim().min(1, 'scan or type the label').max(64);
const Reason = z.string().trim().min(1).max(200);
const ArmBody = z.strictObject({
  code: Code.meta({ description: 'The scanned Claim ID or S/N' }),
  reason: z.enum(['label', 'rework']).default('label'),
});
const VerifyBody = z.strictObject({
  label: Code,
  device: Code.optional().meta({ description: "The device's own code, if the station holds no unit" }),
});

const RollBody = z.union([
  z.strictObject({ after: Code.meta({ description: 'The scanned code of the last good label' }), reason: Reason }),
  z.strictObject({
    reservation: Name,
    from: z.int().min(1).meta({ description: 'Number of the first label to print, without counting void labels' }),
    reason: Reason,
  }),
]);

/** The number of units that one transaction makes. */
const MAX_ROLL = MAX_UNITS_AT_ONCE;

const MASKED_AT_KIOSK =
  'At a kiosk, the Claim ID of an armed unit is masked, unless a device got the unit at this station or the label was printed for this station.';

const MASKED = 'Claim IDs are masked. With `reveal=true`, Claim IDs are complete.';

const at = { tag: 'stations', may: 'stations:operate', kiosk: 'own-station', params: StationParams } as const;

const moving = {
  ...at,
  answer: StationAnswer,
  refusals: ['not-found', 'not-in-slot-mode', 'station-armed', 'nothing-to-keep', 'unit-ended', 'armed-elsewhere'],
} satisfies Partial<Declaration>;

export const stationOperations = {
  'GET /v1/stations': {
    tag: 'stations',
    summary: 'Stations, with the armed or open unit of each',
    description: MASKED,
    may: 'stations:read',
    query: Reveal,
    answer: z.object({ stations: z.array(StationState) }),
  },
  'GET /v1/stations/{name}': {
    ...at,
    summary: 'One station, with its refusals of agents',
    description: `${MASKED} Callers with the permission \`stations:operate\` always see them.`,
    may: 'stations:read',
    query: Reveal,
    answer: StationWithRefusals,
  },
  'POST /v1/stations/{name}/same-device': {
    ...moving,
    summary: 'Reopen the unit that was just verified (slot mode)',
  },
  'POST /v1/stations/{name}/next': {
    ...moving,
    summary: 'Close the slot for the next device (slot mode)',
  },
  'POST /v1/stations/{name}/cancel': { ...moving, summary: 'Disarm the station' },
  'POST /v1/stations/{name}/arm': {
    ...at,
    lookup: true,
    summary: 'Arm the station: the next device gets the unit of the scanned label',
    description: `${MASKED_AT_KIOSK} The Claim ID is complete if the Claim ID was scanned.`,
    body: ArmBody,
    example: { code: 'JT08FFQXWQ', reason: 'rework' },
    answer: StationAnswer,
    refusals: [
      'not-found',
      'unit-ended',
      'rework-needed',
      'armed-elsewhere',
      'station-busy',
      'station-armed',
      'serial-ambiguous',
    ],
  },
  'POST /v1/stations/{name}/verify': {
    ...at,
    lookup: true,
    summary: 'Verify a scanned label: PASS if the label belongs to the unit at this station, else FAIL with the reason',
    description:
      'At a kiosk, two S/Ns are not enough for a device that got its Claim ID at another station: one of the two codes must be the Claim ID.',
    body: VerifyBody,
    example: { label: 'JT08FFQXWQ', device: 'JT08FFQXWQ' },
    answer: VerifyAnswer,
    refusals: ['not-found', 'slot-closed', 'serial-ambiguous'],
  },
  'POST /v1/stations/{name}/roll': {
    ...at,
    may: 'labels:print',
    lookup: true,
    summary: 'Resume a roll: print the labels after the last good label',
    description: `The station's printer prints the labels in the order of the roll, at most ${MAX_ROLL} at once. "left" is the number of labels that follow on the roll.`,
    status: 202,
    body: RollBody,
    example: { reservation: 'roll-7', from: 1, reason: 'roll torn' },
    answer: z.object({ printer: z.string(), queued: z.int(), left: z.int() }),
    refusals: ['not-found', 'roll-ended', 'no-printer', 'print-queued', 'unit-ended'],
  },
  'PUT /v1/stations/{name}/scanner': {
    ...at,
    summary: "Keep the result of a scanner test in the station's settings",
    body: z.strictObject({ result: z.string().trim().min(1).max(300) }),
    example: { result: 'Letters: right, Suffix: Enter' },
    answer: z.object({ name: z.string(), scanner: z.string() }),
    refusals: ['not-found'],
  },
  'POST /v1/stations/{name}/test-label': {
    ...at,
    may: 'labels:print',
    summary: "Print a label with sample data on the station's printer. The ledger records no event",
    answer: PrintTestAnswer,
    refusals: ['not-found', 'no-printer', 'busy'],
  },
} satisfies Declarations;

/** The actions at a station: arm, cancel, next, same device, verify. */
export function stationRoutes(on: On, services: Services): void {
  const { ledger } = services;
  on(stationOperations, 'GET /v1/stations', async ({ query, who }) => {
    const stations = await ledger.stations();
    const count = stations.reduce((sum, station) => sum + idsIn(station), 0);
    const show = await shownBy(query.reveal, { ledger, who, what: 'stations', filter: {} }, count);
    const ends = await endsOfAccess(services);
    return { stations: stations.map((station) => ({ ...withIds(station, show), ...ends(station.name) })) };
  });
  on(stationOperations, 'GET /v1/stations/{name}', async ({ c, params: { name }, query, who }) => {
    const state = { ...(await stationState(services, name, languageOf(c))), ...(await endsOfAccess(services))(name) };
    if (worksThere(who)) return stateAtWork(ledger, who, state);
    const asked = { ledger, who, what: 'stations', filter: { station: name } } as const;
    return withIds(state, await shownBy(query.reveal, asked, idsIn(state)));
  });
  moveRoutes(on, services);
}

function moveRoutes(on: On, services: Services): void {
  const { ledger } = services;
  for (const kind of ['same-device', 'next', 'cancel'] as const) {
    on(stationOperations, `POST /v1/stations/{name}/${kind}`, async ({ params, who }) =>
      withIdFor(ledger, who, await ledger.record({ kind, station: params.name, actor: who.actor })),
    );
  }
  on(stationOperations, 'POST /v1/stations/{name}/arm', async ({ params, body, who, missed }) => {
    const arming = ledger.record({ kind: 'arm', station: params.name, ...body, actor: who.actor });
    const answer = await countRefusal(arming, missed);
    if (!isSerial(body.code)) return answer;
    missed();
    return withIdFor(ledger, who, answer);
  });
  on(stationOperations, 'POST /v1/stations/{name}/verify', async ({ params, body, who, missed }) => {
    const kiosk = who.kiosk === undefined ? {} : { kiosk: true as const };
    const scan = { kind: 'verify', station: params.name, ...present(body), ...kiosk, actor: who.actor } as const;
    const answer = await countRefusal(ledger.record(scan), missed);
    const bySerial = [body.label, body.device].some((code) => code !== undefined && isSerial(code));
    // The reason of a FAIL tells whether a code exists, and each FAIL adds an event.
    if (!comparedNothing(answer) && (bySerial || answer.result === 'FAIL')) missed();
    return { ...answer, ...(await verifiedBefore(ledger, body.label, answer)) };
  });
  on(stationOperations, 'PUT /v1/stations/{name}/scanner', async ({ params: { name }, body: { result }, who }) => {
    if ((await ledger.station(name)) === undefined) throw refusal('not-found', 'station', { station: name });
    const station = { name, scanner: result };
    await ledger.record({ kind: 'set-station', merge: true, station, actor: who.actor });
    return station;
  });
  rollRoute(on, ledger);
  testRoute(on, services);
}

/** S/Ns are predictable, and each S/N leads to its Claim ID. So a look-up by a scanned S/N counts as a guess. */
function isSerial(code: string): boolean {
  return parse(code) === undefined;
}

/** The refusals that only a code of an existing unit can get. So each of these refusals tells that the code exists. */
const TELLING: ErrorCode[] = [
  'unit-ended',
  'rework-needed',
  'armed-elsewhere',
  'station-armed',
  'station-busy',
  'serial-ambiguous',
];

/** Counts a refusal that tells that a code exists. The operation itself counts the refusal `not-found`. */
async function countRefusal<A>(action: Promise<A>, missed: () => void): Promise<A> {
  try {
    return await action;
  } catch (error) {
    if (TELLING.some((code) => isCode(error, code))) missed();
    throw error;
  }
}

function rollRoute(on: On, ledger: Ledger): void {
  on(stationOperations, 'POST /v1/stations/{name}/roll', async ({ params: { name }, body, who, missed }) => {
    // S/Ns are predictable, so a look-up by a scanned S/N counts as a guess.
    if ('after' in body && parse(body.after) === undefined) missed();
    const here = who.kiosk === undefined ? undefined : await printedAt(ledger, name);
    const rest =
      'after' in body
        ? await behind(ledger, body.after, here)
        : await rollFrom(ledger, body.reservation, body.from, here);
    if (rest.length === 0) throw refusal('roll-ended', 'last');
    const units = rest.slice(0, MAX_ROLL).map(({ uci }) => uci);
    const roll = { kind: 'print-roll', station: name, units, reason: body.reason, actor: who.actor } as const;
    const { printer } = await ledger.record(roll);
    return { printer, queued: units.length, left: rest.length - units.length };
  });
}

function testRoute(on: On, { ledger, printing }: Services): void {
  on(stationOperations, 'POST /v1/stations/{name}/test-label', async ({ params: { name } }) => {
    const station = await ledger.station(name);
    if (station?.printer === undefined) throw refusal('no-printer', 'set', { station: name });
    return printing.test(station.printer);
  });
}

/** Returns true if the label of a unit was printed for one station before a device got the unit. */
type PrintedHere = (unit: Unit) => Promise<boolean>;

/**
 * A roll belongs to the station for which its labels were printed. If no station is recorded, the roll belongs to the
 * stations that use the printer. Only events before the unit was issued count, because a kiosk may later print a unit
 * from the roll of another station.
 */
async function printedAt(ledger: Ledger, name: string): Promise<PrintedHere> {
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

/** True if a device got this unit at this station, or if the label was printed for this station before. */
export async function isUnitOf(ledger: Ledger, station: string, unit: Unit): Promise<boolean> {
  return unit.station === station || (await printedAt(ledger, station))(unit);
}

/**
 * Masks the Claim ID for a kiosk, unless the unit belongs to its station. A kiosk may arm any unit by its S/N. If the
 * answer showed the complete Claim ID, a kiosk could read all Claim IDs by counting S/Ns.
 */
async function withIdFor<T extends { uci?: string }>(ledger: Ledger, { nests }: Principal, answer: T): Promise<T> {
  if (nests === undefined || answer.uci === undefined) return answer;
  const unit = (await ledger.unit(answer.uci))?.unit;
  const own = unit === undefined ? [] : await Promise.all(nests.map((nest) => isUnitOf(ledger, nest, unit)));
  return own.includes(true) ? answer : { ...answer, uci: mask(answer.uci) };
}

/** Returns the state of a station for callers that work there. The open unit always belongs to the station. */
export async function stateAtWork<S extends z.output<typeof StationState>>(
  ledger: Ledger,
  who: Principal,
  state: S,
): Promise<S> {
  return state.armed === undefined ? state : { ...state, armed: await withIdFor(ledger, who, state.armed) };
}

/**
 * Returns the units of a roll after the unit with this code. A kiosk (`here`) gets no information about the roll of
 * another station.
 */
async function behind(ledger: Ledger, code: string, here: PrintedHere | undefined): Promise<Unit[]> {
  const last = await scannedUnit(ledger, code);
  if (last?.reservation === undefined || !(here === undefined || (await here(last))))
    throw refusal('not-found', 'rollLabel');
  return ownPart(await rollOf(ledger, last.reservation, last.id), here);
}

async function rollFrom(
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

/** For a kiosk, returns only the units before the first label that another station printed. */
async function ownPart(units: Unit[], here: PrintedHere | undefined): Promise<Unit[]> {
  if (here === undefined) return units;
  for (const [at, unit] of units.slice(0, MAX_ROLL).entries())
    if (unit.labels > 0 && !(await here(unit))) return units.slice(0, at);
  return units;
}

/** Returns the units of a roll after the unit with this id, in order, without void and scrapped units. */
async function rollOf(ledger: Ledger, reservation: string, id = 0): Promise<Unit[]> {
  const units: Unit[] = [];
  for (let after: number | null = id; after !== null;) {
    const page: UnitList = await ledger.units({ reservation, after, limit: MAX_ROLL });
    units.push(...page.units.filter((unit) => !isEnded(unit)));
    after = page.next;
  }
  return units;
}

/** If the label belongs to another unit, returns where and when that label was verified before. */
async function verifiedBefore(
  ledger: Ledger,
  label: string,
  answer: z.input<typeof VerifyAnswer>,
): Promise<{ verified?: { station?: string; at: string } }> {
  if (answer.result === 'PASS' || answer.reason !== FAILURES.alreadyVerified) return {};
  const uci = (await scannedUnit(ledger, label))?.uci;
  const history = uci === undefined ? undefined : await ledger.unit(uci);
  const event = history?.lines.map(parseLine).findLast(({ type }) => type === 'verified');
  return event === undefined ? {} : { verified: present({ station: event.station, at: shownTime(event.at) }) };
}

/** Finds the unit of a scanned Claim ID or S/N. */
export async function scannedUnit(ledger: Ledger, code: string): Promise<Unit | undefined> {
  const uci = parse(code);
  const byId = uci === undefined ? undefined : await ledger.unit(uci);
  return byId?.unit ?? (await ledger.units({ serial: code.trim(), after: 0, limit: 1 })).units[0];
}

/** Returns the times when the keys and the screens of a station end. */
async function endsOfAccess({
  ledger,
  now,
}: Services): Promise<(station: string) => { keyUntil?: string; screenUntil?: string }> {
  const live = async (kind: 'station-key' | 'session'): Promise<Credential[]> =>
    (await ledger.credentials(kind)).filter((one) => isLive(one, now()) && (kind === 'station-key' || one.kiosk));
  const [keys, screens] = [await live('station-key'), await live('session')];
  const ends = (of: Credential[], station: string): number[] =>
    of.filter(({ name }) => name === station).map(({ expiresAt }) => expiresAt ?? Infinity);
  const time = (end: number): string | undefined => (Number.isFinite(end) ? shownTime(end) : undefined);
  return (station) =>
    present({
      keyUntil: time(Math.max(...ends(keys, station))),
      screenUntil: time(Math.min(...ends(screens, station))),
    });
}

export async function stationState(
  services: Services,
  name: string,
  language: Language,
): Promise<z.output<typeof StationWithRefusals>> {
  const station = (await services.ledger.stations()).find((one) => one.name === name);
  if (!station) throw refusal('not-found', 'station', { station: name });
  return {
    ...station,
    refusals: services.refusals.list(name).map((one) => refusalJson(one, language)),
    alarms: services.alarms.list(name).map((one) => refusalJson(one, language)),
    ...(services.config.builderLocal === 'accept' ? { testMode: true } : {}),
  };
}

import { codeIdentity } from '../find-unit.ts';
import type { Language } from '../../../words/sentence.ts';
import { languageOf } from '../language.ts';
import { z } from 'zod';
import { isCode, refusal, type ErrorCode } from '../../platform/error.ts';
import { parseLine } from '../../model/event.ts';
import { ALREADY, comparedNothing, FAILURES, type VerifyAnswer as VerifyResult } from '../../decide/scans/verify.ts';
import type { GateAnswer } from '../../decide/shipping/gate.ts';
import { textsIn } from '../../model/scan/clean.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { MAX_ROLES, printerOf } from '../../model/labels/label-set.ts';
import { mask } from '../../model/claim-id.ts';
import { isLive, type Credential } from '../../model/credential.ts';
import type { Unit } from '../../model/unit.ts';
import type { Services } from '../services.ts';
import type { Principal } from '../auth.ts';
import type { Declaration, Declarations, On } from '../operation.ts';
import { behind, Code, isUnitOf, MAX_ROLL, printedAt, rollFrom, RollBody } from './rolls.ts';
import { refuseOtherMedia } from '../loaded-media.ts';
import { present } from '../read-body.ts';
import { isOurs, missesOf, namesId } from '../scan-misses.ts';
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

const ArmBody = z.strictObject({
  code: Code.meta({ description: 'What the scanner sent: the Claim ID, the S/N or the content of the QR code' }),
  reason: z.enum(['label', 'rework']).default('label'),
});
const VerifyBody = z.strictObject({
  label: Code.meta({ description: 'What the scanner sent' }),
  device: Code.optional().meta({
    description: "The device's own code (the product's `deviceCode`). Required unless exactly one unit is open",
  }),
  more: z
    .array(Code)
    .max(MAX_ROLES)
    .optional()
    .meta({ description: "Codes of the unit's other labels, in any order, if a PASS needs several labels" }),
});

const MASKED_AT_KIOSK =
  'At a kiosk, the Claim ID of an armed unit is masked, unless the unit was issued at this station or its label was printed for this station.';

const MASKED = 'Claim IDs are masked. With `reveal=true`, Claim IDs are complete.';

const at = { tag: 'stations', may: 'stations:operate', kiosk: 'own-station', params: StationParams } as const;

const moving = {
  ...at,
  answer: StationAnswer,
  refusals: [
    'not-found',
    'not-in-slot-mode',
    'station-armed',
    'nothing-to-keep',
    'unit-ended',
    'armed-elsewhere',
    'gate-station',
  ],
} satisfies Partial<Declaration>;

export const stationOperations = {
  'GET /v1/stations': {
    tag: 'stations',
    summary: 'Stations, each with its armed or open unit',
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
    description: `${MASKED_AT_KIOSK} The Claim ID is also complete if the Claim ID itself was scanned.`,
    body: ArmBody,
    example: { code: 'JT08FFQXWQ', reason: 'rework' },
    answer: StationAnswer,
    refusals: [
      'not-found',
      'unit-ended',
      'rework-needed',
      'order-required',
      'armed-elsewhere',
      'station-busy',
      'station-armed',
      'serial-ambiguous',
      'scan-not-clear',
      'gate-station',
    ],
  },
  'POST /v1/stations/{name}/verify': {
    ...at,
    lookup: true,
    summary:
      'Verify a scanned label: PASS if the label belongs to the unit at this station, otherwise FAIL with the reason. At a gate, SHIP or STOP',
    description:
      "At a gate, one scan of the label decides whether the unit may leave; SHIP puts the unit on the station's shipping list. At a kiosk, if the device got its Claim ID at another station, two S/Ns are not enough: one of the codes must be the Claim ID. If the product needs several labels for a PASS, `missing` has the roles of the labels that must also be scanned: send all codes together.",
    body: VerifyBody,
    example: { label: 'JT08FFQXWQ', device: 'A4:C1:38:AA:00:01' },
    answer: VerifyAnswer,
    refusals: ['not-found', 'slot-closed', 'serial-ambiguous', 'gate-station'],
  },
  'POST /v1/stations/{name}/roll': {
    ...at,
    may: 'labels:print',
    lookup: true,
    summary: 'Resume a roll: print the labels after the last good label',
    description: `The station's printer prints the labels in the order of the roll, at most ${MAX_ROLL} at a time. "left" is how many labels of the roll come after these.`,
    status: 202,
    body: RollBody,
    example: { reservation: 'roll-7', from: 1, reason: 'roll torn' },
    answer: z.object({ printer: z.string(), queued: z.int(), left: z.int() }),
    refusals: [
      'not-found',
      'scan-not-clear',
      'roll-ended',
      'no-printer',
      'print-queued',
      'unit-ended',
      'labels-differ',
    ],
  },
  'PUT /v1/stations/{name}/scanner': {
    ...at,
    summary: "Save the result of a scanner test in the station's settings",
    body: z.strictObject({ result: z.string().trim().min(1).max(300) }),
    example: { result: 'Letters: right, Suffix: Enter' },
    answer: z.object({ name: z.string(), scanner: z.string() }),
    refusals: ['not-found'],
  },
  'POST /v1/stations/{name}/test-label': {
    ...at,
    may: 'labels:print',
    summary: "Print a label with sample data on the station's printer. No event is recorded in the ledger",
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
  const { ledger, config } = services;
  for (const kind of ['same-device', 'next', 'cancel'] as const) {
    on(stationOperations, `POST /v1/stations/{name}/${kind}`, async ({ params, who }) =>
      withIdFor(ledger, who, await ledger.record({ kind, station: params.name, actor: who.actor })),
    );
  }
  on(stationOperations, 'POST /v1/stations/{name}/arm', async ({ params, body, who, missed }) => {
    const identity = codeIdentity(config);
    const arming = ledger.record({ kind: 'arm', station: params.name, ...body, identity, actor: who.actor });
    const answer = await countRefusal(arming, async () => missed(await missesOf(services, params.name, [body.code])));
    if (await namesId(services, params.name, body.code)) return answer;
    missed();
    return withIdFor(ledger, who, answer);
  });
  on(stationOperations, 'POST /v1/stations/{name}/verify', async ({ params, body, who, missed }) => {
    const kiosk = who.kiosk === undefined ? {} : { kiosk: true as const };
    const at = { station: params.name, identity: codeIdentity(config), actor: who.actor };
    const codes = [body.label, ...(body.device === undefined ? [] : [body.device]), ...(body.more ?? [])];
    const miss = async (): Promise<void> => missed(await missesOf(services, at.station, codes));
    const answer = await countRefusal(ledger.record({ kind: 'verify', ...present(body), ...at, ...kiosk }), miss);
    // A FAIL reveals whether the code exists, so it counts as a guess. If nothing was compared (for example, no unit is
    // open), a FAIL counts only if the code belongs to no unit, because a label that passed here gets a different
    // answer.
    if (answer.result === 'FAIL' && (!comparedNothing(answer) || !(await isOurs(services, at.station, body.label))))
      await miss();
    if (answer.result === 'PASS') return answer;
    if (isGateAnswer(answer)) return atGate(services, at.station, body.label, who, answer, missed);
    const read = await readText(services, at.station, body.label);
    const before = await verifiedBefore(services, params.name, body.label, answer);
    return answer.result === 'FAIL' ? { ...answer, read, ...before } : { ...answer, ...before };
  });
  on(stationOperations, 'PUT /v1/stations/{name}/scanner', async ({ params: { name }, body: { result }, who }) => {
    if ((await ledger.station(name)) === undefined) throw refusal('not-found', 'station', { station: name });
    const station = { name, scanner: result };
    await ledger.record({ kind: 'set-station', merge: true, station, actor: who.actor });
    return station;
  });
  rollRoute(on, services);
  testRoute(on, services);
}

/**
 * Answers a scan at a gate. Only a code that belongs to no unit counts as a guess, because a gate must read S/Ns as
 * fast as people scan them. S/Ns are predictable, so a kiosk must not learn a Claim ID from an S/N.
 */
async function atGate(
  services: Services,
  station: string,
  label: string,
  who: Principal,
  answer: GateAnswer,
  missed: () => void,
): Promise<GateAnswer & { read?: string }> {
  services.gateScans.note(station, answer);
  if (answer.result === 'STOP' && answer.reasons.length === 0) {
    if (answer.reasonCode === 'not-ours') missed();
    return { ...answer, read: await readText(services, station, label) };
  }
  const isShown = who.kiosk === undefined || (await namesId(services, station, label));
  return isShown || answer.uci === undefined ? answer : { ...answer, uci: mask(answer.uci) };
}

function isGateAnswer(answer: VerifyResult): answer is GateAnswer {
  return answer.result === 'SHIP' || answer.result === 'STOP' || (answer.result === 'ALREADY' && 'list' in answer);
}

async function readText({ ledger }: Services, station: string, label: string): Promise<string> {
  const prefix = (await ledger.station(station))?.scanPrefix;
  return textsIn(label, prefix).join(' ').slice(0, MAX_READ);
}

/** An answer repeats at most this many characters of a scan. More would not fit on a screen. */
const MAX_READ = 80;

/** Refusals that occur only if the code belongs to a unit. So each of these refusals reveals that the code exists. */
const TELLING: ErrorCode[] = [
  'scan-not-clear',
  'unit-ended',
  'rework-needed',
  'armed-elsewhere',
  'station-armed',
  'station-busy',
  'serial-ambiguous',
];

/**
 * If the refusal reveals that a code exists, counts it as a miss. Refusals with `not-found` are counted by the
 * operation itself.
 */
async function countRefusal<A>(action: Promise<A>, missed: () => Promise<void>): Promise<A> {
  try {
    return await action;
  } catch (error) {
    if (TELLING.some((code) => isCode(error, code))) await missed();
    throw error;
  }
}

function rollRoute(on: On, services: Services): void {
  const { ledger } = services;
  on(stationOperations, 'POST /v1/stations/{name}/roll', async ({ params: { name }, body, who, missed }) => {
    // S/Ns are predictable, so a look-up by a scanned S/N counts as a guess.
    if ('after' in body && !(await namesId(services, name, body.after)))
      missed(await missesOf(services, name, [body.after]));
    const here = who.kiosk === undefined ? undefined : await printedAt(ledger, name);
    const rest =
      'after' in body
        ? await behind(services, name, body.after, here)
        : await rollFrom(ledger, body.reservation, body.from, here);
    if (rest.length === 0) throw refusal('roll-ended', 'last');
    const units = rest.slice(0, MAX_ROLL).map(({ uci }) => uci);
    const { role, reason } = body;
    const at = await ledger.station(name);
    await refuseOtherMedia(services, { uci: units[0] ?? '', role }, at && printerOf(at, role));
    const roll = { kind: 'print-roll', station: name, units, reason, ...present({ role }), actor: who.actor } as const;
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

/**
 * Masks the Claim ID for a kiosk, unless the unit belongs to a station on the kiosk's screen. A kiosk may arm any unit
 * by its S/N. If the answers had complete Claim IDs, the kiosk could collect Claim IDs by trying S/Ns.
 */
async function withIdFor<T extends { uci?: string }>(ledger: Ledger, { nests }: Principal, answer: T): Promise<T> {
  if (nests === undefined || answer.uci === undefined) return answer;
  const unit = (await ledger.unit(answer.uci))?.unit;
  const own = unit === undefined ? [] : await Promise.all(nests.map((nest) => isUnitOf(ledger, nest, unit)));
  return own.includes(true) ? answer : { ...answer, uci: mask(answer.uci) };
}

/**
 * Returns a station's state for callers that work at the station. Only the armed unit may need a mask, because the open
 * unit always belongs to the station.
 */
export async function stateAtWork<S extends z.output<typeof StationState>>(
  ledger: Ledger,
  who: Principal,
  state: S,
): Promise<S> {
  return state.armed === undefined ? state : { ...state, armed: await withIdFor(ledger, who, state.armed) };
}

/** If the label belongs to another unit, returns where and when that label was already verified. */
async function verifiedBefore(
  services: Services,
  station: string,
  label: string,
  { reason }: { reason: string },
): Promise<{ verified?: { station?: string; at: string } }> {
  if (reason !== ALREADY && reason !== FAILURES.alreadyVerified) return {};
  const uci = (await scannedUnit(services, station, label))?.uci;
  const history = uci === undefined ? undefined : await services.ledger.unit(uci);
  const event = history?.lines.map(parseLine).findLast(({ type }) => type === 'verified');
  return event === undefined ? {} : { verified: present({ station: event.station, at: shownTime(event.at) }) };
}

/** Finds the unit that a scanned code belongs to. Returns no unit if the scan contains several codes. */
export async function scannedUnit(
  { ledger, config }: Pick<Services, 'ledger' | 'config'>,
  station: string | undefined,
  code: string,
): Promise<Unit | undefined> {
  const [scan, ...others] = await ledger.scanned(code, { station, identity: codeIdentity(config) });
  return others.length === 0 ? scan?.unit : undefined;
}

/** Returns the times at which a station's keys expire and its screens are signed out. */
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
  const station = await services.ledger.station(name);
  if (!station) throw refusal('not-found', 'station', { station: name });
  return {
    ...station,
    refusals: services.refusals.list(name).map((one) => refusalJson(one, language)),
    alarms: services.alarms.list(name).map((one) => refusalJson(one, language)),
    ...(services.config.builderLocal === 'accept' ? { testMode: true } : {}),
  };
}

import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { identityRules } from '../../config.ts';
import { isSameValue, MAX_BODY_BYTES, readBody, type Identity } from '../../model/body.ts';
import { isCode, refusal } from '../../platform/error.ts';
import { isObject } from '../../model/event.ts';
import type { UnitHistory } from '../../contract/ledger.ts';
import type { Product } from '../../model/product.ts';
import { outcomeOf, withClaim, type CloudAnswer } from '../../contract/cloud.ts';
import {
  alarmOf,
  alarmText,
  isFirstOutcome,
  isFirstReport,
  isOutcomeNews,
  isReportNews,
  type Alarm,
  type Said,
} from '../../decide/registration.ts';
import { isCanonical, mask } from '../../model/claim-id.ts';
import type { Outcome, Unit } from '../../model/unit.ts';
import { openBuckets, type Buckets } from '../buckets.ts';
import type { At } from '../admission.ts';
import { letIn } from '../sign-in-gate.ts';
import type { Services } from '../services.ts';
import type { Operation } from '../operation.ts';
import { readBytes } from '../read-body.ts';
import { countUnknownIds, inSteps, type UnknownIds } from '../unknown-ids.ts';

/**
 * In a registration, a device reports its Claim ID, and the ledger records the report. After the record is durable, the
 * service forwards the device's request unchanged to the vendor's cloud. Only the device gets the cloud's answer.
 */
export function registrationRoutes(app: Hono, list: Operation[], shared: Services): void {
  list.push(...REGISTER);
  const services: RegistrationServices = {
    ...shared,
    changes: openBuckets(CHANGES, () => shared.now() / MINUTES),
    unknown: countUnknownIds(() => performance.now()),
  };
  app.post('/api/device/register', (c) => register(c, services, undefined));
  app.post('/api/:stationKey/device/register', (c) => register(c, services, c.req.param('stationKey')));
}

/**
 * If two devices have the same Claim ID, each registration changes what the previous registration reported. The first
 * six changes of a unit are written to the ledger. After that, at most one change per hour is written. Rework causes
 * far fewer changes. The start of an alarm is always written.
 */
const CHANGES = 6;
const MINUTES = 60 * CHANGES;

interface RegistrationServices extends Services {
  /** Limits how many changes per Claim ID are written to the ledger. */
  changes: Buckets;
  unknown: UnknownIds;
}

const registering = {
  method: 'post',
  tag: 'agents',
  summary: 'Report the Claim ID of a device and register it with the device cloud',
  description:
    "The ledger records the report. The service sends the request to CLAIMSTAMP_BUILDER_URL, and returns the cloud's answer byte for byte. If CLAIMSTAMP_BUILDER_URL is not set, the report is recorded, and the answer is 503.",
  may: 'anybody',
  body: z
    .record(z.string(), z.unknown())
    .meta({ description: "The `device` section with the device's `id` and `created`" }),
  example: { product: '01H4R15D3478JD26YDYK408XE6', name: 'Thermostat', id: 'JT08FFQXWQ' },
  answer: z.record(z.string(), z.unknown()).meta({ description: 'The answer of the device cloud' }),
  refusals: [
    'source-not-allowed',
    'station-key-needed',
    'web-origin',
    'misdirected',
    'rate-limited',
    'lookups-throttled',
    'report-alarm',
    'no-builder',
    'cloud-unreachable',
    'busy',
  ],
} satisfies Partial<Operation>;

const REGISTER: Operation[] = [
  { ...registering, path: '/api/device/register' },
  {
    ...registering,
    path: '/api/{stationKey}/device/register',
    params: z.object({ stationKey: z.string().meta({ description: 'The key of the station' }) }),
    refusals: [...registering.refusals, 'station-key-unknown'],
  },
];

interface Report extends Said {
  uci: string;
  /** The body as the device sent it. */
  text: string;
  authorization: string | undefined;
  /** The token in the authorization header. A correctly configured device sends the id of its product as this token. */
  bearer: string | undefined;
}

function register(c: Context, services: RegistrationServices, key: string | undefined): Promise<Response> {
  const act = async (at: At): Promise<Response> => {
    const bytes = await readBytes(c, MAX_BODY_BYTES);
    services.limits.body(bytes.byteLength, at);
    const report = readReport(bytes, c.req.header('authorization'), services);
    const product = await inSteps(() => hear(services, report, at));
    return passOn(c, services, report, product, at);
  };
  // The ledger and /metrics show failures of the cloud. The station's screen does not show these failures.
  return letIn(c, services, key, act, ['no-builder', 'cloud-unreachable']);
}

function readReport(bytes: Uint8Array, authorization: string | undefined, { config }: RegistrationServices): Report {
  const { product, serial, identity, attributes } = readBody(bytes, identityRules(config));
  const text = new TextDecoder().decode(bytes);
  const device: unknown = attributes === undefined ? {} : JSON.parse(text);
  const uci = isObject(device) ? device['id'] : undefined;
  if (typeof uci !== 'string' || !isCanonical(uci)) throw refusal('invalid', 'notYetClaimId');
  const bearer = /^bearer +(\S{1,64})$/i.exec(authorization ?? '')?.[1];
  const products = product === undefined ? [] : [product];
  return { uci, text, authorization, bearer, products, identity, ...(serial === undefined ? {} : { serial }) };
}

/**
 * If the report changes something, records the change in the ledger before the request is sent to the cloud. Returns
 * the product of the unit, or undefined if there is no such unit.
 */
async function hear(services: RegistrationServices, report: Report, at: At): Promise<Product | undefined> {
  const { ledger, unknown } = services;
  const history = await ledger.unit(report.uci);
  if (!isOwnReport(history, report)) unknown.refuse(at.sender);
  if (!history) {
    unknown.missed(at.sender, report.uci);
    raise(services, report, at, 'unknown', 'a device holds a Claim ID that is not in the ledger');
    return undefined;
  }
  const alarm = await noteNews(services, history, { ...report, products: await namesOf(ledger, report) }, at);
  if (alarm !== undefined) raise(services, report, at, alarm.replace(/:.*/, ''), alarmText(alarm));
  return ledger.product(history.unit.product);
}

/**
 * Returns true if the device's report contains an identity of the unit. A device that knows such an identity could
 * get the Claim ID anyway, so the answer reveals nothing new to the device. Therefore, the device does not have to
 * wait when other devices at its source have reported unknown Claim IDs.
 */
function isOwnReport(history: UnitHistory | undefined, { identity }: Report): boolean {
  const known = new Map(history?.identity);
  return identity.some((one) => isSameValue(known.get(one[0]), one));
}

/**
 * A bearer token that is not a product id may be a secret. The service treats such a token as a different product, and
 * does not store it.
 */
async function namesOf(ledger: RegistrationServices['ledger'], { bearer, products }: Report): Promise<string[]> {
  if (bearer === undefined || products.includes(bearer)) return products;
  return [...products, (await ledger.product(bearer)) ? bearer : '?'];
}

/** Returns true if any of these identities belongs to another unit. */
async function isAnothers(
  { ledger }: RegistrationServices,
  { product, uci }: Unit,
  identity: Identity[],
): Promise<boolean> {
  for (const [property, value, key] of identity) {
    const by = { value, properties: [property], macs: key === undefined ? [] : [property] };
    const { units } = await ledger.units({ after: 0, limit: 2, product, identity: by });
    if (units.some((unit) => unit.uci !== uci)) return true;
  }
  return false;
}

async function noteNews(
  services: RegistrationServices,
  { unit, identity: known }: UnitHistory,
  report: Report,
  at: At,
): Promise<Alarm | undefined> {
  const { ledger, changes } = services;
  const { uci, products, identity, serial } = report;
  const said: Said = { products, identity, ...(serial === undefined ? {} : { serial }) };
  const station = await ledger.station(at.station);
  const alarm = alarmOf(unit, new Map(known), await isAnothers(services, unit, identity), station, said);
  // Unclaimed devices repeat their report. If a report changes nothing, the ledger is only read.
  if (!isReportNews(unit, alarm)) return alarm;
  if (!isFirstReport(unit, alarm) && changes.take(uci) > 0) return alarm;
  return (await ledger.record({ kind: 'note-report', uci, ...at, ...said })).alarm;
}

/** Shows the alarm on the station's screen. If `reportAlarms` is `refuse`, also refuses the request. */
function raise(
  { alarms, config }: RegistrationServices,
  { uci }: Report,
  { station, source }: At,
  alarm: string,
  text: string,
): void {
  const error = refusal('report-alarm', 'what', { what: text, unit: mask(uci) });
  alarms.note(station, source, error, alarm);
  // The answer does not say which alarm it is, because that would reveal whether the Claim ID exists.
  if (config.reportAlarms === 'refuse') throw refusal('report-alarm', 'answer', { unit: mask(uci) });
}

async function passOn(
  c: Context,
  services: RegistrationServices,
  report: Report,
  product: Product | undefined,
  at: At,
): Promise<Response> {
  const { cloud, config } = services;
  if (cloud === undefined && config.builderLocal === 'accept') {
    services.log.warn(
      { station: at.station, uci: mask(report.uci) },
      'TEST MODE: answered by this service instead of the device cloud',
    );
    return c.json({ registered: true, id: report.uci });
  }
  if (cloud === undefined) throw refusal('no-builder', 'set');
  const { account, cloud: name } = product?.claiming === 'pre' ? product : {};
  const body = Buffer.from(withClaim(report.text, { account, cloud: name }));
  let answer: CloudAnswer;
  try {
    answer = await cloud.register({ body, authorization: report.authorization, sender: at.sender });
  } catch (error) {
    if (isCode(error, 'cloud-unreachable')) await inSteps(() => heardOf(services, report, at, 'unreachable'));
    throw error;
  }
  await inSteps(() => heardOf(services, report, at, outcomeOf(answer)));
  const headers = { 'content-type': answer.contentType ?? 'application/octet-stream', 'cache-control': 'no-store' };
  return new Response(Uint8Array.from(answer.body), { status: answer.status, headers });
}

/** Records the outcome before the device receives it. If recording fails, the device repeats its request. */
async function heardOf(
  { ledger, log, count, changes }: RegistrationServices,
  { uci }: Report,
  at: At,
  outcome: Outcome,
): Promise<void> {
  count(outcome);
  log.debug({ ...at, uci: mask(uci), outcome }, 'registration forwarded');
  const history = await ledger.unit(uci);
  if (!history || !isOutcomeNews(history.unit, outcome)) return;
  if (isFirstOutcome(history.unit, outcome) || changes.take(uci) === 0)
    await ledger.record({ kind: 'note-outcome', uci, ...at, outcome });
}

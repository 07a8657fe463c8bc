import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { MAX_BODY_BYTES, readBody } from '../../model/body.ts';
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
import { letIn, type At } from '../sign-in-gate.ts';
import type { Services } from '../services.ts';
import type { Operation } from '../operation.ts';
import { readBytes } from '../read-body.ts';

/**
 * Registration: a device says which Claim ID it holds, the ledger learns it, and the vendor's cloud is
 * asked in the device's own words. Its answer goes to the device and nowhere else.
 */
export function registrationRoutes(app: Hono, list: Operation[], shared: Services): void {
  list.push(...REGISTER);
  const services: RegistrationServices = { ...shared, changes: openBuckets(CHANGES, () => shared.now() / MINUTES) };
  app.post('/api/device/register', (c) => register(c, services, undefined));
  app.post('/api/:stationKey/device/register', (c) => register(c, services, c.req.param('stationKey')));
}

/**
 * Two devices that hold one ID contradict each other for ever, at each of their registrations: of one unit six changes
 * are written at once and then one an hour, far more than rework makes. An alarm that begins is always written, so it
 * stands while they go on.
 */
const CHANGES = 6;
const MINUTES = 60 * CHANGES;

interface RegistrationServices extends Services {
  /** By Claim ID. */
  changes: Buckets;
}

const registering = {
  method: 'post',
  tag: 'agents',
  summary: 'A device names the Claim ID that it holds, and registers with the device cloud',
  description:
    'Recorded, then passed on to CLAIMSTAMP_BUILDER_URL; what that answers is answered here, byte for byte. Without a builder: 503, and it is recorded all the same.',
  may: 'anybody',
  body: z
    .record(z.string(), z.unknown())
    .meta({ description: "The `device` section with the device's `id` and `created`" }),
  example: { product: '01H4R15D3478JD26YDYK408XE6', name: 'Thermostat', id: 'JT08FFQXWQ' },
  answer: z.record(z.string(), z.unknown()).meta({ description: 'What the device cloud answered' }),
  refusals: [
    'source-not-allowed',
    'station-key-needed',
    'web-origin',
    'misdirected',
    'rate-limited',
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
  /** The body as it came. */
  text: string;
  authorization: string | undefined;
  /** Of the authorization, as it came: a product, where the device is right. */
  bearer: string | undefined;
}

function register(c: Context, services: RegistrationServices, key: string | undefined): Promise<Response> {
  const act = async (at: At): Promise<Response> => {
    const report = readReport(await readBytes(c, MAX_BODY_BYTES), c.req.header('authorization'), services);
    const product = await hear(services, report, at);
    return passOn(c, services, report, product, at);
  };
  // What the cloud does not answer is no fault of a device: it stands in the ledger, and in /metrics.
  return letIn(c, services, key, act, ['no-builder', 'cloud-unreachable']);
}

function readReport(bytes: Uint8Array, authorization: string | undefined, { config }: RegistrationServices): Report {
  const rules = { properties: config.identityProperties, placeholders: config.identityPlaceholders };
  const { product, serial, identity, attributes } = readBody(bytes, rules);
  const text = new TextDecoder().decode(bytes);
  const device: unknown = attributes === undefined ? {} : JSON.parse(text);
  const uci = isObject(device) ? device['id'] : undefined;
  if (typeof uci !== 'string' || !isCanonical(uci)) throw refusal('invalid', 'notYetClaimId');
  const bearer = /^bearer +(\S{1,64})$/i.exec(authorization ?? '')?.[1];
  const products = product === undefined ? [] : [product];
  return { uci, text, authorization, bearer, products, identity, ...(serial === undefined ? {} : { serial }) };
}

/** The ledger learns what is news, before anything is passed on. Returns the unit's product, where there is a unit. */
async function hear(services: RegistrationServices, report: Report, at: At): Promise<Product | undefined> {
  const { ledger } = services;
  const history = await ledger.unit(report.uci);
  if (!history) {
    raise(services, report, at, 'unknown', 'a device holds a Claim ID that is not in the ledger');
    return undefined;
  }
  const alarm = await noteNews(services, history, { ...report, products: await namesOf(ledger, report) }, at);
  if (alarm !== undefined) raise(services, report, at, alarm.replace(/:.*/, ''), alarmText(alarm));
  return ledger.product(history.unit.product);
}

/** What else a device has for a bearer may be a secret: it is another product, and its name is kept nowhere. */
async function namesOf(ledger: RegistrationServices['ledger'], { bearer, products }: Report): Promise<string[]> {
  if (bearer === undefined || products.includes(bearer)) return products;
  return [...products, (await ledger.product(bearer)) ? bearer : '?'];
}

/** Whether one of these is what the ledger knows of another unit. */
async function isAnothers(
  { ledger }: RegistrationServices,
  { product, uci }: Unit,
  identity: [string, string][],
): Promise<boolean> {
  for (const [property, value] of identity) {
    const { units } = await ledger.units({ after: 0, limit: 2, product, identity: { value, properties: [property] } });
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
  // An unclaimed device repeats itself for ever: what is no news costs a read.
  if (!isReportNews(unit, alarm)) return alarm;
  if (!isFirstReport(unit, alarm) && changes.take(uci) > 0) return alarm;
  return (await ledger.record({ kind: 'note-report', uci, ...at, ...said })).alarm;
}

/** On the station's screen, and by setting the end of it. */
function raise(
  { alarms, config }: RegistrationServices,
  { uci }: Report,
  { station, source }: At,
  alarm: string,
  text: string,
): void {
  const error = refusal('report-alarm', 'what', { what: text, unit: mask(uci) });
  alarms.note(station, source, error, alarm);
  if (config.reportAlarms === 'refuse') throw error;
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
      'TEST MODE: answered in place of the device cloud',
    );
    return c.json({ registered: true, id: report.uci });
  }
  if (cloud === undefined) throw refusal('no-builder', 'set');
  const { account, cloud: name } = product?.claiming === 'pre' ? product : {};
  const body = Buffer.from(withClaim(report.text, { account, cloud: name }));
  let answer: CloudAnswer;
  try {
    answer = await cloud.register({ body, authorization: report.authorization });
  } catch (error) {
    if (isCode(error, 'cloud-unreachable')) await heardOf(services, report, at, 'unreachable');
    throw error;
  }
  await heardOf(services, report, at, outcomeOf(answer));
  const headers = { 'content-type': answer.contentType ?? 'application/octet-stream', 'cache-control': 'no-store' };
  return c.body(Uint8Array.from(answer.body), answer.status as ContentfulStatusCode, headers);
}

/** Recorded before the device hears of it: an answer that cannot be recorded is asked for again. */
async function heardOf(
  { ledger, log, count, changes }: RegistrationServices,
  { uci }: Report,
  at: At,
  outcome: Outcome,
): Promise<void> {
  count(outcome);
  log.debug({ ...at, uci: mask(uci), outcome }, 'registration passed on');
  const history = await ledger.unit(uci);
  if (!history || !isOutcomeNews(history.unit, outcome)) return;
  if (isFirstOutcome(history.unit, outcome) || changes.take(uci) === 0)
    await ledger.record({ kind: 'note-outcome', uci, ...at, outcome });
}

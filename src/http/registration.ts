import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { MAX_BODY_BYTES, readBody } from '../body.ts';
import { ClaimstampError, isCode } from '../error.ts';
import { isObject } from '../event.ts';
import type { UnitHistory } from '../ledger.ts';
import type { Product } from '../product.ts';
import { outcomeOf, withClaim, type CloudAnswer } from '../registering.ts';
import { alarmOf, alarmText, isOutcomeNews, isReportNews, type Alarm, type Said } from '../registration.ts';
import { isCanonical, mask } from '../uci.ts';
import type { Outcome } from '../unit.ts';
import { letIn, type At } from './let-in.ts';
import type { Line } from './line.ts';
import type { Operation } from './operation.ts';
import { readBytes } from './read.ts';

/**
 * Registration through one door: a device says which Claim ID it holds, the ledger learns it, and the vendor's cloud is
 * asked in the device's own words. Its answer goes to the device and nowhere else.
 */
export function registrationRoutes(app: Hono, list: Operation[], line: Line): void {
  list.push(...REGISTER);
  app.post('/api/device/register', (c) => register(c, line, undefined));
  app.post('/api/:stationKey/device/register', (c) => register(c, line, c.req.param('stationKey')));
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
  refusals: ['forbidden', 'rate-limited', 'report-alarm', 'no-builder', 'cloud-unreachable', 'busy'],
} satisfies Partial<Operation>;

const REGISTER: Operation[] = [
  { ...registering, path: '/api/device/register' },
  {
    ...registering,
    path: '/api/{stationKey}/device/register',
    params: z.object({ stationKey: z.string().meta({ description: 'The key of the station' }) }),
    refusals: [...registering.refusals, 'not-found'],
  },
];

interface Report extends Said {
  uci: string;
  /** The body as it came. */
  text: string;
  authorization: string | undefined;
}

function register(c: Context, line: Line, key: string | undefined): Promise<Response> {
  const act = async (at: At): Promise<Response> => {
    const report = readReport(await readBytes(c, MAX_BODY_BYTES), c.req.header('authorization'), line);
    const product = await hear(line, report, at);
    return passOn(c, line, report, product, at);
  };
  // What the cloud does not answer is no fault of a device: it stands in the ledger, and in /metrics.
  return letIn(c, line, key, act, ['no-builder', 'cloud-unreachable']);
}

function readReport(bytes: Uint8Array, authorization: string | undefined, { config }: Line): Report {
  const rules = { properties: config.identityProperties, placeholders: config.identityPlaceholders };
  const { product, serial, identity } = readBody(bytes, rules);
  const text = new TextDecoder().decode(bytes);
  const device: unknown = bytes.byteLength === 0 ? {} : JSON.parse(text);
  const uci = isObject(device) ? device['id'] : undefined;
  if (typeof uci !== 'string' || !isCanonical(uci))
    throw new ClaimstampError('invalid', '"id" is no Claim ID: the device registers before it has one');
  const bearer = /^bearer +(\S{1,64})$/i.exec(authorization ?? '')?.[1];
  const products = [bearer, product].filter((one) => one !== undefined);
  return { uci, text, authorization, products, identity, ...(serial === undefined ? {} : { serial }) };
}

/** The ledger learns what is news, before anything is passed on. Returns the unit's product, where there is a unit. */
async function hear(line: Line, report: Report, at: At): Promise<Product | undefined> {
  const { ledger } = line;
  const history = await ledger.unit(report.uci);
  if (!history) {
    raise(line, report, at, 'a device holds a Claim ID that is not in the ledger');
    return undefined;
  }
  const alarm = await noteNews(line, history, report, at);
  if (alarm !== undefined) raise(line, report, at, alarmText(alarm));
  return (await ledger.products()).find(({ id }) => id === history.unit.product);
}

async function noteNews({ ledger }: Line, history: UnitHistory, report: Report, at: At): Promise<Alarm | undefined> {
  const { uci, products, identity, serial } = report;
  const said: Said = { products, identity, ...(serial === undefined ? {} : { serial }) };
  const station = (await ledger.stations()).find(({ name }) => name === at.station);
  const alarm = alarmOf(history.unit, new Map(history.identity), station, said);
  // An unclaimed device repeats itself for ever: what is no news costs a read.
  if (!isReportNews(history.unit, alarm)) return alarm;
  return (await ledger.record({ kind: 'note-report', uci, ...at, ...said })).alarm;
}

/** On the station's screen, and by setting the end of it. */
function raise({ alarms, config }: Line, { uci }: Report, { station, source }: At, text: string): void {
  const error = new ClaimstampError('report-alarm', `${text} (${mask(uci)})`);
  if (config.reportAlarms === 'refuse') throw error;
  alarms.note(station, source, error);
}

async function passOn(c: Context, line: Line, report: Report, product: Product | undefined, at: At): Promise<Response> {
  const { cloud, config } = line;
  if (cloud === undefined && config.builderLocal === 'accept') {
    line.log.warn({ station: at.station, uci: mask(report.uci) }, 'TEST MODE: answered in place of the device cloud');
    return c.json({ registered: true, id: report.uci });
  }
  if (cloud === undefined)
    throw new ClaimstampError('no-builder', 'recorded, and passed on to nobody: CLAIMSTAMP_BUILDER_URL is not set');
  const { account, cloud: name } = product?.claiming === 'pre' ? product : {};
  const body = Buffer.from(withClaim(report.text, { account, cloud: name }));
  let answer: CloudAnswer;
  try {
    answer = await cloud.register({ body, authorization: report.authorization });
  } catch (error) {
    if (isCode(error, 'cloud-unreachable')) await heardOf(line, report, at, 'unreachable');
    throw error;
  }
  await heardOf(line, report, at, outcomeOf(answer));
  const headers = { 'content-type': answer.contentType ?? 'application/octet-stream', 'cache-control': 'no-store' };
  return c.body(Uint8Array.from(answer.body), answer.status as ContentfulStatusCode, headers);
}

/** Recorded before the device hears of it: an answer that cannot be recorded is asked for again. */
async function heardOf({ ledger, log, count }: Line, { uci }: Report, at: At, outcome: Outcome): Promise<void> {
  count(outcome);
  log.debug({ ...at, uci: mask(uci), outcome }, 'registration passed on');
  const history = await ledger.unit(uci);
  if (history && isOutcomeNews(history.unit, outcome))
    await ledger.record({ kind: 'note-outcome', uci, ...at, outcome });
}

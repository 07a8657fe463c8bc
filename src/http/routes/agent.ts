import { clockAhead } from '../../decide/new-unit.ts';
import { refusal } from '../../platform/error.ts';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { identityRules } from '../../config.ts';
import { MAX_BODY_BYTES, readBody } from '../../model/body.ts';
import type { Issued } from '../../decide/issue.ts';
import { OTHER_LINK } from '../../model/link/link.ts';
import { TWO_SOURCES } from '../../model/advance.ts';
import { mask } from '../../model/claim-id.ts';
import type { At } from '../admission.ts';
import { letIn } from '../sign-in-gate.ts';
import type { Services } from '../services.ts';
import type { Operation } from '../operation.ts';
import { readBytes } from '../read-body.ts';

/**
 * Answers Ioto agents. Agents accept only an answer with status 200 and a JSON string `id`. After any other answer,
 * agents repeat their request every two seconds.
 */
export function agentRoutes(app: Hono, list: Operation[], services: Services): void {
  list.push(...SERIALIZE);
  app.post('/ioto/serialize', (c) => serialize(c, services, undefined));
  app.post('/ioto/serialize/:stationKey', (c) => serialize(c, services, c.req.param('stationKey')));
  app.post('/ioto/serialize/*', () => {
    throw refusal('not-found', 'agentAddress');
  });
}

/**
 * Used only for the API document. Agents send no token and do not read problem+json, so operation.ts does not handle
 * their requests.
 */
const serializing = {
  method: 'post',
  tag: 'agents',
  summary: 'Get the Claim ID of the requesting device',
  description:
    'A device that identifies itself gets the same Claim ID again. Agents need no token: CLAIMSTAMP_AGENT_ACCESS controls access.',
  may: 'anybody',
  body: z
    .record(z.string(), z.unknown())
    .meta({ description: "The `device` section of the agent's configuration; `product` is required" }),
  example: { product: '01H4R15D3478JD26YDYK408XE6', name: 'Thermostat' },
  answer: z
    .looseObject({ id: z.string() })
    .meta({ description: "The Claim ID, and the pool numbers that agents get according to the product's settings" }),
  refusals: [
    'source-not-allowed',
    'station-key-needed',
    'web-origin',
    'misdirected',
    'rate-limited',
    'hourly-cap',
    'too-large',
    'product-missing',
    'product-unknown',
    'identity-conflict',
    'serial-taken',
    'serial-of-pattern',
    'repeat-refused',
    'other-source',
    'armed-elsewhere',
    'armed-mismatch',
    'slot-held',
    'other-device',
    'slot-closed',
    'unit-ended',
    'lot-missing',
    'serial-like-claim-id',
    'order-required',
    'work-order-closed',
    'over-issue',
    'serials-exhausted',
    'pool-exhausted',
    'number-of-pool',
    'clock-wrong',
    'random-failed',
  ],
} satisfies Partial<Operation>;
const SERIALIZE: Operation[] = [
  { ...serializing, path: '/ioto/serialize' },
  {
    ...serializing,
    path: '/ioto/serialize/{stationKey}',
    params: z.object({
      stationKey: z.string().meta({ description: 'The key of the station (from `POST …/key`)' }),
    }),
    refusals: [...serializing.refusals, 'station-key-unknown'],
  },
];

function serialize(c: Context, services: Services, key: string | undefined): Promise<Response> {
  return letIn(c, services, key, async (at) => {
    const issued = await issue(c, services, at);
    // At this line, the unit is already durable. An agent that does not receive the reply repeats its request.
    return c.json({ ...issued.numbers, id: issued.uci });
  });
}

const NOT_MAC =
  'in a property for MACs, the device sent a text that is neither a MAC nor an EUI-64: devices that send the same text get the same Claim ID, so check the firmware';

async function issue(
  c: Context,
  { ledger, links, limits, config, log, count, alarms }: Services,
  at: At,
): Promise<Issued> {
  const { station, source } = at;
  const bytes = await readBytes(c, MAX_BODY_BYTES);
  limits.body(bytes.byteLength, at);
  const body = readBody(bytes, identityRules(config));
  const link = await links.of(c, at, body.product);
  const issued = await limits.issue(at, (allowed) =>
    ledger.record({
      kind: 'issue',
      ...body,
      ...link,
      ...(config.defaultProduct === undefined ? {} : { defaultProduct: config.defaultProduct }),
      ...at,
      strict: config.products === 'strict',
      site: config.site,
      ...allowed,
    }),
  );
  if (!issued.reference) count(issued.repeat ? 'repeats' : 'issued');
  if (issued.over !== undefined)
    log.warn({ station, product: issued.product, over: issued.over }, 'the work order is over its planned quantity');
  const notMac = body.identity.find(([name, , key]) => config.identityMacs.includes(name) && key === undefined)?.[0];
  if (issued.made && notMac !== undefined) log.warn({ station, product: issued.product, property: notMac }, NOT_MAC);
  if (issued.behindMs !== undefined)
    alarms.note(station, source, refusal('clock-wrong', 'slow', { minutes: Math.ceil(issued.behindMs / 60_000) }));
  if (issued.after !== undefined) alarms.note(station, source, clockAhead(issued.after, Date.now()));
  if (issued.inTurnWith !== undefined) raiseBoth(alarms, at, issued.uci, issued.inTurnWith);
  if (issued.otherLink !== undefined) {
    const values = { unit: mask(issued.uci), link: issued.otherLink };
    alarms.note(station, source, refusal('other-device', 'contradiction', values), OTHER_LINK);
  }
  log.debug({ station, source, uci: mask(issued.uci), repeat: issued.repeat }, 'answered');
  return issued;
}

/** Raises the alarm at both stations, because only people can find out which of the two devices is genuine. */
function raiseBoth(alarms: Services['alarms'], { station, source }: At, uci: string, other: string): void {
  const unit = mask(uci);
  alarms.note(station, source, refusal('other-source', 'inTurn', { unit, station: other }), TWO_SOURCES);
  if (other !== station) alarms.note(other, source, refusal('other-source', 'inTurn', { unit, station }), TWO_SOURCES);
}

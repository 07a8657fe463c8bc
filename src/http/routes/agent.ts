import { refusal } from '../../platform/error.ts';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { MAX_BODY_BYTES, readBody } from '../../model/body.ts';
import type { Issued } from '../../decide/issue.ts';
import { mask } from '../../model/claim-id.ts';
import { letIn } from '../sign-in-gate.ts';
import type { Services } from '../services.ts';
import type { Operation } from '../operation.ts';
import { readBytes } from '../read-body.ts';

/** Answers Ioto agents. They accept only status 200 and a JSON string `id`. Otherwise they retry every two seconds. */
export function agentRoutes(app: Hono, list: Operation[], services: Services): void {
  list.push(...SERIALIZE);
  app.post('/ioto/serialize', (c) => serialize(c, services, undefined));
  app.post('/ioto/serialize/:stationKey', (c) => serialize(c, services, c.req.param('stationKey')));
  app.post('/ioto/serialize/*', () => {
    throw refusal('not-found', 'agentAddress');
  });
}

/** Only for the document. Agents send no token and read no problem+json, so operation.ts does not handle them. */
const serializing = {
  method: 'post',
  tag: 'agents',
  summary: 'Get the Claim ID of the requesting device',
  description:
    'A device that can be identified gets the same Claim ID again. Agents need no token: CLAIMSTAMP_AGENT_ACCESS controls access.',
  may: 'anybody',
  body: z
    .record(z.string(), z.unknown())
    .meta({ description: "The `device` section of the agent's configuration; `product` is required" }),
  example: { product: '01H4R15D3478JD26YDYK408XE6', name: 'Thermostat' },
  answer: z.object({ id: z.string() }),
  refusals: [
    'source-not-allowed',
    'station-key-needed',
    'web-origin',
    'misdirected',
    'rate-limited',
    'hourly-cap',
    'product-missing',
    'product-unknown',
    'identity-conflict',
    'serial-taken',
    'serial-of-pattern',
    'repeat-refused',
    'armed-mismatch',
    'slot-held',
    'slot-closed',
    'unit-ended',
    'lot-missing',
    'serial-like-claim-id',
    'work-order-closed',
    'over-issue',
    'serials-exhausted',
    'random-failed',
  ],
} satisfies Partial<Operation>;
const SERIALIZE: Operation[] = [
  { ...serializing, path: '/ioto/serialize' },
  {
    ...serializing,
    path: '/ioto/serialize/{stationKey}',
    params: z.object({
      stationKey: z.string().meta({ description: 'The key of the station (`POST …/key` shows it)' }),
    }),
    refusals: [...serializing.refusals, 'station-key-unknown'],
  },
];

function serialize(c: Context, services: Services, key: string | undefined): Promise<Response> {
  return letIn(c, services, key, async ({ station, source }) => {
    const issued = await issue(c, services, station, source);
    // The unit is already on disk here. If the reply is lost, the agent asks again.
    return c.json({ id: issued.uci });
  });
}

async function issue(
  c: Context,
  { ledger, limits, config, log, count }: Services,
  station: string,
  source: string,
): Promise<Issued> {
  const body = readBody(await readBytes(c, MAX_BODY_BYTES), {
    properties: config.identityProperties,
    placeholders: config.identityPlaceholders,
  });
  const issued = await limits.hour((capped) =>
    ledger.record({
      kind: 'issue',
      ...body,
      ...(config.defaultProduct === undefined ? {} : { defaultProduct: config.defaultProduct }),
      station,
      source,
      strict: config.products === 'strict',
      ...capped,
    }),
  );
  count(issued.repeat ? 'repeats' : 'issued');
  if (issued.over !== undefined)
    log.warn({ station, product: issued.product, over: issued.over }, 'work order over its planned quantity');
  log.debug({ station, source, uci: mask(issued.uci), repeat: issued.repeat }, 'answered');
  return issued;
}

import { Hono, type Context } from 'hono';
import { MAX_BODY_BYTES, readBody } from '../body.ts';
import { ClaimstampError } from '../error.ts';
import type { Issued } from '../issue.ts';
import { DEFAULT_STATION } from '../station.ts';
import { mask } from '../uci.ts';
import type { Line } from './line.ts';
import { readBytes } from './read.ts';
import { readsSource, type Source } from './source.ts';

/**
 * What an Ioto agent calls to learn who it is. It wants status 200 and a JSON string `id`; everything else it treats
 * alike: it sleeps two seconds and sends the same again, for ever.
 */
export function agentRoutes(line: Line): Hono {
  const app = new Hono();
  const from = readsSource(line.config.trustedProxies);
  app.post('/', (c) => serialize(c, line, from, undefined));
  app.post('/:stationKey', (c) => serialize(c, line, from, c.req.param('stationKey')));
  return app;
}

async function serialize(c: Context, line: Line, from: Source, key: string | undefined): Promise<Response> {
  const source = from.address(c);
  // Who may not come in is refused at the door of everyone: the station that answers for all others.
  let station: string = DEFAULT_STATION;
  try {
    station = await line.gate.admit(source, key);
    const issued = await issue(c, line, station, source);
    // Durable by now. If the reply is lost the agent asks again.
    return c.json({ id: issued.uci });
  } catch (error) {
    if (error instanceof ClaimstampError) line.refusals.note(station, source, error);
    throw error;
  }
}

async function issue(
  c: Context,
  { ledger, config, log, count }: Line,
  station: string,
  source: string,
): Promise<Issued> {
  const body = readBody(await readBytes(c, MAX_BODY_BYTES), {
    properties: config.identityProperties,
    placeholders: config.identityPlaceholders,
  });
  const issued = await ledger.record({
    kind: 'issue',
    ...body,
    ...(config.defaultProduct === undefined ? {} : { defaultProduct: config.defaultProduct }),
    station,
    source,
    strict: config.products === 'strict',
  });
  count(issued.repeat ? 'repeats' : 'issued');
  if (issued.over !== undefined)
    log.warn({ station, product: issued.product, over: issued.over }, 'work order over its planned quantity');
  log.debug({ station, source, uci: mask(issued.uci), repeat: issued.repeat }, 'answered');
  return issued;
}

import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { MAX_BODY_BYTES, readBody } from '../body.ts';
import { ClaimstampError } from '../error.ts';
import type { Issued } from '../issue.ts';
import { DEFAULT_STATION, plainAddress } from '../station.ts';
import { mask } from '../uci.ts';
import type { Line } from './line.ts';
import { readBytes } from './read.ts';

/** Where a request of this process to itself comes from. */
const INSIDE = '127.0.0.1';

/**
 * What an Ioto agent calls to learn who it is. It wants status 200 and a JSON string `id`; everything else it treats
 * alike: it sleeps two seconds and sends the same again, for ever.
 */
export function agentRoutes(line: Line): Hono {
  const app = new Hono();
  app.post('/', (c) => serialize(c, line, undefined));
  app.post('/:stationKey', (c) => serialize(c, line, c.req.param('stationKey')));
  return app;
}

async function serialize(c: Context, line: Line, key: string | undefined): Promise<Response> {
  const source = sourceOf(c);
  // Who may not come in is refused at the door of everyone: the station that answers for all others.
  let station: string = DEFAULT_STATION;
  try {
    // Before anything else costs; so wrong keys and refused addresses count as well.
    line.limits.address(source);
    station = await line.gate.admit(source, key);
    line.limits.station(station);
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
  { ledger, limits, config, log, count }: Line,
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

function sourceOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return plainAddress(incoming?.socket.remoteAddress ?? INSIDE);
}

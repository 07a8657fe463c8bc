import type { Context } from 'hono';
import { ClaimstampError, isCode, type ErrorCode } from '../platform/error.ts';
import { DEFAULT_STATION } from '../model/station.ts';
import type { Services } from './services.ts';

/** Where an agent is. */
export interface At {
  station: string;
  source: string;
}

/**
 * Lets an agent in at its station, by the key in its URL or by its address. Refusals are counted there; those with one of
 * the codes `elsewhere` are nobody's mistake on the line, and are told in another place.
 */
export async function letIn<T>(
  c: Context,
  services: Services,
  key: string | undefined,
  act: (at: At) => Promise<T>,
  elsewhere: ErrorCode[] = [],
): Promise<T> {
  // Refused requests count for the station that answers for all others.
  const at: At = { station: DEFAULT_STATION, source: services.source.peer(c) };
  try {
    at.source = services.source.address(c);
    // Before anything else costs; so wrong keys and refused addresses count as well.
    services.limits.address(at.source);
    at.station = await services.gate.admit(at.source, key);
    services.limits.station(at.station);
    return await act(at);
  } catch (error) {
    if (error instanceof ClaimstampError && !elsewhere.some((code) => isCode(error, code)))
      services.refusals.note(at.station, at.source, error);
    throw error;
  }
}

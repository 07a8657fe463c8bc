import type { Context } from 'hono';
import { ClaimstampError, isCode, type ErrorCode } from '../platform/error.ts';
import { DEFAULT_STATION } from '../model/station.ts';
import type { Services } from './services.ts';

/** An agent's station and address. */
export interface At {
  station: string;
  source: string;
}

/**
 * Admits an agent to its station, by the key in its URL or by its address. Refusals are counted at the station, except
 * those with a code in `elsewhere`, which no one on the production line can correct.
 */
export async function letIn<T>(
  c: Context,
  services: Services,
  key: string | undefined,
  act: (at: At) => Promise<T>,
  elsewhere: ErrorCode[] = [],
): Promise<T> {
  // Requests whose station is unknown count at the default station.
  const at: At = { station: DEFAULT_STATION, source: services.source.peer(c) };
  try {
    at.source = services.source.address(c);
    // This check comes first, so that requests with wrong keys or refused addresses count as well.
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

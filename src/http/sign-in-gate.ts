import type { Context } from 'hono';
import { ClaimstampError, isCode, type ErrorCode } from '../platform/error.ts';
import { DEFAULT_STATION } from '../model/station.ts';
import type { Services } from './services.ts';

/** The station and the address of an agent. */
export interface At {
  station: string;
  source: string;
}

/**
 * Finds the station of an agent by the key in its URL or by its address. Refusals are counted at the station, except
 * those with a code in `elsewhere`: no person on the production line can correct their cause.
 */
export async function letIn<T>(
  c: Context,
  services: Services,
  key: string | undefined,
  act: (at: At) => Promise<T>,
  elsewhere: ErrorCode[] = [],
): Promise<T> {
  // If the station of a request is unknown, the request counts at the default station.
  const at: At = { station: DEFAULT_STATION, source: services.source.peer(c) };
  try {
    at.source = services.source.address(c);
    // This check comes first, so that requests with wrong keys or from refused addresses count too.
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

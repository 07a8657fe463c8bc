import type { Context } from 'hono';
import { ClaimstampError, isCode, type ErrorCode } from '../platform/error.ts';
import { DEFAULT_STATION } from '../model/station.ts';
import type { Line } from './line.ts';

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
  line: Line,
  key: string | undefined,
  act: (at: At) => Promise<T>,
  elsewhere: ErrorCode[] = [],
): Promise<T> {
  // Who may not come in is refused at the door of everyone: the station that answers for all others.
  const at: At = { station: DEFAULT_STATION, source: line.source.peer(c) };
  try {
    at.source = line.source.address(c);
    // Before anything else costs; so wrong keys and refused addresses count as well.
    line.limits.address(at.source);
    at.station = await line.gate.admit(at.source, key);
    line.limits.station(at.station);
    return await act(at);
  } catch (error) {
    if (error instanceof ClaimstampError && !elsewhere.some((code) => isCode(error, code)))
      line.refusals.note(at.station, at.source, error);
    throw error;
  }
}

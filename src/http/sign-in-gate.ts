import type { Context } from 'hono';
import { ClaimstampError, isCode, type ErrorCode } from '../platform/error.ts';
import { DEFAULT_STATION, senderOf } from '../model/station.ts';
import type { At } from './admission.ts';
import type { Services } from './services.ts';

/**
 * Finds an agent's station by the key in its URL or by its address, and counts refusals at that station. A refusal
 * whose code is in `elsewhere` is not counted, because people on the line cannot remove the cause.
 */
export async function letIn<T>(
  c: Context,
  services: Services,
  key: string | undefined,
  act: (at: At) => Promise<T>,
  elsewhere: ErrorCode[] = [],
): Promise<T> {
  // A request whose station is unknown is counted at the default station.
  const peer = services.source.peer(c);
  const at: At = { station: DEFAULT_STATION, source: peer, sender: senderOf(peer, undefined) };
  try {
    at.source = services.source.address(c);
    at.sender = senderOf(at.source, undefined);
    await admit(services, at, key);
    services.limits.station(at);
    return await act(at);
  } catch (error) {
    if (error instanceof ClaimstampError && !elsewhere.some((code) => isCode(error, code)))
      services.refusals.note(at.station, at.source, error);
    throw error;
  }
}

/**
 * Finds the station. A request with a wrong key, or from an address that is not allowed, is counted under its address.
 */
async function admit({ gate, limits }: Services, at: At, key: string | undefined): Promise<void> {
  try {
    at.station = await gate.admit(at.source, key);
    if (key !== undefined) at.sender = senderOf(at.source, at.station);
  } finally {
    limits.source(at);
  }
}

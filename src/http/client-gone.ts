import { Socket } from 'node:net';
import type { Context } from 'hono';
import { bindingsOf } from './source.ts';
import { watchAccess } from './watch-access.ts';

/**
 * Runs long work with an abort signal. The signal aborts when the caller's access ends, or when the client disconnects
 * or closes its side of the connection. An agent may close its side of the connection and still wait for an answer. If
 * any other client closes its side, it has stopped waiting.
 */
export async function unlessLeft<T>(
  c: Context,
  stillAllowed: () => Promise<unknown>,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { incoming } = bindingsOf(c);
  const left = new AbortController();
  const leave = (): void => left.abort();
  const access = watchAccess(stillAllowed);
  access.ended.addEventListener('abort', leave);
  // A call inside this process has no socket.
  const socket = incoming?.socket instanceof Socket ? incoming.socket : undefined;
  if (socket?.readableEnded || socket?.destroyed) leave();
  for (const event of HUNG_UP) socket?.once(event, leave);
  try {
    return await act(left.signal);
  } catch (error) {
    access.ended.throwIfAborted();
    throw error;
  } finally {
    access.stop();
    for (const event of HUNG_UP) socket?.off(event, leave);
  }
}

const HUNG_UP = ['end', 'close'] as const;

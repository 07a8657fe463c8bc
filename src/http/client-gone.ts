import { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/**
 * Runs what takes long; its signal says that the client has hung up. A client that closes its side of the connection may
 * still wait for the answer, as agents do, and then the service hears nothing more of it; who asks for a file that takes
 * seconds to make has left.
 */
export async function unlessLeft<T>(c: Context, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const left = new AbortController();
  const socket = incoming?.socket;
  // Inside this process there is none.
  if (!(socket instanceof Socket)) return act(left.signal);
  const leave = (): void => left.abort();
  if (socket.readableEnded || socket.destroyed) leave();
  for (const event of HUNG_UP) socket.once(event, leave);
  try {
    return await act(left.signal);
  } finally {
    for (const event of HUNG_UP) socket.off(event, leave);
  }
}

const HUNG_UP = ['end', 'close'] as const;

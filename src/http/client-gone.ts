import { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/**
 * Runs long work with a signal that aborts when the client disconnects or closes its side of the connection. An agent
 * may close its side and still wait for the answer. A client that does so while a slow file is made has left.
 */
export async function unlessLeft<T>(c: Context, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const left = new AbortController();
  const socket = incoming?.socket;
  // A call inside this process has no socket.
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

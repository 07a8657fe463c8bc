import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/*
 * Some work, such as printing, must be done by only one process at a time. The process that does the work holds a lock
 * on the PostgreSQL server as long as it is connected. When this process stops or its connection is lost, another
 * process gets the lock.
 */

export interface Turn {
  close: () => Promise<void>;
}

/** The process that holds the lock with this number sends the labels to the printers. The number is arbitrary. */
export const PRINTING = 4_354_421;

/** How long (in ms) to wait before the next attempt, if another process holds the lock or the connection was lost. */
const AGAIN_MS = 1000;

/** Calls `begin` when this process gets the lock, and `end` when it loses the lock. Keeps trying until it is closed. */
export function takeTurn(url: string, lock: number, begin: () => void, end: () => Promise<void>): Turn {
  const closing = new AbortController();
  const { signal } = closing;
  const closed = once(signal, 'abort');
  const one = async (): Promise<void> => {
    // The PostgreSQL module is loaded only when it is needed, because most installations do not use PostgreSQL.
    const { connect, hangUp, untilGone } = await import('./connect.ts');
    const held = await connect(url);
    try {
      while (!(await isTaken(held, lock))) await pause(AGAIN_MS, undefined, { signal });
      if (signal.aborted) return;
      begin();
      await Promise.race([untilGone(held), closed]);
      await end();
    } finally {
      await hangUp(held);
    }
  };
  const all = async (): Promise<void> => {
    while (!signal.aborted) {
      // If the server cannot be reached, the writer already reports it. So the error is ignored here, and the loop
      // retries.
      await one().catch(() => {});
      await pause(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  };
  const turns = all();
  return {
    close() {
      closing.abort();
      return turns;
    },
  };
}

async function isTaken(client: pg.Client, lock: number): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS taken`);
  return rows[0]?.taken ?? false;
}

import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/*
 * Some work, such as printing, must be done by only one process. That process holds a lock on the PostgreSQL server as
 * long as it is connected. When the process or its connection ends, another process takes over.
 */

export interface Turn {
  close: () => Promise<void>;
}

/** An arbitrary lock number. The process that holds this lock sends labels to printers. */
export const PRINTING = 4_354_421;

/** The delay before the next try if another process holds the lock, or if the connection was lost. */
const AGAIN_MS = 1000;

/** Calls `begin` when this process gets the lock and `end` when it loses the lock. Keeps trying until closed. */
export function takeTurn(url: string, lock: number, begin: () => void, end: () => Promise<void>): Turn {
  const closing = new AbortController();
  const { signal } = closing;
  const closed = once(signal, 'abort');
  const one = async (): Promise<void> => {
    // Loaded only here, because most installations have no PostgreSQL.
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
      // The writer reports a server that cannot be reached; this loop only tries again.
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

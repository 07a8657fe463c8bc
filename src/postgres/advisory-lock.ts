import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/*
 * Of the processes that share a ledger one does what must be done by one only: it holds a lock of the server's for as long
 * as its connection lasts. When it dies, or loses the server, another has its turn.
 */

export interface Turn {
  close: () => Promise<void>;
}

/** Any number that nobody else takes for this: whoever has it sends labels to printers. */
export const PRINTING = 4_354_421;

/** Until the lock is tried again: another has it, or the connection went. ms */
const AGAIN_MS = 1000;

/** `begin` when this process has its turn, `end` when it has lost it. Tries until it is closed. */
export function takeTurn(url: string, lock: number, begin: () => void, end: () => Promise<void>): Turn {
  const closing = new AbortController();
  const { signal } = closing;
  const closed = once(signal, 'abort');
  const one = async (): Promise<void> => {
    // Loaded where there is a server: most have none.
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
      // Where the server is away the writer says so; this waits for it too.
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

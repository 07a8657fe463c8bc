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

/** Until the lock is tried again after the connection went. ms */
const AGAIN_MS = 1000;

/** `begin` when this process has its turn, `end` when it has lost it. Tries until it is closed. */
export function takeTurn(url: string, lock: number, begin: () => void, end: () => Promise<void>): Turn {
  const closing = new AbortController();
  let client: pg.Client | undefined;
  const wait = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        // Loaded where there is a server: most have none.
        const { connect } = await import('./connect.ts');
        const held = (client = await connect(url));
        const gone = new Promise<void>((resolve) => held.once('end', () => resolve()).once('error', () => resolve()));
        // As long as another has it.
        await held.query(`SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0`);
        await held.query(`SELECT pg_advisory_lock(${lock})`);
        if (closing.signal.aborted) return;
        begin();
        await gone;
        await end();
      } catch {
        // The server is away: the writer says so, and this waits for it too.
      }
      await pause(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => {});
    }
  };
  const waiting = wait();
  return {
    async close() {
      closing.abort();
      // Whoever waits for the lock is let go by its connection.
      await client?.end().catch(() => {});
      await waiting;
    },
  };
}

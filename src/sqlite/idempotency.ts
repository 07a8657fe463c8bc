import type Database from 'better-sqlite3';
import type { Once } from '../decide/command.ts';
import { refusal } from '../platform/error.ts';

/** The answers to requests that callers may repeat. An answer is saved in the transaction that records its request. */
export interface OnceRows {
  /**
   * Returns the earlier answer to this request, if it is still kept at the time `now` (ms since 1970). Throws
   * `key-reused` if the key was used for a different request.
   */
  answered: (once: Once, now: number) => { answer: unknown } | undefined;
  keep: (once: Once, answer: unknown, at: number) => void;
  forget: (once: Once) => void;
}

/** Answers are kept for one day (ms). No caller repeats a request after more than a day. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/**
 * How many old answers are deleted for each new one. The number is more than one, so that a table with many old answers
 * shrinks.
 */
const DROPPED_AT_ONCE = 2;

export function openOnce(db: Database.Database): OnceRows {
  const find = db.prepare<[Uint8Array], { fingerprint: Buffer; answer: string; at: number }>(
    `SELECT fingerprint, answer, at FROM once WHERE key = ?`,
  );
  const insert = db.prepare(`INSERT OR REPLACE INTO once (key, fingerprint, answer, at) VALUES (?, ?, ?, ?)`);
  const drop = db.prepare(`DELETE FROM once WHERE key = ?`);
  const dropOld = db.prepare(
    `DELETE FROM once WHERE id IN (SELECT id FROM once ORDER BY id LIMIT ${DROPPED_AT_ONCE}) AND at < ?`,
  );
  return {
    answered({ key, fingerprint }, now) {
      const row = find.get(key);
      // An answer with a time in the future is also kept for a day, because the clock may have been set back.
      if (row === undefined || Math.abs(now - row.at) > KEPT_MS) return undefined;
      if (!row.fingerprint.equals(fingerprint)) {
        throw refusal('key-reused', 'takeNew');
      }
      return { answer: JSON.parse(row.answer) };
    },
    keep({ key, fingerprint }, answer, at) {
      dropOld.run(at - KEPT_MS);
      insert.run(key, fingerprint, JSON.stringify(answer), at);
    },
    forget: ({ key }) => void drop.run(key),
  };
}

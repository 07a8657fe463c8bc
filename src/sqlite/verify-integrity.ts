import { openForReading } from './open.ts';
import { hashAll, type Hashed, type HashOrder } from './verify-hashes.ts';

/*
 * This part of a check runs at the same time as the replay of the events, and takes about as long. The thread first
 * hashes the lines. Then SQLite checks that every row is in its indexes. The indexes find units by Claim ID, S/N and
 * identity.
 */

export interface Aside {
  /** Says in one sentence why hashing failed. Undefined if hashing did not fail. */
  hashed: Hashed | string;
  problems: string[];
}

export function checkAside(order: HashOrder): Aside {
  return { hashed: attempt(() => hashAll(order)), problems: problemsOf(order.file) };
}

function problemsOf(file: string): string[] {
  const found = attempt(() => {
    const db = openForReading(file);
    const problems = db.prepare<[], string>('PRAGMA integrity_check').pluck().all();
    db.close();
    return problems.filter((problem) => problem !== 'ok');
  });
  return typeof found === 'string' ? [found] : found;
}

function attempt<T>(act: () => T): T | string {
  try {
    return act();
  } catch (error) {
    return String(error);
  }
}

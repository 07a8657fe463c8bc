import { openForReading } from './open.ts';
import { hashAll, type Hashed, type HashOrder } from './verify-hashes.ts';

/*
 * A part of the check that runs in parallel with the replay of the events and takes about as long. The thread first
 * hashes the lines. Then SQLite checks that each row is in all of its indexes. The indexes matter, because look-ups by
 * Claim ID, S/N and identity use them.
 */

export interface Aside {
  /** The result of hashing or, if hashing failed, a sentence that says why. */
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

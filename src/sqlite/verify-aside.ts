import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { openForReading } from './open.ts';
import { hashAll, type Hashed, type HashOrder } from './verify-hashes.ts';

/*
 * The second thread of a check, about as busy as the one that replays the events: it hashes the lines, then lets SQLite
 * look at the file itself: that every row stands in its indexes, which find units by Claim ID, S/N and identity, and
 * that no row breaks what its table promises.
 */

export interface FromAside {
  /** A sentence where it failed. */
  hashed: Hashed | string;
  problems: string[];
}

const order = workerData as HashOrder;
const answer: FromAside = { hashed: attempt(() => hashAll(order)), problems: problemsOf(order.file) };
(parentPort as MessagePort).postMessage(answer);

function problemsOf(file: string): string[] {
  const found = attempt(() => {
    const db = openForReading(file);
    const problems = db.prepare('PRAGMA integrity_check').pluck().all() as string[];
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

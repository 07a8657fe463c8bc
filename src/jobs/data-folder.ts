import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAtomically } from '../platform/atomic-file.ts';
import { z } from 'zod';
import { ClaimstampError } from '../platform/error.ts';
import { fileProblem, isDirectory } from '../platform/file-error.ts';
import { ownData, type Ownership } from '../sqlite/data-lock.ts';

/* Only one process owns a data folder. Other commands find the process through the file `serve.json`. */

/**
 * The maximum number of attempts to become the owner of the data folder. A service keeps the folder as long as it runs,
 * so it is useless to wait for a service. A command owns the folder only for a moment, but on a slow machine several
 * commands may wait for each other.
 */
const OWN_TRIES = 10;
const OWN_TRIES_BESIDE_COMMANDS = 75;
const OWN_WAIT_MS = 200;

/** The databases in the data folder, each with the other files that SQLite makes for it. */
const DATABASES = ['ledger.db', 'copy.db', 'search.db', 'webhooks.db', 'lock.db'];
const BESIDE = ['', '-wal', '-shm', '-journal'];

/** The small files in the data folder that a running service writes. */
const SMALL = [
  'alarms.json',
  'other-disks.txt',
  'taken-over.json',
  'orders-told.json',
  'session.key',
  'serve.json',
  'sign-in.txt',
  'printer-passwords.json',
];

/**
 * The files that a service keeps in its data folder. `checkpoint` is not listed, because the service handles this file
 * differently: if it cannot be read, the service holds the ledger.
 */
export function keptFiles(data: string): string[] {
  return [...DATABASES.flatMap((name) => BESIDE.map((end) => name + end)), ...SMALL].map((name) => join(data, name));
}

/**
 * Throws `invalid` if a folder has the name of one of these files. Otherwise, the service would report this only later,
 * for example at the next alarm or search, and then again each time.
 */
function refuseFolders(data: string): void {
  const found = keptFiles(data).find(isDirectory);
  if (found !== undefined) throw new ClaimstampError('invalid', fileProblem(found) ?? found);
}

/**
 * Throws `busy` if another process still owns the data folder after all attempts. Throws `invalid` if a folder has the
 * name of one of the service's files.
 */
export async function becomeOwner(data: string): Promise<Ownership> {
  refuseFolders(data);
  for (let tries = 1; tries <= OWN_TRIES_BESIDE_COMMANDS; tries++) {
    const own = ownData(data);
    if (own) return own;
    if (tries >= OWN_TRIES && readServeFile(data) !== undefined) break;
    await sleep(OWN_WAIT_MS);
  }
  throw new ClaimstampError(
    'busy',
    `another Claimstamp process uses the data folder ${data}: stop it, or set CLAIMSTAMP_DATA to another folder`,
  );
}

const ServeFile = z.object({
  url: z.string(),
  token: z.string(),
  pid: z.int(),
  /** The addresses for devices and people. */
  urls: z.array(z.string()).default([]),
});
export type ServeFile = z.infer<typeof ServeFile>;

export function serveFile(data: string): string {
  return join(data, 'serve.json');
}

/** How often the service checks whether its `serve.json` still exists. Without it, no command finds the service. */
const LOOK_EVERY_MS = 2000;

/** Writes `serve.json`, and writes it again whenever it was deleted or damaged, until `close` is called. */
export async function keepServeFile(data: string, content: ServeFile): Promise<{ close: () => Promise<void> }> {
  const write = (): Promise<void> => writeAtomically(serveFile(data), JSON.stringify(content));
  await write();
  let writing: Promise<void> = Promise.resolve();
  const looking = setInterval(() => {
    // While the data folder is moved away, the file cannot be written.
    if (readServeFile(data)?.pid !== content.pid) writing = write().catch(() => {});
  }, LOOK_EVERY_MS).unref();
  return {
    close() {
      clearInterval(looking);
      return writing;
    },
  };
}

/** Returns undefined if the file `serve.json` does not exist or cannot be read. */
export function readServeFile(data: string): ServeFile | undefined {
  try {
    return ServeFile.parse(JSON.parse(readFileSync(serveFile(data), 'utf8')));
  } catch {
    return undefined;
  }
}

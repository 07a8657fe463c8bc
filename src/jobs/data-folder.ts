import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAtomically } from '../platform/atomic-file.ts';
import { ClaimstampError } from '../platform/error.ts';
import { ownData, type Ownership } from '../sqlite/data-lock.ts';

/* Who works with a data folder: one process owns it, and commands find that process through `serve.json`. */

/** A command that works with the ledger by itself holds it for a moment only: a start waits that long. */
const OWN_TRIES = 10;
const OWN_WAIT_MS = 200;

/** Throws `busy` where another process keeps the data folder. */
export async function becomeOwner(data: string): Promise<Ownership> {
  for (let tries = 0; tries < OWN_TRIES; tries++) {
    const own = ownData(data);
    if (own) return own;
    await sleep(OWN_WAIT_MS);
  }
  throw new ClaimstampError(
    'busy',
    `another Claimstamp works with the data folder ${data}: stop it, or set CLAIMSTAMP_DATA to another folder`,
  );
}

/** How commands on this machine find the running service. */
export interface ServeFile {
  url: string;
  token: string;
  pid: number;
}

export function serveFile(data: string): string {
  return join(data, 'serve.json');
}

export function writeServeFile(data: string, content: ServeFile): void {
  writeAtomically(serveFile(data), JSON.stringify(content));
}

/** Undefined where there is none, or it cannot be read. */
export function readServeFile(data: string): ServeFile | undefined {
  try {
    return JSON.parse(readFileSync(serveFile(data), 'utf8')) as ServeFile;
  } catch {
    return undefined;
  }
}

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { drawSecret, secretHash } from '../http/secret.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { hasAdmin } from '../decide/people.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { messageOf } from '../platform/error.ts';

/** A day to sign in after a start; each start makes a new link. ms */
const LINK_MS = 24 * 60 * 60 * 1000;

/** The one-time sign-in link of the first admin, who chooses a name and a password. */
export interface FirstLink {
  link: string;
  expiresAt: number;
}

/** Contains the link, for admins without access to the service's terminal. */
export function firstLinkFile(data: string): string {
  return join(data, 'sign-in.txt');
}

/**
 * While no admin can sign in, each start makes a link and ends the previous one. The log names only the file: readers of
 * the log need not be admins.
 */
export async function makeFirstLink(
  ledger: Ledger,
  { data, publicUrl }: Config,
  url: string,
  log: Log,
): Promise<FirstLink | undefined> {
  const file = firstLinkFile(data);
  rmSync(file, { force: true });
  if (hasAdmin(await ledger.people())) return undefined;
  const secret = drawSecret();
  const link = `${(publicUrl ?? url).replace(/\/$/, '')}/sign-in/${secret}`;
  const expiresAt = Date.now() + LINK_MS;
  try {
    await ledger.record({ kind: 'invite', name: '', hash: secretHash(secret), expiresAt, actor: 'system' });
    writeAtomically(file, `${link}\n`);
  } catch (error) {
    // A full disk must not stop the line: sign-in has to wait.
    log.warn({ detail: messageOf(error) }, 'no sign-in link could be made: free disk space and restart');
    return undefined;
  }
  log.info({ file }, 'no admin can sign in yet: the file contains a one-time link');
  return { link, expiresAt };
}

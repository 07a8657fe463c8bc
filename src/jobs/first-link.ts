import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { drawSecret, secretHash } from '../http/secret.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { hasAdmin } from '../decide/people.ts';
import { writeAtomically } from '../platform/atomic-file.ts';

/** The person who starts a service signs in the same day; each start makes a new link. ms */
const LINK_MS = 24 * 60 * 60 * 1000;

/** The one-time sign-in link of the first admin, who chooses a name and a password. */
export interface FirstLink {
  link: string;
  expiresAt: number;
}

/** Holds the link, for admins who do not see the terminal in which the service was started. */
export function firstLinkFile(data: string): string {
  return join(data, 'sign-in.txt');
}

/**
 * As long as no admin can sign in, each start makes a link and ends the one before. The log names the file and not the
 * link: more people read logs than may be admin.
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
    // A full disk must not keep the line from running: sign-in waits.
    log.warn({ detail: (error as Error).message }, 'no sign-in link could be made: restart once there is room');
    return undefined;
  }
  log.info({ file }, 'no admin can sign in yet: the file holds a one-time link');
  return { link, expiresAt };
}

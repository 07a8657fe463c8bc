import { join } from 'node:path';
import type { Config } from '../config.ts';
import { drawSecret, secretHash } from '../http/secret.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { hasAdmin } from '../decide/people.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { messageOf } from '../platform/error.ts';
import { removeIfThere } from '../platform/file-error.ts';

/**
 * After a start of the service, the first admin has one day to sign in. A timer measures the day, so a correction of
 * the clock does not end the link early. Each start of the service makes a new link.
 */
const LINK_MS = 24 * 60 * 60 * 1000;

/** The one-time sign-in link for the first admin. The first admin opens the link to choose a name and a password. */
export interface FirstLink {
  link: string;
}

/** The path of the file that contains the link, for admins who cannot see the service's terminal. */
export function firstLinkFile(data: string): string {
  return join(data, 'sign-in.txt');
}

/**
 * While no admin can sign in, each start makes a new link, and the previous link becomes invalid. The log names only
 * the file that contains the link, because some people who can read the log are not admins.
 */
export async function makeFirstLink(
  ledger: Ledger,
  { data, publicUrl }: Config,
  url: string,
  log: Log,
): Promise<FirstLink | undefined> {
  const file = firstLinkFile(data);
  removeIfThere(file);
  if (hasAdmin(await ledger.people())) return undefined;
  const secret = drawSecret();
  const link = `${(publicUrl ?? url).replace(/\/$/, '')}/sign-in/${secret}`;
  try {
    await invite(ledger, secret);
    await writeAtomically(file, `${link}\n`);
  } catch (error) {
    // The service must start even if the disk is full, because agents need answers. The first admin can sign in later.
    log.warn({ detail: messageOf(error) }, 'no sign-in link could be made: free disk space and restart');
    return undefined;
  }
  log.info({ file }, 'no admin can sign in yet: the file contains a one-time link');
  endLater(ledger, secretHash(secret), file, LINK_MS);
  return { link };
}

const RETRY_MS = 60_000;

/**
 * Makes the link invalid after this time, unless the link has been used or replaced. To do so, replaces the link with
 * another one, whose secret no one knows. If the ledger cannot be written, the service retries.
 */
function endLater(ledger: Ledger, hash: Uint8Array, file: string, afterMs: number): void {
  const end = async (): Promise<void> => {
    if ((await ledger.credential(hash)) === undefined) return;
    await invite(ledger, drawSecret());
    removeIfThere(file);
  };
  setTimeout(() => void end().catch(() => endLater(ledger, hash, file, RETRY_MS)), afterMs).unref();
}

/** The latest time that a Date can have (ECMA-262, 21.4.1.1). */
const NEVER = 8_640_000_000_000_000;

async function invite(ledger: Ledger, secret: string): Promise<void> {
  await ledger.record({ kind: 'invite', name: '', hash: secretHash(secret), expiresAt: NEVER, actor: 'system' });
}

/**
 * If no event in the ledger contains commitments to all credentials and people, adds such an event. Logs the rows that
 * someone has added or changed in the database file. If this fails, the service starts nevertheless, because agents
 * need answers.
 */
export async function coverAccess(ledger: Ledger, log: Log): Promise<void> {
  try {
    const { unknown } = await ledger.record({ kind: 'cover-access' });
    if (unknown.length === 0) return;
    log.error(
      { unknown },
      'the ledger file contains credentials or people that no event added: check it with claimstamp verify',
    );
  } catch (error) {
    log.warn(
      { detail: messageOf(error) },
      'no event contains commitments to all credentials and people yet: the service tries again at its next start',
    );
  }
}

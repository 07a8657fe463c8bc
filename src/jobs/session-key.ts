import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { drawSecret } from '../http/secret.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { readIfThere } from '../platform/file-error.ts';
import type { Log } from '../platform/log.ts';
import { defined } from '../platform/own.ts';

/**
 * The form of the keys that `drawSecret` returns. If other texts were accepted and a power cut left the file empty,
 * anyone could guess the key.
 */
const SESSION_KEY = /^[A-Za-z0-9_-]{43}$/;

/**
 * Returns the key that signs cookies and form tokens. The key is stored in the data folder, so that sessions survive a
 * restart. If the file is damaged, the key is replaced, because only sessions depend on it.
 */
export async function sessionKey(
  { data, ledger, signingKey }: Pick<Config, 'data' | 'ledger' | 'signingKey'>,
  log: Log,
): Promise<string> {
  // If several processes share a ledger, the next request of a session may go to any of them. So all processes that
  // share a ledger need the same session key.
  if (ledger !== undefined)
    return createHmac('sha256', defined(signingKey)).update('claimstamp session').digest('base64url');
  const file = sessionKeyFile(data);
  const kept = readIfThere(file);
  if (kept !== undefined && SESSION_KEY.test(kept)) return kept;
  const key = drawSecret();
  await writeAtomically(file, key);
  if (kept !== undefined)
    log.warn({ file }, 'the session key was damaged, so a new one was made: everyone must sign in again');
  return key;
}

/** Replaces the session key. Cookies and form tokens that were signed with the former key become invalid. */
export function rotateSessionKey(data: string): Promise<void> {
  return writeAtomically(sessionKeyFile(data), drawSecret());
}

export function sessionKeyFile(data: string): string {
  return join(data, 'session.key');
}

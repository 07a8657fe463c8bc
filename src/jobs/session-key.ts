import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { drawSecret } from '../http/secret.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { defined } from '../platform/own.ts';

/** The key for cookies and form tokens. The key is stored in the data folder, so that sessions survive a restart. */
export async function sessionKey({
  data,
  ledger,
  signingKey,
}: Pick<Config, 'data' | 'ledger' | 'signingKey'>): Promise<string> {
  // If several processes share a ledger, the next request of a session may reach any of these processes. So all
  // processes that share a ledger need the same session key.
  if (ledger !== undefined)
    return createHmac('sha256', defined(signingKey)).update('claimstamp session').digest('base64url');
  const file = sessionKeyFile(data);
  if (!existsSync(file)) await writeAtomically(file, drawSecret());
  return readFileSync(file, 'utf8');
}

/** Replaces the key. Cookies and form tokens that the former key signed are no longer valid. */
export function rotateSessionKey(data: string): Promise<void> {
  return writeAtomically(sessionKeyFile(data), drawSecret());
}

function sessionKeyFile(data: string): string {
  return join(data, 'session.key');
}

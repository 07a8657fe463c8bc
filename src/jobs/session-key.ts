import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { drawSecret } from '../http/secret.ts';
import { writeAtomically } from '../platform/atomic-file.ts';

/** Signs cookies and form tokens. Made once, in the data folder, for its owner only: sessions outlive a restart. */
export function sessionKey({ data, ledger, signingKey }: Pick<Config, 'data' | 'ledger' | 'signingKey'>): string {
  // Any of the processes that share a ledger may get the next request: all must have the same key.
  if (ledger !== undefined)
    return createHmac('sha256', signingKey as string)
      .update('claimstamp session')
      .digest('base64url');
  const file = join(data, 'session.key');
  if (!existsSync(file)) writeAtomically(file, drawSecret());
  return readFileSync(file, 'utf8');
}

import type { Ledger } from '../contract/ledger.ts';
import type { Credential } from '../model/credential.ts';

/* Records when each credential was last used, at most once a minute. The request does not wait for this write. */

const TOUCH_EVERY_MS = 60_000;

/**
 * The maximum number of sessions in the table. No factory has so many sessions. Each session takes about 100 bytes in
 * the table.
 */
const MAX_REMEMBERED = 10_000;

export interface LastUse {
  /**
   * Records the current time as the credential's last use. If `operator` is set, also records activity by the operator
   * whose badge was scanned. Never fails.
   */
  touch: (credential: Credential, operator?: boolean) => void;
  /** Also keeps the time of last use in memory, so that an active session does not end while the disk is full. */
  remember: (credential: Credential) => void;
  /** Returns the credential. If a newer time of last use is in memory, the returned credential contains that time. */
  latest: (credential: Credential) => Credential;
}

export function openLastUse(ledger: Pick<Ledger, 'record'>, now: () => number): LastUse {
  const touching = new Set<string>();
  const usedAtOf = new Map<string, number>();
  return {
    touch({ hash, usedAt = 0, operatorAt = 0 }, operator) {
      const name = hex(hash);
      if (Math.abs(now() - (operator ? operatorAt : usedAt)) < TOUCH_EVERY_MS || touching.has(name)) return;
      touching.add(name);
      // The request does not wait until the time of last use is written. If writing this time fails, the failure is
      // ignored, because the answer is more important.
      ledger
        .record({ kind: 'touch', hash, ...(operator ? { operator } : {}) })
        .catch(() => null)
        .finally(() => touching.delete(name));
    },
    remember({ hash }) {
      if (usedAtOf.size >= MAX_REMEMBERED) usedAtOf.clear();
      usedAtOf.set(hex(hash), now());
    },
    latest(credential) {
      const usedAt = usedAtOf.get(hex(credential.hash));
      return usedAt === undefined ? credential : { ...credential, usedAt };
    },
  };
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}

import type { Ledger } from '../contract/ledger.ts';
import type { Credential } from '../model/credential.ts';

/* When each credential was last used. The time is written at most once a minute, without delaying the request. */

const TOUCH_EVERY_MS = 60_000;

/** More sessions than any factory has; some 100 bytes each. */
const MAX_REMEMBERED = 10_000;

export interface LastUse {
  /** Records a use now; with `operator`, also activity of the operator whose badge was scanned. Never fails. */
  touch: (credential: Credential, operator?: true) => void;
  /** Keeps the time of use in memory, so that an active session does not end while the disk is full. */
  remember: (credential: Credential) => void;
  /** The credential with the last use that is in memory, if there is one. */
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
      // The request does not wait for this write and ignores its failure, because the answer is more important.
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

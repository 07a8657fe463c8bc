import type { Ledger } from '../contract/ledger.ts';
import type { Credential } from '../model/credential.ts';

/* When credentials were last used: written to the ledger beside the request, and at most once a minute each. */

/** How often a credential's last-used time is written, at most. ms */
const TOUCH_EVERY_MS = 60_000;

/** More than have a session in any factory. Some 100 bytes each. */
const MAX_REMEMBERED = 10_000;

export interface LastUse {
  /** Records that it is used now; with `operator`, that the operator whose badge was scanned is active. Never fails. */
  touch: (credential: Credential, operator?: true) => void;
  /** Keeps in memory that it is used now: a full disk must not end a session that is in use. */
  remember: (credential: Credential) => void;
  /** The same credential, with its last use from memory where that is known. */
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
      // Not awaited, and a failure is dropped: an answer matters more than when a credential was last used.
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

import type { Ledger } from '../contract/ledger.ts';
import type { Credential } from '../model/credential.ts';

/* When credentials were last used, written without delaying the request, at most once a minute each. */

const TOUCH_EVERY_MS = 60_000;

/** More sessions than any factory has; some 100 bytes each. */
const MAX_REMEMBERED = 10_000;

export interface LastUse {
  /** Records a use now, with `operator` also activity of the operator whose badge was scanned. Never fails. */
  touch: (credential: Credential, operator?: true) => void;
  /** Keeps the use in memory: a full disk must not end an active session. */
  remember: (credential: Credential) => void;
  /** The credential with its last use from memory, if known. */
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
      // Not awaited, and failures are ignored: the answer is more important.
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

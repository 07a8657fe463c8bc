import type { Context } from 'hono';
import { refusal } from '../platform/error.ts';
import { openPasswords, type Passwords } from './password.ts';
import type { Services } from './services.ts';
import { openThrottle } from './throttle.ts';

/** Checks the password of a person at sign-in, before a change of the password, and before dangerous operations. */
export interface Proofs {
  hash: Passwords['hash'];
  /**
   * Returns the stored hash that the password matches. Does the same work and throws the same error for a wrong
   * password as for an unknown name. Failures slow down further attempts from the same network.
   */
  prove: (c: Context, name: string, password: string) => Promise<string>;
}

export function openProofs({ ledger, source, signInAudit, log }: Services): Proofs {
  const passwords = openPasswords();
  // The throttle uses a monotonic clock, so that a change of the wall clock does not change the waits.
  const throttle = openThrottle(() => performance.now());
  return {
    hash: passwords.hash,
    async prove(c, name, password) {
      const address = source.address(c);
      const attempt = throttle.admit(name, address);
      const person = await ledger.person(name);
      if ('waitMs' in attempt) {
        signInAudit.throttled(address, person?.name);
        throw refusal('sign-in-throttled', 'wait', { waitS: Math.ceil(attempt.waitMs / 1000) });
      }
      const encoded = person?.removedAt === undefined ? person?.password : undefined;
      const right = await passwords.isRight(password, encoded).catch((error: unknown) => {
        attempt.cancelled();
        throw error;
      });
      if (right && encoded !== undefined) {
        attempt.passed();
        return encoded;
      }
      // Unknown names are neither logged nor recorded, because someone may have typed a password into the name field.
      log.warn({ source: address, ...(person === undefined ? {} : { name: person.name }) }, 'sign-in failed');
      signInAudit.failed(address, person?.name);
      throw refusal('sign-in-failed', 'wrong');
    },
  };
}

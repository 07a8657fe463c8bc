import { isLive, type Credential } from '../model/credential.ts';
import { refusal } from '../platform/error.ts';
import { refuseLonger, type Maker } from './access.ts';
import type { Decision, Seen } from './seen.ts';

/*
 * An admin makes a hold code before it is needed, and keeps it in a sealed envelope. If an older ledger is restored at
 * night, a lead opens the envelope and accepts the ledger with the code. The hold code is a row in the ledger's
 * database. So the code does not work for a ledger that was backed up before the code was made.
 */

export interface MakeHoldCode extends Maker {
  kind: 'make-hold-code';
  name: string;
  /** The SHA-256 of the code. */
  hash: Uint8Array;
  /** The time when the code expires, in ms since 1970. */
  expiresAt: number;
}

export function makeHoldCode(seen: Seen, command: MakeHoldCode, now: number): Decision<{ name: string }> {
  const { name, hash, expiresAt, actor } = command;
  if (seen.credentials('hold-code', name).length > 0) throw refusal('name-taken', 'holdCode', { name });
  refuseLonger(command, expiresAt, now);
  return {
    events: [{ type: 'hold-code-set', actor, data: { name, expires: new Date(expiresAt).toISOString() } }],
    answer: { name },
    kept: [{ table: 'credential', credential: { hash, kind: 'hold-code', name, at: now, expiresAt } }],
  };
}

export interface WithdrawHoldCode {
  kind: 'withdraw-hold-code';
  name: string;
  actor: string;
}

export function withdrawHoldCode(seen: Seen, command: WithdrawHoldCode, now: number): Decision<{ name: string }> {
  const { name, actor } = command;
  const [code] = seen.credentials('hold-code', name);
  if (code === undefined) throw refusal('not-found', 'holdCode', { name });
  if (code.revokedAt !== undefined) return { events: [], answer: { name } };
  return {
    events: [{ type: 'hold-code-withdrawn', actor, data: { name } }],
    answer: { name },
    kept: [{ table: 'credential', credential: { ...code, revokedAt: now } }],
  };
}

/**
 * Returns the hold code's row, marked as used. The error is the same for a wrong, used, withdrawn or expired code.
 */
export function useHoldCode(seen: Seen, hash: Uint8Array, now: number): Credential {
  const code = seen.credential(hash);
  if (code?.kind !== 'hold-code' || !isLive(code, now)) throw refusal('hold-code-wrong', 'check');
  return { ...code, usedAt: now, revokedAt: now };
}

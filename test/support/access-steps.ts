import * as fc from 'fast-check';
import type { Credential } from '../../src/model/credential.ts';
import { Printer } from '../../src/model/printer.ts';
import type { TokenRole } from '../../src/model/role.ts';
import { check } from '../../src/platform/validation-words.ts';
import type { Command } from '../../src/decide/command.ts';
import { PRODUCT } from './map-ledger.ts';

/* Whoever comes and goes: one step of a random mix, for the rules alone and for the stores. */

const WHAT = [
  'key',
  'key',
  'withdraw',
  'token',
  'revoke',
  'person',
  'remove',
  'invite',
  'invite',
  'invite-kiosk',
  'invite-first',
  'use-link',
  'use-link',
  'use-link',
  'sign-in',
  'sign-in',
  'sign-on',
  'sign-on',
  'end-sign-on',
  'refuse-sign-on',
  'sign-out',
  'close-kiosk',
  'touch',
  'agent-printer',
  'printer-token',
  'printer-token',
  'withdraw-printer-token',
] as const;
type What = (typeof WHAT)[number];

export interface AccessStep {
  do: 'access';
  what: What;
  who: string;
  secret: number;
  forMs: number;
  role: Exclude<TokenRole, 'service'>;
  auditor: boolean;
}

const MINUTE = 60_000;
const ISSUER = 'https://login.example.com';

/** Names are few, so that they meet: a person, a token and a station may have the same. */
export const anyAccess: fc.Arbitrary<AccessStep> = fc.record({
  do: fc.constant('access' as const),
  what: fc.constantFrom(...WHAT),
  who: fc.constantFrom('nest-0', 'nest-0', 'nest-1', 'ann'),
  secret: fc.nat({ max: 7 }),
  forMs: fc.constantFrom(0, 10 * MINUTE, 60 * MINUTE),
  role: fc.constantFrom('operator', 'lead', 'qa', 'admin'),
  auditor: fc.boolean(),
});

/** Only a printer with a print agent has a token. */
const agentPrinter = (name: string): Printer => check(Printer, { name, kind: 'agent' });

/** The command of the `n`th step, where these credentials are known, oldest first. */
export function accessOf(step: AccessStep, known: Credential[], now: number, n: number): Command {
  const { what, who: name, secret, forMs, role, auditor } = step;
  const actor = 'admin';
  const expiresAt = now + forMs;
  // What is drawn is new, what is shown is one of the latest. A file may name as a station's key whatever it likes.
  const drawn = new Uint8Array(32).fill(n);
  const shown = known.at(-1 - secret)?.hash ?? drawn;
  const session = { hash: drawn, expiresAt };
  // One of two, so that the password that was checked may be another by now.
  const password = `password-${secret % 2}`;
  const commands: Record<What, Command> = {
    key: { kind: 'set-station-key', station: name, hash: secret < 3 ? shown : drawn, overlapMs: forMs, actor },
    withdraw: { kind: 'set-station-key', station: name, actor },
    token: { kind: 'create-token', name, role, hash: drawn, ...(forMs ? { expiresAt } : {}), actor },
    revoke: { kind: 'revoke-token', name, actor },
    person: auditor
      ? { kind: 'set-person', name, role: 'auditor', ends: '2099-12-31', products: [PRODUCT], actor }
      : { kind: 'set-person', name, role, actor },
    remove: { kind: 'remove-person', name, actor },
    invite: { kind: 'invite', name, hash: drawn, expiresAt, actor },
    'invite-kiosk': { kind: 'invite', name, kiosk: true, hash: drawn, expiresAt, actor },
    'invite-first': { kind: 'invite', name: '', hash: drawn, expiresAt, actor },
    'use-link': { kind: 'use-link', hash: shown, session, name, password },
    'sign-in': { kind: 'sign-in', name, password, session },
    'sign-on': { kind: 'sign-on', issuer: ISSUER, subject: name, role, names: [name], session },
    'end-sign-on': { kind: 'end-sign-on', issuer: ISSUER, subject: name, before: now + 1 },
    'refuse-sign-on': { kind: 'refuse-sign-on', issuer: ISSUER, subject: name },
    'sign-out': { kind: 'sign-out', hash: shown },
    'close-kiosk': { kind: 'close-kiosk', station: name, actor },
    touch: { kind: 'touch', hash: shown },
    'agent-printer': { kind: 'set-printer', printer: agentPrinter(name), actor },
    'printer-token': {
      kind: 'set-printer-token',
      printer: name,
      hash: drawn,
      ...(forMs ? { expiresAt } : {}),
      actor,
    },
    'withdraw-printer-token': { kind: 'set-printer-token', printer: name, actor },
  };
  return commands[what];
}

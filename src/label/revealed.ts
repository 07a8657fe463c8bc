import { plainLetters } from '../model/claim-id.ts';
import { isMatterPayload } from './matter.ts';

/*
 * Finds secrets in texts that everyone can read. A device or a person may put the Claim ID into a property, in another
 * spelling or encoding. Whoever reads the label can undo the encoding.
 */

/** Returns the secret in the text: the Claim ID of the unit, or the passcode in a Matter payload. */
export function revealed(text: string, claimId: string): 'claimId' | 'passcode' | undefined {
  const secret = bare(claimId);
  for (const reading of readingsOf(text)) {
    if (bare(reading).includes(secret)) return 'claimId';
    if (hasPasscode(reading)) return 'passcode';
  }
  return undefined;
}

/** Every accepted spelling of a Claim ID has the same bare letters: in lowercase, in groups, with `O` for `0`. */
function bare(text: string): string {
  return plainLetters(
    text
      .normalize('NFKC')
      .replace(/[^0-9a-z]/gi, '')
      .toUpperCase(),
  );
}

function hasPasscode(text: string): boolean {
  const found = text.toUpperCase().match(/MT:[0-9A-Z.-]+/g) ?? [];
  return found.some((payload) => isMatterPayload(payload));
}

/** A text in an address in an address may be percent-encoded this often. */
const MAX_ENCODED = 3;

function* readingsOf(text: string): Generator<string> {
  let plain = text;
  for (let times = 0; times <= MAX_ENCODED; times++) {
    yield plain;
    yield* decodedRuns(plain);
    const next = decoded(plain);
    if (next === plain) return;
    plain = next;
  }
}

/** The shortest Claim ID has ten letters. In base64, these are at least 14 characters, and in hex 20. */
const BASE64 = /[A-Za-z0-9+/_-]{14,}/g;
const HEX = /[0-9a-f]{20,}/gi;

/** A run may begin with other characters, so it is decoded from each position in a group of characters. */
function* decodedRuns(text: string): Generator<string> {
  for (const [run] of text.matchAll(BASE64))
    for (let skip = 0; skip < 4; skip++) yield Buffer.from(run.slice(skip), 'base64').toString('latin1');
  for (const [run] of text.matchAll(HEX))
    for (let skip = 0; skip < 2; skip++) yield Buffer.from(run.slice(skip), 'hex').toString('latin1');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
}

import { plainLetters } from '../model/claim-id.ts';
import type { LabelData } from '../contract/labels.ts';
import { isMatterPayload, pairingDigits } from './matter.ts';

/*
 * Finds secrets in texts that everyone can read. A device or a person may put the Claim ID into a property, in another
 * spelling or encoding. Whoever reads the label can undo the encoding.
 */

/**
 * Returns the secret in the text: the Claim ID of the unit, or the passcode of a Matter device. The passcode is found
 * in a Matter payload. It is also found as digits if a property of the unit is a payload with this passcode.
 */
export function revealed(
  text: string,
  { uci, attributes = {} }: Pick<LabelData, 'uci' | 'attributes'>,
): 'claimId' | 'passcode' | undefined {
  const secret = bare(uci);
  const digits = payloadsIn(JSON.stringify(attributes)).flatMap(pairingDigits);
  for (const reading of readingsOf(text)) {
    if (bare(reading).includes(secret)) return 'claimId';
    if (payloadsIn(reading).length > 0 || hasDigits(reading, digits)) return 'passcode';
  }
  return undefined;
}

/**
 * Returns the bare letters of a text, which are the same for every accepted spelling of a Claim ID: in lowercase, in
 * groups, with `O` for `0`.
 */
function bare(text: string): string {
  return plainLetters(
    text
      .normalize('NFKC')
      .replace(/[^0-9a-z]/gi, '')
      .toUpperCase(),
  );
}

function payloadsIn(text: string): string[] {
  return (text.toUpperCase().match(/MT:[0-9A-Z.-]+/g) ?? []).filter(isMatterPayload);
}

/**
 * True if the text contains one of these groups of digits, even if spaces, dots or hyphens divide them, as in the
 * pairing code `3497-011-2332`.
 */
function hasDigits(text: string, digits: string[]): boolean {
  const plain = text.normalize('NFKC').replace(/[\s.-]/g, '');
  return digits.some((code) => plain.includes(code));
}

/** How many times a text may be percent-encoded, for example in an address inside another address. */
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

/** The shortest Claim ID has ten letters. These letters take at least 14 characters in base64, and 20 in hex. */
const BASE64 = /[A-Za-z0-9+/_-]{14,}/g;
const HEX = /[0-9a-f]{20,}/gi;

/**
 * A run may begin with other characters, so this code decodes it from each position in its first group of characters.
 */
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

/*
 * Matter's onboarding payload (Matter Core Specification, section 5.1), which is the content of Matter's QR code. The
 * payload contains the device's passcode, so a label that shows it is secret. The same is true for the pairing code, a
 * number of 11 or 21 digits that people type.
 */

const PREFIX = 'MT:';
const BASE_38 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.';

/** For each possible length of a letter group, the number of bytes that it encodes. */
const BYTES = new Map([
  [5, 3],
  [4, 2],
  [2, 1],
]);

/**
 * Version, vendor, product, flow, discovery, discriminator, passcode and padding take 11 bytes. TLV data may follow.
 */
const MIN_BYTES = 11;
/**
 * The position of the lowest bit of the passcode, and the number of its bits. Fields of 3, 16, 16, 2, 8 and 12 bits
 * come before the passcode.
 */
const [PASSCODE_AT, PASSCODE_BITS] = [57n, 27n];
/** The position of the lowest of the discriminator's upper four bits. A pairing code contains only these four bits. */
const DISCRIMINATOR_AT = 53n;

/** Section 5.1.7.1: passcodes that devices must not have. */
const MAX_PASSCODE = 99_999_998;
const FORBIDDEN = [12_345_678, 87_654_321, ...[1, 2, 3, 4, 5, 6, 7, 8].map((digit) => digit * 11_111_111)];

/** True if the text is a payload of version 0 with a passcode that devices may have. */
export function isMatterPayload(text: string): boolean {
  return readPayload(text) !== undefined;
}

/**
 * Returns the passcode of a payload as people write it, and the digits that each pairing code of the device contains
 * (section 5.1.4). In a pairing code, one digit comes before these digits, and vendor, product and check digit may come
 * after them.
 */
export function pairingDigits(payload: string): string[] {
  const read = readPayload(payload);
  if (read === undefined) return [];
  const { passcode, discriminator } = read;
  const low = ((discriminator & 3) << 14) | (passcode & 0x3fff);
  const high = passcode >> 14;
  return [String(passcode).padStart(8, '0'), String(low).padStart(5, '0') + String(high).padStart(4, '0')];
}

function readPayload(text: string): { passcode: number; discriminator: number } | undefined {
  const bytes = text.startsWith(PREFIX) ? bytesOf(text.slice(PREFIX.length)) : undefined;
  if (bytes === undefined || bytes.length < MIN_BYTES) return undefined;
  const bits = bytes.slice(0, MIN_BYTES).reduce((sum, byte, at) => sum | (BigInt(byte) << BigInt(8 * at)), 0n);
  const version = bits & 7n;
  const passcode = Number((bits >> PASSCODE_AT) & ((1n << PASSCODE_BITS) - 1n));
  const discriminator = Number((bits >> DISCRIMINATOR_AT) & 15n);
  const isAllowed = version === 0n && passcode >= 1 && passcode <= MAX_PASSCODE && !FORBIDDEN.includes(passcode);
  return isAllowed ? { passcode, discriminator } : undefined;
}

/**
 * Decodes the letters of a payload. Each group of letters is a number in base 38. The least significant letter and byte
 * come first.
 */
function bytesOf(letters: string): number[] | undefined {
  const bytes: number[] = [];
  for (let at = 0; at < letters.length; at += 5) {
    const group = Array.from(letters.slice(at, at + 5), (letter) => BASE_38.indexOf(letter));
    const count = BYTES.get(group.length);
    const value = group.reduceRight((sum, digit) => sum * BASE_38.length + digit, 0);
    if (count === undefined || group.includes(-1) || value >= 2 ** (8 * count)) return undefined;
    for (let byte = 0; byte < count; byte++) bytes.push((value >> (8 * byte)) & 0xff);
  }
  return bytes;
}

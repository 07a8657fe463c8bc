import { ClaimstampError } from '../platform/error.ts';
import { isObject, type Json } from './event.ts';
import { ProductId } from './product.ts';
import { isSerial, MAX_SERIAL } from './serial.ts';

/** A stock body is about 100 bytes; 16 KiB leaves room for what firmware adds and none for abuse. */
export const MAX_BODY_BYTES = 16 * 1024;
export const MAX_PROPERTIES = 64;
const MAX_DEPTH = 8;
/** The agent's own strings (`name`, `description`, `model`): what a label or a screen can still show. */
const MAX_TEXT = 255;
const MAX_IDENTITY = 128;

/** Which properties say which device this is, and which of their values say nothing. */
export interface IdentityRules {
  properties: string[];
  /** Compared without regard to case; all zeros and all F (separators aside) are always placeholders. */
  placeholders: string[];
}

export const DEFAULT_IDENTITY: IdentityRules = {
  properties: ['serial', 'mac', 'uid'],
  placeholders: [
    'unknown',
    'default',
    'none',
    'null',
    'undefined',
    'n/a',
    'na',
    'tbd',
    'todo',
    'test',
    'serial',
    'xxxxxxxx',
    '0123456789',
    '123456789',
    '12345678',
  ],
};

/** What a request's body says, checked. */
export interface AgentBody {
  product?: string;
  serial?: string;
  /** [property, value] in the order of the rules; placeholders are left out. */
  identity: [string, string][];
  /** The body as sent, on one line. Undefined when it was empty. */
  attributes?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the `device` section that an agent posts. Throws `invalid` with what to change; nothing of a bad body is used. */
export function readBody(bytes: Uint8Array, rules: IdentityRules): AgentBody {
  if (bytes.byteLength > MAX_BODY_BYTES) {
    throw new ClaimstampError('too-large', `the body has ${bytes.byteLength} bytes: send at most ${MAX_BODY_BYTES}`);
  }
  const text = decode(bytes);
  // JSON's own blanks only: to other ones JSON.parse objects.
  const bare = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
  if (bare === '') return { identity: [] };
  const device = parseObject(text);
  checkTexts(device);
  // Line ends can only stand between JSON tokens; a space there means the same.
  const body: AgentBody = { identity: identityOf(device, rules), attributes: bare.replace(/[\r\n]/g, ' ') };
  const { product, serial } = device;
  if (product !== undefined) body.product = productIn(product);
  const given = serial === undefined ? undefined : identityValue('serial', serial, rules);
  if (given !== undefined) body.serial = serialIn(given);
  return body;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ClaimstampError('invalid', 'the body is not UTF-8: send JSON as RFC 8259 has it');
  }
}

function parseObject(text: string): { [key: string]: Json } {
  let device: unknown;
  try {
    device = JSON.parse(text);
  } catch {
    throw new ClaimstampError('invalid', 'the body is not JSON: send the device section as a JSON object');
  }
  if (!isObject(device))
    throw new ClaimstampError('invalid', 'the body must be a JSON object, such as {"product":"…"}');
  const count = Object.keys(device).length;
  if (count > MAX_PROPERTIES) {
    throw new ClaimstampError('invalid', `the body has ${count} properties: send at most ${MAX_PROPERTIES}`);
  }
  const names = countNames(device, 1);
  // A name given twice is dropped by one parser and kept by another: the ledger would say two things.
  if (names !== (text.match(NAME_IN_TEXT) ?? []).filter((found) => found.endsWith(':')).length) {
    throw new ClaimstampError('invalid', 'the body names a property twice: name each once');
  }
  return device;
}

/** Each string of a JSON text, with the colon behind it where it is a name. */
const NAME_IN_TEXT = /"(?:[^"\\]|\\.)*"(?:\s*:)?/g;

function countNames(value: Json, depth: number): number {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ClaimstampError('invalid', 'a number in the body is too large to keep: send it as a string');
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH)
    throw new ClaimstampError('invalid', `the body is nested too deep: at most ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countNames(item, depth + 1), 0);
  let count = 0;
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__') throw new ClaimstampError('invalid', 'the body has a property "__proto__": rename it');
    count += 1 + countNames(item, depth + 1);
  }
  return count;
}

function checkTexts(device: { [key: string]: Json }): void {
  for (const name of ['name', 'description', 'model']) {
    const value = device[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value.length > MAX_TEXT) {
      throw new ClaimstampError('invalid', `"${name}" must be a string of at most ${MAX_TEXT} characters`);
    }
  }
}

function productIn(product: Json): string {
  const read = ProductId.safeParse(product);
  if (!read.success) throw new ClaimstampError('invalid', `"product" ${read.error.issues[0]?.message ?? 'is wrong'}`);
  return read.data;
}

function serialIn(text: string): string {
  if (!isSerial(text)) {
    throw new ClaimstampError(
      'invalid',
      `"serial" must be at most ${MAX_SERIAL} letters, digits, ". _ / -" or spaces, and begin with a letter or digit`,
    );
  }
  return text;
}

function identityOf(device: { [key: string]: Json }, rules: IdentityRules): [string, string][] {
  const identity: [string, string][] = [];
  for (const property of rules.properties) {
    const value = Object.hasOwn(device, property) ? device[property] : undefined;
    if (value === undefined) continue;
    const text = identityValue(property, value, rules);
    if (text !== undefined) identity.push([property, text]);
  }
  return identity;
}

/** The value as text; undefined for a placeholder, which identifies nothing. */
export function identityValue(property: string, value: Json, rules: IdentityRules): string | undefined {
  const isText = typeof value === 'string' && value !== '' && value.length <= MAX_IDENTITY;
  // Beyond 2^53 two different numbers can parse as one.
  if (!isText && !(typeof value === 'number' && Number.isSafeInteger(value))) {
    throw new ClaimstampError(
      'invalid',
      `"${property}" must be a non-empty string of at most ${MAX_IDENTITY} characters or a whole number up to 2^53: send it as a string`,
    );
  }
  const text = String(value);
  // A lone surrogate becomes U+FFFD on its way into the ledger: two values would be one there.
  if (/[\p{Cc}\p{Cs}]/u.test(text)) {
    throw new ClaimstampError(
      'invalid',
      `"${property}" holds a control character or half a character: send plain text`,
    );
  }
  const bare = text.replace(/[\s:.\-_]/g, '').toLowerCase();
  if (/^(0*|f*|0xf*|0x0*)$/.test(bare)) return undefined;
  return rules.placeholders.some((word) => word.toLowerCase() === text.trim().toLowerCase()) ? undefined : text;
}

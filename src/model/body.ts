import { refusal } from '../platform/error.ts';
import { invisibleIn } from '../platform/invisible.ts';
import { valueWords } from '../platform/refusal-words.ts';
import { withInvisible } from '../platform/validation-words.ts';
import { isObject, type Json } from './event.ts';
import { ProductId } from './product.ts';
import { isSerial, MAX_SERIAL } from './serial.ts';
import { own } from '../platform/own.ts';

/**
 * The maximum size of a body. The agent's standard body is about 100 bytes, so 16 KiB leaves room for more properties.
 */
export const MAX_BODY_BYTES = 16 * 1024;
export const MAX_PROPERTIES = 64;
const MAX_DEPTH = 8;
/** The maximum length of an agent's `name`, `description` or `model` that a label or a screen can show. */
const MAX_TEXT = 255;
const MAX_IDENTITY = 128;

/** Rules that say which properties and values identify a device. */
export interface IdentityRules {
  properties: string[];
  /**
   * Placeholder values, compared case-insensitively. A placeholder identifies no device. A value that nobody filled in
   * (`isUnfilled`) counts as a placeholder even if it is not in this list. `isUnfilled` ignores separators such as ":"
   * or "-". Separators also do not matter in placeholders that are MACs.
   */
  placeholders: string[];
  /** The properties whose values are MACs or EUI-64s. People and programs spell one such value in several ways. */
  macs: string[];
}

export const DEFAULT_IDENTITY: IdentityRules = {
  properties: ['serial', 'mac', 'uid'],
  placeholders: [
    'unknown',
    'default',
    'none',
    'null',
    'undefined',
    'nan',
    'nil',
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
    // Default values of firmware tables (SMBIOS strings, MACs and UUIDs of boards). These values show that no one
    // filled in the table.
    'To be filled by O.E.M.',
    'To be filled by OEM',
    'O.E.M.',
    'OEM',
    'Default string',
    'System Serial Number',
    'Base Board Serial Number',
    'Chassis Serial Number',
    'Serial Number',
    'SerialNumber',
    'Not Specified',
    'Not Applicable',
    'Not Available',
    'Not Provided',
    'INVALID',
    'Empty',
    'Unset',
    'Not Set',
    'Blank',
    'Dummy',
    'Changeme',
    'Placeholder',
    'Missing',
    'Unprogrammed',
    'Not Programmed',
    'EEPROM',
    'Error',
    'ERR_TIMEOUT',
    'INVALID_SN',
    'Invalid Serial',
    'Unknown Serial',
    'MAC',
    'UID',
    'S/N',
    '?',
    '123456',
    '1234567890',
    '0123456789ABCDEF',
    '02:00:00:00:00:00',
    '00:11:22:33:44:55',
    '11:22:33:44:55:66',
    '12:34:56:78:9A:BC',
    'AA:BB:CC:DD:EE:FF',
    '01:02:03:04:05:06',
    '00:01:02:03:04:05',
    'DE:AD:BE:EF:00:00',
    'DE:AD:BE:EF:CA:FE',
    '00:A0:C9:00:00:00',
    '18:FE:34:00:00:00',
    '00:03:7F:11:23:C6',
    '00:0C:43:26:60:00',
    '66:55:44:33:22:11',
    'YOUR_SERIAL',
    'YOUR_SERIAL_NUMBER',
    'YOUR_SN',
    'YOUR_MAC',
    '00:90:4C:C5:12:38',
    '03000200-0400-0500-0006-000700080009',
    '00020003-0004-0005-0006-000700080009',
    '12345678-1234-5678-90AB-CDDEEFAABBCC',
  ],
  macs: ['mac', 'eui64'],
};

/** Properties whose values are never MACs. Two S/Ns that differ only in their separators belong to two devices. */
export const NEVER_MACS = ['serial', 'uid'];

/** `key` is set if the value can be spelled in several ways. Values with the same `key` are the same value. */
export type Identity = [property: string, value: string, key?: string];

/** The content of a request body that has passed the checks. */
export interface AgentBody {
  product?: string;
  serial?: string;
  /** The properties have the same order as in the rules. Placeholders are left out. */
  identity: Identity[];
  /** The body as the agent sent it, but written on one line. The text is undefined if the body was empty. */
  attributes?: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the `device` section that an agent sends. If a part of the body is wrong, throws `invalid` with a message that
 * says what to change.
 */
export function readBody(bytes: Uint8Array, rules: IdentityRules): AgentBody {
  if (bytes.byteLength > MAX_BODY_BYTES) {
    throw refusal('too-large', 'bytes', { max: MAX_BODY_BYTES });
  }
  const text = decode(bytes);
  // The pattern removes only the white space that JSON allows. JSON.parse rejects a text with any other white space.
  const bare = withoutEnds(text);
  if (bare === '') return { identity: [] };
  const device = parseObject(text);
  checkTexts(device);
  // Outside strings, JSON allows line breaks only between tokens. Between tokens, a space has the same meaning.
  const body: AgentBody = { identity: identityOf(device, rules), attributes: bare.replace(/[\r\n]/g, ' ') };
  const { product, serial } = device;
  if (product !== undefined) body.product = productIn(product);
  const given = serial === undefined ? undefined : identityValue('serial', serial, rules);
  if (given !== undefined) body.serial = serialIn(given);
  return body;
}

/**
 * Removes white space at both ends of the text. The end is found without a regular expression. The time of such an
 * expression would grow with the square of the text's length.
 */
function withoutEnds(text: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && isSpace(text, begin)) begin++;
  while (end > begin && isSpace(text, end - 1)) end--;
  return text.slice(begin, end);
}

function isSpace(text: string, at: number): boolean {
  return ' \t\r\n'.includes(text.charAt(at));
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refusal('invalid', 'notUtf8');
  }
}

function parseObject(text: string): { [key: string]: Json } {
  let device: unknown;
  try {
    device = JSON.parse(text);
  } catch {
    throw refusal('invalid', 'notJson');
  }
  if (!isObject(device)) throw refusal('invalid', 'notObject', { example: '{"product":"…"}' });
  const count = Object.keys(device).length;
  if (count > MAX_PROPERTIES) {
    throw refusal('invalid', 'manyProperties', { count, max: MAX_PROPERTIES });
  }
  const names = countNames(device, 1);
  // If a name occurs twice, parsers disagree on which of its values to use. So the meaning of a body with a repeated
  // name would be unclear.
  if (names !== (text.match(NAME_IN_TEXT) ?? []).filter((found) => found.endsWith(':')).length) {
    throw refusal('invalid', 'namedTwice');
  }
  return device;
}

/** Matches each string of a JSON text. If the string is the name of a property, the match includes the colon. */
const NAME_IN_TEXT = /"(?:[^"\\]|\\.)*"(?:\s*:)?/g;

function countNames(value: Json, depth: number): number {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw refusal('invalid', 'numberTooLarge');
  }
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) throw refusal('invalid', 'tooDeep', { max: MAX_DEPTH });
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countNames(item, depth + 1), 0);
  let count = 0;
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__') throw refusal('invalid', 'proto');
    count += 1 + countNames(item, depth + 1);
  }
  return count;
}

function checkTexts(device: { [key: string]: Json }): void {
  for (const name of ['name', 'description', 'model']) {
    const value = own(device, name);
    if (value === undefined) continue;
    if (typeof value !== 'string' || value.length > MAX_TEXT) {
      throw refusal('invalid', 'longText', { name, max: MAX_TEXT });
    }
  }
}

function productIn(product: Json): string {
  const read = ProductId.safeParse(product);
  if (!read.success)
    throw refusal('invalid', 'property', {
      name: 'product',
      problem: withInvisible(valueWords(read.error.issues[0]?.message ?? 'is not valid'), product),
    });
  return read.data;
}

function serialIn(text: string): string {
  if (!isSerial(text)) {
    throw refusal('invalid', 'badSerial', { max: MAX_SERIAL });
  }
  return text;
}

function identityOf(device: { [key: string]: Json }, rules: IdentityRules): Identity[] {
  const identity: Identity[] = [];
  for (const property of rules.properties) {
    const value = propertyOf(device, property);
    if (value === undefined || isOfOther(device, property, rules)) continue;
    const text = identityValue(property, value, rules);
    if (text === undefined) continue;
    const key = rules.macs.includes(property) ? identityKey(text) : undefined;
    identity.push(key === undefined ? [property, text] : [property, text, key]);
  }
  return identity;
}

/**
 * Returns the value of an identity property in a device section. Firmware spells a property's name in different ways,
 * such as `MAC` and `Mac`. So if the exact name is missing, a name that differs only in case is used. The name `serial`
 * must match exactly. Devices in the field may have sent some other value as `Serial`, and these devices must keep the
 * S/N that they already have.
 */
export function propertyOf(device: { readonly [key: string]: Json }, property: string): Json | undefined {
  const name = nameIn(device, property);
  return name === undefined ? undefined : own(device, name);
}

function nameIn(device: { readonly [key: string]: Json }, property: string): string | undefined {
  if (Object.hasOwn(device, property)) return property;
  if (property === 'serial') return undefined;
  const lower = property.toLowerCase();
  const [name, other] = Object.keys(device).filter((one) => one.toLowerCase() === lower);
  if (other !== undefined) throw refusal('invalid', 'namedInTwoCases', { name: name ?? '', other, property });
  return name;
}

/** True if the settings list the device's spelling of the name as a separate identity property. */
function isOfOther(device: { [key: string]: Json }, property: string, { properties }: IdentityRules): boolean {
  const name = nameIn(device, property);
  return name !== undefined && name !== property && properties.includes(name);
}

/** Returns the value as text. Returns undefined for a placeholder, because a placeholder identifies no device. */
export function identityValue(property: string, value: Json, rules: IdentityRules): string | undefined {
  const isText = typeof value === 'string' && value !== '' && value.length <= MAX_IDENTITY;
  // Above 2^53, two different numbers in the text may parse to the same value.
  if (!isText && !(typeof value === 'number' && Number.isSafeInteger(value))) {
    throw refusal('invalid', 'badIdentity', { name: property, max: MAX_IDENTITY });
  }
  const text = String(value);
  // Refuse lone surrogates: the ledger stores each lone surrogate as U+FFFD, so two different values could become
  // equal.
  const [broken] = /[\p{Cc}\p{Cs}]/u.exec(text) ?? [];
  const found = broken === undefined ? undefined : invisibleIn(broken);
  if (broken !== undefined && found !== undefined) {
    const position = Array.from(text).indexOf(broken) + 1;
    throw refusal('invalid', 'controlCharacter', { name: property, character: found.character, position });
  }
  const bare = text.replace(/[\s:.\-_]/g, '').toLowerCase();
  if (isUnfilled(text, bare)) return undefined;
  const key = rules.macs.includes(property) ? identityKey(text) : undefined;
  if (key !== undefined && isGroup(key)) return undefined;
  const isPlaceholder = (word: string): boolean =>
    plainWord(word) === plainWord(text) || (key !== undefined && key === identityKey(word));
  if (rules.placeholders.some(isPlaceholder)) return undefined;
  // Two different values may look the same on a screen. A device that sent first one and then the other would get two
  // Claim IDs.
  const hidden = invisibleIn(text);
  if (hidden !== undefined) throw refusal('invalid', 'invisible', { name: property, ...hidden });
  return text;
}

/**
 * A template that a program failed to fill in, such as `${MAC}`, `{{mac}}`, `%s`, `$MAC`, `<mac>` or `[object
 * Object]`.
 */
const TEMPLATE = /\$\{.*\}|\{\{.*\}\}|^(?:%[-+0-9.]*[a-z]+|%\w+%|\$\w+|<.*>|\[object \w+\])$/i;

/**
 * True for a placeholder value that nobody filled in: all zeros, all Fs, one repeated character, or a template. `bare`
 * is the text in lower case, without separators.
 */
function isUnfilled(text: string, bare: string): boolean {
  return (
    /^(?:0*|f*|0xf*|0x0*)$/.test(bare) || /^(?:(\D)\1{3,19}|(\d)\2{7,19})$/u.test(bare) || TEMPLATE.test(text.trim())
  );
}

/**
 * True for the address of a group of devices (multicast). Its first byte has the lowest bit set, which no device's own
 * MAC or EUI-64 has (IEEE 802). Some factories count down from the broadcast address, so addresses that begin with FF
 * identify a device.
 */
function isGroup(key: string): boolean {
  const first = Number.parseInt(key.slice(0, 2), 16);
  return first !== 0xff && (first & 1) === 1;
}

/**
 * Firmware spells one placeholder in many ways, such as `N.A.`, `n/a` and `(null)`. If a spelling were missed, two
 * devices with the same placeholder would get the same Claim ID. If a value has no letters, every character counts,
 * because such a value may be a real S/N.
 */
function plainWord(text: string): string {
  const word = text.trim().toLowerCase();
  return /\p{L}/u.test(word) ? word.replace(/[^\p{L}\p{N}]/gu, '') : word;
}

/**
 * Returns the hexadecimal digits of a MAC (12) or EUI-64 (16) in any usual spelling, such as `A4:C1:38:AA:00:01`,
 * `a4-c1-38-aa-0-1` and `a4c1.38aa.0001`. Returns undefined for other values. The SQL in src/sqlite/identity-key.ts
 * must find the same digits.
 */
export function identityKey(value: string): string | undefined {
  const bytes = value.split(/[:\-. ]/);
  if ((bytes.length === 6 || bytes.length === 8) && bytes.every((byte) => /^[0-9a-f]{1,2}$/i.test(byte)))
    return bytes.map((byte) => byte.padStart(2, '0').toLowerCase()).join('');
  return completeKey(value);
}

/** Returns the digits of a MAC or EUI-64 if every byte is written with two digits. */
export function completeKey(value: string): string | undefined {
  const digits = value.replace(/[:\-. ]/g, '').toLowerCase();
  return /^(?:[0-9a-f]{12}|[0-9a-f]{16})$/.test(digits) ? digits : undefined;
}

/**
 * True for a MAC or EUI-64 that a program has damaged: a spreadsheet removed its leading zeros, or a word processor
 * replaced its hyphens. A device never sends such a value.
 */
export function isDamagedMac(value: string): boolean {
  const digits = value.replace(/^0x|[:\-. \u2010-\u2015\u2212]/gi, '');
  return identityKey(value) === undefined && /^[0-9a-f]{8,16}$/i.test(digits);
}

/** True if the device sent the unit's value, either in the same spelling or in a spelling that has the same key. */
export function isSameValue(held: string | undefined, [, value, key]: Identity): boolean {
  return held === value || (held !== undefined && key !== undefined && identityKey(held) === key);
}

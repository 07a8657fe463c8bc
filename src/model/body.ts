import { refusal } from '../platform/error.ts';
import { invisibleIn } from '../platform/invisible.ts';
import { valueWords } from '../platform/refusal-words.ts';
import { withInvisible } from '../platform/validation-words.ts';
import { isObject, type Json } from './event.ts';
import { ProductId } from './product.ts';
import { isSerial, MAX_SERIAL } from './serial.ts';
import { own } from '../platform/own.ts';
import { DEFAULT_IDENTITY, isPlaceholder, type IdentityRules } from './identity/placeholders.ts';
import { identityKey } from './identity/spelling.ts';

/**
 * The maximum size of a body. The agent's standard body is about 100 bytes, so 16 KiB leaves room for more properties.
 */
export const MAX_BODY_BYTES = 16 * 1024;
export const MAX_PROPERTIES = 64;
const MAX_DEPTH = 8;
/** The maximum length of an agent's `name`, `description` or `model` that a label or a screen can show. */
const MAX_TEXT = 255;
const MAX_IDENTITY = 128;

/** `key` is set if the value can be spelled in several ways. Values with the same `key` are the same value. */
export type Identity = [property: string, value: string, key?: string];

/** The content of a request body that has passed the checks. */
export interface AgentBody {
  product?: string;
  serial?: string;
  /** The properties have the same order as in the rules. Placeholders are left out. */
  identity: Identity[];
  /**
   * Placeholders that the program knows itself. Earlier versions did not know all of them, so the ledger may have a
   * unit under such a placeholder.
   */
  unfilled?: Identity[];
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
  // Outside strings, JSON allows line breaks only between tokens. There, a space has the same meaning as a line break.
  const body: AgentBody = { ...identityOf(device, rules), attributes: bare.replace(/[\r\n]/g, ' ') };
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

/** Reads the identity. Placeholders are in `unfilled`. */
function identityOf(device: { [key: string]: Json }, rules: IdentityRules): Pick<AgentBody, 'identity' | 'unfilled'> {
  const identity: Identity[] = [];
  const unfilled: Identity[] = [];
  for (const property of rules.properties) {
    const value = propertyOf(device, property);
    if (value === undefined || isOfOther(device, property, rules)) continue;
    const text = identityValue(property, value, rules);
    const one = asIdentity(property, text ?? (typeof value === 'string' ? value : JSON.stringify(value)), rules);
    if (text !== undefined) identity.push(one);
    else if (isShipped(one, rules)) unfilled.push(one);
  }
  return unfilled.length === 0 ? { identity } : { identity, unfilled };
}

function asIdentity(property: string, text: string, { macs }: IdentityRules): Identity {
  const key = macs.includes(property) ? identityKey(text) : undefined;
  return key === undefined ? [property, text] : [property, text, key];
}

/**
 * True for a placeholder that the program knows itself. A placeholder from the site's settings never identifies a
 * device.
 */
function isShipped([property, text]: Identity, { macs }: IdentityRules): boolean {
  return isPlaceholder(text, macs.includes(property), DEFAULT_IDENTITY.placeholders);
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

/** True if the settings contain the device's spelling of the name as a separate identity property. */
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
  if (isPlaceholder(text, rules.macs.includes(property), rules.placeholders)) return undefined;
  // Two different values may look the same on a screen. A device that sent one of them, and later the other, would get
  // two Claim IDs.
  const hidden = invisibleIn(text);
  if (hidden !== undefined) throw refusal('invalid', 'invisible', { name: property, ...hidden });
  return text;
}

/** True if the device sent the unit's value, either in the same spelling or in a spelling that has the same key. */
export function isSameValue(held: string | undefined, [, value, key]: Identity): boolean {
  return held === value || (held !== undefined && key !== undefined && identityKey(held) === key);
}

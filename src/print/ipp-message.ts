/*
 * IPP messages have the format of RFC 8010, section 3: the version, the operation or status, the request id, groups of
 * attributes, and the end tag. Each value of an attribute has a tag. All numbers are big-endian, and lengths have 16
 * bits.
 */

/** Delimiter tags (RFC 8010, 3.5.1). */
export const GROUP = { operation: 0x01, job: 0x02, end: 0x03, printer: 0x04, unsupported: 0x05 } as const;

/** The tags of the values that this program sends (RFC 8010, 3.5.2). */
const TAGS = {
  integer: 0x21,
  name: 0x42,
  keyword: 0x44,
  uri: 0x45,
  charset: 0x47,
  language: 0x48,
  mimeType: 0x49,
} as const;
type Type = keyof typeof TAGS;

const BOOLEAN = 0x22;
const ENUM = 0x23;
const FIRST_TEXT = 0x41;
const LAST_TEXT = 0x5f;
const TEXT_WITH_LANGUAGE = 0x35;
const NAME_WITH_LANGUAGE = 0x36;
/** The lowest tag that begins a value. Lower tags begin or end groups. */
const FIRST_VALUE_TAG = 0x10;

/**
 * IPP/2.0 (PWG 5100.12): all printers and CUPS versions of the last fifteen years support it. Older printers get
 * IPP/1.1 (RFC 8011, 4.1.8).
 */
export const VERSIONS = [0x0200, 0x0101] as const;
export type Version = (typeof VERSIONS)[number];
const HEAD_BYTES = 8;

export type Attribute = [type: Type, name: string, ...values: (string | number)[]];

/** Returns the bytes of an IPP message. The document's bytes follow directly after the message. */
export function encode(
  operation: number,
  requestId: number,
  groups: [group: number, attributes: Attribute[]][],
  version: Version = VERSIONS[0],
): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(version, 0);
  head.writeUInt16BE(operation, 2);
  head.writeUInt32BE(requestId, 4);
  const parts: Uint8Array[] = [head];
  for (const [group, attributes] of groups) {
    if (attributes.length === 0) continue;
    parts.push(Buffer.of(group), ...attributes.flatMap(encodeAttribute));
  }
  return Buffer.concat([...parts, Buffer.of(GROUP.end)]);
}

/** The second and later values of an attribute have an empty name (RFC 8010, 3.1.5). */
function encodeAttribute([type, name, ...values]: Attribute): Buffer[] {
  return values.flatMap((value, index) => [
    Buffer.of(TAGS[type]),
    sized(Buffer.from(index === 0 ? name : '')),
    sized(encodeValue(value)),
  ]);
}

function encodeValue(value: string | number): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export type Value = string | number | boolean;

export interface IppMessage {
  status: number;
  /**
   * The groups in the order of the message. Values that are dates or ranges are left out, because this program never
   * requests them. The members of a collection are values of the collection's attribute: for each member, first its
   * name and then its value.
   */
  groups: { tag: number; attributes: Map<string, Value[]> }[];
}

/** Throws if the bytes are not a complete IPP message. */
export function decode(bytes: Buffer): IppMessage {
  if (bytes.length < HEAD_BYTES + 1) throw new Error('the answer of the printer is not IPP');
  const message: IppMessage = { status: bytes.readUInt16BE(2), groups: [] };
  let at = HEAD_BYTES;
  let values: Value[] = [];
  const take = (): Buffer => {
    const from = at + 2;
    if (from > bytes.length) throw new Error('the answer of the printer is cut off');
    at = from + bytes.readUInt16BE(from - 2);
    if (at > bytes.length) throw new Error('the answer of the printer is cut off');
    return bytes.subarray(from, at);
  };
  for (;;) {
    const tag = bytes[at++];
    if (tag === undefined) throw new Error('the answer of the printer is cut off');
    if (tag === GROUP.end) return message;
    if (tag < FIRST_VALUE_TAG) {
      message.groups.push({ tag, attributes: new Map() });
      continue;
    }
    const group = message.groups.at(-1);
    if (!group) throw new Error('the answer of the printer is not IPP');
    const name = take().toString('utf8');
    const value = decodeValue(tag, take());
    if (name !== '') {
      values = [];
      group.attributes.set(name, values);
    }
    if (value !== undefined) values.push(value);
  }
}

function decodeValue(tag: number, bytes: Buffer): Value | undefined {
  if (tag === TAGS.integer || tag === ENUM) return bytes.length === 4 ? bytes.readInt32BE() : undefined;
  if (tag === BOOLEAN) return bytes.length === 1 ? bytes[0] !== 0 : undefined;
  if (tag >= FIRST_TEXT && tag <= LAST_TEXT) return bytes.toString('utf8');
  if (tag !== TEXT_WITH_LANGUAGE && tag !== NAME_WITH_LANGUAGE) return undefined;
  // A value with a language has two parts: the language, and then the text. Each part is preceded by its length (RFC
  // 8010, 3.9).
  const from = bytes.length < 2 ? 0 : 2 + bytes.readUInt16BE() + 2;
  return from <= bytes.length ? bytes.toString('utf8', from) : undefined;
}

/** Returns all values of the attribute `name` in groups with this tag. */
export function all(message: IppMessage, tag: number, name: string): Value[] {
  return message.groups.flatMap((group) => (group.tag === tag ? (group.attributes.get(name) ?? []) : []));
}

/** Returns the names of all attributes in groups with this tag. */
export function namesOf(message: IppMessage, tag: number): string[] {
  return message.groups.flatMap((group) => (group.tag === tag ? [...group.attributes.keys()] : []));
}

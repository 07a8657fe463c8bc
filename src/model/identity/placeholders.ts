import { identityKey } from './spelling.ts';

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
    'System Product Name',
    'System Name',
    'System Manufacturer',
    'System Version',
    'System UUID',
    'Product Name',
    'Base Board',
    'Board Serial Number',
    'Asset Tag',
    'No Asset Tag',
    'No Asset Information',
    'Filled By OEM',
    'TBD by OEM',
    'OEM Default String',
    'SSN12345678901234567',
    'BSN12345678901234567',
    'MB-1234567890',
    'Not Specified',
    'Unspecified',
    'Not Applicable',
    'Not Available',
    'Not Provided',
    'Not Present',
    'Not Settable',
    'Not Defined',
    'Not Found',
    'Not Known',
    'No Serial',
    'Reserved',
    'Uninitialized',
    'INVALID',
    'Empty',
    'Unset',
    'Not Set',
    'Blank',
    'Dummy',
    'Changeme',
    'Placeholder',
    'Missing',
    'Not Assigned',
    'Unassigned',
    'Unprovisioned',
    'Not Given',
    'None Given',
    'Generic',
    'Standard',
    'Example',
    'Sample',
    'Factory',
    'Pending',
    'True',
    'False',
    'Failed',
    'Read Error',
    'Timeout',
    '未知',
    '无',
    '默认',
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
    '02:00:00:00:00:00',
    // Addresses that network drivers of Windows give to every machine.
    '20:41:53:59:4E:FF',
    '33:50:6F:45:30:30',
    '50:50:54:50:30:30',
    '00:11:22:33:44:55',
    'DE:AD:BE:EF:00:00',
    'DE:AD:BE:EF:CA:FE',
    '00:A0:C9:00:00:00',
    '18:FE:34:00:00:00',
    '00:03:7F:11:23:C6',
    '00:0C:43:26:60:00',
    // Addresses in the examples and defaults of boot loaders, drivers and vendors' kits.
    '00:22:33:44:55:66',
    '02:11:22:33:44:55',
    '00:AA:BB:CC:DD:EE',
    '02:AA:BB:CC:DD:EE',
    'DE:AD:BE:EF:FE:ED',
    '00:90:4C:11:22:33',
    '00:E0:4C:00:00:00',
    '00:0A:35:00:01:22',
    '00:0A:35:00:01:02',
    '00:80:E1:00:00:00',
    '00:55:7B:B5:7D:F7',
    '00:0C:43:E1:76:28',
    '00:03:7F:12:34:56',
    'INSERT_YOUR_SERIAL_HERE',
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

/**
 * A template that a program failed to fill in, such as `${MAC}`, `{{mac}}`, `%s`, `$MAC`, `<mac>` or `[object
 * Object]`.
 */
const TEMPLATE = /\$\{.*\}|\{\{.*\}\}|^(?:%[-+0-9.]*[a-z]+|%\w+%|\$\w+|<.*>|%\(\w+\)[a-z]|\[object \w+\]|\\N)$/i;

/** The digits that unfinished firmware sends instead of a number: `0123456789ABCDEF` and `9876543210`. */
const COUNTED = [
  '0123456789abcdef',
  '1234567890'.repeat(3),
  '01234567890'.repeat(3),
  '9876543210',
  '87654321',
  'abcdefghijklmnopqrstuvwxyz',
];

/** A shorter value such as `1234567` may be the real S/N of a device. */
const MIN_COUNTED = 8;

/**
 * True for a placeholder value that nobody filled in: all zeros, all Fs, one repeated character, digits in counting
 * order, or a template. `bare` is the text in lower case, without separators.
 */
function isUnfilled(text: string, bare: string): boolean {
  return (
    /^(?:0*|f*|x*|0xf*|0x0*)$/.test(bare) ||
    !/[\p{L}\p{N}]/u.test(bare) ||
    /^(?:(\D)\1{3,19}|(\d)\2{7,19})$/u.test(bare) ||
    (bare.length >= MIN_COUNTED && COUNTED.some((digits) => digits.startsWith(bare))) ||
    TEMPLATE.test(text.trim())
  );
}

/** What firmware writes before digits that nobody filled in, as in `SN00000000`. */
const BEFORE_DIGITS = /^(?:s\/?n|serial(?:no|nr|number)?)(?=[\da-f]+$)/;

/**
 * Returns the MAC or EUI-64 that begins with these two bytes and continues in equal steps, such as `10:20:30:40:50:60`
 * and `FE:DC:BA:98:76:54`. No device was given such an address. Returns undefined if there is none.
 */
export function countedFrom(begin: string, digits: number): string | undefined {
  const [first = 0, second = 0] = Buffer.from(begin, 'hex');
  const bytes = Array.from({ length: digits / 2 }, (_, index) => first + index * (second - first));
  return bytes.every((byte) => byte >= 0 && byte <= 0xff) ? Buffer.from(bytes).toString('hex') : undefined;
}

/**
 * True for the address of a group of devices (multicast). In such an address, the lowest bit of the first byte is set,
 * which is not allowed in a device's own MAC or EUI-64 (IEEE 802). But some factories count down from the broadcast
 * address, so addresses that begin with FF identify a device.
 */
function isGroup(key: string): boolean {
  const first = Number.parseInt(key.slice(0, 2), 16);
  return first !== 0xff && (first & 1) === 1;
}

/**
 * Returns a text without case and separators. Firmware spells one placeholder in many ways, such as `N.A.`, `n/a` and
 * `(null)`. If a spelling were missed, two devices with the same placeholder would get the same Claim ID. If a value
 * has no letters, every character counts, because such a value may be a real S/N.
 */
function plainWord(text: string): string {
  const word = text.trim().toLowerCase();
  return /\p{L}/u.test(word) ? word.replace(/[^\p{L}\p{N}]/gu, '') : word;
}

function split(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

interface Words {
  plain: ReadonlySet<string>;
  /**
   * Words such as `unknown`. A text of several such words, such as `Unknown serial number`, also identifies no device.
   */
  single: ReadonlySet<string>;
  /** The keys of the placeholders that are MACs or EUI-64s. */
  keys: ReadonlySet<string>;
}

/**
 * A list of placeholders is parsed only once, because it has more than a hundred entries, and is needed for every
 * request.
 */
const read = new WeakMap<readonly string[], Words>();

function wordsOf(placeholders: readonly string[]): Words {
  const known = read.get(placeholders);
  if (known !== undefined) return known;
  const keys = placeholders.map(identityKey).filter((key) => key !== undefined);
  const single = placeholders.flatMap(split).filter((word) => /^\p{L}{2,}$/u.test(word));
  const words = { plain: new Set(placeholders.map(plainWord)), single: new Set(single), keys: new Set(keys) };
  read.set(placeholders, words);
  return words;
}

/** True if the value identifies no device. */
export function isPlaceholder(text: string, isMac: boolean, placeholders: readonly string[]): boolean {
  const key = isMac ? identityKey(text) : undefined;
  const listed = wordsOf(placeholders);
  const plain = text.normalize('NFKC');
  if (
    key !== undefined &&
    (isUnfilled(key, key) || isGroup(key) || countedFrom(key, key.length) === key || listed.keys.has(key))
  )
    return true;
  if (listed.plain.has(plainWord(plain))) return true;
  if (key !== undefined) return false;
  const bare = plain.replace(/[\s:._\p{Pd}]/gu, '').toLowerCase();
  const words = split(plain);
  return (
    isUnfilled(plain, bare) ||
    isUnfilled('', bare.replace(BEFORE_DIGITS, '')) ||
    (words.length > 1 && words.every((word) => listed.single.has(word)))
  );
}

import { MAPS, OTHER_SCRIPTS, type KeyMap, type Layout } from './key-maps.ts';

/*
 * Recognises text from a scanner whose keyboard layout differs from the layout of the computer. A keyboard scanner
 * sends key positions, so a wrong layout swaps letters, digits and special characters. The service only tells the
 * operator what such text means. The service never uses such text as a code.
 */

interface Key {
  at: number;
  shift: boolean;
  /** True if Caps Lock changes the case of the key's letter. */
  isLetter: boolean;
}

function keysOf({ plain, shifted }: KeyMap): Map<string, Key> {
  const keys = new Map<string, Key>();
  const [lower, upper] = [Array.from(plain), Array.from(shifted)];
  const keyAt = (at: number, shift: boolean): Key => {
    const [small = '', capital = ''] = [lower[at], upper[at]];
    return { at, shift, isLetter: small !== capital && small.toUpperCase() === capital };
  };
  for (const [at, char] of upper.entries()) keys.set(char, keyAt(at, true));
  // With Caps Lock, a key such as `é` produces a capital letter on some computers.
  for (const [at, char] of lower.entries())
    keys.set(char.toUpperCase(), keys.get(char.toUpperCase()) ?? keyAt(at, false));
  for (const [at, char] of lower.entries()) keys.set(char, keyAt(at, false));
  keys.delete('\0');
  return keys;
}

const { us, german, french, spanish, italian, ...others } = MAPS;

/** Pairs of the computer's layout and the scanner's layout. Most scanners are sold with the US layout. */
const PAIRS: [computer: KeyMap, scanner: KeyMap][] = [
  ...[german, french, spanish, italian, ...Object.values(others)].flatMap((map): [KeyMap, KeyMap][] => [
    [map, us],
    [us, map],
  ]),
  ...Object.values(OTHER_SCRIPTS).map((map): [KeyMap, KeyMap] => [map, us]),
  [german, french],
  [french, german],
];

/** The keys that Caps Lock affects: none, only letters, or all keys (including the digits, as on French computers). */
const CAPS_LOCKS = ['off', 'letters', 'all'] as const;
type CapsLock = (typeof CAPS_LOCKS)[number];

interface Decoder {
  layout: Layout;
  /** For each character that the computer produced, the character that the scanner meant. */
  meant: Map<string, string>;
}

let decoders: Decoder[] | undefined;

/** Makes the tables only when a scan first needs them, because most processes read no scans. */
const allDecoders = (): Decoder[] =>
  (decoders ??= PAIRS.flatMap(([computer, scanner]) => {
    const layout = computer.layout === 'azerty' ? computer.layout : (scanner.layout ?? computer.layout ?? 'other');
    const keys = keysOf(computer);
    return CAPS_LOCKS.map((capsLock) => ({ layout, meant: meantBy(keys, scanner, capsLock) }));
  }));

function meantBy(keys: Map<string, Key>, scanner: KeyMap, capsLock: CapsLock): Map<string, string> {
  const meant = new Map<string, string>();
  for (const [char, key] of keys) {
    const isInverted = capsLock === 'all' || (capsLock === 'letters' && key.isLetter);
    const from = key.shift === !isInverted ? scanner.shifted : scanner.plain;
    const one = from[key.at];
    if (one !== undefined && one !== '\0') meant.set(char, one);
  }
  return meant;
}

/**
 * For each wrong layout that could have produced the text, with and without Caps Lock, yields the text that was meant.
 */
export function* otherLayouts(text: string): Generator<{ layout: Layout; text: string }> {
  const small = text.toLowerCase();
  const yielded = new Set<string>();
  for (const { layout, meant } of allDecoders()) {
    const decoded = decode(text, meant);
    // A difference in Caps Lock alone does not make a different layout.
    if (decoded === undefined || yielded.has(decoded) || decoded.toLowerCase() === small) continue;
    yielded.add(decoded);
    yield { layout, text: decoded };
  }
}

function decode(text: string, meant: Map<string, string>): string | undefined {
  let decoded = '';
  for (const char of text) {
    const one = meant.get(char) ?? (char > ' ' ? undefined : char);
    if (one === undefined) return undefined;
    decoded += one;
  }
  return decoded;
}

import type { Dice } from './dice.ts';

/*
 * The texts that hand-held scanners send for the codes on labels and devices. Scanners may add suffixes or symbology
 * identifiers (ISO/IEC 15424), change the case of letters, or have a different keyboard layout than the computer.
 */

/** The codes that are printed on a label. */
export interface LabelCodes {
  uci: string;
  /** The content of the QR code. */
  qr: string;
  serial?: string;
}

/** The settings of a station's scanner. */
export interface Scanner {
  /** The text that the scanner sends before each code. */
  prefix: string;
  /** True if the computer has the German keyboard layout (QWERTZ) and the scanner has the US layout. */
  isSwapped: boolean;
}

const SUFFIXES = ['', '\r', '\n', '\r\n', '\t'];

export interface Sent {
  text: string;
  /** True if the scanned code is the QR code that contains an address. */
  isUrl: boolean;
}

/** Returns the text that a scanner sends for one of the codes on a label. */
export function scanOfLabel({ uci, qr, serial = uci }: LabelCodes, { prefix }: Scanner, dice: Dice): Sent {
  const forms: [text: string, isUrl?: true][] = [
    [uci],
    [`]Q1${uci}`],
    [`*${uci.toLowerCase()}*`],
    [`\u0002${uci}\u0003`],
    [fullWidth(uci)],
    [qr, true],
    [`]Q1${qr}`, true],
    [qr.toUpperCase(), true],
    [invertCase(qr), true],
    [`${qr}/`, true],
    [serial],
    [`]C0${serial}`],
    [invertCase(serial)],
  ];
  const [text, isUrl = false] = drawn(forms, dice);
  return { text: framed(text, prefix, dice), isUrl };
}

/** Returns the text that a scanner sends for the MAC on a device. The MAC has one of the usual spellings. */
export function scanOfMac(mac: string, { prefix }: Scanner, dice: Dice): string {
  const bare = mac.replaceAll(':', '');
  const forms = [
    mac,
    mac.toUpperCase(),
    mac.replaceAll(':', '-'),
    bare.replace(/(....)(?=.)/g, '$1.'),
    bare.toUpperCase(),
    `]d2${bare}`,
    `]C0${mac.toUpperCase()}`,
  ];
  return framed(drawn(forms, dice), prefix, dice);
}

/** Returns the text that an operator types after a scan was not accepted. */
export function typed({ uci }: LabelCodes, dice: Dice): string {
  return drawn([uci, uci.toLowerCase(), `${uci.slice(0, 5)}-${uci.slice(5)}`], dice);
}

/** The characters that a computer with the German layout shows if the scanner has the US layout. */
const ON_GERMAN = new Map<string, string>(
  ['yz zy YZ ZY', ':Ö ;ö /- -ß _? ?_ ]+ [ü =´ +` "Ä', '\'ä @" #§ ^& &/ *( () )=', "<; >: |' \\# ~° `^"].flatMap(
    (line) => line.split(' ').map((pair): [string, string] => [pair.slice(0, 1), pair.slice(1)]),
  ),
);

/** Returns the text that arrives if the scanner has the US layout and the computer has the German one. */
export function swapped(text: string): string {
  return Array.from(text, (char) => ON_GERMAN.get(char) ?? char).join('');
}

function framed(text: string, prefix: string, dice: Dice): string {
  return `${prefix}${text}${drawn(SUFFIXES, dice)}`;
}

function fullWidth(text: string): string {
  return Array.from(text, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)).join('');
}

function invertCase(text: string): string {
  return Array.from(text, (char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())).join('');
}

export function drawn<T>(from: readonly T[], dice: Dice): T {
  const found = from[Math.floor(dice() * from.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

import { trimControls, type Bare } from './clean.ts';

/*
 * Splits the contents of industrial bar codes into fields: GS1 element strings (GS1 General Specifications, section 3)
 * and the messages of ISO/IEC 15434.
 */

export interface Field {
  /** The GS1 application identifier, the data identifier (ANSI MH10.8.2) or the text element identifier. */
  name: string;
  value: string;
}

const GS = '\u001D';
const RS = '\u001E';

/**
 * The lengths of the element strings whose length is fixed, including the identifier. They depend on the identifier's
 * first two digits (GS1 General Specifications, figure 7.8.5-2).
 */
const FIXED: Record<string, number> = {
  ...lengths(20, ['00']),
  ...lengths(16, ['01', '02', '03', '41']),
  ...lengths(18, ['04']),
  ...lengths(8, ['11', '12', '13', '14', '15', '16', '17', '18', '19']),
  ...lengths(4, ['20']),
  ...lengths(10, ['31', '32', '33', '34', '35', '36']),
};

function lengths(length: number, begins: string[]): Record<string, number> {
  return Object.fromEntries(begins.map((begin) => [begin, length]));
}

/**
 * The number of digits of an application identifier, which depends on its first digits. All other identifiers have two
 * digits.
 */
const DIGITS: [RegExp, number][] = [
  [/^(?:23|24|25|40|41|42|71)/, 3],
  [/^(?:31|32|33|34|35|36|39|43|70|72|80|81|82|88)/, 4],
];
const KNOWN = /^(?:0[0-4]|1[0-9]|2[0-9]|3[0-79]|4[0-3]|7[0-2]|8[0-28]|9[0-9])/;

/** Application identifiers that mark a serial number, best first: serial, secondary serial, item reference, asset. */
const GS1_SERIALS = ['21', '250', '8004', '8003'];
/**
 * Identifiers that mark a serial number in ISO/IEC 15434: data identifiers (format 06), text elements (formats 12 and
 * DD).
 */
const MESSAGE_SERIALS = ['S', 'SER', 'SN', 'SEQ'];
/** The names of fields that contain a serial number. */
export const SERIAL_FIELDS: readonly string[] = [...GS1_SERIALS, ...MESSAGE_SERIALS];

/** Symbology identifiers that mark a code with GS1 element strings. */
const GS1_SYMBOLOGY = /^(?:C1|e|E|d2|Q3|J1|D2|q3|c1|j1)/;

/** Returns the fields of an element string or of a message. If the text is neither, returns no fields. */
export function fieldsOf({ text, symbology }: Bare): Field[] {
  const isMarked = symbology !== undefined && GS1_SYMBOLOGY.test(symbology);
  const isElements = isMarked || beginsWithGtin(text) || text.startsWith('(');
  return message(text) ?? (isElements ? elements(text) : undefined) ?? [];
}

/** The number of digits before the serial number of a returnable asset (GS1 General Specifications, section 3.9.3). */
const GRAI = 14;

/** Reads an element string without its symbology identifier. Returns undefined if the text is not an element string. */
function elements(text: string): Field[] | undefined {
  const bare = trimControls(text);
  if (bare.startsWith('(')) return bracketed(bare);
  const fields: Field[] = [];
  for (let rest = bare; rest !== '';) {
    const digits = DIGITS.find(([begin]) => begin.test(rest))?.[1] ?? 2;
    const name = rest.slice(0, digits);
    if (!KNOWN.test(rest) || !/^\d{2,4}$/.test(name) || name.length < digits) return undefined;
    const fixed = FIXED[rest.slice(0, 2)];
    const gs = rest.indexOf(GS);
    const end = fixed ?? (gs === -1 ? rest.length : gs);
    if (rest.length < end) return undefined;
    const value = rest.slice(digits, end);
    if (value === '' || value.includes(GS) || (fixed !== undefined && !/^\d+$/.test(value))) return undefined;
    fields.push({ name, value: name === '8003' && value.length > GRAI ? value.slice(GRAI) : value });
    rest = rest.slice(rest[end] === GS ? end + 1 : end);
  }
  return fields.length === 0 ? undefined : fields;
}

/** Reads an element string in human-readable form, such as `(01)09520000021214(21)A7`. */
function bracketed(text: string): Field[] | undefined {
  if (!/^(?:\(\d{2,4}\)[^()]+)+$/.test(text)) return undefined;
  return [...text.matchAll(/\((\d{2,4})\)([^()]+)/g)].map(([, name = '', value = '']) => ({
    name,
    value: value.trim(),
  }));
}

/** True if the element string begins with a GTIN that has a correct check digit. */
function beginsWithGtin(text: string): boolean {
  return /^01\d{14}/.test(text) && isGtin(text.slice(2, 16));
}

/** True if the text is a GTIN of 8, 12, 13 or 14 digits (GS1 General Specifications, section 7.9). */
export function isGtin(text: string): boolean {
  if (!/^(?:\d{8}|\d{12}|\d{13}|\d{14})$/.test(text)) return false;
  let sum = 0;
  for (const [at, digit] of Array.from(text).toReversed().entries()) sum += Number(digit) * (at % 2 === 0 ? 1 : 3);
  return sum % 10 === 0;
}

const ENVELOPE = '[)>';

/** Reads an ISO/IEC 15434 message of format 05 (GS1), 06 (data identifiers), 12 or DD (text elements). */
function message(text: string): Field[] | undefined {
  if (!text.startsWith(ENVELOPE)) return undefined;
  const fields: Field[] = [];
  for (const part of text.slice(ENVELOPE.length).split(RS)) {
    const [format = '', ...data] = part.split(GS);
    if (format === '05') fields.push(...(elements(data.join(GS)) ?? []));
    if (format === '06') fields.push(...data.flatMap((one) => field(/^(\d{0,3}[A-Z])(.+)$/i, one)));
    if (/^(?:12|DD)/i.test(format))
      fields.push(...data.flatMap((one) => field(/^([A-Z]{2,3}|[a-z]{2,3}) ?(.+)$/, one)));
  }
  return fields;
}

function field(shape: RegExp, text: string): Field[] {
  const [, name, value] = shape.exec(text) ?? [];
  return name === undefined || value === undefined ? [] : [{ name: name.toUpperCase(), value }];
}

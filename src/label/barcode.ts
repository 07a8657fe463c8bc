// Imports the default export of bwip-js, whose function `raw` returns modules. The named export `raw` is a different
// function: it draws a symbology called "raw".
import { default as bwip } from 'bwip-js/node';
import QRCode from 'qrcode';
import { ClaimstampError, refusal, messageOf } from '../platform/error.ts';
import { encodeCode128, type Bars } from './code128.ts';
import { masked } from './mask.ts';
import { segmentOf, smallSymbol, type QrLevel } from './symbol.ts';

/** The names of the encoders in bwip-js. */
type Encoder = 'datamatrix' | 'gs1datamatrix';

/** A code that consists of square modules, stored row by row. */
export interface Matrix {
  columns: number;
  rows: number;
  dark: (column: number, row: number) => boolean;
  /** The rows as bits; bit 0 of a row is its first column. Present only if a row has at most 32 modules. */
  lines?: Int32Array;
}

/**
 * Makes a QR code (ISO/IEC 18004) in the smallest version that holds the text in a single mode. Modes are never
 * mixed, because a ZPL printer encodes the text itself and does not mix modes. If this code mixed modes, it could
 * choose a smaller version than the printer does. The printed symbol would then extend into the quiet zone.
 */
export function qr(text: string, level: QrLevel): Matrix {
  return guard('QR', text, () => {
    const small = smallSymbol(text, level);
    if (small) {
      const lines = masked(small.data, small.version, level);
      const size = lines.length;
      const dark = (column: number, row: number): boolean => (((lines[row] ?? 0) >>> column) & 1) === 1;
      return { columns: size, rows: size, dark, lines };
    }
    const { size, data } = QRCode.create([segmentOf(text)], { errorCorrectionLevel: level }).modules;
    return { columns: size, rows: size, dark: (column, row) => data[row * size + column] === 1 };
  });
}

/**
 * Code 128 (ISO/IEC 15417). Only printable ASCII is allowed, because scanners type these characters correctly with
 * every keyboard layout.
 */
export function code128(text: string): Bars {
  if (text === '' || !PRINTABLE_ASCII.test(text)) throw unreadable('Code 128');
  return encodeCode128(text);
}

/**
 * GS1-128 (GS1 General Specifications, section 5.4). In the text, application identifiers are in brackets, for example
 * `(01)09521101530001(21)A7`. bwip-js also checks each value against the rules of its identifier.
 */
export function gs1Bars(text: string): Bars {
  const [symbol] = gs1(() => bwip.raw({ bcid: 'gs1-128', text }));
  if (symbol === undefined || !('sbs' in symbol)) throw new Error('the encoder drew no bars');
  const widths = [...symbol.sbs];
  return { widths, modules: widths.reduce((sum, width) => sum + width, 0) };
}

/** Matches the beginning of a bwip-js error message, which names an internal rule. */
const RULE = /^.*bwipp\.\S+: /;

function gs1<T>(encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    throw refusal('label-unprintable', 'gs1', { why: messageOf(error).replace(RULE, '') });
  }
}

/**
 * Returns a matrix code that bwip-js has made. Only printable ASCII is allowed, because readers decode other characters
 * differently.
 */
function matrix(name: string, bcid: Encoder, text: string): Matrix {
  if (!PRINTABLE_ASCII.test(text)) throw unreadable(name);
  const encode = () => bwip.raw({ bcid, text });
  const [symbol] = bcid === 'gs1datamatrix' ? gs1(encode) : guard(name, text, encode);
  if (symbol === undefined || !('pixs' in symbol)) throw new Error('the encoder drew no matrix');
  const { pixs, pixx, pixy } = symbol;
  return { columns: pixx, rows: pixy, dark: (column, row) => pixs[row * pixx + column] === 1 };
}

/** The GTIN and the S/N. */
const GS1_TEXT = '(01){gtin}(21){serial}';

/** For each kind of code: the default text, the quiet zone (in modules) that the standard requires, and the encoder. */
export const MATRIX_CODES = {
  qr: { text: '{qr}', quiet: 4, encode: qr },
  /** DataMatrix is ISO/IEC 16022. The DataMatrix symbols are square and have ECC 200. */
  datamatrix: { text: '{uci}', quiet: 1, encode: (text: string) => matrix('DataMatrix', 'datamatrix', text) },
  'gs1-datamatrix': {
    text: GS1_TEXT,
    quiet: 1,
    encode: (text: string) => matrix('GS1 DataMatrix', 'gs1datamatrix', text),
  },
};
/** Code 128 (ISO/IEC 15417) needs a quiet zone only at its two ends. */
export const BAR_CODES = {
  code128: { text: '{serial}', quiet: 10, encode: code128 },
  'gs1-128': { text: GS1_TEXT, quiet: 10, encode: gs1Bars },
};
export const CODES = { ...MATRIX_CODES, ...BAR_CODES };

export const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

function unreadable(what: string): ClaimstampError {
  return refusal('label-unprintable', 'ascii', { kind: what });
}

function guard<T>(what: string, text: string, encode: () => T): T {
  if (text === '') throw refusal('label-unprintable', 'empty', { kind: what });
  try {
    return encode();
  } catch (error) {
    throw refusal('label-too-large', 'code', { kind: what, length: text.length, why: messageOf(error) });
  }
}

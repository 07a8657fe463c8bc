// The named export `raw` draws the symbology of that name; the one that gives bare modules is on the default export.
import { default as bwip } from 'bwip-js/node';
import QRCode from 'qrcode';
import { ClaimstampError } from '../error.ts';
import { encodeCode128, type Bars } from './code128.ts';
import { masked, MAX_MASKED_VERSION } from './mask.ts';

/** A code of square modules, row by row. */
export interface Matrix {
  columns: number;
  rows: number;
  dark: (column: number, row: number) => boolean;
}

export type QrLevel = 'L' | 'M' | 'Q' | 'H';

/**
 * ISO/IEC 18004, the smallest version that holds the text in one mode: alphanumeric for a Claim ID alone. Never several modes: a
 * ZPL printer encodes the text itself, and a version larger than the one laid out would grow into its quiet zone.
 */
export function qr(text: string, level: QrLevel): Matrix {
  return guard('QR', text, () => {
    const options = { errorCorrectionLevel: level };
    const symbol = QRCode.create(segments(text), { ...options, maskPattern: 0 });
    const { size } = symbol.modules;
    if (symbol.version <= MAX_MASKED_VERSION) {
      const rows = masked(symbol, level);
      return { columns: size, rows: size, dark: (column, row) => (((rows[row] as number) >>> column) & 1) === 1 };
    }
    const { data } = QRCode.create(segments(text), options).modules;
    return { columns: size, rows: size, dark: (column, row) => data[row * size + column] === 1 };
  });
}

function segments(text: string): QRCode.QRCodeSegment[] {
  if (/^\d+$/.test(text)) return [{ data: text, mode: 'numeric' }];
  if (/^[0-9A-Z $%*+./:-]+$/.test(text)) return [{ data: text, mode: 'alphanumeric' }];
  return [{ data: Buffer.from(text, 'utf8'), mode: 'byte' }];
}

/** ISO/IEC 15417. Printable ASCII only: what a scanner types on any keyboard. */
export function code128(text: string): Bars {
  if (text === '' || !PRINTABLE_ASCII.test(text)) throw unreadable('Code 128');
  return encodeCode128(text);
}

/** ISO/IEC 16022, ECC 200, square. Printable ASCII only: readers differ in what they take other letters for. */
export function dataMatrix(text: string): Matrix {
  if (!PRINTABLE_ASCII.test(text)) throw unreadable('DataMatrix');
  const [{ pixs, pixx, pixy }] = guard('DataMatrix', text, () => bwip.raw({ bcid: 'datamatrix', text })) as unknown as [
    { pixs: number[]; pixx: number; pixy: number },
  ];
  return { columns: pixx, rows: pixy, dark: (column, row) => pixs[row * pixx + column] === 1 };
}

export const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

function unreadable(what: string): ClaimstampError {
  return new ClaimstampError('invalid', `${what} takes printable ASCII only: change the text of the box`);
}

function guard<T>(what: string, text: string, encode: () => T): T {
  if (text === '') throw new ClaimstampError('invalid', `${what} needs a text`);
  try {
    return encode();
  } catch (error) {
    throw new ClaimstampError(
      'invalid',
      `${what} cannot hold this text of ${text.length} characters: ${(error as Error).message}`,
    );
  }
}

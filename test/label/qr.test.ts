import * as fc from 'fast-check';
import QRCode from 'qrcode';
import { describe, expect, it } from 'vitest';
import { qr, type Matrix } from '../../src/label/barcode.ts';

function pictureOf({ columns, rows, dark }: Matrix): string[] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => (dark(column, row) ? '#' : '.')).join(''),
  );
}

function pictureOfEncoder(text: string, level: 'L' | 'M' | 'Q' | 'H', mode: QRCode.QRCodeSegment['mode']): string[] {
  const data = mode === 'byte' ? Buffer.from(text) : text;
  const { size, data: bits } = QRCode.create([{ data, mode } as QRCode.QRCodeSegment], {
    errorCorrectionLevel: level,
  }).modules;
  return pictureOf({ columns: size, rows: size, dark: (column, row) => bits[row * size + column] === 1 });
}

const level = fc.constantFrom('L', 'M', 'Q', 'H');

describe('a QR code', () => {
  it('has the mask that the standard asks for: the one the encoder finds by its own long search', () => {
    const claimId = fc.string({
      minLength: 10,
      maxLength: 30,
      unit: fc.constantFrom(...Array.from('ABCDEFGHJKMNPQRSTVWXYZ:')),
    });
    fc.assert(
      fc.property(claimId, level, (text, level) => {
        expect(pictureOf(qr(text, level))).toEqual(pictureOfEncoder(text, level, 'alphanumeric'));
      }),
      { numRuns: 200 },
    );
  });

  it('of digits is the same as the encoder makes, whatever their number', () => {
    const digits = fc.string({ minLength: 1, maxLength: 150, unit: fc.constantFrom(...Array.from('0123456789')) });
    fc.assert(
      fc.property(digits, level, (text, level) => {
        expect(pictureOf(qr(text, level))).toEqual(pictureOfEncoder(text, level, 'numeric'));
      }),
      { numRuns: 200 },
    );
  });

  it('of any bytes is the same as the encoder makes', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 53, unit: 'binary' }), level, (text, level) => {
        fc.pre(/[^0-9A-Z $%*+./:-]/.test(text));
        expect(pictureOf(qr(text, level))).toEqual(pictureOfEncoder(text, level, 'byte'));
      }),
      { numRuns: 300 },
    );
  });

  it.each([1, 20, 42, 60, 300])('of %i bytes is the same as the encoder makes, small or large', (length) => {
    fc.assert(
      fc.property(
        fc.string({ minLength: length, maxLength: length, unit: fc.constantFrom(...Array.from('abc_é')) }),
        level,
        (text, level) => {
          expect(pictureOf(qr(text, level))).toEqual(pictureOfEncoder(text, level, 'byte'));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('of a Claim ID of 20 letters is of the smallest version', () => {
    expect(qr('JT08FFQXWQ9ZK3M7VABC', 'M').columns).toBe(21);
  });
});

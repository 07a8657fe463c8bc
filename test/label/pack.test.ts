import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack } from '../../src/label/pack.ts';

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Parts of content streams: rectangles of all kinds, texts, and almost rectangles. */
const part = fc.oneof(
  fc
    .tuple(fc.nat(150), fc.nat(50), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }))
    .map((numbers) => `${numbers.join(' ')} re\n`),
  fc.constantFrom(
    ' re',
    're\n',
    ' 1 1 re\n',
    ' 1 1 re',
    ' 1 re \n',
    ' r',
    '/S1 Do\n',
    'f Q\n',
    ' 1 rg\n',
    ' '.repeat(300),
  ),
  fc.string({
    unit: fc.constantFrom(...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at))),
    maxLength: 40,
  }),
);

describe('a packed content stream', () => {
  it('is a zlib stream of the same bytes', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 200 }), (parts) => {
        const content = ascii(parts.join(''));
        expect(inflateSync(pack(content))).toEqual(Buffer.from(content));
      }),
      { numRuns: 300 },
    );
  });

  it('may contain any byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (content) => {
        expect(inflateSync(pack(content))).toEqual(Buffer.from(content));
      }),
    );
  });

  it('may be long, and takes a third of the bytes', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `${at % 29} ${(at * 7) % 29} ${1 + (at % 3)} 1 re\n`);
    const content = ascii(lines.join(''));
    const packed = pack(content);
    expect(inflateSync(packed).equals(content)).toBe(true);
    expect(packed.length).toBeLessThan(content.length / 3);
  });

  it('does not change when the next one is packed', () => {
    const first = pack(ascii('1 2 3 1 re\n'));
    pack(ascii('9 9 9 9 re\n'));
    expect(inflateSync(first).toString()).toBe('1 2 3 1 re\n');
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALPHABET } from '../../../src/model/claim-id.ts';
import { readScan, type Meaning } from '../../../src/model/scan/read.ts';
import { knownCodes, type Held } from './known.ts';

const QR = 'https://claim.example.com/c/{uci}?m=GW-1';
const letter = fc.constantFrom(...Array.from(ALPHABET));
const claimId = fc.array(letter, { minLength: 10, maxLength: 10 }).map((letters) => letters.join(''));
const unit = (n: number): fc.Arbitrary<Held> =>
  claimId.map((uci) => ({
    uci,
    serial: `Dm-26u${String(n).padStart(7, '0')}`,
    mac: `A4:C1:38:AA:${String(10 + Math.floor(n / 90))}:${String(10 + (n % 90))}`,
  }));
const ledger = fc
  .integer({ min: 3, max: 60 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, n) => unit(n))))
  .filter((units) => new Set(units.map(({ uci }) => uci)).size === units.length);

const KINDS = ['uci', 'serial', 'mac', 'qr'] as const;
type Kind = (typeof KINDS)[number];

function codeOf(held: Held, kind: Kind): string {
  return kind === 'qr' ? QR.replace('{uci}', held.uci) : held[kind];
}

function meaningOf({ uci, serial, mac }: Held, kind: Kind): Meaning {
  if (kind === 'serial') return { serial };
  return kind === 'mac' ? { identity: { property: 'mac', value: mac } } : { claimId: uci };
}

function read(sent: string, units: Held[], prefix = ''): Meaning[] {
  return readScan(sent, { qrs: [QR], claimIdLengths: [10], prefix }, knownCodes(units));
}

const symbology = fc
  .tuple(
    fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUXZcdeghjmopqsvz')),
    fc.constantFrom(...Array.from('0123456789ABab')),
  )
  .map(([kind, modifier]) => `]${kind}${modifier}`);
const before = fc.constantFrom('', '\u0002', '\u0000', '\u001D', '\u001E', ' ', '\uFEFF', '\u3000');
const after = fc.constantFrom(
  '',
  '\r',
  '\n',
  '\r\n',
  '\t',
  '\u0003',
  '\u0003\r\n',
  '\u001D\r',
  '\u0004',
  '\u0000',
  ' ',
);
const prefix = fc.constantFrom('', '~', 'S', '#S1#', 'MAC:', ']Q', '0');
const envelope = fc.constantFrom(
  (code: string) => code,
  (code: string) => `[)>\u001E06\u001D1PGW-1\u001DS${code}\u001E\u0004`,
  (code: string) => `[)>\u001E05\u001D0109520000021214\u001D21${code}\u001E\u0004`,
  (code: string) => `010952000002121410LOT7\u001D21${code}`,
);

test('what a scanner adds never changes the meaning', () => {
  fc.assert(
    fc.property(
      ledger,
      fc.constantFrom(...KINDS),
      before,
      prefix,
      fc.option(symbology),
      envelope,
      after,
      (units, kind, begin, added, aim, wrap, end) => {
        const [held] = units;
        if (held === undefined) return;
        const isWrapped = wrap('x') !== 'x';
        const code = wrap(codeOf(held, kind));
        const sent = `${begin}${added}${aim ?? (isWrapped && !code.startsWith('[') ? ']C1' : '')}${code}${end}`;
        expect(read(sent, units, added)).toEqual([meaningOf(held, kind)]);
      },
    ),
  );
});

test('letters of two codes are never read as a code', () => {
  fc.assert(
    fc.property(
      ledger,
      fc.constantFrom(...KINDS),
      fc.constantFrom(...KINDS),
      fc.array(fc.nat(5)),
      fc.boolean(),
      (units, one, two, runs, isSuffixed) => {
        const [a, b] = units;
        if (a === undefined || b === undefined) return;
        const mixed = interleave(codeOf(a, one) + (isSuffixed ? '\r' : ''), codeOf(b, two), runs);
        const meanings = read(mixed, units);
        const allowed = [{ told: 'again' }, meaningOf(a, one), meaningOf(b, two)];
        for (const meaning of meanings) expect(allowed).toContainEqual(meaning);
        if (!isSuffixed) expect(meanings).toEqual([{ told: 'again' }]);
      },
    ),
  );
});

test('a part of a code is never read as a code', () => {
  fc.assert(
    fc.property(
      ledger,
      fc.constantFrom(...KINDS),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (units, kind, cut, isBegin) => {
        const [held] = units;
        if (held === undefined) return;
        const code = codeOf(held, kind);
        const part = isBegin ? code.slice(0, -cut) : code.slice(cut);
        const meaning = read(part, units);
        const none = [{ nothing: true }, { told: 'again' }, { told: 'not-ours' }];
        for (const one of meaning) expect(none).toContainEqual(one);
      },
    ),
  );
});

function interleave(a: string, b: string, runs: number[]): string {
  let mixed = '';
  let [from, other] = [a, b];
  for (const run of runs) {
    mixed += from.slice(0, run);
    [from, other] = [other, from.slice(run)];
  }
  return mixed + from + other;
}

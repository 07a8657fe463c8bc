import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commitmentOf, isCommitted, isFirstLink, textOf, type AccessRow } from '../../src/model/access.ts';
import { ClaimstampError } from '../../src/platform/error.ts';
import { accessOf, anyAccess, type AccessStep } from '../support/access-steps.ts';
import { openMapLedger, product, seededRandom, station, type MapLedger } from '../support/map-ledger.ts';

const actor = 'admin';
const MINUTE = 60_000;
const hashOf = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

function openLedger(): MapLedger {
  const line = openMapLedger(seededRandom(1));
  line.record({ kind: 'set-product', product: product(), actor });
  line.record({ kind: 'set-station', station: station({ name: 'nest-0' }), actor });
  line.record({ kind: 'set-station', station: station({ name: 'nest-1' }), actor });
  return line;
}

const typesOf = (line: MapLedger, from: number): string[] => line.events.slice(from).map(({ type }) => type);

/** Exactly the rows that there are have commitments that are valid. */
function expectCommitted({ seen, tables }: MapLedger): void {
  const rows = seen.access().filter((row) => !isFirstLink(row));
  const commitments = rows.map((row) => commitmentOf(row));
  expect(new Set(commitments)).toEqual(new Set(tables.access.keys()));
  expect(new Set(commitments).size).toBe(rows.length);
}

function play(line: MapLedger, step: AccessStep, n: number): void {
  const known = [...line.tables.credentials.values()];
  line.setClock(line.clock() + MINUTE);
  try {
    line.record(accessOf(step, known, line.clock(), n));
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
  }
}

describe('commitments', () => {
  test('whatever changes in whatever order, every row has one that is valid, and no other is', () => {
    fc.assert(
      fc.property(fc.array(anyAccess, { minLength: 1, maxLength: 40, size: 'max' }), (story) => {
        const line = openLedger();
        for (const [n, step] of story.entries()) {
          play(line, step, n);
          expectCommitted(line);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('come before the event that says who changed what, by the same actor; the first ones cover all rows', () => {
    const line = openLedger();
    const from = line.events.length;
    line.record({ kind: 'create-token', name: 'ci', role: 'qa', hash: hashOf('ci'), actor: 'person:ann' });
    line.record({ kind: 'revoke-token', name: 'ci', actor: 'person:ann' });
    expect(typesOf(line, from)).toEqual(['access-covered', 'token-set', 'access-committed', 'token-revoked']);
    expect(line.events.slice(from).map((event) => event.actor)).toEqual(Array(4).fill('person:ann'));
    const [first, , second] = line.events.slice(from);
    expect(second).toMatchObject({ data: { ended: (first as { data: { made: unknown[] } }).data.made } });
  });

  test('are not made for a use, nor for a link for the first admin', () => {
    const line = openLedger();
    line.record({ kind: 'create-token', name: 'ci', role: 'qa', hash: hashOf('ci'), actor });
    const from = line.events.length;
    line.record({ kind: 'touch', hash: hashOf('ci') });
    line.record({ kind: 'invite', name: '', hash: hashOf('link'), expiresAt: line.clock() + MINUTE, actor: 'system' });
    expect(typesOf(line, from)).toEqual([]);
    expectCommitted(line);
  });

  test('of the same row differ each time, so that nobody can guess what it contains', () => {
    const line = openLedger();
    const made = (): unknown[] => line.events.flatMap(({ data }) => ('made' in data ? data.made : []));
    const key = { kind: 'set-station-key', station: 'nest-0', hash: hashOf('key'), actor } as const;
    line.record(key);
    line.record({ kind: 'set-station-key', station: 'nest-0', actor });
    line.record(key);
    const commitments = made().map((one) => (one as { commitment: string }).commitment);
    expect(commitments).toHaveLength(2);
    expect(new Set(commitments).size).toBe(2);
  });

  test('cover the rows of an earlier version once, by a start or by the first change', () => {
    for (const change of [true, false]) {
      const line = openLedger();
      // As a version without commitments left it.
      line.tables.people.set('ann', { name: 'ann', role: 'admin', password: 'scrypt$', at: 1 });
      const hash = hashOf('ci');
      const key = Buffer.from(hash).toString('hex');
      line.tables.credentials.set(key, { hash, kind: 'token', name: 'ci', role: 'qa', at: 1 });
      const from = line.events.length;
      if (change) line.record({ kind: 'set-person', name: 'lin', role: 'qa', actor });
      else line.record({ kind: 'cover-access' });
      expectCommitted(line);
      line.record({ kind: 'cover-access' });
      expect(typesOf(line, from)).toEqual(change ? ['access-covered', 'person-set'] : ['access-covered']);
    }
  });

  test('a start covers an empty ledger too, so that a row added to the file later is not taken for an old one', () => {
    const line = openLedger();
    line.record({ kind: 'cover-access' });
    expect(line.events.at(-1)).toMatchObject({ type: 'access-covered', data: { made: [] } });
    line.tables.people.set('eve', { name: 'eve', role: 'admin', password: 'scrypt$', at: 1 });
    expect(line.record({ kind: 'cover-access' })).toEqual({ unknown: ['person eve'] });
    line.record({ kind: 'create-token', name: 'ci', role: 'qa', hash: hashOf('ci'), actor });
    expect(line.record({ kind: 'cover-access' })).toEqual({ unknown: ['person eve'] });
  });
});

describe('what is read from a file', () => {
  test('is a commitment only with a known kind, a name and 64 hexadecimal digits', () => {
    const right = { kind: 'token', name: 'ci', commitment: 'ab'.repeat(32) };
    expect(isCommitted(right)).toBe(true);
    for (const wrong of [null, 'x', {}, { ...right, kind: 'constructor' }, { ...right, name: 1 }])
      expect(isCommitted(wrong)).toBe(false);
    for (const commitment of ['', 'AB'.repeat(32), 'ab'.repeat(33), ['ab'.repeat(32), 'x'], undefined])
      expect(isCommitted({ ...right, commitment })).toBe(false);
  });

  test('a name that contains anything but letters and signs is escaped, and a bad nonce is none', () => {
    expect(textOf({ kind: 'station-key', name: 'nest/1' })).toBe('station key nest/1');
    expect(textOf({ kind: 'token', name: 'x\u001b[2J' })).toBe('token "x\\u001b[2J"');
    const row: AccessRow = { table: 'person', person: { name: 'ann', role: 'qa', at: 1 } };
    for (const nonce of ['', 'ab', `${'ab'.repeat(32)}\n`, 'AB'.repeat(32)])
      expect(commitmentOf({ ...row, nonce })).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBuckets } from '../../src/http/buckets.ts';

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;

describe('buckets', () => {
  const open = (rate: number, most?: number) => {
    let now = 12_345.678;
    const buckets = openBuckets(rate, () => now, most);
    return { ...buckets, pass: (ms: number) => void (now += ms) };
  };
  const taken = ({ take }: { take: (name: string) => number }, name: string, times: number): number =>
    Array.from({ length: times }, () => take(name)).filter((waitMs) => waitMs === 0).length;

  it.each([1, 3, 7, 60, 61, 999, 100_000])('of %i a minute give that many at once, and then one at a time', (rate) => {
    const buckets = open(rate);
    expect(taken(buckets, 'a', rate + 1000)).toBe(rate);
    buckets.pass(buckets.take('a'));
    expect(taken(buckets, 'a', 10)).toBe(1);
    buckets.pass(MINUTE_MS / 2);
    expect(taken(buckets, 'a', rate + 1000)).toBe(Math.floor(rate / 2));
    buckets.pass(MINUTE_MS);
    expect(taken(buckets, 'a', rate + 1000)).toBe(rate);
  });

  it('give an agent that asks every two seconds what the rate allows, refused ones not counted', () => {
    const buckets = open(10);
    let served = taken(buckets, 'a', 10);
    for (let asked = 0; asked < 300; asked++) {
      buckets.pass(2000);
      served += taken(buckets, 'a', 1);
    }
    expect(served).toBe(10 + 100);
  });

  it('hold a minute and no more after a clock that jumped a year ahead', () => {
    const buckets = open(60);
    taken(buckets, 'a', 60);
    buckets.pass(YEAR_MS);
    expect(taken(buckets, 'a', 1000)).toBe(60);
    expect(buckets.take('a')).toBeCloseTo(1000, 0);
  });

  it('that are idle are dropped, and one in use never is', () => {
    const buckets = open(60);
    taken(buckets, 'busy', 60);
    for (let second = 0; second < 600; second++) {
      buckets.take(`idle-${second}`);
      // One token a second comes and one goes: if its bucket were ever dropped, more would be in it.
      buckets.pass(1000);
      expect(taken(buckets, 'busy', 5)).toBe(1);
      expect(buckets.size()).toBeLessThan(125);
    }
  });

  it('answer as buckets that are never dropped would', () => {
    const few = fc.record({ name: fc.constantFrom('a', 'b', 'c'), times: fc.nat(12), passMs: fc.nat(40_000) });
    fc.assert(
      fc.property(fc.array(few, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (steps, rate) => {
        let now = 0;
        const buckets = openBuckets(rate, () => now);
        const kept = new Map<string, { tokens: number; at: number }>();
        for (const { name, times, passMs } of steps) {
          now += passMs;
          const { tokens, at } = kept.get(name) ?? { tokens: rate, at: now };
          // A sum of fractions may fall a hair short of a whole token.
          const held = Math.min(rate, tokens + ((now - at) * rate) / MINUTE_MS);
          const served = Math.min(times, Math.floor(held + 1e-6));
          expect(taken(buckets, name, times)).toBe(served);
          kept.set(name, { tokens: held - served, at: now });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('stay few under a flood of a million names, which resets nobody and gets as much as one', () => {
    const buckets = open(60, 1000);
    taken(buckets, 'busy', 60);
    let served = 0;
    for (let n = 0; n < 1_000_000; n++) if (buckets.take(`stranger-${n}`) === 0) served++;
    expect(buckets.size()).toBeLessThanOrEqual(1001);
    expect(served).toBe(999 + 60);
    expect(taken(buckets, 'busy', 5)).toBe(0);
    buckets.pass(1000);
    expect(taken(buckets, 'busy', 5)).toBe(1);
    buckets.pass(2 * MINUTE_MS);
    buckets.take('busy');
    buckets.pass(2 * MINUTE_MS);
    expect(taken(buckets, 'stranger-7', 100)).toBe(60);
    expect(buckets.size()).toBeLessThan(10);
  });

  it('stay few when the flood goes on for hours', () => {
    const buckets = open(60, 1000);
    for (let n = 0; n < 1_000_000; n++) {
      buckets.take(`stranger-${n}`);
      buckets.pass(10);
      if (buckets.size() > 1001) expect.fail(`${buckets.size()} buckets`);
    }
  });

  it('are at most fifty thousand, and one for all who come beyond that', () => {
    const buckets = open(60);
    for (let n = 0; n < 1_000_000; n++) buckets.take(`2001:db8::${n.toString(16)}`);
    expect(buckets.size()).toBe(50_001);
  });
});

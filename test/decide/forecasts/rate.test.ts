import { describe, expect, it } from 'vitest';
import { addSample, lossOf, type Sample } from '../../../src/decide/forecasts/rate.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GIB = 2 ** 30;

/** Samples of every quarter of an hour. */
function samples(hours: number, freeAt: (hour: number) => number): readonly Sample[] {
  let kept: readonly Sample[] = [];
  for (let at = 0; at <= hours * HOUR_MS; at += 15_000) kept = addSample(kept, { at, value: freeAt(at / HOUR_MS) });
  return kept;
}

describe('the rate of a disk', () => {
  it('tells when a steady loss fills it', () => {
    const found = samples(20, (hour) => 100 * GIB - hour * GIB);
    expect(lossOf(found, 80 * GIB)).toMatchObject({ perMs: GIB / HOUR_MS, endsInMs: 80 * HOUR_MS });
  });

  it('is not told from the samples of a few minutes', () => {
    expect(
      lossOf(
        samples(0.5, (hour) => 10 * GIB - hour * GIB),
        GIB,
      ),
    ).toBeUndefined();
  });

  it('reaches no further than a day after an hour of samples', () => {
    const found = samples(1, (hour) => 100 * GIB - hour * GIB);
    expect(lossOf(found, 23 * GIB)).toBeDefined();
    expect(lossOf(found, 25 * GIB)).toBeUndefined();
  });

  it('does not take one large file for a rate', () => {
    const found = samples(24, (hour) => (hour < 20 ? 100 : 80) * GIB);
    expect(lossOf(found, 80 * GIB)).toBeUndefined();
  });

  it('does not take a backup that comes and goes for a rate', () => {
    const found = samples(48, (hour) => (hour % 24 < 2 ? 80 : 100) * GIB);
    expect(lossOf(found, 80 * GIB)).toBeUndefined();
  });

  it('is not told while the free space grows or stays', () => {
    expect(
      lossOf(
        samples(24, () => GIB),
        GIB,
      ),
    ).toBeUndefined();
    expect(
      lossOf(
        samples(24, (hour) => GIB + hour),
        GIB,
      ),
    ).toBeUndefined();
  });

  it('keeps two days of samples', () => {
    expect(samples(100, () => GIB).length).toBeLessThanOrEqual(194);
  });
});

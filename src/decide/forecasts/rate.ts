/*
 * Measures how fast a supply shrinks. Times come from a monotonic clock in ms, so a change of the wall clock has no
 * effect.
 */

export interface Sample {
  at: number;
  value: number;
}

/** A window of two days always contains a night and a scheduled backup. */
const WINDOW_MS = 48 * 60 * 60 * 1000;

/** The window has about 200 samples, so the slopes between all pairs can be computed in a few ms. */
const SAMPLE_EVERY_MS = 15 * 60 * 1000;

/** If there were fewer samples, the result would reflect a single copied or deleted file instead of a rate. */
const MIN_SAMPLES = 5;

/** An hour of samples is enough to forecast a day, and fourteen hours are enough to forecast two weeks. */
const HORIZON_FACTOR = 24;

/** Adds a sample, unless the last one is too recent. Removes samples that are older than the window. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.at - last.at < SAMPLE_EVERY_MS) return samples;
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MS), sample];
}

/**
 * Returns how much is lost per ms, and how many ms remain until nothing is left. Returns undefined if the value is not
 * falling, or if there are not enough samples. Also returns undefined if the samples cover too short a time to predict
 * an end that is so far away. The loss is the median of the slopes between all pairs of samples (Theil and Sen), so a
 * single large file is not mistaken for a rate.
 */
export function lossOf(samples: readonly Sample[], left: number): { perMs: number; endsInMs: number } | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < MIN_SAMPLES) return undefined;
  const slopes = samples.flatMap((a, i) => samples.slice(i + 1).map((b) => (a.value - b.value) / (b.at - a.at)));
  const perMs = slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0;
  if (perMs <= 0) return undefined;
  const endsInMs = Math.max(0, left) / perMs;
  return endsInMs <= HORIZON_FACTOR * (last.at - first.at) ? { perMs, endsInMs } : undefined;
}

/*
 * Measures how fast something is used up. Times come from a monotonic clock in ms, so a change of the wall clock has no
 * effect.
 */

export interface Sample {
  at: number;
  value: number;
}

/** Any two days contain a night and a scheduled backup. */
const WINDOW_MS = 48 * 60 * 60 * 1000;

/** The window has about 200 samples, so that computing the slopes between all pairs takes only a few ms. */
const SAMPLE_EVERY_MS = 15 * 60 * 1000;

/** With fewer samples, the result would show a single copy or deletion rather than a rate. */
const MIN_SAMPLES = 5;

/** One hour of samples allows a forecast for a day, and fourteen hours allow one for two weeks. */
const HORIZON_FACTOR = 24;

/** Adds a sample, unless the last one is too recent. Removes samples that are older than the window. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.at - last.at < SAMPLE_EVERY_MS) return samples;
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MS), sample];
}

/**
 * Returns the loss per ms, and the ms until nothing is left. Returns undefined if the value does not fall, if there are
 * too few samples, or if the end is too far away to be forecast from the observed time. The loss is the median of the
 * slopes between all pairs of samples (Theil and Sen), so one large file does not look like a rate.
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

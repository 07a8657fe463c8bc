import type { Language } from '../../words/sentence.ts';

const MINUTE_MS = 60 * 1000;

/** For each unit of time, the highest number that is shown. A longer age is shown in the next larger unit. */
const UNITS = [
  { unit: 'minute', ms: MINUTE_MS, most: 90 },
  { unit: 'hour', ms: 60 * MINUTE_MS, most: 47 },
] as const;
const DAY = { unit: 'day', ms: 24 * 60 * MINUTE_MS } as const;

/** Returns the text for an age (in ms) in one unit of time: minutes, hours or days. */
export function ageOf(language: Language, age: number): string {
  const { unit, ms } = UNITS.find((one) => age < (one.most + 1) * one.ms) ?? DAY;
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(
    Math.max(0, Math.floor(age / ms)),
  );
}

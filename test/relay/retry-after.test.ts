import { expect, it } from 'vitest';
import { retryAfterOf } from '../../src/relay/retry-after.ts';

const NOW = Date.UTC(2026, 10, 30);

it.each([
  ['120', 120],
  ['0', 0],
  ['9999999999', 9_999_999_999],
  ['Mon, 30 Nov 2026 00:02:00 GMT', 120],
  ['Monday, 30-Nov-26 00:02:00 GMT', 120],
  ['Mon Nov 30 00:02:00 2026', 120],
  ['Tue Dec  1 00:00:00 2026', 86_400],
  ['Sun, 29 Nov 2026 23:59:00 GMT', 0],
  ['2026-11-30T00:02:00Z', undefined],
  ['Mon, 99 Nov 2026 00:02:00 GMT', undefined],
  ['Mon, 30 Nov 2026 00:02:00 PST', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['', undefined],
])('Retry-After: %s', (after, waitS) => {
  expect(retryAfterOf({ 'retry-after': after }, NOW)).toBe(waitS);
});

it('an answer without Retry-After asks for no wait', () => {
  expect(retryAfterOf({}, NOW)).toBeUndefined();
});

it('a date is compared with the clock of the receiver', () => {
  const until = { 'retry-after': 'Sun, 29 Nov 2026 00:02:00 GMT' };
  expect(retryAfterOf({ ...until, date: 'Sun, 29 Nov 2026 00:00:00 GMT' }, NOW)).toBe(120);
  expect(retryAfterOf({ ...until, date: 'yesterday' }, NOW)).toBe(0);
});

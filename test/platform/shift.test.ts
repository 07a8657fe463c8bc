import { expect, test } from 'vitest';
import { shiftAt } from '../../src/platform/day.ts';

const at = (day: number, hour: number, minute = 0): number => new Date(2026, 10, day, hour, minute).getTime();
const THREE = ['06:00', '14:00', '22:00'];

test.each([
  ['in a shift', THREE, at(26, 10, 42), at(26, 6), at(26, 14)],
  ['at its first moment', THREE, at(26, 14), at(26, 14), at(26, 22)],
  ['in the night, before midnight', THREE, at(26, 23), at(26, 22), at(27, 6)],
  ['in the night, after midnight', THREE, at(27, 3), at(26, 22), at(27, 6)],
  ['with one shift a day', ['07:30'], at(26, 7), at(25, 7, 30), at(26, 7, 30)],
])('the shift %s', (_name, begins, now, from, to) => {
  expect(shiftAt(begins, now)).toEqual({ from, to });
});

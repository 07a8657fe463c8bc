import { expect, test } from 'vitest';
import { isPassed, openRow } from '../../torture/check.ts';

test('a fault that was not made, or broke something, is not survived', () => {
  const row = openRow('a fault');
  expect(isPassed(row.row())).toBe(false);
  row.tried();
  expect(isPassed(row.row('fine'))).toBe(true);
  row.tried();
  row.fail('an ID is gone', 2);
  row.fail('and another thing');
  expect(row.row('fine')).toEqual({ fault: 'a fault', tried: 2, survived: 1, lost: 3, note: 'an ID is gone' });
  expect(isPassed(row.row())).toBe(false);
});

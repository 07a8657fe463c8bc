import { expect, it } from 'vitest';
import { UNIT_COLUMNS, type UnitColumn } from '../../src/export/columns.ts';

it('a column of units that the check of a bundle would skip does not compile', () => {
  // @ts-expect-error It lacks `told`.
  const unchecked: UnitColumn = { name: 'colour', kind: 'text' };
  expect(unchecked).not.toHaveProperty('told');
});

it('the events of a unit tell each of its columns but its lot, and a name that its product gave it', () => {
  const unit = { id: 1, uci: 'JT08FFQXWQ', product: 'P', facts: { issued: 0 }, labels: 0, lastSeq: 1 };
  const story = { unit, identity: new Map<string, string>(), body: {}, end: undefined, set: undefined };
  const untold = UNIT_COLUMNS.filter(({ told }) => told(story) === undefined);
  expect(untold.map(({ name }) => name)).toEqual(['name', 'lot']);
});

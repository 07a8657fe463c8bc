import JSON5 from 'json5';
import { expect, it } from 'vitest';

/* Two people changed the same revision of a template: nothing of either is lost. */

interface Change {
  box?: { name?: string };
  property?: string;
  what?: string;
  isMine?: boolean;
}
interface Script {
  merge: (base: string, theirs: string, mine: string) => { text: string; changes: Change[] } | undefined;
}
const { merge } = (await import(new URL('../../assets/label-merge.js', import.meta.url).href)) as Script;

interface Template {
  role?: string;
  media: object;
  boxes: object[];
}
const textOf = (template: Template): string => JSON5.stringify(template);
const QR = { name: 'QR', type: 'qr', x: 1, y: 1, w: 18, h: 18 };
const TEXT = { type: 'text', x: 20, y: 1, w: 30, h: 4, text: '{name}', size: 8 };
const LINE = { type: 'line', x: 1, y: 30, x2: 50, y2: 30 };
const BASE = { media: { width: 62, height: 40 }, boxes: [QR, TEXT, LINE] };
const merged = (theirs: Template, mine: Template) => {
  const result = merge(textOf(BASE), textOf(theirs), textOf(mine));
  if (result === undefined) throw new Error('not merged');
  return { changes: result.changes, template: JSON5.parse<Template>(result.text) };
};

it('changes of different values are both in the result', () => {
  const theirs = { ...BASE, role: 'box', media: { width: 70, height: 40 }, boxes: [{ ...QR, w: 20 }, TEXT, LINE] };
  const mine = { ...BASE, boxes: [{ ...QR, x: 5 }, { ...TEXT, size: 9 }, LINE] };
  const { template, changes } = merged(theirs, mine);
  expect(template).toEqual({ ...theirs, boxes: [{ ...QR, x: 5, w: 20 }, { ...TEXT, size: 9 }, LINE] });
  expect(new Set(changes.map(({ property }) => property))).toEqual(new Set(['w', 'width', 'role']));
});

it('where both changed a value, mine stays and the other is shown', () => {
  const { template, changes } = merged(
    { ...BASE, boxes: [{ ...QR, x: 2 }, TEXT, LINE] },
    { ...BASE, boxes: [{ ...QR, x: 3 }, TEXT, LINE] },
  );
  expect(template.boxes[0]).toEqual({ ...QR, x: 3 });
  expect(changes).toMatchObject([{ property: 'x', theirs: 2, mine: 3, isMine: true }]);
});

it('new boxes of both stay, and each is there once', () => {
  const [a, b] = [
    { ...LINE, y: 10, y2: 10 },
    { ...LINE, y: 20, y2: 20 },
  ];
  const { template } = merged({ ...BASE, boxes: [...BASE.boxes, a] }, { ...BASE, boxes: [b, ...BASE.boxes] });
  expect(template.boxes).toEqual([b, ...BASE.boxes, a]);
  expect(merged({ ...BASE, boxes: [...BASE.boxes, a] }, { ...BASE, boxes: [...BASE.boxes, a] }).template.boxes).toEqual(
    [...BASE.boxes, a],
  );
});

it('a box that one removed and the other changed stays', () => {
  const without = { ...BASE, boxes: [TEXT, LINE] };
  const changed = { ...BASE, boxes: [{ ...QR, w: 20 }, TEXT, LINE] };
  expect(merged(without, changed).template.boxes).toContainEqual({ ...QR, w: 20 });
  expect(merged(without, changed).changes).toMatchObject([{ what: 'kept' }]);
  expect(merged(changed, without).template.boxes).toContainEqual({ ...QR, w: 20 });
});

it('a box that one removed and the other left is removed', () => {
  expect(merged({ ...BASE, boxes: [QR, LINE] }, BASE).template.boxes).toEqual([QR, LINE]);
  expect(merged(BASE, { ...BASE, boxes: [QR, LINE] }).template.boxes).toEqual([QR, LINE]);
});

it('a text that is no template is not merged', () => {
  expect(merge(textOf(BASE), textOf(BASE), '{')).toBeUndefined();
});

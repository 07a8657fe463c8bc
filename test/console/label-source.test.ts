import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import JSON5 from 'json5';
import { describe, expect, it } from 'vitest';
import { labelsFolder } from '../../src/label/template.ts';

/* The script that changes the text of a template, and keeps its comments. */

interface Node {
  value: Record<string, unknown>;
}
interface Parts {
  media: Node;
  boxes: Node[];
}
interface Script {
  read: (text: string) => Parts | undefined;
  set: (text: string, node: Node, key: string, value: unknown) => string;
  setAll: (text: string, node: Node, values: object) => string;
  setEach: (text: string, entries: [number, object][]) => string;
  textOf: (boxes: object[]) => string;
  boxesIn: (text: string) => Record<string, unknown>[];
  addBox: (text: string, properties: object) => string;
  removeBox: (text: string, index: number) => string;
  commentsOf: (text: string, index: number) => string[];
}
const script = (await import(new URL('../../assets/label-source.js', import.meta.url).href)) as Script;
const { read, set, setAll, setEach, textOf, boxesIn: copied, addBox, removeBox, commentsOf } = script;
const boxesIn = (text: string): Record<string, unknown>[] =>
  JSON5.parse<{ boxes: Record<string, unknown>[] }>(text).boxes;
const partsOf = (text: string): Parts => read(text) as Parts;

const shipped = readdirSync(labelsFolder)
  .filter((file) => file.endsWith('.json5'))
  .map((file) => [file, readFileSync(join(labelsFolder, file), 'utf8')] as const);

describe.each(shipped)('the shipped template %s', (_file, text) => {
  it('is read as JSON5 reads it', () => {
    const { media, boxes } = partsOf(text);
    // The role of a template is not drawn.
    const { role: _role, ...drawn } = JSON5.parse<Record<string, unknown>>(text);
    expect({ media: media.value, boxes: boxes.map(({ value }) => value) }).toEqual(drawn);
  });

  it('loses only the box that is removed, and only the property that is removed', () => {
    for (const [index, box] of boxesIn(text).entries()) {
      expect(boxesIn(removeBox(text, index))).toEqual(boxesIn(text).toSpliced(index, 1));
      for (const key of Object.keys(box)) {
        const { [key]: _removed, ...rest } = box;
        const changed = set(text, partsOf(text).boxes[index] as Node, key, undefined);
        expect(boxesIn(changed)[index]).toEqual(rest);
        expect(boxesIn(changed).length).toBe(boxesIn(text).length);
      }
    }
  });
});

const COMMENTED = `// head
{
    media: { width: 62, height: 40 }, // media
    boxes: [
        // above the first
        { type: 'qr', x: 1, /* inside */ y: 2, w: 3, h: 3 }, // beside the first
        // above the second
        { type: 'line', x: 1, y: 2, x2: 3, y2: 4 },
    ],
}
`;

describe('comments', () => {
  const comments = (text: string): string[] => text.match(/\/\/.*|\/\*.*?\*\//g) ?? [];

  it('stay when values change, and when boxes are added', () => {
    const moved = setAll(COMMENTED, partsOf(COMMENTED).boxes[0] as Node, { x: 7.25, y: 8, level: 'Q' });
    expect(boxesIn(moved)[0]).toEqual({ type: 'qr', x: 7.25, y: 8, w: 3, h: 3, level: 'Q' });
    const added = addBox(moved, { type: 'text', text: `it's {name}` });
    expect(boxesIn(added).at(-1)).toEqual({ type: 'text', text: `it's {name}` });
    expect(comments(added)).toEqual(comments(COMMENTED));
  });

  it('of a removed box go with it, and are known before', () => {
    expect(commentsOf(COMMENTED, 0)).toEqual(['above the first', 'inside', 'beside the first']);
    expect(comments(removeBox(COMMENTED, 1))).toEqual(comments(COMMENTED).filter((one) => !one.includes('second')));
    expect(commentsOf(COMMENTED, 1)).toEqual(['above the second']);
  });
});

it.each(['', '{', '{ media: {}, boxes: [1] }', '[]', '{ media: { width: 1 } }', `{ media: {}, boxes: ['`, 'x: 1'])(
  'a text that is no template has no parts: %s',
  (text) => expect(read(text)).toBeUndefined(),
);

it('names in quotes, numbers in any form and line breaks in texts are read', () => {
  const text = `{ 'media': { "width": +6e1, height: .5, dpi: 0xCB }, boxes: [{ type: 'text', text: 'a\\
b\\u0041\\x42\\n', on: true, x: null }] }`;
  expect([partsOf(text).media.value, partsOf(text).boxes[0]?.value]).toEqual([
    JSON5.parse<{ media: object }>(text).media,
    boxesIn(text)[0],
  ]);
});

describe('several boxes', () => {
  it('change in one step, each with its own values, and comments stay', () => {
    const text = COMMENTED;
    const before = boxesIn(text);
    const entries = before.map((_, index): [number, object] => [index, { x: index + 0.5, note: undefined, w: 9 }]);
    const changed = setEach(text, entries);
    expect(boxesIn(changed)).toEqual(before.map((box, index) => ({ ...box, x: index + 0.5, w: 9 })));
    for (const comment of text.match(/\/\/ [a-z ]+/g) ?? []) expect(changed).toContain(comment);
  });

  it('are copied as text and pasted into another template', () => {
    const boxes = boxesIn(COMMENTED);
    expect(copied(textOf(boxes))).toEqual(boxes);
    expect(copied(COMMENTED)).toEqual(boxes);
    for (const other of ['', 'hello', '{ a: 1 }', '12 mm', '[1, 2]']) expect(copied(other)).toEqual([]);
  });
});

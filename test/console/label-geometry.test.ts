import { expect, it } from 'vitest';

/* Where boxes are after several of them moved together. */

interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}
interface Script {
  alignedIn: (rect: Rect, around: Rect, side: string, edge?: number) => { x: number; y: number };
  boundsOf: (rects: Rect[]) => Rect;
  distributed: (rects: Rect[], axis: 'x' | 'y') => { x: number; y: number }[];
  gapsOf: (rect: Rect, others: Rect[], media: { width: number; height: number }) => { mm: number }[];
}
const script = (await import(new URL('../../assets/label-geometry.js', import.meta.url).href)) as Script;
const { alignedIn, boundsOf, distributed, gapsOf } = script;

const RECTS = [
  { x: 30, y: 10, w: 4, h: 4 },
  { x: 0, y: 2, w: 10, h: 2 },
  { x: 14, y: 20, w: 6, h: 8 },
];

it('boxes are aligned within the smallest rectangle around them', () => {
  const bounds = boundsOf(RECTS);
  expect(bounds).toEqual({ x: 0, y: 2, w: 34, h: 26 });
  const at = (side: string) => RECTS.map((rect) => alignedIn(rect, bounds, side));
  expect(at('right').map(({ x }) => x)).toEqual([30, 24, 28]);
  expect(at('center').map(({ x }) => x)).toEqual([15, 12, 14]);
  expect(at('bottom').map(({ y }) => y)).toEqual([24, 26, 20]);
  expect(at('bottom').map(({ x }) => x)).toEqual([30, 0, 14]);
});

it('boxes get the same distances, in the order in which they lie', () => {
  expect(distributed(RECTS, 'x').map(({ x }) => x)).toEqual([30, 0, 17]);
  expect(distributed(RECTS, 'y').map(({ y }) => y)).toEqual([10, 2, 20]);
});

it('the distances are those to the neighbours, or else to the edges', () => {
  const gaps = gapsOf({ x: 20, y: 10, w: 10, h: 5 }, [{ x: 5, y: 12, w: 5, h: 1 }], { width: 62, height: 40 });
  expect(gaps.map(({ mm }) => mm)).toEqual([10, 32, 10, 25]);
  const covered = gapsOf({ x: 20, y: 10, w: 10, h: 5 }, [{ x: 0, y: 0, w: 62, h: 40 }], { width: 62, height: 40 });
  expect(covered.map(({ mm }) => mm)).toEqual([20, 32, 10, 25]);
});

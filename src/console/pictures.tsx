import type { Child } from 'hono/jsx';

/* Pictures of numbers. The geometry is in SVG attributes, and the colours are in console.css. */

/** A part that is not zero is at least this wide (percent), so that even a single unit is visible. */
const LEAST_WIDTH = 1.2;

export interface MeterPart {
  kind: 'good' | 'open' | 'warn' | 'bad' | 'soft' | 'accent';
  count: number;
}

/**
 * A horizontal bar. `of` is the count that the entire bar represents. `name` is a text with the same figures, for
 * people who cannot see the bar.
 */
export function Meter({
  name,
  parts,
  of,
  height = 12,
}: {
  name: string;
  parts: MeterPart[];
  of: number;
  height?: number;
}) {
  const bars = placed(
    parts.map(({ count }) => count),
    of,
  );
  return (
    <svg class="meter" width="100%" height={height} role="img" aria-label={name}>
      <rect class="meter-track" width="100%" height={height} />
      {parts.map(({ kind }, at) => {
        const { x = 0, width = 0 } = bars[at] ?? {};
        return width === 0 ? null : <rect class={`m-${kind}`} x={percent(x)} width={percent(width)} height={height} />;
      })}
    </svg>
  );
}

interface ProgressProps {
  count: number;
  of: number;
  /** The same figures in words. */
  children: Child;
}

export function Progress({ count, of, children }: ProgressProps) {
  return (
    <label class="progress">
      <span>{children}</span>
      <progress max={of} value={Math.min(count, of)}></progress>
    </label>
  );
}

/**
 * Returns each part's position and width in percent of the bar. Small parts are widened, and large parts are narrowed
 * to make room.
 */
export function placed(counts: readonly number[], of: number): { x: number; width: number }[] {
  const total = Math.max(
    of,
    counts.reduce((sum, count) => sum + count, 0),
  );
  if (total === 0) return counts.map(() => ({ x: 0, width: 0 }));
  const wanted = counts.map((count) => (count === 0 ? 0 : Math.max(LEAST_WIDTH, (100 * count) / total)));
  const sum = wanted.reduce((all, width) => all + width, 0);
  const widths = sum > 100 ? wanted.map((width) => (100 * width) / sum) : wanted;
  return widths.map((width, at) => ({ x: widths.slice(0, at).reduce((all, one) => all + one, 0), width }));
}

const percent = (value: number): string => `${Math.round(value * 100) / 100}%`;

/** The width of a time slice, and the heights of the upper and lower halves, in the picture's own units. */
const SLICE = 10;
const UP = 22;
const DOWN = 10;
const BASE = 24;

export interface Bars {
  slice: number;
  passed: number;
  failed: number;
}

/**
 * A small bar chart over time. Bars go up for passed units and down for failed ones. `most` is the count of the highest
 * bar, or 1 if all counts are zero.
 */
export function Spark({
  name,
  bars,
  slices,
  most,
  now,
}: {
  name: string;
  bars: Bars[];
  slices: number;
  most: number;
  now: number;
}) {
  const height = (count: number, space: number): number => Math.max(2, Math.round((space * count * 10) / most) / 10);
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${slices * SLICE} ${BASE + 2 + DOWN}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={name}
    >
      <rect class="spark-base" x="0" y={BASE} width={slices * SLICE} height="1" />
      {bars.map(({ slice, passed, failed }) => (
        <>
          {passed === 0 ? null : (
            <rect
              class={slice === now ? 'spark-now' : 'spark-pass'}
              x={slice * SLICE + 1}
              y={BASE - height(passed, UP)}
              width={SLICE - 2}
              height={height(passed, UP)}
            />
          )}
          {failed === 0 ? null : (
            <rect
              class="spark-fail"
              x={slice * SLICE + 1}
              y={BASE + 2}
              width={SLICE - 2}
              height={Math.min(DOWN, height(failed, UP))}
            />
          )}
        </>
      ))}
    </svg>
  );
}

/** A card with its header. */
interface CardProps {
  title: string;
  note?: Child;
  id?: string;
  children: Child;
}

export function Card({ title, note, id, children }: CardProps) {
  return (
    <section class="card" {...(id === undefined ? {} : { id })}>
      <div class="card-head">
        <h2>{title}</h2>
        {note}
      </div>
      {children}
    </section>
  );
}

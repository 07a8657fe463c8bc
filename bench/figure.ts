import { p99 } from '../harness/agent.ts';

/** A summary of the measurements of one figure. Each round has one measurement. */
export interface Spread {
  /**
   * The median of all rounds. If the figure is a percentile, `middle` is the percentile over the requests of all rounds
   * together.
   */
  middle: number;
  min: number;
  max: number;
}

export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (i: number): number => sorted[i] as number;
  const half = (sorted.length - 1) / 2;
  return { middle: (at(Math.floor(half)) + at(Math.ceil(half))) / 2, min: at(0), max: at(sorted.length - 1) };
}

export type Unit = '/s' | 'ms' | 'bytes' | 'MB' | '×';

/** One line of the table of figures. */
export interface Figure {
  what: string;
  unit: Unit;
  value: Spread;
  /** The baseline is measured in the same run as the figure. */
  against?: { what: string; value: Spread };
  /**
   * For each round, the figure divided by its baseline. The figure and its baseline are measured one right after the
   * other, so a slow machine affects both.
   */
  ratio?: Spread;
  /**
   * For times, sizes and their ratios, the highest allowed value. For rates and their ratios, the lowest allowed value.
   */
  budget?: { of: 'ratio' | 'value'; bound: number };
}

export function compare(
  what: string,
  unit: Unit,
  values: number[],
  against: { what: string; values: number[] },
  ratioBudget?: number,
): Figure {
  return {
    what,
    unit,
    value: spread(values),
    against: { what: against.what, value: spread(against.values) },
    ratio: spread(values.map((value, i) => value / (against.values[i] as number))),
    ...(ratioBudget === undefined ? {} : { budget: { of: 'ratio', bound: ratioBudget } }),
  };
}

/** With at least this many rounds, the median of the rounds is compared with the budget. */
const MANY_ROUNDS = 12;

/**
 * Returns the 99th percentile in ms over the requests of all rounds, because a single round has too few slow requests.
 * With many rounds, returns the median of the rounds, so that a few rounds on a busy machine do not change the result.
 */
export function compareP99(
  what: string,
  rounds: number[][],
  against: { what: string; rounds: number[][] },
  ratioBudget: number,
): Figure {
  const isMany = rounds.length >= MANY_ROUNDS;
  const p99s = (all: number[][]): Spread => (isMany ? spread(all.map(p99)) : spreadP99(all));
  const [value, other] = [p99s(rounds), p99s(against.rounds)];
  const each = spread(rounds.map((round, i) => p99(round) / p99(against.rounds[i] as number[])));
  return {
    what,
    unit: 'ms',
    value,
    against: { what: against.what, value: other },
    ratio: isMany ? each : { ...each, middle: value.middle / other.middle },
    budget: { of: 'ratio', bound: ratioBudget },
  };
}

function spreadP99(rounds: number[][]): Spread {
  return { ...spread(rounds.map(p99)), middle: p99(rounds.flat()) };
}

/** Returns true if the figure meets its budget. */
export function isMet({ unit, value, ratio, budget }: Figure): boolean | undefined {
  if (budget === undefined) return undefined;
  const { middle } = budget.of === 'ratio' ? (ratio as Spread) : value;
  return unit === '/s' ? middle >= budget.bound : middle <= budget.bound;
}

/**
 * Formats the figures as a text table. Each line shows a figure, with the values of its lowest and its highest round.
 */
export function table(figures: Figure[]): string {
  const header = ['figure', 'value (min–max)', 'compared with', 'value (min–max)', 'ratio', 'budget', 'met'];
  const rows = figures.map((figure) => {
    const { what, unit, value, against, ratio } = figure;
    const met = isMet(figure);
    return [
      what,
      `${range(value)} ${unit}`,
      against?.what ?? '',
      against ? `${range(against.value)} ${unit}` : '',
      ratio ? range(ratio) : '',
      budgetText(figure),
      met === undefined ? '' : met ? 'yes' : 'NO',
    ];
  });
  const widths = header.map((title, i) => Math.max(...[header, ...rows].map((row) => (row[i] ?? title).length)));
  const line = (row: string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function budgetText({ unit, budget }: Figure): string {
  if (budget === undefined) return '';
  const sign = unit === '/s' ? '≥' : '≤';
  return budget.of === 'ratio' ? `${sign} ${budget.bound}` : `${sign} ${budget.bound} ${unit}`;
}

function range({ middle, min, max }: Spread): string {
  return min === max ? short(middle) : `${short(middle)} (${short(min)}–${short(max)})`;
}

function short(value: number): string {
  return value < 20 ? value.toFixed(2) : Math.round(value).toLocaleString('en-US');
}

/* The numbers that the products of a shift draw from a pool, and the label that shows them. */

/** The identity property that contains the number. The devices send their first MAC as `mac`. */
export const POOL_PROPERTY = 'uid';

/** The name of the label template that shows the number as a bar code. */
export const POOL_LABEL = 'sim-number';

/** Numbers that units have. The number is undefined if it is missing. */
export type Numbered = [uci: string, number: string | undefined][];

/** Returns the range of the nth product of a shift. Each range has more numbers than a shift has devices. */
function rangeOf(nth: number): string {
  const [from, to] = [nth * RANGE, (nth + 1) * RANGE - 1].map((place) => place.toString(16).padStart(6, '0'));
  return `A4C138${from}-A4C138${to}`.toUpperCase();
}

const RANGE = 0x10_0000;

/** Returns the pool settings of the nth product of a shift. */
export function poolSettings(nth: number): object {
  return { pools: [`${POOL_PROPERTY}=${rangeOf(nth)}`], poolAnswers: [POOL_PROPERTY], label: POOL_LABEL };
}

/** The template of the label, as JSON5. */
export const LABEL_SOURCE = `{
  media: { width: 62, height: 40, dpi: 203 },
  boxes: [
    { name: 'Claim ID', type: 'text', x: 3, y: 16, w: 39, h: 5, text: '{uci:5}', font: 'mono', size: 13, floor: 6 },
    { name: 'S/N', type: 'text', x: 3, y: 28, w: 39, h: 3, text: '{serial}', font: 'mono', size: 7, floor: 4.5 },
    { name: 'QR', type: 'qr', x: 43, y: 11.9, w: 18.8, h: 18.8, text: '{qr}', level: 'M', quiet: 4 },
    { name: 'number', type: 'code128', x: 0.4, y: 31.8, w: 61.2, h: 6, text: '{pool.${POOL_PROPERTY}}', quiet: 10 },
  ],
}`;

import { defined } from '../platform/own.ts';

/**
 * Encodes printable ASCII as Code 128 (ISO/IEC 15417), in subset B (one character per symbol) and subset C (two digits
 * per symbol). A ZPL printer selects the subsets itself (ZPL II guide, ^BC, automatic mode: subset C for four digits or
 * more). This file follows the same rule, so that the printed code is exactly as wide as in the layout. Barcode
 * libraries do not follow this rule, so they are not used for Code 128.
 */

export interface Bars {
  /**
   * The widths of bars and spaces, in modules. Bars and spaces alternate. The first and the last width are those of
   * bars.
   */
  widths: number[];
  /** The sum of the widths, in modules. */
  modules: number;
}

interface Part {
  subset: 'B' | 'C';
  text: string;
}

/** Each symbol value from 0 to 105 has six widths (ISO/IEC 15417, table 1). The stop symbol has seven widths. */
const WIDTHS =
  '212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222' +
  '123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321' +
  '232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121' +
  '313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224' +
  '111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111' +
  '111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113' +
  '114311411113411311113141114131311141411131211412211214211232';
const SYMBOLS = Array.from({ length: WIDTHS.length / 6 }, (_, value) =>
  Array.from(WIDTHS.slice(6 * value, 6 * value + 6), Number),
);
const STOP = [2, 3, 3, 1, 1, 1, 2];
const MODULES = { symbol: 11, stop: 13 } as const;

const START = { B: 104, C: 105 } as const;
const SWITCH = { B: 100, C: 99 } as const;
const CHECK_MODULO = 103;

/** The text must have at least one character, all of them printable ASCII. */
export function encodeCode128(text: string): Bars {
  const values: number[] = [];
  for (const { subset, text: letters } of divide(text)) {
    values.push((values.length === 0 ? START : SWITCH)[subset]);
    if (subset === 'B') for (let at = 0; at < letters.length; at++) values.push(letters.charCodeAt(at) - 32);
    else for (let at = 0; at < letters.length; at += 2) values.push(Number(letters.slice(at, at + 2)));
  }
  // The checksum is the start symbol's value, plus each other symbol's value multiplied by its position.
  let sum = 0;
  const widths: number[] = [];
  for (const [place, value] of values.entries()) {
    sum += value * Math.max(1, place);
    widths.push(...defined(SYMBOLS[value]));
  }
  widths.push(...defined(SYMBOLS[sum % CHECK_MODULO]), ...STOP);
  return { widths, modules: (values.length + 1) * MODULES.symbol + MODULES.stop };
}

/** Matches a run of digits that is encoded in subset C. A run of fewer than four digits stays in subset B. */
const DIGIT_RUN = /(\d{4,})/;

/** Runs of four or more digits are encoded in subset C. In a run of odd length, one digit stays in subset B. */
function divide(text: string): Part[] {
  const parts: Part[] = [];
  const add = (subset: Part['subset'], piece: string): void => {
    const last = parts.at(-1);
    if (piece === '') return;
    if (last?.subset === subset) last.text += piece;
    else parts.push({ subset, text: piece });
  };
  for (const [index, piece] of text.split(DIGIT_RUN).entries()) {
    const odd = index % 2 === 1 && piece.length % 2 === 1;
    if (index % 2 === 0) add('B', piece);
    else if (!odd) add('C', piece);
    else if (parts.length === 0) {
      add('C', piece.slice(0, -1));
      add('B', piece.slice(-1));
    } else {
      add('B', piece.slice(0, 1));
      add('C', piece.slice(1));
    }
  }
  return parts;
}

import { own as ofName } from '../../platform/own.ts';
import { SEPARATOR, type Command } from './reader.ts';

/*
 * The state that a Zebra printer keeps between formats (P1012728-011), and how the state changes labels. The drawing
 * library draws each format as if the printer had just been switched on. So the numbers in a format are adapted before
 * the format is drawn.
 */

/** Dots, inches and millimetres. */
const UNITS = ['D', 'I', 'M'] as const;

export interface PrinterState {
  /** ^MU: the unit of measure, and the conversion of dots. */
  unit: (typeof UNITS)[number];
  conversion: number;
  /** ^JMB: the printer has half as many dots per millimetre. */
  isHalf: boolean;
  home: { x: number; y: number };
  /** ^LS, ^LT. */
  left: number;
  top: number;
  /** ^PO, ^PM. */
  isTurned: boolean;
  isMirrored: boolean;
  /** ^LR. */
  isReversed: boolean;
  /** ^FW. */
  orientation: string;
  isRightAligned: boolean;
  /** ^CI with pairs of characters: the first of a pair is replaced with the second. */
  remap: { [character: string]: string };
  /** ^BY. */
  bars: { width: number; ratio: number; height: number };
  /** ^PW, ^LL. */
  width?: number;
  length?: number;
  /** ^MCN: the image of a label is kept for the next label. */
  isKept: boolean;
  /** ^JZY: an interrupted label is reprinted. */
  isRepeated: boolean;
  /** ^SZ1: the printer understands the original ZPL, but not ZPL II. */
  isOld: boolean;
}

/** The state of a printer that has just been switched on. */
export function powerUp(): PrinterState {
  return {
    unit: 'D',
    conversion: 1,
    isHalf: false,
    home: { x: 0, y: 0 },
    left: 0,
    top: 0,
    isTurned: false,
    isMirrored: false,
    isReversed: false,
    orientation: 'N',
    isRightAligned: false,
    remap: {},
    bars: { width: 2, ratio: 3, height: 10 },
    isKept: false,
    isRepeated: true,
    isOld: false,
  };
}

/** A format that can be drawn. Its ZPL does not depend on earlier formats. */
export interface Drawing {
  zpl: string;
  copies: number;
  state: PrinterState;
}

/**
 * Changes the state as the format requires. Returns the drawing of the format. Returns undefined if the format has no
 * fields. Calls `save` for the command ^JUS.
 */
export function format(state: PrinterState, commands: Command[], dpi: number, save: () => void): Drawing | undefined {
  const out: string[] = ['^XA^CI28'];
  let copies = 1;
  let isField = false;
  for (const { name, parameters } of commands) {
    const values = parameters.split(SEPARATOR);
    if (name === 'PQ') copies = Math.max(1, Number(values[0]) || 1);
    else if (name === 'JU' && values[0] === 'S') save();
    else if (!setState(state, name, values, dpi)) {
      out.push(drawn(state, name, values, dpi));
      if (name === 'FS') isField = true;
    }
  }
  if (!isField || state.isOld) return undefined;
  return { zpl: `${out.join('')}^XZ`, copies, state: { ...state } };
}

/** Returns a whole number of dots. */
function scaled(state: PrinterState, value: string | undefined, dpi: number): number | undefined {
  const number = Number(value);
  if (value === undefined || value === '' || Number.isNaN(number)) return undefined;
  const perUnit = state.unit === 'D' ? state.conversion : state.unit === 'I' ? dpi : dpi / 25.4;
  return Math.round(number * perUnit * (state.isHalf ? 2 : 1));
}

/** Returns true if the command changes the state and draws nothing itself. */
function setState(state: PrinterState, name: string, values: string[], dpi: number): boolean {
  const [first = '', second, third] = values;
  const number = (value: string | undefined): number | undefined => scaled(state, value, dpi);
  switch (name) {
    case 'MU':
      state.unit = UNITS.find((unit) => first.startsWith(unit)) ?? state.unit;
      if (Number(second) > 0 && Number(third) > 0) state.conversion = Number(third) / Number(second);
      return true;
    case 'JM':
      state.isHalf = first === 'B';
      return true;
    case 'LH':
      state.home = { x: number(first) ?? state.home.x, y: number(second) ?? state.home.y };
      return true;
    case 'LS':
      state.left = number(first) ?? state.left;
      return true;
    case 'LT':
      state.top = number(first) ?? state.top;
      return true;
    case 'FW':
      if (/^[NRIB]/.test(first)) state.orientation = first[0] ?? 'N';
      if (second !== undefined) state.isRightAligned = second === '1';
      return true;
    case 'CI': {
      const pairs = Number(first) <= 13 ? values.slice(1).map(Number) : [];
      state.remap = {};
      for (let at = 0; at + 1 < pairs.length; at += 2)
        state.remap[String.fromCharCode(pairs[at] ?? 0)] = String.fromCharCode(pairs[at + 1] ?? 0);
      return true;
    }
    case 'PW':
      state.width = number(first) ?? state.width ?? 0;
      return true;
    case 'LL':
      state.length = number(first) ?? state.length ?? 0;
      return true;
    default:
      return setFlag(state, name, first);
  }
}

/** Executes commands that switch something on or off. A wrong value is ignored. */
function setFlag(state: PrinterState, name: string, value: string): boolean {
  const set = (key: FlagKey, on: string, off: string): boolean => {
    if (value.startsWith(on)) state[key] = true;
    if (value.startsWith(off)) state[key] = false;
    return true;
  };
  switch (name) {
    case 'PO':
      return set('isTurned', 'I', 'N');
    case 'PM':
      return set('isMirrored', 'Y', 'N');
    case 'LR':
      return set('isReversed', 'Y', 'N');
    case 'MC':
      return set('isKept', 'N', 'Y');
    case 'JZ':
      return set('isRepeated', 'Y', 'N');
    case 'SZ':
      return set('isOld', '1', '2');
    default:
      return /^(CV|PR|MD|MN|MT|MM|JU|XB|CF|CW|PA)$/.test(name);
  }
}

type FlagKey = 'isTurned' | 'isMirrored' | 'isReversed' | 'isKept' | 'isRepeated' | 'isOld';

function drawn(state: PrinterState, name: string, values: string[], dpi: number): string {
  const number = (at: number): number | undefined => scaled(state, values[at], dpi);
  const own = (index: number): string => values[index] ?? '';
  switch (name) {
    case 'FO':
    case 'FT': {
      const isRight = own(2) === '' ? state.isRightAligned : own(2) === '1';
      const x = (number(0) ?? 0) + state.home.x - state.left - (isRight ? RIGHT_SHIFT : 0);
      const y = (number(1) ?? 0) + state.home.y + state.top;
      return `^${name}${Math.max(0, x)},${Math.max(0, y)}${state.isReversed ? '^FR' : ''}`;
    }
    case 'BY': {
      const { bars } = state;
      state.bars = {
        width: number(0) ?? bars.width,
        ratio: Number(own(1)) || bars.ratio,
        height: number(2) ?? bars.height,
      };
      return `^BY${state.bars.width},${state.bars.ratio},${state.bars.height}`;
    }
    case 'BC': {
      const { width, ratio, height } = state.bars;
      const high = number(1) ?? height;
      return `^BY${width},${ratio},${high}^BC${[own(0) || state.orientation, high, ...values.slice(2)].join(',')}`;
    }
    case 'BQ':
      return `^BQ${[own(0) || state.orientation, own(1), number(2) ?? 3, ...values.slice(3)].join(',')}`;
    case 'BX':
      return `^BX${[own(0) || state.orientation, number(1) ?? 3, ...values.slice(2)].join(',')}`;
    case 'GB':
    case 'GD':
      return `^${name}${[number(0) ?? 1, number(1) ?? 1, number(2) ?? 1, ...values.slice(3)].join(',')}`;
    case 'FD':
      return `^FD${remapped(state, own(0))}`;
    default:
      return `^${name}${values.join(',')}`;
  }
}

/**
 * A right-aligned field ends at its origin, so the field begins to the left of the origin. How far to the left the
 * field begins does not matter for the drawing.
 */
const RIGHT_SHIFT = 200;

/** Replaces characters in a text, but not in its hexadecimal escapes (^FH). */
function remapped({ remap }: PrinterState, text: string): string {
  return text.replace(/_[0-9A-Fa-f]{2}|[^_]/g, (one) => (one.length === 1 ? (ofName(remap, one) ?? one) : one));
}

import { ClaimstampError, refusal, wordsOf } from '../platform/error.ts';
import { phrase } from '../platform/refusal-words.ts';
import { BAR_CODES, MATRIX_CODES, type Matrix } from './barcode.ts';
import { contentOf } from './code-content.ts';
import type { Bars } from './code128.ts';
import { facesFor, loadFace, MM_PER_POINT, runsOf, widthOf, type Face, type Run } from './fonts.ts';
import { loadPicture } from './pictures/load.ts';
import type { Picture } from './pictures/picture.ts';
import type { Tone } from './pictures/tone.ts';
import type { QrLevel } from './symbol.ts';
import type { LabelData } from '../contract/labels.ts';
import {
  boxName,
  fill,
  type Box,
  type CodeBox,
  type ImageBox,
  type Template,
  type TextBox,
  type TurnableBox,
} from './template.ts';
import type { Rotation } from '../model/printing/setup.ts';
import { defined } from '../platform/own.ts';

/*
 * Converts a template and a unit's data into shapes in mm. All output formats use these shapes. A code's position and
 * module width are rounded to printer dots. If a text does not fit or cannot be drawn, an error is thrown before
 * anything is printed.
 */

export type Shape =
  | { kind: 'text'; runs: Run[]; x: number; baseline: number; size: number; width: number }
  | {
      kind: 'matrix';
      symbology: keyof typeof MATRIX_CODES;
      level: QrLevel;
      matrix: Matrix;
      payload: string;
      x: number;
      y: number;
      module: number;
      dots: number;
    }
  | {
      kind: 'bars';
      symbology: keyof typeof BAR_CODES;
      bars: Bars;
      payload: string;
      x: number;
      y: number;
      height: number;
      module: number;
      dots: number;
    }
  | { kind: 'image'; picture: Picture; tone: Tone; x: number; y: number; w: number; h: number }
  | { kind: 'line'; x: number; y: number; x2: number; y2: number; width: number }
  | { kind: 'frame'; x: number; y: number; w: number; h: number; width: number }
  /** A black triangle whose right angle is at its lower right. `x` and `y` are the upper left corner of its area. */
  | { kind: 'triangle'; x: number; y: number; side: number }
  /**
   * A group of shapes that are turned clockwise together (turn.ts). `w` × `h` is the size of the frame after turning.
   * The positions of the shapes are those before turning.
   */
  | { kind: 'turned'; rotation: Rotation; x: number; y: number; w: number; h: number; shapes: Shape[] };

export interface Layout {
  /** The width of the label in mm. */
  width: number;
  height: number;
  dpi: number;
  shapes: Shape[];
}

/**
 * The minimum number of dots per module. With fewer dots, heat from the print head closes the gaps between bars, and
 * the ISO/IEC 15416 grade falls below C.
 */
const MIN_DOTS = 2;

/**
 * The minimum module size, in mm. Hand scanners need modules of 6.5 mil, and phones need larger ones. On a
 * high-resolution printer, two dots are smaller than this minimum, so MIN_DOTS alone is not enough.
 */
export const MIN_MODULE = 0.165;

/** The maximum number of dots per module of a bar code. ZPL printers allow only 1 to 10 dots per module (^BY). */
const MAX_BAR_DOTS = 10;

export function layOut(template: Template, data: LabelData, dpi: number = template.media.dpi): Layout {
  const shapes: Shape[] = [];
  for (const [index, box] of template.boxes.entries()) {
    try {
      shapes.push(...layOutBox(template, box, data, dpi));
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      throw new ClaimstampError(
        error.code,
        phrase('box', { template: template.name, box: boxName(box, index), why: wordsOf(error) }),
      );
    }
  }
  return { width: template.media.width, height: template.media.height, dpi, shapes };
}

/**
 * Returns the shapes of one box. If one of the box's placeholders has no value, returns no shapes. Throws `invalid` if
 * the content does not fit.
 */
export function layOutBox(template: Template, box: Box, data: LabelData, dpi: number): Shape[] {
  if (!('rotation' in box) || box.rotation === undefined || box.rotation === 0)
    return layOutUpright(template, box, data, dpi);
  const { frame, upright } = uprightOf(box, box.rotation, dpi);
  const shapes = layOutUpright(template, upright, data, dpi);
  return shapes.length === 0 ? [] : [{ kind: 'turned', rotation: box.rotation, ...frame, shapes }];
}

interface Upright {
  dpi: number;
  /** The position of the turned box, rounded to whole dots. */
  frame: { x: number; y: number; w: number; h: number };
  /** The box before turning. */
  upright: Box;
}

/** A box stays the same for all labels of a job, so its texts and pictures are cached. */
const uprights = new WeakMap<Box, Upright>();

function uprightOf(box: TurnableBox, rotation: Rotation, dpi: number): Upright {
  const known = uprights.get(box);
  if (known?.dpi === dpi) return known;
  const dot = mmPerDot(dpi);
  const whole = (mm: number): number => Math.floor(mm / dot + 1e-6) * dot;
  const frame = { x: snap(box.x, dot), y: snap(box.y, dot), w: whole(box.w), h: whole(box.h) };
  const [w, h] = rotation === 180 ? [frame.w, frame.h] : [frame.h, frame.w];
  const made = { dpi, frame, upright: { ...box, x: 0, y: 0, w, h } };
  uprights.set(box, made);
  return made;
}

function layOutUpright(template: Template, box: Box, data: LabelData, dpi: number): Shape[] {
  switch (box.type) {
    case 'text': {
      const text = fill(box.text, data);
      return text === undefined || text === '' ? [] : textShapes(box, text, template.folder);
    }
    case 'image': {
      const file = fill(box.file, data);
      return file === undefined || file === '' ? [] : imageShapes(box, file, template);
    }
    case 'line':
      return [{ kind: 'line', x: box.x, y: box.y, x2: box.x2, y2: box.y2, width: box.width }];
    case 'box':
      return [{ kind: 'frame', x: box.x, y: box.y, w: box.w, h: box.h, width: box.width }];
    default: {
      const payload = contentOf(box, data);
      if (payload === undefined) return [];
      const code = codeShape(box, payload, dpi);
      return isFramed(box) ? [code, ...frameAround(code, box.quiet)] : [code];
    }
  }
}

/* Text */

/** The step, in pt, for reducing the size of a text. */
const SHRINK_STEP = 0.25;
/** The distance between lines of text, in em. */
const LEADING = 1.2;

/**
 * Usually, a box has the same text on all labels of a job. Then all labels share the same shape objects. So the code
 * for each output format can cache the results for these objects.
 */
const lastText = new WeakMap<TextBox, { text: string; shapes: Shape[] }>();

function textShapes(box: TextBox, text: string, folder: string): Shape[] {
  const last = lastText.get(box);
  if (last?.text === text) return last.shapes;
  const shapes = fitText(box, text, folder);
  lastText.set(box, { text, shapes });
  return shapes;
}

/**
 * The maximum number of characters in a text. No label has enough space for a longer text. Laying out a longer text
 * could take seconds.
 */
const MAX_TEXT = 2000;

function fitText(box: TextBox, text: string, folder: string): Shape[] {
  if (text.length > MAX_TEXT) {
    throw refusal('label-too-large', 'longText', { length: text.length, max: MAX_TEXT });
  }
  const faces = facesFor(text, facesOfBox(box, folder));
  const smallest = box.floor ?? box.size;
  for (let size = box.size; size >= smallest - 1e-9; size -= SHRINK_STEP) {
    const broken = breakLines(text, faces, box, size);
    if (broken) return placeLines(box, broken, size);
  }
  throw refusal('label-too-large', 'text', {
    length: text.length,
    width: shown(box.w),
    height: shown(box.h),
    size: smallest,
  });
}

/**
 * Rounds a size to a tenth of a mm, for messages. The box of a turned text is shrunk to whole dots, so its exact size
 * in mm has many digits.
 */
function shown(mm: number): number {
  return Math.round(mm * 10) / 10;
}

/** The font faces of each box. A job loads its templates only once, so all its labels use the same faces. */
const boxFaces = new WeakMap<TextBox, Face[]>();

function facesOfBox(box: TextBox, folder: string): Face[] {
  const known = boxFaces.get(box) ?? [box.font].flat().map((name) => loadFace(name, folder));
  boxFaces.set(box, known);
  return known;
}

/** A line of text may be broken after a space, a hyphen, an ideograph or a kana. */
const BREAK = /(?<=[ -]|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana})/u;

interface Broken {
  lines: Run[][];
  heights: Heights;
}

/** Breaks a text into lines at the given font size. Returns undefined if the lines do not fit into the box. */
function breakLines(text: string, faces: Face[], box: TextBox, size: number): Broken | undefined {
  const fits = (runs: Run[]): boolean => widthOf(runs, size) <= box.w + 1e-6;
  const lines: Run[][] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of box.wrap ? paragraph.split(BREAK) : [paragraph]) {
      if (line !== '' && !fits(runsOf((line + word).trimEnd(), faces))) {
        lines.push(runsOf(line.trimEnd(), faces));
        line = '';
      }
      line += word;
    }
    lines.push(runsOf(line.trimEnd(), faces));
  }
  if (!lines.every(fits)) return undefined;
  const heights = tallest(lines, faces);
  return heightOf(lines, heights, size) <= box.h + 1e-6 ? { lines, heights } : undefined;
}

interface Heights {
  /** The height above the baseline, in em. */
  ascent: number;
  descent: number;
}

/**
 * Returns the greatest heights among the faces that the text uses. If the text draws nothing, returns the heights of
 * the first face.
 */
function tallest(lines: Run[][], faces: Face[]): Heights {
  let found: Heights | undefined;
  for (const line of lines) {
    for (const { face } of line) {
      found = {
        ascent: Math.max(face.ascent, found?.ascent ?? face.ascent),
        descent: Math.max(face.descent, found?.descent ?? face.descent),
      };
    }
  }
  return found ?? defined(faces[0]);
}

/** The total height of all lines, in mm. */
function heightOf(lines: Run[][], { ascent, descent }: Heights, size: number): number {
  return ((lines.length - 1) * LEADING + ascent + descent) * size * MM_PER_POINT;
}

function placeLines(box: TextBox, { lines, heights }: Broken, size: number): Shape[] {
  const { ascent } = heights;
  const em = size * MM_PER_POINT;
  const free = box.h - heightOf(lines, heights, size);
  const top = box.y + (box.valign === 'top' ? 0 : box.valign === 'bottom' ? free : free / 2);
  return lines.flatMap((runs, index) => {
    // An empty line takes space but draws nothing.
    if (runs.length === 0) return [];
    const width = widthOf(runs, size);
    const spare = box.w - width;
    const x = box.x + (box.align === 'left' ? 0 : box.align === 'right' ? spare : spare / 2);
    return [{ kind: 'text', runs, x, baseline: top + (ascent + index * LEADING) * em, size, width }];
  });
}

/* Pictures */

/**
 * All labels of a job have the same logo, and share its shape object. So the code for each output format can cache the
 * result for this object.
 */
const lastImage = new WeakMap<ImageBox, { file: string; renderer: number | undefined; shapes: Shape[] }>();

function imageShapes(box: ImageBox, file: string, { folder, renderer }: Template): Shape[] {
  const last = lastImage.get(box);
  if (last?.file === file && last.renderer === renderer) return last.shapes;
  // Loads the picture during the layout, so that an error in the picture is found before anything is printed.
  const picture = loadPicture(file, folder, renderer);
  const { x, y, w, h, threshold, dither } = box;
  const shapes: Shape[] = [{ kind: 'image', picture, tone: { threshold, dither }, x, y, w, h }];
  lastImage.set(box, { file, renderer, shapes });
  return shapes;
}

/* Codes */

export function mmPerDot(dpi: number): number {
  return 25.4 / dpi;
}

type Code = Shape & { kind: 'matrix' | 'bars' };

export function codeShape(box: CodeBox, payload: string, dpi: number): Code {
  const dot = mmPerDot(dpi);
  if (box.type === 'code128' || box.type === 'gs1-128') {
    const bars = BAR_CODES[box.type].encode(payload);
    const dots = Math.min(MAX_BAR_DOTS, wholeDots(box.w / dot, bars.modules + 2 * box.quiet, dpi));
    const x = snap(box.x + (box.w - bars.modules * dots * dot) / 2, dot);
    const [y, height, module] = [snap(box.y, dot), Math.floor(box.h / dot) * dot, dots * dot];
    return { kind: 'bars', symbology: box.type, bars, payload, x, y, height, module, dots };
  }
  const level = levelOf(box);
  const matrix = MATRIX_CODES[box.type].encode(payload, level);
  const around = 2 * (box.quiet + (isFramed(box) ? FRAME.width : 0));
  const modules = Math.max(matrix.columns, matrix.rows) + around;
  const least = isFramed(box) ? FRAME.module : MIN_MODULE;
  const dots = wholeDots(Math.min(box.w, box.h) / dot, modules, dpi, least);
  const module = dots * dot;
  const x = snap(box.x + (box.w - matrix.columns * module) / 2, dot);
  const y = snap(box.y + (box.h - matrix.rows * module) / 2, dot);
  return { kind: 'matrix', symbology: box.type, level, matrix, payload, x, y, module, dots };
}

/**
 * The frame of an identification link (IEC 61406-1, 2D-4 and 2D-10). The line width and the sides of the triangle are
 * in modules. `module` is the minimum module size in mm.
 */
const FRAME = { width: 1, triangle: 6, module: 0.25 };

export function isFramed(box: CodeBox): boolean {
  return 'frame' in box && box.frame !== undefined;
}

/** Returns the level of error correction. For identification links, IEC 61406-1 (2D-6) recommends level Q. */
function levelOf(box: CodeBox): QrLevel {
  return 'level' in box && box.level !== undefined ? box.level : isFramed(box) ? 'Q' : 'M';
}

/** The frame is drawn outside the quiet zone, and has the triangle in its lower right corner. */
function frameAround(code: Code, quiet: number): Shape[] {
  if (code.kind === 'bars') return [];
  const { x, y, module, matrix } = code;
  const out = (quiet + FRAME.width) * module;
  const [w, h] = [matrix.columns * module + 2 * out, matrix.rows * module + 2 * out];
  const side = FRAME.triangle * module;
  const inside = side + FRAME.width * module;
  return [
    { kind: 'frame', x: x - out, y: y - out, w, h, width: FRAME.width * module },
    { kind: 'triangle', x: x - out + w - inside, y: y - out + h - inside, side },
  ];
}

/**
 * Returns the number of printer dots per module. `modules` includes the quiet zones, and `smallest` is the minimum
 * module size in mm. A code with fewer than MIN_DOTS per module, or with modules below `smallest`, cannot be scanned.
 */
function wholeDots(available: number, modules: number, dpi: number, smallest = MIN_MODULE): number {
  const dots = Math.floor((available + 1e-6) / modules);
  const least = Math.max(MIN_DOTS, Math.ceil(smallest / mmPerDot(dpi)));
  if (dots >= least) return dots;
  const needed = Math.ceil(modules * least * mmPerDot(dpi) * 10) / 10;
  throw refusal('label-too-large', 'modules', { modules, needed, dpi, least: smallest });
}

export function snap(mm: number, dot: number): number {
  return Math.round(mm / dot) * dot;
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { refusal, messageOf } from '../platform/error.ts';
import { phrase, valueWords, type Words } from '../platform/refusal-words.ts';
import { CODES } from './barcode.ts';
import { LABEL_FIELDS, type LabelData } from '../contract/labels.ts';
import type { DraftFault } from '../model/labels/draft.ts';
// Imported only for its effect: it replaces zod's own messages.
import '../platform/validation-words.ts';
import { packageRoot } from '../platform/package-root.ts';
import { isObject } from '../model/event.ts';
import { DEVICE, RoleName } from '../model/labels/label-set.ts';
import { Rotation } from '../model/printing/setup.ts';
import { own } from '../platform/own.ts';
import { parseJson5 } from '../platform/json5.ts';

/*
 * A template is data: the size of a label in mm, and its boxes. layout.ts converts a template and a unit into shapes.
 * Other files convert the shapes into PDF, ZPL and SVG.
 */

/** A length in mm. Labels of desktop printers are at most about 110 mm wide, and A4 is 297 mm high. */
export const Mm = z.number().min(0).max(500);
export const Size = z.number().positive().max(500);
/** A text size in pt. Thermal printers cannot draw letters smaller than 3 pt. */
const Points = z.number().min(3).max(200);

const Text = z.string().max(500);
const place = { name: z.string().max(40).optional(), x: Mm, y: Mm, w: Size, h: Size };
/** `rotation` turns the content of the box clockwise. The position and size are those of the turned box. */
const turnable = { ...place, rotation: Rotation.optional() };

/** One or more fonts. If a font does not have a character, the next font is used for it. */
const Fonts = z.union([z.string(), z.array(z.string()).min(1).max(8)]);

const TextBox = z.strictObject({
  type: z.literal('text'),
  ...turnable,
  text: Text,
  font: Fonts.default('sans'),
  size: Points,
  /** The minimum size in pt. A text that is too wide is reduced, but never below this size. */
  floor: Points.optional(),
  align: z.enum(['left', 'center', 'right']).default('left'),
  valign: z.enum(['top', 'middle', 'bottom']).default('middle'),
  wrap: z.boolean().default(false),
});

/** A box with a code. `quiet` is the width of the quiet zone inside the box, in modules. */
const codeBox = <T extends keyof typeof CODES>(type: T, mostQuiet = 10) =>
  z.strictObject({
    type: z.literal(type),
    ...turnable,
    text: Text.default(CODES[type].text),
    quiet: z.int().min(0).max(mostQuiet).default(CODES[type].quiet),
  });

const CODE_BOXES = [
  codeBox('qr').extend({
    level: z.enum(['L', 'M', 'Q', 'H']).optional(),
    /** The frame that marks an identification link (IEC 61406-1). */
    frame: z.literal('iec61406-1').optional(),
    content: z.enum(['gs1-link', 'matter']).optional(),
  }),
  codeBox('datamatrix').extend({ content: z.literal('gs1-link').optional() }),
  codeBox('gs1-datamatrix'),
  codeBox('code128', 20),
  codeBox('gs1-128', 20),
] as const;

const ImageBox = z.strictObject({
  type: z.literal('image'),
  ...turnable,
  /** A PNG, JPEG or SVG file in labels/logos. `{logo}` stands for the product's logo. */
  file: z.string().max(120).default('{logo}'),
  /** A dot is black if its luma is below this percentage of white. The default is 50. */
  threshold: z.number().min(1).max(99).optional(),
  /** Draws grey areas as dot patterns (Floyd–Steinberg). */
  dither: z.boolean().optional(),
});

const LineBox = z.strictObject({
  type: z.literal('line'),
  name: place.name,
  x: Mm,
  y: Mm,
  x2: Mm,
  y2: Mm,
  width: z.number().positive().max(10).default(0.25),
});
const FrameBox = z.strictObject({
  type: z.literal('box'),
  ...place,
  width: z.number().positive().max(10).default(0.25),
});

const Box = z.discriminatedUnion('type', [TextBox, ...CODE_BOXES, ImageBox, LineBox, FrameBox]);
export type Box = z.infer<typeof Box>;
export type TextBox = z.infer<typeof TextBox>;
/** A box whose content can be turned. */
export type TurnableBox = TextBox | ImageBox | CodeBox;
export type ImageBox = z.infer<typeof ImageBox>;
export type CodeBox = z.infer<(typeof CODE_BOXES)[number]>;

const Template = z.strictObject({
  /**
   * Where the label goes, such as `device`, `box` for the outside of a box, or `card` for a card inside. The default is
   * `device`.
   */
  role: RoleName.optional(),
  media: z.strictObject({
    width: Size,
    height: Size,
    /** The printer's dots per inch. The positions and module sizes of codes are rounded to dots. */
    dpi: z.union([z.literal(203), z.literal(300), z.literal(600)]).default(203),
  }),
  boxes: z.array(Box).min(1).max(100),
});

/**
 * `folder` contains fonts/ and logos/. If a file is missing in `folder`, this program's own file of the same name is
 * used. Messages refer to the template as `file`.
 */
export type Template = z.infer<typeof Template> & {
  name: string;
  folder: string;
  file: string;
  /** An earlier version of the renderer, for a label that is drawn again. */
  renderer?: number;
};

export const labelsFolder = join(packageRoot, 'labels');
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function templateNames(folder = labelsFolder): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json5'))
    .map((file) => basename(file, '.json5'))
    .toSorted();
}

/** The files in labels/logos/. */
export function logoNames(folder = labelsFolder): string[] {
  return readdirSync(join(folder, 'logos'))
    .filter((file) => /\.(png|svg|jpe?g)$/i.test(file))
    .toSorted();
}

/** Loads a template by name. Throws `invalid`, with the file, box and property of every problem. */
export function loadTemplate(name: string, folder = labelsFolder): Template {
  return parseTemplate(name, sourceOf(name, folder), folder);
}

/** Reads the file of a template. Throws `not-found` if there is no such file. */
export function sourceOf(name: string, folder = labelsFolder): string {
  if (!NAME.test(name) || !templateNames(folder).includes(name)) {
    throw refusal('not-found', 'template', { template: name, names: templateNames(folder).join(', ') });
  }
  return readFileSync(join(folder, `${name}.json5`), 'utf8');
}

/** The template of people's badges. */
export function badgeTemplate(): Template {
  const name = 'badges/badge-62x40';
  return parseTemplate(name, readFileSync(join(labelsFolder, `${name}.json5`), 'utf8'));
}

export function parseTemplate(
  name: string,
  source: string,
  folder = labelsFolder,
  file = `labels/${name}.json5`,
): Template {
  const { template, faults } = readTemplate(name, source, folder, file);
  if (faults.length > 0 || template === undefined)
    throw refusal('template-wrong', 'problems', { file, problems: faults.map(placed) });
  return template;
}

/** A fault in a template, with its place. */
export type Fault = DraftFault;

/**
 * Reads a template and finds its faults. A template with faults in its boxes can still be drawn in part. If the text
 * cannot be read, there is no template.
 */
export function readTemplate(
  name: string,
  source: string,
  folder: string,
  file: string,
): { template?: Template; faults: Fault[] } {
  const value = parseSource(file, source);
  const read = Template.safeParse(value);
  if (!read.success) return { faults: read.error.issues.map((issue) => describe(issue, value)) };
  const template = { ...read.data, name, folder, file };
  return { template, faults: [...outside(template), ...template.boxes.flatMap(codeProblems)] };
}

export function parseSource(file: string, source: string): unknown {
  try {
    return parseJson5(source);
  } catch (error) {
    throw refusal('template-wrong', 'problems', { file, problems: messageOf(error) });
  }
}

function describe({ path, message }: z.core.$ZodIssue, value: unknown): Fault {
  const [first, index, ...rest] = path;
  const why = valueWords(message);
  if (first !== 'boxes' || typeof index !== 'number') return { property: path.join('.'), why };
  const boxes = isObject(value) && Array.isArray(value['boxes']) ? value['boxes'] : [];
  const box = { index, name: boxName(Object(boxes[index]), index) };
  return rest.length === 0 ? { box, why } : { box, property: rest.join('.'), why };
}

/** Returns the fault as one sentence that names the box and the property. */
export function placed({ box, property, why }: Fault): Words {
  if (box === undefined) return phrase('place', { place: property ?? '', why });
  const inside = property === undefined ? why : phrase('place', { place: `"${property}"`, why });
  return phrase('box-place', { box: box.name, why: inside });
}

/** Checks the rules of IEC 61406-1 for a framed code, and that no public code contains the Claim ID. */
function codeProblems(box: Box, index: number): Fault[] {
  if (!('quiet' in box)) return [];
  const faults: Omit<Fault, 'box'>[] = [];
  if (isPublic(box) && fieldsOf(box).some(isClaimId))
    faults.push({ why: phrase('public-claim-id', { uci: '{uci}', qr: '{qr}', serial: '{serial}' }) });
  if (isPublic(box) && showsPasscode(box)) faults.push({ why: phrase('public-passcode') });
  if (box.text.includes('{role') && !isMarked(box))
    faults.push({ property: 'text', why: phrase('role-mark', { example: '{serial} {role}' }) });
  if (box.type === 'qr' && box.frame !== undefined) {
    if (box.quiet < CODES.qr.quiet)
      faults.push({ property: 'quiet', why: valueWords(`must be ${CODES.qr.quiet} or more`) });
    if (box.level === 'L') faults.push({ property: 'level', why: valueWords('must be one of M, Q, H') });
  }
  return faults.map((fault) => ({ ...fault, box: { index, name: boxName(box, index) } }));
}

/** True if this code contains the role of its label. */
export function isMarked(box: Box): boolean {
  return 'quiet' in box && MARKED.test(box.text) && !isPublic(box) && !('content' in box && box.content !== undefined);
}

/** markedCode (model/labels/label-set.ts) reads the text of such codes. */
const MARKED = /^[^ ].* \{role\}$/;

/** True if the code is public. A standard defines the content of a public code, so anyone may read it. */
export function isPublic(box: CodeBox): boolean {
  return (
    box.type === 'gs1-datamatrix' ||
    box.type === 'gs1-128' ||
    ('frame' in box && box.frame !== undefined) ||
    ('content' in box && box.content === 'gs1-link')
  );
}

/** True if the label shows the Claim ID, or the passcode of a Matter device. */
export function isSecret({ boxes }: Pick<Template, 'boxes'>): boolean {
  return boxes.some((box) => showsClaimId(box) || showsPasscode(box));
}

/**
 * True if the box shows the passcode of a Matter device. Texts, and codes without a standard, may also contain a Matter
 * payload, which begins with `MT:`.
 */
function showsPasscode(box: Box): boolean {
  if ('content' in box && box.content === 'matter') return true;
  return 'text' in box && (/MT(?::|%3A)/i.test(box.text) || fieldsOf(box).some(isPasscode));
}

/** Names that firmware gives to the passcode of a Matter device, or to the pairing code that contains it. */
const PASSCODE_NAME = /passcode|(?:matter|pairing|setup|manual|onboarding)(?:code|pin|payload)/i;

function isPasscode(field: string): boolean {
  return field.startsWith('attributes.') && PASSCODE_NAME.test(field.replace(/[_-]/g, ''));
}

export function showsClaimId(box: Box): boolean {
  return fieldsOf(box).some(isClaimId);
}

/** True if the placeholder gives the Claim ID. `{qr}` gives the Claim ID alone, or an address that contains it. */
function isClaimId(field: string): boolean {
  return field === 'uci' || field === 'qr';
}

/**
 * Returns the path of a font or logo: in the template's folder or, if the file is not there, in this program's folder.
 * Returns undefined if the file is missing or its name is not allowed.
 */
export function dataFile(folder: string, kind: 'fonts' | 'logos', name: string): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,119}$/.test(name)) return undefined;
  return [join(folder, kind, name), join(labelsFolder, kind, name)].find((file) => existsSync(file));
}

export function boxName(box: { name?: string | undefined; type?: string } | undefined, index: number): string {
  return box?.name === undefined ? `${index + 1} (${box?.type ?? '?'})` : `"${box.name}"`;
}

function outside({ media, boxes }: z.infer<typeof Template>): Fault[] {
  return boxes.flatMap((box, index) => {
    const [right, bottom] =
      box.type === 'line' ? [Math.max(box.x, box.x2), Math.max(box.y, box.y2)] : [box.x + box.w, box.y + box.h];
    if (right <= media.width + 1e-6 && bottom <= media.height + 1e-6) return [];
    const why = phrase('box-outside', { right, bottom, width: media.width, height: media.height });
    return [{ box: { index, name: boxName(box, index) }, why }];
  });
}

const PLACEHOLDER = /\{\{|\}\}|\{([A-Za-z]+)(?:\.([A-Za-z0-9_-]+))?(?::([1-9]))?\}|[{}]/g;

/** A piece of text, or the value of a placeholder. */
type Piece = string | Value;
type Value = (data: LabelData) => string | undefined;

/** A cache of template texts that are already divided into pieces. All labels of a job use the same few texts. */
const taken = new Map<string, Piece[]>();
const MAX_TAKEN = 1000;

/**
 * Replaces the placeholders of a text, such as `{uci}`, `{uci:5}` (in groups of five) and `{attributes.color}`. `{{`
 * and `}}` become single braces. Braces in a value are ordinary text. `insert` escapes values for the code that
 * contains them. Returns undefined if a placeholder has no value.
 */
export function fill(
  text: string,
  data: LabelData,
  insert: (value: string) => string = (value) => value,
): string | undefined {
  let pieces = taken.get(text);
  if (!pieces) {
    pieces = takeApart(text);
    if (taken.size >= MAX_TAKEN) taken.clear();
    taken.set(text, pieces);
  }
  let filled = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      filled += piece;
      continue;
    }
    const value = piece(data);
    if (value === undefined) return undefined;
    filled += insert(value);
  }
  return filled;
}

/** Returns the placeholders in a template's texts, but without their braces, such as `serial` and `attributes.mac`. */
export function placeholdersOf({ boxes }: Template): string[] {
  return [...new Set(boxes.flatMap(fieldsOf))];
}

function fieldsOf(box: Box): string[] {
  const found = 'text' in box ? Array.from(box.text.matchAll(PLACEHOLDER)) : [];
  return found.flatMap(([, field, key]) => (field === undefined ? [] : key === undefined ? field : `${field}.${key}`));
}

function takeApart(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match.index > end) pieces.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [found, field, key, group] = match;
    if (found === '{{' || found === '}}') pieces.push(found.slice(1));
    else if (field === undefined) throw refusal('template-wrong', 'brace', { brace: found, text });
    else pieces.push(grouped(valueOf(field, key), group));
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

function grouped(value: Value, group: string | undefined): Value {
  if (group === undefined) return value;
  const groups = new RegExp(`.{1,${group}}`, 'gu');
  return (data) => {
    const whole = value(data);
    return whole === undefined ? undefined : (whole.match(groups) ?? []).join(' ');
  };
}

function valueOf(field: string, key: string | undefined): Value {
  if ((field === 'attributes' || field === 'pool') && key !== undefined)
    return ({ attributes, pool }) => {
      const value = (field === 'pool' ? own(pool, key) : undefined) ?? own(attributes, key);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    };
  const known = LABEL_FIELDS.find((name) => name === field);
  if (key !== undefined || known === undefined) {
    throw refusal('template-wrong', 'placeholder', {
      placeholder: `{${field}${key === undefined ? '' : `.${key}`}}`,
      known: `${LABEL_FIELDS.map((name) => `{${name}}`).join(' ')} {attributes.…} {pool.…}`,
    });
  }
  return (data) => data[known] ?? (known === 'role' ? DEVICE : undefined);
}

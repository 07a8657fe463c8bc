import { ClaimstampError, wordsOf } from '../platform/error.ts';
import { inLanguage, phrase, type Words } from '../platform/refusal-words.ts';
import { MAX_SERIAL } from '../model/serial.ts';
import { MIN_LENGTH } from '../model/claim-id.ts';
import { CODES } from './barcode.ts';
import { contentOf, MAX_GS1_SERIAL } from './code-content.ts';
import { codeShape, layOutBox, mmPerDot, type Shape } from './layout.ts';
import { LONGEST, type LabelData } from '../contract/labels.ts';
import { inksOf } from './ink.ts';
import { boxName, isMarked, isSecret, type CodeBox, type Fault, type Template } from './template.ts';
import { stationAtEdge, type Edge } from './station-edge.ts';
import { isSideways, type Rectangle } from './turn.ts';

/*
 * Checks a template before it is used: the size of each code, its quiet zone, and whether the longest values fit.
 * Nothing is drawn.
 */

export interface CodeReport {
  box: string;
  /** The position of the box in the template. */
  index: number;
  symbology: CodeBox['type'];
  /** True if the code contains the S/N. A real S/N may be longer than the one used in this check. */
  serial: boolean;
  /** True if the S/N is a GS1 serial number. */
  gs1: boolean;
  /** The number of characters in the code's longest text. */
  payload: number;
  /**
   * How many characters of the same kind as the text (digits, capitals or any) fit into the box, up to 500. A quick
   * check only counts the characters of the longest text.
   */
  capacity: number;
  /** `drawn` is absent if the longest text does not fit. */
  drawn?: {
    /** The number of modules from left to right. */
    modules: number;
    /** The size of a module of the code: `dots` is in printer dots, and `module` is in mm. */
    dots: number;
    module: number;
    /** The distance from the code to the nearest other printed part or edge of the label. */
    quiet: { modules: number; mm: number };
  };
}

export interface TemplateReport {
  template: string;
  dpi: number;
  codes: CodeReport[];
  /** True if the label shows the Claim ID, or the passcode of a Matter device. */
  secret: boolean;
  /** True if a code on the label contains the role of the label. */
  marked: boolean;
  /**
   * The edge at which printers with the setting `stationName` print the station's name. Absent if no edge has room for
   * the longest name.
   */
  stationEdge?: Edge;
  /** If the list is empty, the template can be used. */
  faults: Fault[];
  /** The faults as sentences that name file, box and property. */
  problems: string[];
}

/**
 * Values in `longest` replace those in LONGEST. Attributes that are not in `longest` count as absent. A quick check
 * does not count how many more characters would fit, because this takes most of the time.
 */
export function checkTemplate(
  template: Template,
  longest: Partial<LabelData> = {},
  { isQuick = false } = {},
): TemplateReport {
  const data: LabelData = { ...LONGEST, ...longest };
  const { dpi } = template.media;
  const faults: Fault[] = [];
  const laid = template.boxes.map((box, index) => {
    try {
      return layOutBox(template, box, data, dpi);
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      faults.push(faultIn(template, index, propertyAtFault(box, data), wordsOf(error)));
      return [];
    }
  });
  const codes = template.boxes.flatMap((box, index) => {
    if (!('quiet' in box)) return [];
    const report = codeReport(template, index, box, data, laid, isQuick);
    if (report === undefined) return [];
    if (report.drawn === undefined) return [report];
    const found = codeProblems(template, index, report);
    faults.push(...(found.length > 0 ? found : shortProblems(template, index, box, data, laid)));
    return [report];
  });
  const { width, height } = template.media;
  const atEdge = stationAtEdge(template, { width, height, dpi, shapes: laid.flat() }, data.station ?? LONGEST.station);
  return {
    template: template.name,
    dpi,
    codes,
    secret: isSecret(template),
    marked: template.boxes.some(isMarked),
    ...(atEdge && { stationEdge: atEdge.edge }),
    faults,
    problems: faults.map((fault) => sentenceOf(template, fault)),
  };
}

/**
 * Checks the code with a short text, in addition to the longest text. A short text gives larger modules, so the code
 * needs a wider quiet zone.
 */
function shortProblems(template: Template, index: number, box: CodeBox, data: LabelData, laid: Shape[][]): Fault[] {
  const [uci, qr, serial] = [data.uci.slice(0, MIN_LENGTH), data.qr.slice(0, MIN_LENGTH), data.serial?.slice(0, 1)];
  const short: LabelData = { ...data, uci, qr, ...(serial === undefined ? {} : { serial }) };
  const shapes = layOutBox(template, box, short, template.media.dpi);
  const report = codeReport(template, index, box, short, laid.with(index, shapes), true);
  return report === undefined ? [] : codeProblems(template, index, report);
}

function faultIn({ boxes }: Template, index: number, property: string, why: Words): Fault {
  return { box: { index, name: boxName(boxes[index], index) }, property, why };
}

/** Returns the fault as an English sentence that begins with the name of the template's file. */
function sentenceOf({ file }: Template, { box, property = '', why }: Fault): string {
  return `${file}: box ${box?.name}: "${property}": ${inLanguage(why, 'en')}`;
}

function propertyAtFault(box: Template['boxes'][number], data: LabelData): string {
  if (box.type === 'text' || box.type === 'image') return box.type === 'text' ? 'text' : 'file';
  return box.type === 'line' || box.type === 'box' || payloadOf(box, data) !== undefined ? 'w' : 'text';
}

/**
 * Returns undefined if the code has no text, or if the text is invalid. An invalid text is ignored here, because the
 * layout has already reported it.
 */
function payloadOf(box: CodeBox, data: LabelData): string | undefined {
  try {
    return contentOf(box, data);
  } catch (error) {
    if (error instanceof ClaimstampError) return undefined;
    throw error;
  }
}

function codeReport(
  template: Template,
  index: number,
  box: CodeBox,
  data: LabelData,
  laid: Shape[][],
  isQuick: boolean,
): CodeReport | undefined {
  const payload = payloadOf(box, data);
  if (payload === undefined) return undefined;
  const { dpi } = template.media;
  const report: CodeReport = {
    box: box.name ?? `${index + 1} (${box.type})`,
    index,
    serial: box.text.includes('{serial'),
    gs1: box.type.startsWith('gs1-') || ('content' in box && box.content === 'gs1-link'),
    symbology: box.type,
    payload: payload.length,
    capacity: isQuick ? payload.length : capacityOf(box, payload, dpi),
  };
  // The first shape of a box is the code itself. A frame around the code does not count as other printing.
  const first = laid[index]?.[0];
  const shape = first?.kind === 'turned' ? first.shapes[0] : first;
  const printed = first?.kind === 'turned' ? { ...first, shapes: first.shapes.slice(0, 1) } : first;
  if (printed === undefined || (shape?.kind !== 'matrix' && shape?.kind !== 'bars')) return report;
  const modules = shape.kind === 'bars' ? shape.bars.modules : shape.matrix.columns;
  const others = laid.filter((_, other) => other !== index).flat();
  const ends = shape.kind === 'matrix' ? undefined : isSideways(box.rotation) ? 'y' : 'x';
  const mm = Math.min(...inksOf(printed).map((ink) => clearance(ink, others, template.media, ends)));
  return {
    ...report,
    // Four or more consecutive digits need less space than letters. So a text with digits can be longer than the
    // computed capacity.
    capacity: Math.max(report.capacity, payload.length),
    drawn: { modules, dots: shape.dots, module: shape.module, quiet: { mm, modules: mm / shape.module } },
  };
}

function codeProblems(template: Template, index: number, report: CodeReport | undefined): Fault[] {
  if (report?.drawn === undefined) return [];
  const { module, quiet } = report.drawn;
  const wanted = CODES[report.symbology].quiet;
  // Half a dot less is allowed, because positions are rounded to whole dots.
  if (quiet.mm >= wanted * module - mmPerDot(template.media.dpi) / 2 - 1e-6) return [];
  const why = phrase('quiet-zone', { left: quiet.modules.toFixed(1), wanted });
  return [faultIn(template, index, 'quiet', why)];
}

/** The maximum number of characters of a code's text. */
const MAX_PAYLOAD = 500;

/** Returns how many characters of the same kind as those of the text fit into the box. */
function capacityOf(box: CodeBox, payload: string, dpi: number): number {
  const letter = /^\d+$/.test(payload) ? '0' : /^[0-9A-Z $%*+./:-]+$/.test(payload) ? 'W' : 'w';
  const upright = isSideways(box.rotation) ? { ...box, w: box.h, h: box.w } : box;
  const fits = (length: number): boolean => {
    try {
      codeShape(upright, letter.repeat(length), dpi);
      return true;
    } catch (error) {
      if (error instanceof ClaimstampError) return false;
      throw error;
    }
  };
  let [most, tooMany] = [0, MAX_PAYLOAD + 1];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}

/* Ink */

/**
 * The distance in mm from a code to the nearest printed part or edge of the label. For a bar code, only the distances
 * at its two ends count: `ends` is the direction in which the bars are lined up.
 */
function clearance(code: Rectangle, others: Shape[], media: Template['media'], ends: 'x' | 'y' | undefined): number {
  const { left, top, right, bottom } = code;
  const sides = { x: [left, media.width - right], y: [top, media.height - bottom] };
  const edges = ends === undefined ? [...sides.x, ...sides.y] : sides[ends];
  const gaps = others.flatMap(inksOf).map((ink) => {
    const [dx, dy] = [Math.max(ink.left - right, left - ink.right), Math.max(ink.top - bottom, top - ink.bottom)];
    if ((ends === 'x' && dy >= 0) || (ends === 'y' && dx >= 0)) return Infinity;
    return Math.max(0, dx, dy);
  });
  return Math.max(0, Math.min(...edges, ...gaps));
}

/** Returns one sentence for each code that is too small for the longest possible S/N. */
export function limits({ codes }: Pick<TemplateReport, 'codes'>): string[] {
  return codes
    .filter(({ serial, gs1, capacity }) => serial && (gs1 || capacity < MAX_SERIAL))
    .map(({ box, gs1, capacity }) =>
      gs1
        ? `${box} contains a GS1 serial number, which has at most ${MAX_GS1_SERIAL} characters, but an S/N may have ${MAX_SERIAL}: labels with a longer S/N are refused`
        : `${box} has room for ${capacity} characters, but an S/N may have ${MAX_SERIAL}: labels with a longer S/N are refused`,
    );
}

import sax, { type QualifiedTag } from 'sax';
import { FaultyPicture } from './fault.ts';
import { readRaster, type Raster } from './raster.ts';

/*
 * Checks an SVG before it is drawn. The drawing library silently omits parts that it cannot find or understand, so an
 * SVG with such parts must be refused here. Pictures inside an SVG are decoded by the same rules as pictures in files.
 */

export interface Vector {
  /** In CSS pixels. Only the ratio matters, because the label's box determines the size. */
  width: number;
  height: number;
  /** The SVG as text. Pictures inside the SVG may be PNG or JPEG. */
  svg: string;
  /** The distinct characters of its text. */
  letters: string;
}

/** Draws an SVG that is inside another one. */
export type DrawInside = (vector: Vector) => Raster;

/** Programs nest groups at most a few dozen levels deep. */
const MAX_DEPTH = 250;
/** The maximum number of elements, including the copies that `use` makes. Detailed drawings have a few thousand. */
const MAX_ELEMENTS = 100_000;
/**
 * The maximum number of characters that entities may expand to. Programs use entities for the names of XML namespaces.
 */
const MAX_ENTITY_LETTERS = 1_000_000;
/** The maximum depth of pictures inside pictures. Deeper nesting is a mistake or an attack. */
const MAX_INSIDE = 3;

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

export function readVector(bytes: Buffer, drawInside: DrawInside, depth = 0): Vector {
  if (depth > MAX_INSIDE) throw new FaultyPicture('nesting', { max: MAX_INSIDE });
  const text = textOf(bytes);
  if (!/<svg[\s>/]|<[\w.-]+:svg[\s>/]/.test(text)) throw new FaultyPicture('format');
  const { root, svg, letters } = parse(text, (href) => {
    const { type, bytes: data } = insideOf(href, drawInside, depth);
    return `data:${type};base64,${data.toString('base64')}`;
  });
  refuseCopies(root);
  return { ...sizeOf(root), svg, letters: [...letters].join('') };
}

/* Text */

/**
 * Decodes the text of an SVG. According to XML 1.0, appendix F, its encoding is named by the byte order mark or, if
 * there is none, by the declaration. The default is UTF-8.
 */
function textOf(bytes: Buffer): string {
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(bytes.toString('latin1', 0, 200))?.[1];
  const encoding = bomOf(bytes) ?? declared ?? 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // The text is now decoded, so the declared encoding no longer applies.
    return text.replace(/^(<\?xml[^>]*?)\sencoding\s*=\s*["'][^"']*["']/, '$1');
  } catch {
    throw new FaultyPicture('format');
  }
}

function bomOf(bytes: Buffer): string | undefined {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // If there is no byte order mark, the bytes of the first character, `<`, show the byte order.
  if (first === 0x3c && second === 0) return 'utf-16le';
  if (first === 0 && second === 0x3c) return 'utf-16be';
  return first === 0xef && second === 0xbb ? 'utf-8' : undefined;
}

/* Elements */

interface Element {
  name: string;
  attributes: Map<string, string>;
  children: Element[];
}

interface Read {
  root: Element;
  /** The SVG, rewritten without its document type, comments and scripts. */
  svg: string;
  letters: Set<string>;
}

/**
 * Parses the text of an SVG. `inside` gets the data URL of a picture inside the SVG, and returns the data URL that
 * replaces it.
 */
function parse(text: string, inside: (href: string) => string): Read {
  const parser = sax.parser(true, { xmlns: true });
  const out: string[] = [];
  const letters = new Set<string>();
  const open: Element[] = [];
  let root: Element | undefined;
  const isScript = (): boolean => open.some(({ name }) => name === 'script');
  Object.assign(parser, {
    onerror(error: Error) {
      throw error;
    },
  });
  parser.ondoctype = (doctype) => void Object.assign(parser.ENTITIES, entitiesOf(doctype, text));
  parser.onprocessinginstruction = ({ name }) => {
    if (name === 'xml-stylesheet') throw new FaultyPicture('external', { what: 'xml-stylesheet' });
  };
  parser.onopentag = (opened) => {
    if (!('uri' in opened)) return;
    const element = elementOf(opened);
    if (root === undefined && element.name !== 'svg') throw new FaultyPicture('format');
    root ??= element;
    if (open.length >= MAX_DEPTH) throw new FaultyPicture('nesting', { max: MAX_DEPTH });
    refuseElement(element, open.at(-1));
    open.at(-1)?.children.push(element);
    open.push(element);
    if (!isScript()) out.push(written(opened, element, inside));
  };
  parser.onclosetag = (name) => {
    if (!isScript()) out.push(`</${name}>`);
    open.pop();
  };
  const addText = (value: string): void => {
    // White space is allowed before and after the root.
    if (open.length === 0) return;
    const names = open.map(({ name }) => name);
    if (names.at(-1) === 'style') refuseAddresses(value);
    if (names.includes('text'))
      for (const letter of value.normalize('NFC')) if (!/\s/.test(letter)) letters.add(letter);
    if (!isScript()) out.push(escaped(value));
  };
  Object.assign(parser, { ontext: addText, oncdata: addText });
  try {
    parser.write(text.replace(/^\uFEFF/, '')).close();
  } catch (error) {
    if (error instanceof FaultyPicture) throw error;
    // If a file was truncated, some elements are not closed at its end.
    throw new FaultyPicture(/Unclosed root tag|Unexpected end/.test(String(error)) ? 'truncated' : 'format');
  }
  if (root === undefined) throw new FaultyPicture('format');
  return { root, svg: out.join(''), letters };
}

function written({ name, attributes }: QualifiedTag, element: Element, inside: (href: string) => string): string {
  const isPicture = element.name === 'image' || element.name === 'feImage';
  const texts = Object.values(attributes).map(({ name: attribute, local, value }) => {
    const isData = isPicture && local === 'href' && /^\s*data:/i.test(value);
    return ` ${attribute}="${escaped(isData ? inside(value) : value)}"`;
  });
  return `<${name}${texts.join('')}>`;
}

function escaped(text: string): string {
  return text.replace(/[<>&"\t\r\n]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function elementOf({ local, uri, attributes }: QualifiedTag): Element {
  const values = Object.values(attributes).map(({ local: name, prefix, value }): [string, string] => [
    prefix === '' || prefix === 'xlink' ? name : `${prefix}:${name}`,
    value,
  ]);
  return { name: uri === SVG_NAMESPACE ? local : `${uri} ${local}`, attributes: new Map(values), children: [] };
}

/** Elements whose `href` is a link to another page. Nothing is loaded from that address. */
const LINKS = ['a'];

function refuseElement({ name, attributes }: Element, parent: Element | undefined): void {
  // Some programs write a switch with two alternatives: a foreign object with their own data, and a drawing for all
  // other programs.
  if (name === 'foreignObject' && parent?.name !== 'switch') throw new FaultyPicture('foreign-object');
  const href = attributes.get('href')?.trim();
  if (href !== undefined && !LINKS.includes(name) && !name.includes(' ') && !/^(#|data:|$)/i.test(href))
    throw new FaultyPicture('external', { what: href.slice(0, 60) });
  for (const value of attributes.values()) refuseAddresses(value);
}

/** Refuses addresses in CSS that point outside the picture. */
function refuseAddresses(css: string): void {
  const imported = /@import\b[^;]*/i.exec(css)?.[0];
  const outside = Array.from(css.matchAll(/url\(\s*["']?\s*([^"')]*)/gi), ([, address = '']) => address).find(
    (address) => !/^(#|data:|$)/i.test(address),
  );
  const what = imported ?? outside;
  if (what !== undefined) throw new FaultyPicture('external', { what: what.slice(0, 60) });
}

/** Entities of the document type. XML's own entities, such as `&amp;`, need no declaration. */
function entitiesOf(doctype: string, text: string): { [name: string]: string } {
  if (/<!ENTITY\s+(%|[\w.:-]+\s+(SYSTEM|PUBLIC)\b)/i.test(doctype))
    throw new FaultyPicture('external', { what: '<!ENTITY' });
  const entities: { [name: string]: string } = {};
  let letters = 0;
  for (const [, name = '', , value = ''] of doctype.matchAll(/<!ENTITY\s+([\w.:-]+)\s+(["'])(.*?)\2/gs)) {
    if (/[<&]/.test(value)) throw new FaultyPicture('entities');
    letters += value.length * (text.split(`&${name};`).length - 1);
    entities[name] = value;
  }
  if (letters > MAX_ENTITY_LETTERS) throw new FaultyPicture('entities');
  return entities;
}

/** Counts the elements, including all copies that `use` makes. Nested copies can add up to millions of elements. */
function refuseCopies(root: Element): void {
  const byId = new Map<string, Element>();
  const index = (element: Element): void => {
    const id = element.attributes.get('id');
    if (id !== undefined && !byId.has(id)) byId.set(id, element);
    for (const child of element.children) index(child);
  };
  index(root);
  const counts = new Map<Element, number>();
  const count = (element: Element, depth: number): number => {
    if (depth > 2 * MAX_DEPTH) throw new FaultyPicture('nesting', { max: MAX_DEPTH });
    const known = counts.get(element);
    if (known !== undefined) return known;
    counts.set(element, 0);
    const target = element.name === 'use' ? byId.get(element.attributes.get('href')?.trim().slice(1) ?? '') : undefined;
    let sum = 1 + (target === undefined ? 0 : count(target, depth + 1));
    for (const child of element.children) sum += count(child, depth + 1);
    if (sum > MAX_ELEMENTS) throw new FaultyPicture('too-much', { max: MAX_ELEMENTS });
    counts.set(element, sum);
    return sum;
  };
  count(root, 0);
}

/* Size */

/**
 * The number of CSS pixels in each absolute unit (CSS Values 4, 6.2). For `em` and `ex`, the default font size is
 * assumed.
 */
const UNITS: Record<string, number> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 9.6 / 2.54,
  em: 16,
  ex: 8,
};

function sizeOf({ attributes }: Element): { width: number; height: number } {
  const [, , boxWidth, boxHeight] = (attributes.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const box = boxWidth !== undefined && boxHeight !== undefined ? { width: boxWidth, height: boxHeight } : undefined;
  let width = lengthOf(attributes.get('width'));
  let height = lengthOf(attributes.get('height'));
  if (box !== undefined) {
    width ??= height === undefined ? box.width : (height * box.width) / box.height;
    height ??= (width * box.height) / box.width;
  }
  if (width === undefined || height === undefined) throw new FaultyPicture('no-size');
  if (!(width > 0 && height > 0 && Number.isFinite(width / height))) throw new FaultyPicture('no-size');
  if (box !== undefined && !(box.width > 0 && box.height > 0)) throw new FaultyPicture('no-size');
  return { width, height };
}

/** Returns undefined for a missing length, and for a percentage, which has no meaning without a page. */
function lengthOf(text: string | undefined): number | undefined {
  const [, number = '', unit = ''] = /^\s*([+-]?[\d.]+(?:e[+-]?\d+)?)\s*([a-z]*)\s*$/i.exec(text ?? '') ?? [];
  const pixels = UNITS[unit.toLowerCase()];
  return number === '' || pixels === undefined ? undefined : Number(number) * pixels;
}

/* Pictures inside */

function insideOf(href: string, drawInside: DrawInside, depth: number): Raster {
  const [, isBase64, payload = ''] = /^\s*data:[^,]*?(;base64)?,(.*)$/is.exec(href) ?? [];
  const bytes =
    isBase64 === undefined
      ? Buffer.from(decodeURIComponent(payload.replace(/%(?![\da-f]{2})/gi, '%25')), 'utf8')
      : Buffer.from(payload, 'base64');
  if (bytes.length === 0) throw new FaultyPicture('empty');
  return readRaster(bytes) ?? drawInside(readVector(bytes, drawInside, depth + 1));
}

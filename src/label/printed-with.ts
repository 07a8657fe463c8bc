import type { LabelData } from '../contract/labels.ts';
import { DEVICE } from '../model/labels/label-set.ts';
import { labelOrder, labelProduct, type LabelOrder, type LabelProduct } from '../model/labels/shown-settings.ts';
import { ClaimstampError } from '../platform/error.ts';
import type { FileContent } from '../platform/file-content.ts';
import {
  hashOfSet,
  MAX_CONTENT_BYTES,
  sha256,
  type DrawnSet,
  type LabelContent,
  type RenderSet,
} from '../model/labels/render-set.ts';
import type { Bitmap } from './bits.ts';
import { shapesBitmap } from './dots.ts';
import { FALLBACK, fontContent, isOwnFont, shippedNames } from './fonts.ts';
import { layOut, type Layout } from './layout.ts';
import { contentOf as pictureContent, loadPicture } from './pictures/load.ts';
import { RENDERER } from './renderer.ts';
import type { OpenedTemplate } from './saved.ts';
import { fill, type Template } from './template.ts';

export interface PrintedWith {
  dpi: number;
  stationName?: true;
  /** The hash of a render set. The ledger already has the contents of this set. */
  known?: string | undefined;
}

/** Returns everything that determines the dots of a label, except the unit. */
export async function printedWith(
  { template, source, revision }: OpenedTemplate,
  { data, product, order, role }: { data: LabelData; product: LabelProduct; order?: LabelOrder; role?: string },
  { dpi, stationName, known }: PrintedWith,
): Promise<DrawnSet> {
  const files = filesOf(template, data);
  const settings = JSON.stringify(labelProduct(product));
  const orderSettings = order && labelOrder(order);
  const ordered = orderSettings && JSON.stringify(orderSettings);
  const set: RenderSet = {
    role: role ?? template.role ?? DEVICE,
    template: { name: template.name, hash: sha256(source), ...(revision === undefined ? {} : { revision }) },
    product: { id: product.id, hash: sha256(settings) },
    ...(ordered === undefined ? {} : { order: sha256(ordered) }),
    fonts: fontsOf(template, files.hasText),
    files: hashes(files.contents),
    renderer: template.renderer ?? RENDERER,
    dpi,
    ...(stationName ? { stationName } : {}),
  };
  if (known === hashOfSet(set)) return { set };
  const texts = [source, settings, ...(ordered === undefined ? [] : [ordered])].map(contentOf);
  const contents = [...texts, ...files.contents.values()].map(({ hash, bytes }): LabelContent => ({ hash, bytes }));
  const sample = await sampleHash(template, labelProduct(product), dpi);
  return {
    set,
    ...(sample === undefined ? {} : { sample }),
    contents: contents.filter(({ bytes }) => bytes.length <= MAX_CONTENT_BYTES),
  };
}

function contentOf(text: string): LabelContent {
  return { hash: sha256(text), bytes: Buffer.from(text) };
}

/** Returns the fonts of this program that the template may use. Text in pictures may use every font of this program. */
function fontsOf({ boxes }: Template, hasText: boolean): RenderSet['fonts'] {
  const named = boxes.flatMap((box) => (box.type === 'text' ? [box.font].flat() : [])).filter(isOwnFont);
  const hasTexts = boxes.some(({ type }) => type === 'text');
  const names = hasText ? shippedNames() : [...named, ...(hasTexts ? [FALLBACK] : [])];
  return Object.fromEntries([...new Set(names)].toSorted().map((name) => [name, fontContent(name, '').hash]));
}

/**
 * Returns the pictures that a label uses, and those of its fonts that are not this program's own. `hasText` is true if
 * a picture contains text.
 */
function filesOf(template: Template, data: LabelData): { contents: Map<string, FileContent>; hasText: boolean } {
  const contents = new Map<string, FileContent>();
  let hasText = false;
  for (const box of template.boxes) {
    if (box.type === 'text')
      for (const font of [box.font].flat())
        if (!isOwnFont(font)) contents.set(`fonts/${font}`, fontContent(font, template.folder));
    const file = box.type === 'image' ? fill(box.file, data) : undefined;
    if (file === undefined || file === '') continue;
    contents.set(`logos/${file}`, pictureContent(file, template.folder));
    hasText ||= loadPicture(file, template.folder).hasText;
  }
  return { contents, hasText };
}

function hashes(contents: Map<string, FileContent>): RenderSet['files'] {
  return Object.fromEntries([...contents].map(([file, { hash }]) => [file, hash]));
}

/** The unit on the sample label of a set. */
const SAMPLE = { uci: 'JT08FFQXWQ', serial: 'P22648U0000042' };

/**
 * Returns the hash of the dots of a sample label. Returns undefined if the template cannot be drawn with the sample.
 */
async function sampleHash(template: Template, product: LabelProduct, dpi: number): Promise<string | undefined> {
  const { name, company, code, gtin, logo, qr = '{uci}' } = product;
  const fields = { name, company, code, gtin, logo };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const data = { ...SAMPLE, product: product.id, qr: qr.replace('{uci}', SAMPLE.uci), attributes: {}, ...given };
  try {
    return hashOfDots(await dotsOf(layOut(template, data, dpi)));
  } catch (error) {
    if (error instanceof ClaimstampError) return undefined;
    throw error;
  }
}

export function dotsOf({ shapes, width, height, dpi }: Layout): Promise<Bitmap> {
  return shapesBitmap(shapes, width, height, dpi);
}

export function hashOfDots({ columns, rows, bits }: Bitmap): string {
  return sha256(Buffer.concat([Buffer.from(`${columns}x${rows}\n`), bits]));
}

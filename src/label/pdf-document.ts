import Pdf from 'pdfkit';

/* Writes objects and bytes of a pdfkit document directly, because pdfkit's own functions are too slow for labels. */

export type Document = InstanceType<typeof Pdf>;

export function newDocument(): Document {
  const doc = new Pdf({
    autoFirstPage: false,
    // No default font, because opening a font takes longer than drawing a label.
    font: '',
    // pdfkit must not compress anything: this program compresses each page itself when it writes the page, and
    // compresses the fonts at the end.
    compress: false,
    // The same labels must always give the same file. So the creation date is fixed. The file's identifier is derived
    // from the date, so it is fixed too.
    info: { CreationDate: new Date(0), Producer: 'Claimstamp', Creator: 'Claimstamp' },
  });
  // Labels must print at their actual size (ISO 32000-1, 12.2). A scaled label does not fit, and scanners may fail to
  // read its codes.
  insideOf(doc)['_root'].data.ViewerPreferences = refer(doc, { PrintScaling: 'None' });
  gather(doc);
  return doc;
}

/** Throws if the installed pdfkit does not have the private members that this program needs. */
export function insideOf(doc: object): Inside {
  if (!isInside(doc)) throw new Error('this version of pdfkit has different private members');
  return doc;
}

function isInside(doc: object): doc is Inside {
  return ['_offset', '_write', '_refEnd', '_root', 'ref', 'font'].every((member) => member in doc);
}

/** Private members of a pdfkit document. */
export interface Inside {
  compress: boolean;
  /** The number of bytes written so far. */
  _offset: number;
  _write: (bytes: Uint8Array) => void;
  /** Records the position of an object. The table at the end of the file contains the positions of all objects. */
  _refEnd: (written: Ref<unknown>) => void;
  ref: (data: object) => Ref<object>;
  /** Sets the font. The function accepts an already opened font instead of a file. */
  font: (opened: object) => unknown;
  _root: { data: { Pages: Ref<{ Kids: unknown[]; Count: number }>; ViewerPreferences?: Ref<object> } };
  _font: {
    id: string;
    scale: number;
    subset: { includeGlyph: (glyph: number) => number };
    /**
     * For each glyph of the subset: the width in thousandths of an em, and the text that people get when they copy it
     * from the PDF.
     */
    widths: number[];
    unicode: number[][];
    ref: () => unknown;
  };
}

/** An object in the PDF file. `end` writes it. */
export interface Ref<Data> {
  id: number;
  data: Data;
  offset: number;
  end: (stream?: Uint8Array) => void;
}

/** The pages' resources, by the names that content streams use. */
export interface Resources {
  Font: Record<string, unknown>;
  XObject: Record<string, unknown>;
}

export function refer(doc: Document, data: object): Ref<object> {
  return insideOf(doc).ref(data);
}

const PIECE_BYTES = 64 * 1024;

/**
 * Writes the file in large pieces. Without this, each page and each line of the table at the end would be written
 * separately.
 */
function gather(doc: Document): void {
  let rest: Uint8Array[] = [];
  let bytes = 0;
  const push = doc.push.bind(doc);
  doc.push = (chunk: Uint8Array | null): boolean => {
    if (chunk !== null) {
      rest.push(chunk);
      bytes += chunk.length;
      if (bytes < PIECE_BYTES) return true;
    }
    push(Buffer.concat(rest));
    [rest, bytes] = [[], 0];
    return chunk !== null || push(null);
  };
}

export function number(value: number, digits = 4): string {
  const scale = 10 ** digits;
  return String(Math.round(value * scale) / scale);
}

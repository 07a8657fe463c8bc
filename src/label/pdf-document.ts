import Pdf from 'pdfkit';

/* Writes objects and bytes of a pdfkit document directly: pdfkit's own functions are too slow for labels. */

export type Document = InstanceType<typeof Pdf>;

export function newDocument(): Document {
  return new Pdf({
    autoFirstPage: false,
    // No default font: opening it takes longer than drawing a label.
    font: '',
    // Pages are compressed when they are written, fonts at the end.
    compress: false,
    // A fixed date, from which the file's identifier is derived: two renderings must not differ.
    info: { CreationDate: new Date(0), Producer: 'Claimstamp', Creator: 'Claimstamp' },
  });
}

/** Throws where another version of pdfkit has other private members. */
export function insideOf(doc: object): Inside {
  if (!isInside(doc)) throw new Error('this version of pdfkit has other private members');
  return doc;
}

function isInside(doc: object): doc is Inside {
  return ['_offset', '_write', '_refEnd', '_root', 'ref', 'font'].every((member) => member in doc);
}

/** Private members of a pdfkit document. */
export interface Inside {
  compress: boolean;
  /** Bytes written. */
  _offset: number;
  _write: (bytes: Uint8Array) => void;
  /** Records an object's offset for the table at the end. */
  _refEnd: (written: Ref<unknown>) => void;
  ref: (data: object) => Ref<object>;
  /** Takes an opened font as well as a file. */
  font: (opened: object) => unknown;
  _root: { data: { Pages: Ref<{ Kids: unknown[]; Count: number }> } };
  _font: {
    id: string;
    scale: number;
    subset: { includeGlyph: (glyph: number) => number };
    /** By glyph of the subset: thousandths of an em, and the text for copying. */
    widths: number[];
    unicode: number[][];
    ref: () => unknown;
  };
}

/** An object of the file, written by `end`. */
export interface Ref<Data> {
  id: number;
  data: Data;
  offset: number;
  end: (stream?: Uint8Array) => void;
}

/** By their names in content streams. */
export interface Resources {
  Font: Record<string, unknown>;
  XObject: Record<string, unknown>;
}

export function refer(doc: Document, data: object): Ref<object> {
  return insideOf(doc).ref(data);
}

const PIECE_BYTES = 64 * 1024;

/** Emits the rest in large pieces: the table has a line per object, and emitting each alone doubles the time. */
export function gather(doc: Document): void {
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

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { openPromise, type Entry } from 'yauzl';

/** Reads the files of a zip as streams. Several files can be read at the same time. */
export interface Unzip {
  /** The names in the order of the zip. A name that occurs twice is listed twice. */
  names: string[];
  /** Reads the bytes of a file. Throws when the file is missing or broken. */
  read: (name: string) => Reading;
  close: () => void;
}

export interface Reading {
  pieces: AsyncIterable<Buffer>;
  /** Number of bytes read so far, and their hash. */
  said: () => { bytes: number; sha256: string };
}

/** Throws when the file is not a zip. */
export async function openUnzip(file: string): Promise<Unzip> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
  const entries = new Map<string, Entry>();
  const names: string[] = [];
  const open = new Set<Readable>();
  for await (const entry of zip.eachEntry()) {
    names.push(entry.fileName);
    entries.set(entry.fileName, entry);
  }
  return {
    names,
    read(name) {
      const hash = createHash('sha256');
      let bytes = 0;
      async function* pieces(): AsyncGenerator<Buffer> {
        const entry = entries.get(name);
        if (entry === undefined) throw new Error(`${name} is missing`);
        const stream: Readable = await zip.openReadStreamPromise(entry);
        open.add(stream);
        // The reader gets the error. A reader that was stopped because of another broken file needs no error.
        stream.on('error', () => {});
        for await (const piece of stream as AsyncIterable<Buffer>) {
          hash.update(piece);
          bytes += piece.length;
          yield piece;
        }
      }
      return { pieces: pieces(), said: () => ({ bytes, sha256: hash.copy().digest('hex') }) };
    },
    close() {
      for (const stream of open) stream.destroy();
      zip.close();
    },
  };
}

const NEWLINE = 0x0a;

/** Returns the lines of a file in batches, and removes the line ends. The last line of the file may lack a line end. */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const lines: Buffer[] = [];
    let begin = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, begin)) {
      lines.push(bytes.subarray(begin, end));
      begin = end + 1;
    }
    rest = bytes.subarray(begin);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [rest];
}

/** Reads a small file as text. Throws when it is larger than `most` bytes. */
export async function textOf({ pieces }: Reading, most: number): Promise<string> {
  const all: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > most) throw new Error(`has more than ${most} bytes`);
    all.push(piece);
  }
  return Buffer.concat(all).toString('utf8');
}

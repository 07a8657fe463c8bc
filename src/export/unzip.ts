import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { openPromise, type Entry } from 'yauzl';

/** Reads the files in a zip file as streams. Callers can read several of the files at the same time. */
export interface Unzip {
  /** The names of the files, in the order of the zip file. A name that occurs twice is also listed twice. */
  names: string[];
  /** Reads the bytes of a file. Throws if the file is missing or broken. */
  read: (name: string) => Reading;
  close: () => void;
}

export interface Reading {
  pieces: AsyncIterable<Buffer>;
  /** The number of bytes read so far, and their hash. */
  said: () => { bytes: number; sha256: string };
}

/** The maximum number of files in the zip file. A bundle has far fewer files. */
const MAX_FILES = 64;

/**
 * The maximum length of a line. The longest line is an event that closes a work order, because it names all units that
 * were signed off.
 */
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** Throws if the file is not a zip file, or has too many files for a bundle. */
export async function openUnzip(file: string): Promise<Unzip> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
  const entries = new Map<string, Entry>();
  const names: string[] = [];
  const open = new Set<Readable>();
  for await (const entry of zip.eachEntry()) {
    if (names.length === MAX_FILES) {
      zip.close();
      throw new Error(`it has more than ${MAX_FILES} files, so it is not a bundle`);
    }
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
        const stream: Readable & AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
        open.add(stream);
        // The error is ignored here, because the code that reads the stream also gets it. After an error in another
        // file, nothing reads the stream any more, so no one needs this error.
        stream.on('error', () => {});
        for await (const piece of stream) {
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

/** Returns a file's lines in batches, without line ends. The file need not end with a line end. */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  // The pieces of a line are joined once, when the line is complete. If each piece were joined on arrival, the time
  // would grow with the square of the line's length.
  let rest: Buffer[] = [];
  let held = 0;
  for await (const piece of pieces) {
    const lines: Buffer[] = [];
    let begin = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, begin)) {
      const tail = piece.subarray(begin, end);
      lines.push(rest.length === 0 ? tail : Buffer.concat([...rest, tail]));
      [rest, held, begin] = [[], 0, end + 1];
    }
    if (begin < piece.length) rest.push(piece.subarray(begin));
    held += piece.length - begin;
    if (held > MAX_LINE_BYTES) throw new Error(`a line has more than ${MAX_LINE_BYTES} bytes`);
    if (lines.length > 0) yield lines;
  }
  if (rest.length > 0) yield [Buffer.concat(rest)];
}

/** Reads a small file as text. Throws if the file is larger than `most` bytes. */
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

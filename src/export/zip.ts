import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** A zip file that is written as its parts come; parts and file may pass 4 GiB (zip64). */
export interface Zip {
  /** Adds a file. Resolves once its last piece was taken. */
  add: (name: string, pieces: AsyncIterable<string> | Iterable<string>) => Promise<Added>;
  end: () => Promise<void>;
}

export interface Added {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * Of a million rows it takes off all but a tenth; level 6, which is zlib's own, would take three times as long for a
 * fifth less.
 */
const LEVEL = 1;

export function openZip(out: Writable): Zip {
  const zip = new ZipFile();
  zip.outputStream.pipe(out);
  const written = finished(out);
  // A part that breaks off is told by `add`.
  written.catch(() => {});
  return {
    async add(name, pieces) {
      const hash = createHash('sha256');
      let bytes = 0;
      async function* counted(): AsyncGenerator<Buffer> {
        for await (const piece of pieces) {
          const part = Buffer.from(piece);
          hash.update(part);
          bytes += part.length;
          yield part;
        }
      }
      const part = Readable.from(counted(), { objectMode: false });
      zip.addReadStream(part, name, { compressionLevel: LEVEL, mode: 0o600 });
      await Promise.race([finished(part), written.then(brokeOff)]);
      return { bytes, sha256: hash.digest('hex') };
    },
    async end() {
      zip.end();
      await written;
    },
  };
}

function brokeOff(): never {
  throw new Error('the file was closed before it was whole');
}

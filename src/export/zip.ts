import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/**
 * A zip file that is written while its files are still being made. The zip and each file in it may exceed 4 GiB
 * (zip64).
 */
export interface Zip {
  /** Adds a file. Resolves when the last piece of the file has been written. */
  add: (name: string, pieces: AsyncIterable<string> | Iterable<string>) => Promise<Added>;
  end: () => Promise<void>;
}

export interface Added {
  bytes: number;
  /** The SHA-256 hash of the zip file, in hexadecimal. */
  sha256: string;
}

/**
 * Level 1 reduces a million rows to a tenth of their size. Level 6, zlib's default, makes the file a fifth smaller
 * again, but takes three times as long.
 */
const LEVEL = 1;

export function openZip(out: Writable): Zip {
  const zip = new ZipFile();
  zip.outputStream.pipe(out);
  const written = finished(out);
  // If writing fails, `add` reports the error.
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
  throw new Error('the file was closed before it was complete');
}

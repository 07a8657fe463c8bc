import { closeSync, openSync, read } from 'node:fs';

/** A kernel table that is a file under /proc. */
export interface ProcFile {
  /** Reads the current table. If `pieces` is more than 1, the kernel may have changed the table between two pieces. */
  read: () => Promise<{ text: string; pieces: number }>;
  close: () => void;
}

const FIRST_BYTES = 64 * 1024;

/** 16,384 neighbours, 16 times as many as Linux keeps by default, take 1.3 MB. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The file stays open, because opening it takes longer than reading it. Each time a read begins at position 0, the
 * kernel generates new contents. Start a read only after the previous read has finished.
 */
export function openProcFile(path: string): ProcFile {
  let file: number | undefined;
  let buffer = Buffer.allocUnsafe(FIRST_BYTES);
  const piece = (from: number): Promise<number> =>
    new Promise((resolve, reject) => {
      file ??= openSync(path, 'r');
      read(file, buffer, from, buffer.length - from, from, (error, bytes) => (error ? reject(error) : resolve(bytes)));
    });
  return {
    async read() {
      let end = 0;
      for (let pieces = 0; ; pieces++) {
        const bytes = await piece(end);
        if (bytes === 0) return { text: buffer.toString('latin1', 0, end), pieces };
        end += bytes;
        if (end < buffer.length) continue;
        if (end >= MAX_BYTES) throw new Error(`${path} has more than ${MAX_BYTES} bytes`);
        buffer = Buffer.concat([buffer], buffer.length * 2);
      }
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

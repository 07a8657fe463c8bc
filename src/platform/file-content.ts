import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** A file's content at one moment. `hash` is the SHA-256 of `bytes` in hexadecimal. */
export interface FileContent {
  bytes: Buffer;
  hash: string;
}

interface Known extends FileContent {
  /**
   * Identifies the state of the file when it was read: device, inode, size, and the times of its last changes in ns.
   */
  mark: string;
  /** True if the file was changed so recently that another change might not change the mark. */
  isRecent: boolean;
}

const known = new Map<string, Known>();
/** The maximum number of files in the cache. A factory usually has a few dozen fonts, logos and templates. */
const MAX_KNOWN = 200;

/** File systems store times in steps of up to 2 s (FAT). So two changes within this time may leave the same mark. */
const RECENT_NS = 2_000_000_000n;

/**
 * Reads a file. If the file has not changed since it was last read, returns the same content as before. A file counts
 * as unchanged if its inode, its size and both of its times are the same. The system itself sets the inode change time.
 * So even a copy that keeps the old modification time counts as a change. If the file cannot be read, throws the error
 * of the file system.
 */
export function fileContent(path: string): FileContent {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  const mark = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const before = known.get(path);
  if (before?.mark === mark && !before.isRecent) return before;
  const bytes = readFileSync(path);
  const isRecent = BigInt(Date.now()) * 1_000_000n - ctimeNs < RECENT_NS;
  // The same content is always the same object, because other caches use the object as their key.
  if (before !== undefined && before.bytes.equals(bytes)) {
    Object.assign(before, { mark, isRecent });
    return before;
  }
  const content = { bytes, hash: createHash('sha256').update(bytes).digest('hex'), mark, isRecent };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(path, content);
  return content;
}

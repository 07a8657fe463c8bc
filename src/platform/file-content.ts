import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** A file's content at one moment. `hash` is the SHA-256 of `bytes` in hexadecimal. */
export interface FileContent {
  bytes: Buffer;
  hash: string;
}

interface Known extends FileContent {
  /** The file's identity when it was read: device, inode, size, and the times of its last changes in ns. */
  mark: string;
  /** True if the file changed so recently that another change may not have altered the mark. */
  isRecent: boolean;
}

const known = new Map<string, Known>();
/** A factory has a few dozen fonts, logos and templates. */
const MAX_KNOWN = 200;

/** File systems record times in steps of up to 2 s (FAT), so two changes within this time can leave the same mark. */
const RECENT_NS = 2_000_000_000n;

/**
 * Reads a file, or returns the content that was read earlier if the file has not changed. A file has not changed if its
 * inode, its size and both of its times are the same. The system itself sets the inode change time, so a copy that
 * keeps the old modification time is noticed. Throws the error of the file system if the file cannot be read.
 */
export function fileContent(path: string): FileContent {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  const mark = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const before = known.get(path);
  if (before?.mark === mark && !before.isRecent) return before;
  const bytes = readFileSync(path);
  const isRecent = BigInt(Date.now()) * 1_000_000n - ctimeNs < RECENT_NS;
  // The same content is always the same object, so that results cached under the object are found again.
  if (before !== undefined && before.bytes.equals(bytes)) {
    Object.assign(before, { mark, isRecent });
    return before;
  }
  const content = { bytes, hash: createHash('sha256').update(bytes).digest('hex'), mark, isRecent };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(path, content);
  return content;
}

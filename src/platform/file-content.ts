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
  /** True if the file had changed so recently that a further change may have left the mark as it is. */
  isRecent: boolean;
}

const known = new Map<string, Known>();
/** Fonts, logos and templates of a factory are a few dozen files. */
const MAX_KNOWN = 200;

/** File systems record times in steps of up to 2 s (FAT), so two changes within this time can have one mark. */
const RECENT_NS = 2_000_000_000n;

/**
 * Reads a file, or returns the content that was read before if the file is the same. A file is the same if its inode,
 * its size and both of its times are: the time of the last change of the inode is set by the system, so a copy that
 * keeps the old time of modification is noticed. Throws the error of the file system if the file cannot be read.
 */
export function fileContent(path: string): FileContent {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  const mark = [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const before = known.get(path);
  if (before?.mark === mark && !before.isRecent) return before;
  const bytes = readFileSync(path);
  const isRecent = BigInt(Date.now()) * 1_000_000n - ctimeNs < RECENT_NS;
  // The same content keeps its object, so that what was made from it is found again.
  if (before !== undefined && before.bytes.equals(bytes)) {
    Object.assign(before, { mark, isRecent });
    return before;
  }
  const content = { bytes, hash: createHash('sha256').update(bytes).digest('hex'), mark, isRecent };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(path, content);
  return content;
}

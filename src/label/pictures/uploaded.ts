import { createHash } from 'node:crypto';
import type { FileContent } from '../../platform/file-content.ts';

/*
 * Pictures that people uploaded. The pictures are in the ledger, but this code does not read the ledger: a thread gets
 * the pictures with each task, and a child process reads them from the ledger's file.
 */

/** Returns the bytes of an uploaded picture, or undefined if no picture with this name was uploaded. */
export type Uploads = (file: string) => Uint8Array | undefined;

let uploads: Uploads = () => undefined;

/** Contents by hash. The same content is always the same object, because other caches use the object as their key. */
const contents = new Map<string, FileContent>();
const MAX_CONTENTS = 50;

/** Sets where uploaded pictures come from, for this thread or process. */
export function useUploads(next: Uploads): void {
  uploads = next;
}

export function uploadedContent(file: string): FileContent | undefined {
  const bytes = uploads(file);
  if (bytes === undefined) return undefined;
  const hash = createHash('sha256').update(bytes).digest('hex');
  const known = contents.get(hash);
  if (known !== undefined) return known;
  const content = { bytes: Buffer.from(bytes), hash };
  if (contents.size >= MAX_CONTENTS) contents.clear();
  contents.set(hash, content);
  return content;
}

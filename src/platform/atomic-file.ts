import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file that only its owner may read. A reader sees either the old file or the complete new file. Once the
 * promise has resolved, the new file is on disk and survives a power cut.
 */
export async function writeAtomically(file: string, content: string): Promise<void> {
  // Services on several machines may write to the same folder, so a process ID would not be unique in the file's name.
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, content, { mode: 0o600, flush: true });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Makes sure that the names of new files in the folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  // On Windows, a folder cannot be opened as a file. On Windows, the journal of NTFS already protects the names.
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

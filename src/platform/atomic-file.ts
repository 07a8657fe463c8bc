import { renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Writes a file that only its owner may read. A reader sees either the former file or the complete new file. */
export function writeAtomically(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

/** Makes the names of new files in the folder durable, so that they survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

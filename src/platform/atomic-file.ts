import { renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Readers see the former file or the complete new one. Only its owner may read it. */
export function writeAtomically(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

/** Makes the names of new files in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

import { renameSync, writeFileSync } from 'node:fs';

/** Readers see the former file or the complete new one. Only its owner may read it. */
export function writeAtomically(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

import { renameSync, writeFileSync } from 'node:fs';

/** A file that is there whole or not at all, and that only its owner reads. */
export function writeWhole(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

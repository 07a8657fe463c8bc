import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './support.ts';
import { need, run } from './tools.ts';

/** The files in a zip, by another's reader: name → content, in their order. */
export function unzip(bytes: Uint8Array): Map<string, string> {
  need('unzip', 'unzip');
  const file = join(tempFolder(), 'file.zip');
  writeFileSync(file, bytes);
  run('unzip', ['-tq', file]);
  const names = run('unzip', ['-Z1', file]).trimEnd().split('\n');
  // unzip takes a name for a pattern: brackets mean themselves.
  return new Map(names.map((name) => [name, run('unzip', ['-p', file, name.replaceAll('[', '[[]')])]));
}

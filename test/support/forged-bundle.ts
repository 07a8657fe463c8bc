import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../src/export/bundle.ts';
import { openZip } from '../../src/export/zip.ts';
import { readCsv } from './factory.ts';
import { tempFolder } from './service.ts';

/* What somebody can do to a bundle who has a zip program. */

/** Files as a zip whose manifest names them as they are: what is not signed can be made to fit. */
export async function zipOf(
  files: Map<string, string>,
  change: (manifest: Manifest) => void = () => {},
): Promise<string> {
  const manifest = JSON.parse(files.get('manifest.json') as string) as Manifest;
  for (const one of manifest.files) {
    const content = files.get(one.name) ?? '';
    one.bytes = Buffer.byteLength(content);
    one.sha256 = createHash('sha256').update(content).digest('hex');
    if (one.name === 'units.csv') one.rows = readCsv(content).length;
    else if (one.rows !== undefined) one.rows = content.split('\n').length - 1;
  }
  manifest.checkpoint = files.get('checkpoint') ?? '';
  change(manifest);
  return rawZip(new Map([...files, ['manifest.json', `${JSON.stringify(manifest, null, 2)}\n`]]));
}

/** Files as they are. */
export async function rawZip(files: Iterable<[string, string]>): Promise<string> {
  const file = join(tempFolder(), 'bundle.zip');
  const zip = openZip(createWriteStream(file));
  for (const [name, content] of files) await zip.add(name, [content]);
  await zip.end();
  return file;
}

export function changed(
  files: Map<string, string>,
  name: string,
  change: (content: string) => string,
): Map<string, string> {
  return new Map([...files, [name, change(files.get(name) as string)]]);
}

export function linesOf(files: Map<string, string>, name: string): string[] {
  return (files.get(name) as string).split('\n').slice(0, -1);
}

export function withLines(files: Map<string, string>, name: string, lines: string[]): Map<string, string> {
  return changed(files, name, () => lines.map((line) => `${line}\n`).join(''));
}

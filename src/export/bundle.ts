import type { ExportJob } from '../contract/exports.ts';
import type { Added, Zip } from './zip.ts';

/**
 * The content of `manifest.json`, the last file of a bundle. A bundle contains the leaf hashes of all events, and the
 * signed checkpoint. So anyone can check each event line without the ledger, even if the bundle contains only some of
 * the events. See docs/formats.md.
 */
export interface Manifest {
  format: 'claimstamp-bundle/1';
  /** The time of the export (RFC 3339). */
  made: string;
  origin: string;
  /** The number of events in the ledger at the time of the export. */
  treeSize: number;
  /** The root of the RFC 6962 tree over `treeSize` events, in hexadecimal. */
  root: string;
  /** The signed note, which is also in the file `checkpoint`. */
  checkpoint: string;
  of: ExportJob['of'];
  filter: ExportJob['filter'];
  files: BundledFile[];
}

/** `rows` is the number of units, events or hashes. `rows` is absent if the file has no rows. */
export interface BundledFile extends Added {
  name: string;
  rows?: number;
}

/**
 * A file in a bundle, with its content in pieces. The number of rows is known only after all pieces have been read.
 */
export interface Part {
  name: string;
  pieces: AsyncIterable<string> | Iterable<string>;
  rows?: () => number;
}

/** The file with the unit's history as a page for people. Only a bundle of one unit contains it. */
export const HISTORY_FILE = 'history.html';

export async function writeBundle(zip: Zip, about: Omit<Manifest, 'format' | 'files'>, parts: Part[]): Promise<void> {
  const files: BundledFile[] = [];
  for (const { name, pieces, rows } of parts) {
    const added = await zip.add(name, pieces);
    files.push({ name, ...added, ...(rows === undefined ? {} : { rows: rows() }) });
  }
  const manifest: Manifest = { format: 'claimstamp-bundle/1', ...about, files };
  await zip.add('manifest.json', [`${JSON.stringify(manifest, null, 2)}\n`]);
}

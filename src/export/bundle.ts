import type { ExportJob } from '../contract/exports.ts';
import type { Added, Zip } from './zip.ts';

/**
 * `manifest.json`, the last file of a bundle. With the leaf hashes of the whole tree and the signed checkpoint anyone can
 * check each line of a part, without the ledger: docs/exports.md.
 */
export interface Manifest {
  format: 'claimstamp-bundle/1';
  /** RFC 3339 */
  made: string;
  origin: string;
  /** Events in the ledger at that moment. */
  treeSize: number;
  /** Root of the RFC 6962 tree over them, hexadecimal. */
  root: string;
  /** The signed note, as in `checkpoint`. */
  checkpoint: string;
  of: ExportJob['of'];
  filter: ExportJob['filter'];
  files: BundledFile[];
}

/** `rows`: units, events or hashes; absent for a file without rows. */
export interface BundledFile extends Added {
  name: string;
  rows?: number;
}

/** A file of a bundle: its pieces, and the row count once they were read. */
export interface Part {
  name: string;
  pieces: AsyncIterable<string> | Iterable<string>;
  rows?: () => number;
}

export async function writeBundle(zip: Zip, about: Omit<Manifest, 'format' | 'files'>, parts: Part[]): Promise<void> {
  const files: BundledFile[] = [];
  for (const { name, pieces, rows } of parts) {
    const added = await zip.add(name, pieces);
    files.push({ name, ...added, ...(rows === undefined ? {} : { rows: rows() }) });
  }
  const manifest: Manifest = { format: 'claimstamp-bundle/1', ...about, files };
  await zip.add('manifest.json', [`${JSON.stringify(manifest, null, 2)}\n`]);
}

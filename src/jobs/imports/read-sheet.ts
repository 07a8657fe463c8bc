import type { Sheets, SheetToImport } from '../../contract/imports.ts';
import type { Spool } from '../../platform/spool.ts';

export interface SheetTask {
  bytes: Uint8Array;
  product: string | undefined;
  properties: readonly string[];
}

/** `properties` are the names of the identity properties, which may be columns of the file. */
export function openSheets(spool: Spool, properties: readonly string[]): Sheets {
  return {
    read(bytes, product, by) {
      const task = (): SheetTask => ({ bytes, product, properties });
      return spool.run<SheetToImport>({ by, entry: 'jobs/imports/read-sheet-child.js', task });
    },
  };
}

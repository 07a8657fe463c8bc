import type { SheetToImport } from '../../contract/imports.ts';
import { workInChild } from '../../platform/spool.ts';
import { readUnitFile } from '../../sheet/read-units.ts';
import { previewOf, unitsOf } from '../../sheet/to-import.ts';
import type { SheetTask } from './read-sheet.ts';

/* This child process reads a file with units. */

workInChild(async ({ bytes, product, properties }: SheetTask): Promise<SheetToImport> => {
  const sheet = await readUnitFile(Buffer.from(bytes), properties);
  const { units, problems } = unitsOf(sheet, product, (line) => `line ${line}`);
  const { format, warnings, own } = sheet;
  return { format, preview: previewOf(sheet), units, problems: [...sheet.problems, ...problems], warnings, own };
});

import type { SheetToImport, ToldOfLine, UnitToImport } from '../contract/imports.ts';
import { own } from '../platform/own.ts';
import type { UnitFile } from './read-units.ts';

/** Makes the units of an import from the lines of a file. `placeOf` returns the name of a line for messages. */
export function unitsOf(
  sheet: UnitFile,
  product: string | undefined,
  placeOf: (line: number) => string,
): { units: UnitToImport[]; problems: ToldOfLine[] } {
  const bare =
    product === undefined ? sheet.units.find(({ device }) => own(device, 'product') === undefined) : undefined;
  const problems = bare === undefined ? [] : [{ line: bare.line, why: NO_PRODUCT }];
  const units = sheet.units.flatMap(({ line, uci, device, restored }) => {
    const named = own(device, 'product') ?? product;
    if (named === undefined) return [];
    return [{ place: placeOf(line), uci, device: { ...device, product: named }, ...restored }];
  });
  return { units, problems };
}

export const NO_PRODUCT = 'no product: give --product, or add a column "product"';

/** The number of rows that a preview shows. */
const PREVIEW_ROWS = 5;

export function previewOf({ columns, units }: UnitFile): SheetToImport['preview'] {
  const used = [...columns.entries()].filter(([, { head }]) => head !== '');
  const rows = units.slice(0, PREVIEW_ROWS).map(({ line, uci, cells }) => ({
    line,
    cells: used.map(([index, { property }]) => (property === 'uci' ? uci : (cells[index] ?? ''))),
  }));
  return { columns: used.map(([, column]) => column), rows };
}

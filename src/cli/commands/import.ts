import { Command } from 'commander';
import { readConfig } from '../../config.ts';
import { MAX_IMPORT } from '../../decide/imports/import-units.ts';
import { ClaimstampError } from '../../platform/error.ts';
import type { UnitToImport } from '../../contract/imports.ts';
import { readImport, type Told, type ToImport } from '../import-files.ts';
import { hint, print, table, withApi } from '../run.ts';
import { counted } from '../counted.ts';

interface Options {
  product?: string;
  reserved?: true;
  check?: true;
}

export function importCommand(): Command {
  return new Command('import')
    .description(
      'import Claim IDs made elsewhere, from a CSV file or an Excel workbook with a header line, or from device.json5 files; if one Claim ID is refused, no Claim ID is imported',
    )
    .argument('<file...>', 'CSV files, .xlsx files, device.json5 files, or a folder of device.json5 files')
    .option('--product <id>', 'the product of lines that name no product')
    .option(
      '--reserved',
      'the Claim IDs are printed on labels that no device has yet (default: devices have the Claim IDs)',
    )
    .option('--check', 'show how the files are read and which problems they have, without importing anything')
    .action(async (files: string[], { product, reserved, check }: Options) => {
      const properties = readConfig(process.env).identityProperties;
      const read = await readImport(files, { product, properties });
      if (check) for (const { file, sheet } of read.sheets) preview(file, sheet);
      for (const { place, why } of read.warnings) hint(`${place}: ${why}`);
      await importAll(read, reserved ? 'reserved' : 'issued', check);
    });
}

async function importAll({ units, problems }: ToImport, as: 'issued' | 'reserved', check?: true): Promise<void> {
  if (units.length === 0 && problems.length === 0) throw new ClaimstampError('invalid', 'no units found');
  if (units.length > MAX_IMPORT)
    throw new ClaimstampError(
      'invalid',
      `${units.length} units are too many for one import: split them into files of at most ${MAX_IMPORT}; nothing was imported`,
    );
  // If the files have problems, the service checks the other units without importing them. So one refusal lists all
  // problems.
  const onlyCheck = check === true || problems.length > 0;
  const body = { as, units, ...(onlyCheck ? { check: true as const } : {}) };
  const found: Told[] = [];
  if (units.length > 0)
    await withApi(async (api) => {
      await api.call('POST /v1/units/import', { body }).then(sayNotes, (error: unknown) => {
        found.push(...problemsOf(error, units));
      });
    });
  if (problems.length + found.length > 0) throw refused([...problems, ...found]);
  print(
    check
      ? `${counted(units.length, 'unit')} can be imported: no problems were found`
      : `${counted(units.length, 'unit')} imported`,
  );
}

interface Noted {
  count: number;
  first: string[];
}

type Notes = { [name in 'unidentified' | 'notMacs' | 'inPools']?: Noted | undefined };

function sayNotes({ unidentified, notMacs, inPools }: Notes): void {
  if (unidentified !== undefined)
    hint(
      `${counted(unidentified.count, 'unit')} without a value that identifies its device, or with only a placeholder (${placesOf(unidentified)}). If such a device asks, it gets another Claim ID`,
    );
  if (notMacs !== undefined)
    hint(
      `${counted(notMacs.count, 'unit')} with text that is not a MAC or EUI-64 in a property for MACs (${placesOf(notMacs)}). The text identifies the device only if the device sends exactly the same text`,
    );
  if (inPools !== undefined)
    hint(
      `${counted(inPools.count, 'unit')} with a number from a pool (${placesOf(inPools)}). The service skips these numbers and never gives them to other devices`,
    );
}

function placesOf({ count, first }: Noted): string {
  return first.join(', ') + (count > first.length ? ', …' : '');
}

/** Returns the problems that the service has listed. If the error contains no problems, rethrows the error. */
function problemsOf(error: unknown, units: UnitToImport[]): Told[] {
  const listed = error instanceof ClaimstampError ? error.words?.values?.['problems'] : undefined;
  if (!Array.isArray(listed)) throw error;
  return listed.map(({ key }) => {
    const { place = '' } = units.find((unit) => key.startsWith(`${unit.place}: `)) ?? {};
    return { place, why: key.slice(place === '' ? 0 : place.length + 2) };
  });
}

/** The maximum number of problems that are shown. */
const MAX_SHOWN = 20;

function refused(problems: Told[]): ClaimstampError {
  const shown = problems
    .toSorted((a, b) => byPlace.compare(a.place, b.place))
    .slice(0, MAX_SHOWN)
    .map(({ place, why }) => (place === '' ? why : `${place}: ${why}`));
  if (problems.length > MAX_SHOWN) shown.push(`and ${problems.length - MAX_SHOWN} more problems`);
  return new ClaimstampError('invalid', `${shown.join('\n')}${shown.length > 1 ? '\n' : '; '}nothing was imported`);
}

/** When comparing places in files, compares numbers by value, so that line 9 comes before line 10. */
const byPlace = new Intl.Collator('en', { numeric: true });

/** The maximum number of rows in a preview. */
const PREVIEW_ROWS = 5;

function preview(file: string, { format, columns, units }: ToImport['sheets'][number]['sheet']): void {
  print(`${file}: ${format}`);
  const used = [...columns.entries()].filter(([, { head }]) => head !== '');
  if (used.length === 0) return;
  const rows = units.slice(0, PREVIEW_ROWS).map(({ line, uci, cells }) => {
    const shown = used.map(([index, { property }]) => (property === 'uci' ? uci : (cells[index] ?? '')));
    return [String(line), ...shown.map((text) => JSON.stringify(text).slice(1, -1))];
  });
  const heads = used.map(([, { head }]) => head);
  print(table(['line', ...heads], [['', ...used.map(([, { property }]) => `= ${property}`)], ...rows]));
  if (units.length > PREVIEW_ROWS) print(`… and ${units.length - PREVIEW_ROWS} more units`);
}

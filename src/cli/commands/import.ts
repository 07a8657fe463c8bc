import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { parse as parseCsv } from 'csv-parse/sync';
import { z } from 'zod';
import { ClaimstampError, messageOf } from '../../platform/error.ts';
import { isObject, type Json } from '../../model/event.ts';
import { parse } from '../../model/claim-id.ts';
import { fileError } from '../../platform/file-error.ts';
import { readText } from '../read-text.ts';
import { print, withApi } from '../run.ts';
import { parseJson5 } from '../../platform/json5.ts';
import { own } from '../../platform/own.ts';

const Rows = z.array(z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.int() }) }));

/** The names that other programs give to the column with the Claim ID. */
const UCI_COLUMNS = ['uci', 'id', 'claim_id', 'claimId', 'claim id', 'Claim ID'];

/** The data of one unit in the body of POST /v1/units/import. */
interface UnitToImport {
  place: string;
  uci: string;
  device: { [key: string]: Json };
}

interface Options {
  product?: string;
  reserved?: true;
}

export function importCommand(): Command {
  return new Command('import')
    .description(
      'import Claim IDs made elsewhere, from a CSV file with a header line or from device.json5 files; if one Claim ID is refused, no Claim ID is imported',
    )
    .argument('<file...>', 'CSV file, device.json5 files, or a folder of device.json5 files')
    .option('--product <id>', 'the product of lines without a product')
    .option('--reserved', 'the Claim IDs are on labels that no device has yet (default: they are in devices)')
    .action((files: string[], { product, reserved }: Options) =>
      withApi(async (api) => {
        const units = files.flatMap(withFolders).flatMap((file) => readUnits(file, product));
        if (units.length === 0) throw new ClaimstampError('invalid', `${files.join(', ')}: no units found`);
        const { imported } = await api.call('POST /v1/units/import', {
          body: { as: reserved ? 'reserved' : 'issued', units },
        });
        print(`${imported} units imported`);
      }),
    );
}

function withFolders(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.json5?$/.test(name))
      .toSorted()
      .map((name) => join(path, name));
  } catch (error) {
    throw refused(path, `cannot be read: ${fileError(error)}`);
  }
}

/** Reads the units of one file. Throws `invalid` with the file and line of the first problem. */
export function readUnits(file: string, product: string | undefined): UnitToImport[] {
  const text = readText(file);
  if (/\.json5?$/.test(file)) return [readUnit(file, readDevice(file, text), product)];
  return readCsv(file, text).map(({ place, row }) => readUnit(place, row, product));
}

function readDevice(file: string, text: string): { [key: string]: Json } {
  try {
    const device: unknown = parseJson5(text);
    if (isObject(device)) return device;
  } catch (error) {
    throw refused(file, messageOf(error));
  }
  throw refused(file, 'must contain one object, as device.json5 does');
}

function readCsv(file: string, text: string): { place: string; row: { [key: string]: Json } }[] {
  try {
    const options = { columns: true, bom: true, skip_empty_lines: true, trim: true, info: true };
    const rows = Rows.parse(parseCsv(text, options));
    return rows.map(({ record, info }) => ({
      place: `${file} line ${info.lines}`,
      row: Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== '')),
    }));
  } catch (error) {
    throw refused(file, messageOf(error));
  }
}

function readUnit(place: string, row: { [key: string]: Json }, fallback: string | undefined): UnitToImport {
  const typed = UCI_COLUMNS.map((column) => own(row, column)).find((cell) => cell !== undefined);
  if (typeof typed !== 'string')
    throw refused(place, `no Claim ID: name its column ${UCI_COLUMNS.slice(0, 3).join(' or ')}`);
  const uci = parse(typed);
  if (uci === undefined)
    throw refused(place, 'the Claim ID is malformed: 10 to 20 letters and digits without I, L, O and U');
  const product = row['product'] ?? fallback;
  if (product === undefined) throw refused(place, 'no product: give --product');
  const rest = Object.entries(row).filter(([name]) => !UCI_COLUMNS.includes(name));
  return { place, uci, device: { ...Object.fromEntries(rest), product } };
}

function refused(place: string, why: string): ClaimstampError {
  return new ClaimstampError('invalid', `${place}: ${why}; nothing was imported`);
}

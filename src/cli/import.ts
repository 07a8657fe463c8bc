import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { parse as parseCsv } from 'csv-parse/sync';
import JSON5 from 'json5';
import { identityValue, type IdentityRules } from '../body.ts';
import { readConfig } from '../config.ts';
import { ClaimstampError } from '../error.ts';
import { isObject, type Json } from '../event.ts';
import type { ImportedUnit } from '../office.ts';
import { ProductId } from '../product.ts';
import { isSerial } from '../serial.ts';
import { parse } from '../uci.ts';
import { print, withApi } from './run.ts';

/** What other programs call the column of the Claim ID. */
const UCI_COLUMNS = ['uci', 'id', 'claim_id', 'claimId', 'claim id', 'Claim ID'];

interface Options {
  product?: string;
  reserved?: true;
}

export function importCommand(): Command {
  return new Command('import')
    .description(
      'take in Claim IDs made elsewhere: a CSV file with a header line, or device.json5 files; all of it or nothing',
    )
    .argument('<file...>', 'CSV file, device.json5 files, or a folder of them')
    .option('--product <id>', 'the product of lines that name none')
    .option('--reserved', 'labels not given to a device yet (default: IDs that are in devices)')
    .action((files: string[], { product, reserved }: Options) =>
      withApi(async (api) => {
        const config = readConfig(process.env);
        const rules = { properties: config.identityProperties, placeholders: config.identityPlaceholders };
        const units = files.flatMap(withFolders).flatMap((file) => readUnits(file, product, rules));
        if (units.length === 0) throw new ClaimstampError('invalid', `${files.join(', ')}: there is no unit in it`);
        const { imported } = await api.request<{ imported: number }>('POST', '/v1/units/import', {
          as: reserved ? 'reserved' : 'issued',
          units,
        });
        print(`${imported} units imported`);
      }),
    );
}

function withFolders(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false }))
    throw new ClaimstampError('invalid', `${path}: there is no such file`);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.json5?$/.test(name))
    .toSorted()
    .map((name) => join(path, name));
}

/** The units of one file. Throws with file and line for the first that cannot be taken. */
export function readUnits(file: string, product: string | undefined, rules: IdentityRules): ImportedUnit[] {
  const text = readFileSync(file, 'utf8');
  if (/\.json5?$/.test(file)) return [readUnit(file, readDevice(file, text), product, rules)];
  return readCsv(file, text).map(({ place, row }) => readUnit(place, row, product, rules));
}

function readDevice(file: string, text: string): { [key: string]: Json } {
  try {
    const device: unknown = JSON5.parse(text);
    if (isObject(device)) return device;
  } catch (error) {
    throw refused(file, (error as Error).message);
  }
  throw refused(file, 'must hold one object, as device.json5 does');
}

function readCsv(file: string, text: string): { place: string; row: { [key: string]: Json } }[] {
  try {
    const rows = parseCsv(text, {
      columns: true,
      bom: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
    }) as unknown as {
      record: { [key: string]: string };
      info: { lines: number };
    }[];
    return rows.map(({ record, info }) => ({
      place: `${file} line ${info.lines}`,
      // An empty cell says nothing.
      row: Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== '')),
    }));
  } catch (error) {
    throw refused(file, (error as Error).message);
  }
}

function readUnit(
  place: string,
  row: { [key: string]: Json },
  fallback: string | undefined,
  rules: IdentityRules,
): ImportedUnit {
  const typed = UCI_COLUMNS.map((column) => row[column]).find((cell) => cell !== undefined);
  if (typeof typed !== 'string')
    throw refused(place, `there is no Claim ID: name its column ${UCI_COLUMNS.slice(0, 3).join(', ')}`);
  const uci = parse(typed);
  if (uci === undefined)
    throw refused(place, 'the Claim ID is malformed: 10 to 20 letters and digits without I, L, O and U');
  const product = ProductId.safeParse(row['product'] ?? fallback);
  if (!product.success)
    throw refused(
      place,
      row['product'] === undefined ? 'names no product: give --product' : `product ${product.error.issues[0]?.message}`,
    );
  const device = Object.fromEntries(
    Object.entries({ ...row, product: product.data }).filter(([name]) => !UCI_COLUMNS.includes(name)),
  );
  const unit: ImportedUnit = { place, uci, product: product.data, identity: [], attributes: JSON.stringify(device) };
  try {
    for (const property of rules.properties) {
      const value = row[property] === undefined ? undefined : identityValue(property, row[property], rules);
      if (value !== undefined) unit.identity.push([property, value]);
    }
  } catch (error) {
    throw refused(place, (error as Error).message);
  }
  const serial = row['serial'];
  if (serial !== undefined) {
    const text = typeof serial === 'string' ? serial : JSON.stringify(serial);
    if (!isSerial(text)) throw refused(place, 'the S/N must be 1 to 32 letters, digits, ". _ / -" or spaces');
    unit.serial = text;
  }
  return unit;
}

function refused(place: string, why: string): ClaimstampError {
  return new ClaimstampError('invalid', `${place}: ${why}; nothing was imported`);
}

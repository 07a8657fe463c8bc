import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { UnitToImport } from '../contract/imports.ts';
import { parse } from '../model/claim-id.ts';
import { isObject, type Json } from '../model/event.ts';
import { ClaimstampError, messageOf } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import { parseJson5 } from '../platform/json5.ts';
import { own } from '../platform/own.ts';
import { propertyOf } from '../sheet/columns.ts';
import { readUnitFile, type UnitFile } from '../sheet/read-units.ts';
import { NO_PRODUCT, unitsOf } from '../sheet/to-import.ts';

/** A problem or a warning, with its place, such as `units.csv line 7`. */
export interface Told {
  place: string;
  why: string;
}

export interface ToImport {
  units: UnitToImport[];
  problems: Told[];
  warnings: Told[];
  /** The contents of the given CSV files and workbooks. */
  sheets: { file: string; sheet: UnitFile }[];
}

export interface Reading {
  /** The product of units that do not name one. */
  product: string | undefined;
  /** The names of properties that can be columns. */
  properties: readonly string[];
}

/** The maximum size of a file. A CSV file with 20,000 units is only a few MB. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** Reads files and folders that contain data of units, and collects all problems. */
export async function readImport(paths: string[], reading: Reading): Promise<ToImport> {
  const read: ToImport = { units: [], problems: [], warnings: [], sheets: [] };
  for (const file of paths.flatMap(withFolders)) {
    const place = file;
    try {
      const bytes = readBytes(file);
      if (/\.json5?$/.test(file)) addUnit(read, reading, place, readDevice(bytes.toString('utf8')));
      else await addSheet(read, reading, file, bytes);
    } catch (error) {
      read.problems.push({ place, why: messageOf(error) });
    }
  }
  return read;
}

function withFolders(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.json5?$/.test(name))
      .toSorted()
      .map((name) => join(path, name));
  } catch (error) {
    throw new ClaimstampError('invalid', `${path} cannot be read: ${fileError(error)}; nothing was imported`);
  }
}

function readBytes(file: string): Buffer {
  try {
    const size = statSync(file).size;
    if (size > MAX_FILE_BYTES)
      throw new ClaimstampError('too-large', `the file has more than ${MAX_FILE_BYTES} bytes: divide it`);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof ClaimstampError) throw error;
    throw new ClaimstampError('invalid', `cannot be read: ${fileError(error)}`);
  }
}

async function addSheet(read: ToImport, reading: Reading, file: string, bytes: Buffer): Promise<void> {
  const sheet = await readUnitFile(bytes, reading.properties);
  const placed = ({ line, why }: { line: number; why: string }): Told => ({ place: `${file} line ${line}`, why });
  read.sheets.push({ file, sheet });
  read.problems.push(...sheet.problems.map(placed));
  read.warnings.push(...sheet.warnings.map(placed));
  const { units, problems } = unitsOf(sheet, reading.product, (line) => `${file} line ${line}`);
  read.problems.push(...problems.map(placed));
  if (sheet.own) read.warnings.push({ place: file, why: ONLY_UNITS });
  read.units.push(...units);
}

const ONLY_UNITS =
  'an export: Claim IDs, S/Ns, identities, names, work orders, rolls, and void and scrapped states are imported. Times, stations, prints and verifications are not imported, because only a backup has them (claimstamp restore)';

function readDevice(text: string): { [key: string]: Json } {
  const device: unknown = parseJson5(text);
  if (isObject(device)) return device;
  throw new ClaimstampError('invalid', 'must contain one object, as device.json5 does');
}

function addUnit(read: ToImport, reading: Reading, place: string, device: { [key: string]: Json }): void {
  const isClaimId = ([name]: [string, Json]): boolean => propertyOf(name, []) === 'uci';
  const named = Object.entries(device).find(isClaimId)?.[1];
  const rest = Object.fromEntries(Object.entries(device).filter((entry) => !isClaimId(entry)));
  const uci = typeof named === 'string' ? parse(named) : undefined;
  const product = own(rest, 'product') ?? reading.product;
  if (named === undefined) read.problems.push({ place, why: 'no Claim ID: put it into the property "id" or "uci"' });
  else if (uci === undefined)
    read.problems.push({ place, why: 'the Claim ID is malformed: 10 to 20 letters and digits without I, L, O and U' });
  else if (product === undefined) read.problems.push({ place, why: NO_PRODUCT });
  else read.units.push({ place, uci, device: { ...rest, product } });
}

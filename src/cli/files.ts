import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ClaimstampError } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import { deviceJson5, numberNames, unitHead, unitLines } from '../http/device-zip.ts';

export interface StackedUnit {
  uci: string;
  product: string;
  serial?: string;
  numbers?: { [property: string]: string } | undefined;
}

/**
 * A folder of device.json5 files, or a CSV file. The folder or file is written as a draft first. The draft gets its
 * final name when it is complete.
 */
export interface Stack {
  add: (units: StackedUnit[]) => void;
  finish: () => void;
  /** Cleans up after a failure, and returns the error for the caller to throw. */
  abandon: (error: unknown) => unknown;
}

/** Makes the draft at once. So if the folder is not writable, this is reported before any unit is issued. */
export function openStack(folder: string): Stack {
  const target = resolve(folder);
  if (existsSync(target) && (!statSync(target).isDirectory() || readdirSync(target).length > 0)) {
    throw new ClaimstampError('invalid', `${folder} is not an empty folder: name a new one; nothing was issued`);
  }
  const draft = `${target}.partial`;
  if (existsSync(draft)) {
    throw new ClaimstampError(
      'invalid',
      `${draft} was left by a command that did not finish: check the units in it, then remove it; nothing was issued`,
    );
  }
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    writeFileSync(join(draft, 'units.csv'), '', { mode: 0o600 });
  } catch (error) {
    throw new ClaimstampError('invalid', `${draft} cannot be written: ${fileError(error)}; nothing was issued`);
  }
  let added = false;
  const lines = openLines();
  return {
    add(units) {
      added = true;
      for (const unit of units) {
        mkdirSync(join(draft, unit.uci), { mode: 0o700 });
        writeFileSync(join(draft, unit.uci, 'device.json5'), deviceJson5(unit), { mode: 0o600 });
      }
      appendFileSync(join(draft, 'units.csv'), lines(units, '\r\n'));
    },
    finish() {
      // If another program has written into the target folder in the meantime, `rmdirSync` fails.
      if (existsSync(target)) rmdirSync(target);
      mkdirSync(dirname(target), { recursive: true });
      renameSync(draft, target);
    },
    abandon: (error) => abandon(draft, added, error),
  };
}

/**
 * Removes a draft that has no units, because the next run would be refused while the draft exists. Keeps a draft that
 * has units, because these units are also in the ledger.
 */
function abandon(draft: string, added: boolean, error: unknown): unknown {
  if (added) {
    const why = error instanceof Error ? error.message : String(error);
    return new ClaimstampError(
      'invalid',
      `${why}; the units that were made before the failure are in ${draft} and in the ledger`,
    );
  }
  rmSync(draft, { recursive: true, force: true });
  return error;
}

/** Opens a CSV file for units. If no file is given, writes to standard output. */
export function openSheet(file: string | undefined): Stack {
  if (file === undefined) return openPrinted();
  const draft = `${file}.partial`;
  for (const path of [file, draft]) {
    if (existsSync(path)) throw new ClaimstampError('invalid', `${path} exists: name a new file; nothing was reserved`);
  }
  try {
    writeFileSync(draft, '', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new ClaimstampError('invalid', `${file} cannot be written: ${fileError(error)}; nothing was reserved`);
  }
  let added = false;
  const lines = openLines();
  return {
    add(units) {
      added = true;
      appendFileSync(draft, lines(units, '\r\n'));
    },
    finish: () => renameSync(draft, file),
    abandon: (error) => abandon(draft, added, error),
  };
}

function openPrinted(): Stack {
  const lines = openLines();
  return {
    add: (units) => void process.stdout.write(lines(units, '\n')),
    finish() {},
    abandon: (error) => error,
  };
}

/**
 * Returns a function that makes the lines of a CSV file, with the head before the first line. The first units determine
 * which columns the file has for numbers from pools.
 */
function openLines(): (units: StackedUnit[], end: string) => string {
  let properties: string[] | undefined;
  return (units, end) => {
    const head = properties === undefined ? [unitHead((properties = numberNames(units)))] : [];
    return [...head, ...unitLines(units, properties)].map((line) => line + end).join('');
  };
}

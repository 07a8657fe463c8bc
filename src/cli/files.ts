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
import { ClaimstampError, messageOf } from '../platform/error.ts';
import { deviceJson5 } from '../http/routes/units.ts';

export interface StackedUnit {
  uci: string;
  product: string;
  serial?: string;
}

/** A folder of device.json5 files that appears whole, under its name, or stays beside it as a draft. */
export interface Stack {
  add: (units: StackedUnit[]) => void;
  finish: () => void;
  /** The error to end with, after something failed. */
  abandon: (error: unknown) => unknown;
}

/** Makes the draft at once, so that a folder that cannot be written is known before anything is issued. */
export function openStack(folder: string): Stack {
  const target = resolve(folder);
  if (existsSync(target) && (!statSync(target).isDirectory() || readdirSync(target).length > 0)) {
    throw new ClaimstampError('invalid', `${folder} is not an empty folder: name a new one; nothing was issued`);
  }
  const draft = `${target}.partial`;
  if (existsSync(draft)) {
    throw new ClaimstampError(
      'invalid',
      `${draft} is left from a run that did not finish: look into it, then remove it; nothing was issued`,
    );
  }
  try {
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    writeFileSync(join(draft, 'units.csv'), `${CSV_HEAD}\r\n`, { mode: 0o600 });
  } catch (error) {
    throw new ClaimstampError('invalid', `${draft} cannot be written (${messageOf(error)}); nothing was issued`);
  }
  let added = false;
  return {
    add(units) {
      added = true;
      for (const unit of units) {
        mkdirSync(join(draft, unit.uci), { mode: 0o700 });
        writeFileSync(join(draft, unit.uci, 'device.json5'), deviceJson5(unit), { mode: 0o600 });
      }
      appendFileSync(join(draft, 'units.csv'), units.map((unit) => `${csvLine(unit)}\r\n`).join(''));
    },
    finish() {
      // Empty, as it was at the start; what came into it meanwhile is somebody's.
      if (existsSync(target)) rmdirSync(target);
      mkdirSync(dirname(target), { recursive: true });
      renameSync(draft, target);
    },
    abandon: (error) => abandon(draft, added, error),
  };
}

/** A draft that nothing came into would only stand in the way of the next run; another is named, for its units are in the ledger. */
function abandon(draft: string, added: boolean, error: unknown): unknown {
  if (added) {
    const why = error instanceof Error ? error.message : String(error);
    return new ClaimstampError('invalid', `${why}; what was made until then is in ${draft} and in the ledger`);
  }
  rmSync(draft, { recursive: true, force: true });
  return error;
}

/** A CSV file that appears whole, under its name, or stays beside it as a draft; standard output where none is named. */
export function openSheet(file: string | undefined): Stack {
  if (file === undefined) return openPrinted();
  const draft = `${file}.partial`;
  for (const path of [file, draft]) {
    if (existsSync(path)) throw new ClaimstampError('invalid', `${path} exists: name a new file; nothing was reserved`);
  }
  try {
    writeFileSync(draft, `${CSV_HEAD}\r\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new ClaimstampError('invalid', `${file} cannot be written (${messageOf(error)}); nothing was reserved`);
  }
  let added = false;
  return {
    add(units) {
      added = true;
      appendFileSync(draft, units.map((unit) => `${csvLine(unit)}\r\n`).join(''));
    },
    finish: () => renameSync(draft, file),
    abandon: (error) => abandon(draft, added, error),
  };
}

function openPrinted(): Stack {
  let head = `${CSV_HEAD}\n`;
  return {
    add(units) {
      process.stdout.write(head + units.map((unit) => `${csvLine(unit)}\n`).join(''));
      head = '';
    },
    finish() {},
    abandon: (error) => error,
  };
}

const CSV_HEAD = 'uci,serial,product';

/** RFC 4180 without quotes: neither Claim IDs, nor S/Ns, nor product ids can hold a comma or a quote. */
function csvLine({ uci, serial, product }: StackedUnit): string {
  return `${uci},${serial ?? ''},${product}`;
}

import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ClaimstampError } from '../error.ts';
import { deviceJson5 } from '../http/units.ts';

export interface StackedUnit {
  uci: string;
  product: string;
  serial?: string;
}

/** A folder of device.json5 files that appears whole, under its name, or stays beside it as a draft. */
export interface Stack {
  draft: string;
  add: (units: StackedUnit[]) => void;
  finish: () => void;
}

/** Makes the draft at once, so that a folder that cannot be written is known before anything is issued. */
export function openStack(folder: string): Stack {
  const target = resolve(folder);
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new ClaimstampError('invalid', `${folder} is not empty: name a new folder; nothing was issued`);
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
    throw new ClaimstampError(
      'invalid',
      `${draft} cannot be written (${(error as Error).message}); nothing was issued`,
    );
  }
  return {
    draft,
    add(units) {
      for (const unit of units) {
        mkdirSync(join(draft, unit.uci), { mode: 0o700 });
        writeFileSync(join(draft, unit.uci, 'device.json5'), deviceJson5(unit), { mode: 0o600 });
      }
      appendFileSync(join(draft, 'units.csv'), units.map((unit) => `${csvLine(unit)}\r\n`).join(''));
    },
    finish() {
      rmSync(target, { recursive: true, force: true });
      mkdirSync(dirname(target), { recursive: true });
      renameSync(draft, target);
    },
  };
}

export const CSV_HEAD = 'uci,serial,product';

/** RFC 4180 without quotes: neither Claim IDs, nor S/Ns, nor product ids can hold a comma or a quote. */
export function csvLine({ uci, serial, product }: StackedUnit): string {
  return `${uci},${serial ?? ''},${product}`;
}

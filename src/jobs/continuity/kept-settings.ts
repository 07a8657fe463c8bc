import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SECRETS, Settings, variableOf, type Config } from '../../config.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { messageOf } from '../../platform/error.ts';
import type { Log } from '../../platform/log.ts';
import { refuseLostDisk } from '../../platform/other-disk.ts';
import { keysOf } from '../../platform/own.ts';

/*
 * Keeps a copy of the service's settings in the backup folder. The copy contains no secrets. A person who sets up a
 * spare machine finds the ledger in this folder, but does not have the environment of the lost server.
 */

export function settingsFile(folder: string, logId: string): string {
  return join(folder, `claimstamp-${logId}.env`);
}

/**
 * Writes the copy. If the copy cannot be written, only a warning is logged, because the production line does not depend
 * on the copy. The next start retries.
 */
export async function keepSettings(config: Config, logId: string, log: Log): Promise<void> {
  const { backupFolder, data } = config;
  if (backupFolder === undefined) return;
  const file = settingsFile(backupFolder, logId);
  try {
    await refuseLostDisk(backupFolder, data);
    await writeAtomically(file, settingsText(config));
  } catch (error) {
    log.warn({ file, detail: messageOf(error) }, 'the copy of the settings could not be written');
  }
}

const SECRET = '# a secret, so set it yourself: ';

/** These settings depend on the machine, so another machine has different values. */
const OF_MACHINE = ['data', 'url'];

export function settingsText(config: Config): string {
  const { catalog } = config;
  const names = keysOf(Settings.shape).filter((name) => name !== 'catalog');
  const isInFile = Object.values(catalog).some((list) => list.length > 0);
  return [
    `# Settings of the Claimstamp service on ${hostname()}, without secrets`,
    ...(isInFile ? ['# CLAIMSTAMP_CONFIG names a file that contains products or stations: copy this file too'] : []),
    ...names.flatMap((name) => {
      const value = config[name];
      if (SECRETS.includes(name)) return value === undefined ? [] : [`${SECRET}${variableOf(name)}`];
      if (OF_MACHINE.includes(name) || isDeepStrictEqual(value, Settings.shape[name].safeParse(undefined).data))
        return [];
      return [`${variableOf(name)}=${Array.isArray(value) ? value.join(',') : String(value)}`];
    }),
    '',
  ].join('\n');
}

/**
 * Returns the lines of the copy that this machine's settings do not contain. The list is empty if there is no copy.
 */
export function missingSettings(folder: string, logId: string, config: Config): string[] {
  let kept: string;
  try {
    kept = readFileSync(settingsFile(folder, logId), 'utf8');
  } catch {
    // Earlier versions wrote no copy. A restore works without the copy.
    return [];
  }
  const here = settingsText(config).split('\n');
  return kept.split('\n').filter((line) => (isSetting(line) || line.startsWith(SECRET)) && !here.includes(line));
}

function isSetting(line: string): boolean {
  return /^[A-Z_]+=/.test(line);
}

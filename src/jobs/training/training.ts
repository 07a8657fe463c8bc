import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';

/*
 * A training folder is a data folder with a copy of the ledger. No one must mistake a service with such a folder for
 * the service of the production line. So such a service listens on its own address, does not write to the line's
 * folders, contacts no other machines, and prints only to files.
 */

const Place = z.object({ host: z.string(), port: z.int() });
export type Place = z.infer<typeof Place>;

/** By default, a service on a training copy listens on a free port that only this machine can reach. */
export const OWN_PLACE: Place = { host: '127.0.0.1', port: 0 };

function markFile(data: string): string {
  return join(data, 'training.json');
}

/** Marks a data folder as a training copy. The mark must be written before the folder contains a ledger. */
export function markTraining(data: string, place: Place = OWN_PLACE): Promise<void> {
  return writeAtomically(markFile(data), JSON.stringify(place));
}

export function isTraining(data: string): boolean {
  return existsSync(markFile(data));
}

/**
 * Returns the settings with the changes that a training folder needs. If the mark is damaged, the folder still counts
 * as a training folder.
 */
export function forTraining(config: Config): Config {
  if (!isTraining(config.data)) return config;
  return {
    ...config,
    ...placeOf(config.data),
    training: true,
    agentAccess: 'open',
    printFolders: [],
    trustedProxies: [],
    witnesses: [],
    // If a training copy signed with the line's key, there would be two signed histories of one ledger.
    signingKey: undefined,
    origin: undefined,
    ledger: undefined,
    publicUrl: undefined,
    tlsCert: undefined,
    tlsKey: undefined,
    backupFolder: undefined,
    checkpointFolder: undefined,
    checkpointWebhook: undefined,
    builderUrl: undefined,
    onAlarm: undefined,
    ordersFolder: undefined,
  };
}

function placeOf(data: string): Place {
  try {
    return Place.parse(JSON.parse(readFileSync(markFile(data), 'utf8')));
  } catch {
    return OWN_PLACE;
  }
}

import { copyFileSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/* Takes the ledger away from a running service, as a person might do, and puts it back. */

export const ledgerFilesIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('ledger.db'));

function each(act: (from: string, to: string) => void, from: string, to: string): void {
  for (const name of ledgerFilesIn(from)) act(join(from, name), join(to, name));
}
export const moveLedger = each.bind(undefined, renameSync);
export const copyLedger = each.bind(undefined, copyFileSync);
export function removeLedger(folder: string): void {
  for (const name of ledgerFilesIn(folder)) rmSync(join(folder, name));
}

/** `aside` is an empty folder that the files are moved to. */
export const WAYS: [string, (data: string, aside: string) => void][] = [
  ['moved away', moveLedger],
  ['deleted', removeLedger],
  ['deleted without its log', (data) => rmSync(join(data, 'ledger.db'))],
  ['moved without its log', (data, aside) => renameSync(join(data, 'ledger.db'), join(aside, 'ledger.db'))],
  [
    'replaced by an empty file',
    (data, aside) => {
      moveLedger(data, aside);
      writeFileSync(join(data, 'ledger.db'), '');
    },
  ],
  ['emptied in place', (data) => truncateSync(join(data, 'ledger.db'))],
  ['truncated in place', (data) => truncateSync(join(data, 'ledger.db'), 64 * 1024)],
  [
    'replaced by a copy of itself',
    (data, aside) => {
      copyLedger(data, aside);
      renameSync(join(aside, 'ledger.db'), join(data, 'ledger.db'));
    },
  ],
];

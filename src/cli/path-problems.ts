import { constants } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Sound } from '../config.ts';
import { checkpointFile } from '../jobs/checkpoints.ts';
import { keptFiles } from '../jobs/data-folder.ts';
import { fileOf, ledgerOpener } from '../jobs/open-ledger.ts';
import { PLACES } from '../jobs/orders/order-folder.ts';
import { readUnproven } from '../jobs/rollback-guard.ts';
import { formerKeys, readSigner } from '../jobs/signer.ts';
import { ClaimstampError, messageOf } from '../platform/error.ts';
import { checkWebhookFile } from '../sqlite/feed/webhook-file.ts';
import { fileProblem, folderProblem, isDirectory, ownerProblem, readIfThere } from '../platform/file-error.ts';
import { lostDiskProblem } from '../platform/other-disk.ts';
import { programProblem } from '../platform/program-problem.ts';
import { parseCheckpoint } from '../proof/checkpoint.ts';

/**
 * Finds paths that the service could not read, write or make, either when it starts or while it runs. Changes nothing.
 * Each problem begins with the name of the setting that has the path.
 */
export function pathProblems({
  data,
  backupFolder,
  checkpointFolder,
  printFolders = [],
  onAlarm,
  ordersFolder,
  ...more
}: Sound): string[] {
  const under = (name: string, problems: (string | undefined)[]): string[] =>
    problems.flatMap((problem) => (problem === undefined ? [] : [`${name}: ${problem}`]));
  const written = (folder: string | undefined): (string | undefined)[] =>
    folder === undefined ? [] : [folderProblem(resolve(folder))];
  const found = (folder: string | undefined): (string | undefined)[] =>
    folder === undefined ? [] : [folderProblem(resolve(folder)) ?? lostDiskProblem(folder, data)];
  return [
    ...under('CLAIMSTAMP_DATA', data === undefined ? [] : dataProblems({ data, backupFolder, ...more })),
    ...under('CLAIMSTAMP_BACKUP_FOLDER', found(backupFolder)),
    ...under('CLAIMSTAMP_CHECKPOINT_FOLDER', found(checkpointFolder)),
    ...under('CLAIMSTAMP_ORDERS_FOLDER', exchanged(ordersFolder)),
    ...under('CLAIMSTAMP_ON_ALARM', onAlarm === undefined ? [] : [programProblem(onAlarm)]),
    // A printer may write to a subfolder, so the folder itself need not be writable.
    ...under('CLAIMSTAMP_PRINT_FOLDERS', printFolders.filter((one) => !isDirectory(one)).flatMap(written)),
  ];
}

/**
 * Checks the folder for the ERP and its subfolders, because even if the folder can be used, a subfolder may be
 * write-protected.
 */
function exchanged(folder: string | undefined): (string | undefined)[] {
  if (folder === undefined) return [];
  const problem = folderProblem(resolve(folder));
  return problem === undefined ? PLACES.map((place) => folderProblem(resolve(folder, place))) : [problem];
}

type DataSettings = Pick<Sound, 'ledger' | 'signingKey' | 'origin' | 'backupFolder'> & { data: string };

function dataProblems({ data, ledger, signingKey, origin, backupFolder }: DataSettings): (string | undefined)[] {
  const closed = folderProblem(resolve(data));
  if (closed !== undefined) return [closed];
  if (!isDirectory(data)) return [];
  const file = fileOf({ data, ledger });
  const files = new Set([...keptFiles(data), file, checkpointFile(data)]);
  return [
    ...[...files].map((one) => fileProblem(one)),
    fileProblem(join(data, 'signing-key.next.pem'), constants.R_OK),
    ownerProblem(file),
    ...[
      () => ledgerOpener({ data, ledger }),
      () => readSigner({ data, signingKey, origin }),
      () => formerKeys(data),
      () => readUnproven(data),
      () => checkWebhookFile(join(data, 'webhooks.db')),
      // With a backup folder, the service does not need this file: it finds its last checkpoint in the backup folder.
      () => backupFolder === undefined && checkCheckpoint(data),
    ].map(failure),
  ];
}

function checkCheckpoint(data: string): void {
  const file = checkpointFile(data);
  const note = isDirectory(file) ? undefined : readIfThere(file);
  try {
    if (note !== undefined) parseCheckpoint(note);
  } catch {
    throw new ClaimstampError('invalid', `${file} is damaged`);
  }
}

/** Runs a read-only step of the service's start. If the step fails, returns the reason. */
function failure(step: () => unknown): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilePrinter } from '../model/printer.ts';
import type { Attempt, Job, Outcome } from '../model/printing/sending.ts';
import { syncFolder } from '../platform/atomic-file.ts';
import { sentenceOf } from './socket.ts';

/**
 * A label shows a secret Claim ID, so only the file's owner and the folder's group (such as a spooler) may read the
 * file.
 */
const MODE = 0o640;

/**
 * Writes `<folder>/<job id>.<format>`. Spoolers read every file that they see. So the label is first written to a
 * hidden file, which is renamed when it is complete. A crash before the rename leaves a hidden file. Spoolers ignore
 * hidden files.
 */
export async function sendFile(printer: FilePrinter, job: Job, attempt: Attempt): Promise<Outcome> {
  const folder = attempt.places.folder(printer.folder);
  const target = join(folder, `${job.id}.${job.format}`);
  const draft = join(folder, `.${job.id}.${job.format}.draft`);
  await checkFolder(folder);
  // Each job's file has its own name. A file with this name already exists, so this job can never be written.
  if (await stat(target).catch(() => undefined)) {
    const reason = `${target} already exists: no new file was written`;
    return { state: 'failed', reason, mayHaveLeft: false };
  }
  try {
    await writeDraft(draft, job.bytes);
    await attempt.firstByte();
    await rename(draft, target).catch((error: Error) => {
      throw new Error(`${target} cannot be created (${error.message})`, { cause: error });
    });
  } catch (error) {
    await rm(draft, { force: true });
    return { state: 'queued', what: 'notReached', reason: sentenceOf(error) };
  }
  await syncFolder(folder);
  return { state: 'done' };
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    const missing = found.code === 'ENOENT';
    throw new Error(
      missing ? `there is no folder ${folder}: create it, or change the folder in the settings` : found.message,
    );
  }
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder: change the folder in the settings`);
}

async function writeDraft(draft: string, bytes: Uint8Array): Promise<void> {
  // A crash may have left a hidden file with this name. The old hidden file is deleted, and a new one is created.
  // Opening the existing file would be unsafe, because it could be a symbolic link.
  await rm(draft, { force: true });
  await writeFile(draft, bytes, { flag: 'wx', mode: MODE, flush: true }).catch((error: unknown) => {
    throw new Error(`no file can be written to its folder (${sentenceOf(error)})`, { cause: error });
  });
}

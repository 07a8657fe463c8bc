import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attempt, FilePrinter, Job, Outcome } from '../model/printer.ts';
import { sentenceOf } from './socket.ts';

/** Spoolers that read the files must be in the folder's group: a label shows a Claim ID, which is secret. */
const MODE = 0o640;

/**
 * `<folder>/<job id>.<format>`, complete from the moment it appears: spoolers take every file they see. A crash before the
 * rename leaves a hidden draft, which spoolers ignore.
 */
export async function sendFile(printer: FilePrinter, job: Job, attempt: Attempt): Promise<Outcome> {
  const { folder } = printer;
  const target = join(folder, `${job.id}.${job.format}`);
  const draft = join(folder, `.${job.id}.${job.format}.draft`);
  await checkFolder(folder, target);
  try {
    await writeDraft(draft, job.bytes);
    await attempt.firstByte();
    await rename(draft, target).catch((error: Error) => {
      throw new Error(`${target} cannot be made (${error.message})`, { cause: error });
    });
  } catch (error) {
    await rm(draft, { force: true });
    return { state: 'failed', reason: sentenceOf(error), mayHaveLeft: false };
  }
  await sync(folder);
  return { state: 'done' };
}

async function checkFolder(folder: string, target: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    const missing = found.code === 'ENOENT';
    throw new Error(missing ? `there is no folder ${folder}: make it, or change it in the settings` : found.message);
  }
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder: change it in the settings`);
  if (await stat(target).catch(() => undefined)) throw new Error(`${target} is there already: nothing was written`);
}

async function writeDraft(draft: string, bytes: Uint8Array): Promise<void> {
  // A draft left by a crash. It is removed and created again, not opened: a symbolic link in its place must not be followed.
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', MODE).catch((error: unknown) => {
    throw new Error(`no file can be made in its folder (${sentenceOf(error)})`, { cause: error });
  });
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The file's name is durable once its folder is synced. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

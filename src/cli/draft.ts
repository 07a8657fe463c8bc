import { createWriteStream, openSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { ClaimstampError, errorCode } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';

/** Writes to `<name>.partial`, which only its owner can read. Renames this file when it is complete. */
export async function intoFile<T>(out: string, write: (file: WriteStream) => Promise<T>): Promise<T> {
  const draft = `${out}.partial`;
  // The draft is opened at once. If the stream opened it later, a command that has failed could create the draft after
  // the clean-up.
  const file = createWriteStream(draft, { fd: openDraft(draft), flush: true });
  const interrupted = (): void => {
    rmSync(draft, { force: true });
    process.exit(1);
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    const written = await write(file);
    renameSync(draft, out);
    return written;
  } catch (error) {
    file.destroy();
    rmSync(draft, { force: true });
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function openDraft(draft: string): number {
  try {
    return openSync(draft, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) === 'EEXIST')
      throw new ClaimstampError('invalid', `${draft} exists: if no other run is writing this file, remove it`);
    throw new ClaimstampError('invalid', `${draft} cannot be written: ${fileError(error)}`);
  }
}

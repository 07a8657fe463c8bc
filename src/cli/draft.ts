import { createWriteStream, openSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { ClaimstampError, errorCode } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';

/** Writes to `<name>.partial`, which only its owner can read. Renames this file when it is complete. */
export async function intoFile<T>(out: string, write: (file: WriteStream) => Promise<T>): Promise<T> {
  const draft = `${out}.partial`;
  const interrupted = (): void => {
    rmSync(draft, { force: true });
    process.exit(1);
  };
  // The signals are handled before the draft exists, so that no signal ends this process without the clean-up.
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    // Opens the draft here, and not in the stream: the stream could create the draft after a failed command has already
    // cleaned up.
    return await renamed(draft, out, createWriteStream(draft, { fd: openDraft(draft), flush: true }), write);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
  }
}

async function renamed<T>(
  draft: string,
  out: string,
  file: WriteStream,
  write: (file: WriteStream) => Promise<T>,
): Promise<T> {
  try {
    const written = await write(file);
    renameSync(draft, out);
    return written;
  } catch (error) {
    file.destroy();
    rmSync(draft, { force: true });
    throw error;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

function openDraft(draft: string): number {
  try {
    return openSync(draft, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) === 'EEXIST')
      throw new ClaimstampError('invalid', `${draft} exists: if no other command is writing this file, remove it`);
    throw new ClaimstampError('invalid', `${draft} cannot be written: ${fileError(error)}`);
  }
}

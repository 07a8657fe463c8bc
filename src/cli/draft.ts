import { createWriteStream, openSync, renameSync, rmSync, type WriteStream } from 'node:fs';
import { ClaimstampError, messageOf } from '../platform/error.ts';

/** A file that appears under its name when it is whole, for its owner only; until then it is `<name>.partial`. */
export async function intoFile<T>(out: string, write: (file: WriteStream) => Promise<T>): Promise<T> {
  const draft = `${out}.partial`;
  // Opened before anything can fail: a stream that opens its file late would leave it behind.
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
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new ClaimstampError('invalid', `${draft} exists: another run writes it, or was killed; remove it then`);
    throw new ClaimstampError('invalid', `${draft} cannot be written (${messageOf(error)})`);
  }
}

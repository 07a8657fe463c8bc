import { createWriteStream, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { ClaimstampError } from '../error.ts';
import type { Api } from './api.ts';

/** A file of the service under a name of this machine's, whole or not at all. */
export async function download(api: Api, path: string, out: string): Promise<void> {
  if (existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
  const answer = await api.download(path);
  const draft = `${out}.partial`;
  try {
    const file = createWriteStream(draft, { fd: openSync(draft, 'wx', 0o600), flush: true });
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), file);
    renameSync(draft, out);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new ClaimstampError('invalid', `${draft} exists: another run writes it, or was killed`);
    rmSync(draft, { force: true });
    throw new ClaimstampError('invalid', `${out} was not written (${(error as Error).message})`);
  }
}

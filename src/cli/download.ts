import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { ClaimstampError } from '../error.ts';
import type { Api } from './api.ts';
import { intoFile } from './draft.ts';

/** A file of the service under a name of this machine's, whole or not at all. */
export async function download(api: Api, path: string, out: string): Promise<void> {
  if (existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
  const answer = await api.download(path);
  await intoFile(out, (file) => pipeline(Readable.fromWeb(answer.body as ReadableStream), file));
}

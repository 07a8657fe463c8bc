import { existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ClaimstampError } from '../platform/error.ts';
import { reason } from './api.ts';
import { intoFile } from './draft.ts';

/** Saves a file from the service. If the download fails, no file remains. */
export async function download(out: string, ask: () => Promise<Response>): Promise<void> {
  if (existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
  const { body } = await ask();
  await intoFile(out, (file) => pipeline(body ?? [], file).catch((error: unknown) => brokeOff(out, error)));
}

/** Throws an error that says that the file is not complete. */
export function brokeOff(out: string, error: unknown): never {
  throw new ClaimstampError('ledger-unavailable', `${out} is incomplete (${reason(error)}): nothing was written`);
}

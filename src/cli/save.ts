import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { ClaimstampError } from '../platform/error.ts';
import { brokeOff } from './download.ts';
import { openProgress } from './progress.ts';

export const PERCENT = '%';

export interface Saved {
  rows: number;
  treeSize: number;
  bytes: number;
  sha256: string;
}

/**
 * Saves the body of an answer to a file. Throws if the body does not match the digest in the answer (RFC 9530).
 */
export async function save({ headers, body }: Response, out: string, file: NodeJS.WritableStream): Promise<Saved> {
  const total = Number(headers.get('content-length'));
  const progress = openProgress(`saving ${out}`, 100);
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const part of body ?? []) {
      hash.update(part);
      bytes += part.length;
      progress.set(Math.floor((100 * bytes) / total), PERCENT);
      yield part;
    }
  }
  await pipeline(counted(), file)
    .catch((error: unknown) => brokeOff(out, error))
    .finally(progress.end);
  const digest = hash.digest();
  if (headers.get('repr-digest') !== `sha-256=:${digest.toString('base64')}:`)
    throw new ClaimstampError('ledger-unavailable', `${out} does not match its digest: nothing was written, try again`);
  const [rows, treeSize] = [Number(headers.get('claimstamp-rows')), Number(headers.get('claimstamp-tree-size'))];
  return { rows, treeSize, bytes, sha256: digest.toString('hex') };
}

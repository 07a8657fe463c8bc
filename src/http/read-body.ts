import type { Context } from 'hono';
import { ClaimstampError, refusal } from '../platform/error.ts';

/** What /v1 takes but for imports: far above any request, far below what would hurt. Bytes */
export const MAX_API_BYTES = 64 * 1024;

/** The whole body, at most `limit` bytes, however it is framed: a chunked body is counted as it comes. */
export async function readBytes(c: Context, limit: number): Promise<Uint8Array> {
  try {
    return await readFramed(c, limit);
  } catch (error) {
    if (error instanceof ClaimstampError) throw error;
    // A device that loses power in mid-request is no fault of ours.
    throw refusal('request-broken', 'sendAgain');
  }
}

async function readFramed(c: Context, limit: number): Promise<Uint8Array> {
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > limit) throw tooLarge(limit);
  if (c.req.header('transfer-encoding') === undefined) {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    // A request of this process to itself has no frame at all.
    if (bytes.byteLength > limit) throw tooLarge(limit);
    return bytes;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): ClaimstampError {
  return refusal('too-large', 'bytes', { max: limit });
}

/** JSON of RFC 8259; an empty body is an empty object. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return bytes.byteLength === 0 ? {} : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refusal('invalid', 'json');
  }
}

/** Only what was given: an absent property and an undefined one are not the same to a strict reader. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

import type { Context } from 'hono';
import { ClaimstampError, refusal } from '../platform/error.ts';
import { isNestedTooDeep, MAX_NESTING } from '../platform/nesting.ts';

/** The limit on bodies in /v1, except for imports. No other request needs a body of nearly this size. */
export const MAX_API_BYTES = 64 * 1024;

/**
 * Reads the complete body. Throws if the body is longer than `limit` bytes. The bytes of a chunked body are counted as
 * they arrive.
 */
export async function readBytes(c: Context, limit: number): Promise<Uint8Array> {
  try {
    return await readFramed(c, limit);
  } catch (error) {
    if (error instanceof ClaimstampError) throw error;
    // The request is incomplete because of the client, not the service. For example, a device may have lost power while
    // sending it.
    throw refusal('request-broken', 'sendAgain');
  }
}

async function readFramed(c: Context, limit: number): Promise<Uint8Array> {
  const declared = Number(c.req.header('content-length') ?? 0);
  if (declared > limit) throw tooLarge(limit);
  if (c.req.header('transfer-encoding') === undefined) {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    // A request inside this process has no Content-Length.
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

/** Reads JSON (RFC 8259). An empty body is read as an empty object. */
export function parseJson(bytes: Uint8Array): unknown {
  if (isNestedTooDeep(bytes)) throw refusal('invalid', 'tooDeep', { max: MAX_NESTING });
  try {
    return bytes.byteLength === 0 ? {} : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refusal('invalid', 'json');
  }
}

/** Returns a copy without the properties whose value is undefined. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

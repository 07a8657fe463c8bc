import { createHash, randomBytes } from 'node:crypto';

/** 256 bits, for tokens, cookies and one-time links. A station's key is shorter, to keep URLs within 255 characters. */
const SECRET_BYTES = 32;

/** Returns a random secret in characters that need no escapes in URLs and headers (base64url, RFC 4648). */
export function drawSecret(bytes = SECRET_BYTES): string {
  return randomBytes(bytes).toString('base64url');
}

/**
 * Returns the hash of a secret that is stored. A secret has too many bits to be guessed. So one round of SHA-256 is
 * enough, and the time of a look-up by hash reveals nothing.
 */
export function secretHash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

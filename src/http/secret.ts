import { createHash, randomBytes } from 'node:crypto';

/** 256 bits, for tokens, cookies and one-time links. Station keys are shorter to keep URLs within 255 characters. */
const SECRET_BYTES = 32;

/** A random secret in characters that URLs and headers need not escape (base64url, RFC 4648). */
export function drawSecret(bytes = SECRET_BYTES): string {
  return randomBytes(bytes).toString('base64url');
}

/**
 * The stored hash of a secret. A secret has too many bits to be guessed. So one round of SHA-256 is enough, and the
 * time of a look-up by hash reveals nothing.
 */
export function secretHash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

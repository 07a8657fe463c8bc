import { createHash, randomBytes } from 'node:crypto';

/**
 * Tokens, cookies and one-time links have 256 random bits. A station key is shorter than other secrets, so that URLs
 * have at most 255 characters.
 */
const SECRET_BYTES = 32;

/** Returns a random secret, written in characters that need no escaping in URLs and headers (base64url, RFC 4648). */
export function drawSecret(bytes = SECRET_BYTES): string {
  return randomBytes(bytes).toString('base64url');
}

/**
 * Returns the hash of a secret. The ledger stores only this hash. A secret has too many bits to be guessed. So one
 * round of SHA-256 protects the secret well enough, and the response time of a look-up by hash reveals nothing
 * useful.
 */
export function secretHash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

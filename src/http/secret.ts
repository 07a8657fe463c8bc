import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: tokens, cookies, one-time links. Station keys are shorter, for URLs of at most 255 characters. */
const SECRET_BYTES = 32;

/** A secret of the system's random source, in letters that URLs and headers take as they are (base64url, RFC 4648). */
export function drawSecret(bytes = SECRET_BYTES): string {
  return randomBytes(bytes).toString('base64url');
}

/**
 * What is kept of a secret. It has too many bits to be guessed, so one round of SHA-256 is enough; looking it up by its
 * hash says nothing, by the time it takes, of the secret's letters.
 */
export function secretHash(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

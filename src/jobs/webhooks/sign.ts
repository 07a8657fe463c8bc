import { createHmac, randomBytes } from 'node:crypto';

/* Signatures as in Standard Webhooks 1.0 (https://www.standardwebhooks.com), scheme v1: HMAC with SHA-256. */

const PREFIX = 'whsec_';

/** The secret is as long as the hash. The standard allows 24 to 64 bytes. */
const SECRET_BYTES = 32;

export function makeSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/** Returns the headers of a message. `at` is in ms since 1970. The headers contain one signature for each secret. */
export function signedHeaders(secrets: string[], id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

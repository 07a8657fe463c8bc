import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { ClaimstampError, errorCode, messageOf } from './error.ts';
import { fileError } from './file-error.ts';

/** The minimum version is TLS 1.2 because RFC 8996 forbids older versions. */
export const MIN_VERSION: SecureVersion = 'TLSv1.2';

/**
 * All these ciphers have authenticated encryption and forward secrecy (RFC 9325, 4.2), so the list has no CBC suite.
 * The ciphers have the names that OpenSSL uses.
 */
export const CIPHERS = [
  'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** A server's certificate and key, read from two PEM files. */
export interface Pair {
  /** PEM text. The server's certificate comes first, then the intermediate certificates. */
  cert: string;
  /** The private key in PEM, not encrypted. */
  key: string;
  /** The names in the certificate. Names and dates (RFC 3339, UTC), for the log. */
  names: string;
  validFrom: string;
  validTo: string;
  /** When the first certificate of the chain expires, in ms since 1970. */
  chainEnds: number;
}

/**
 * Reads the certificate and the key, and checks that a server can use them. Throws `invalid` and says what to correct.
 */
export function readPair(certFile: string, keyFile: string): Pair {
  const cert = readPem('CLAIMSTAMP_TLS_CERT', certFile);
  const key = readPem('CLAIMSTAMP_TLS_KEY', keyFile);
  const own = certificateOf(cert, certFile);
  if (!own.checkPrivateKey(privateKeyOf(key, keyFile))) {
    throw bad(
      `CLAIMSTAMP_TLS_KEY=${keyFile}: is not the key of the first certificate in ${certFile}: put the server's certificate first, then the intermediate certificates`,
    );
  }
  try {
    createSecureContext({ cert, key, minVersion: MIN_VERSION, ciphers: CIPHERS });
  } catch (error) {
    throw bad(`CLAIMSTAMP_TLS_CERT=${certFile}: OpenSSL rejects this file (${messageOf(error)}): make a new file`);
  }
  const names = own.subjectAltName ?? own.subject.replaceAll('\n', ', ');
  const chainEnds = Math.min(...chainOf(cert, certFile).map(({ validTo }) => Date.parse(validTo)));
  return { cert, key, names, validFrom: utc(own.validFrom), validTo: utc(own.validTo), chainEnds };
}

function readPem(name: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    throw bad(`${name}=${file}: cannot be read: ${fileError(error)}`);
  }
  if (text.includes('-----BEGIN ')) return text;
  throw bad(
    `${name}=${file}: is not PEM: convert a certificate with openssl x509 -in … -out …, a key with openssl pkey -in … -out …`,
  );
}

/** Clients also reject a chain with an expired intermediate certificate, and such a certificate often expires first. */
function chainOf(pem: string, file: string): X509Certificate[] {
  const blocks =
    pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  return (blocks.length === 0 ? [pem] : blocks).map((block) => certificateOf(block, file));
}

function certificateOf(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw bad(`CLAIMSTAMP_TLS_CERT=${file}: contains no certificate: one begins with -----BEGIN CERTIFICATE-----`);
  }
}

function privateKeyOf(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    // An encrypted key needs a password. OpenSSL uses several codes to report the missing password.
    const locked = pem.includes('ENCRYPTED') || errorCode(error) === 'ERR_MISSING_PASSPHRASE';
    const why = locked
      ? 'is encrypted, and the service cannot ask for its password: remove the password with openssl pkey -in … -out …'
      : 'contains no private key: one begins with -----BEGIN PRIVATE KEY-----';
    throw bad(`CLAIMSTAMP_TLS_KEY=${file}: ${why}`);
  }
}

/** Converts a time from OpenSSL's format to RFC 3339. */
function utc(time: string): string {
  return new Date(time).toISOString();
}

function bad(sentence: string): ClaimstampError {
  return new ClaimstampError('invalid', sentence);
}

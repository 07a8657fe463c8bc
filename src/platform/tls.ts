import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { ClaimstampError, errorCode, messageOf } from './error.ts';
import { fileError } from './file-error.ts';

/** The minimum version is TLS 1.2, because RFC 8996 forbids older versions. */
export const MIN_VERSION: SecureVersion = 'TLSv1.2';

/**
 * All these ciphers have authenticated encryption and forward secrecy (RFC 9325, 4.2), so there is no CBC suite among
 * them. The names are the ones that OpenSSL uses.
 */
export const CIPHERS = [
  'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** A server's certificate and key, which were read from two PEM files. */
export interface Pair {
  /** The certificates in PEM. The server's certificate is first, followed by the intermediate certificates. */
  cert: string;
  /** The private key in PEM, not encrypted. */
  key: string;
  /** The names in the certificate. The names and the two dates (RFC 3339, UTC) are written to the log. */
  names: string;
  validFrom: string;
  validTo: string;
  /** The time when the first of the chain's certificates expires, in ms since 1970. */
  chainEnds: number;
}

/**
 * Reads a certificate and its key, and checks that a server can use them. If the certificate or the key cannot be used,
 * throws `invalid` with a message that says what to correct.
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

/**
 * Clients also reject a chain if an intermediate certificate has expired, and intermediate certificates often expire
 * first.
 */
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
    // The key is encrypted, so reading it would require a password. OpenSSL has several codes for a missing password.
    const locked = pem.includes('ENCRYPTED') || errorCode(error) === 'ERR_MISSING_PASSPHRASE';
    const why = locked
      ? 'is encrypted, and the service cannot ask for its password: remove the password with openssl pkey -in … -out …'
      : 'contains no private key: one begins with -----BEGIN PRIVATE KEY-----';
    throw bad(`CLAIMSTAMP_TLS_KEY=${file}: ${why}`);
  }
}

/** Converts a time in OpenSSL's format to RFC 3339. */
function utc(time: string): string {
  return new Date(time).toISOString();
}

function bad(sentence: string): ClaimstampError {
  return new ClaimstampError('invalid', sentence);
}

interface TlsSettings {
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  publicUrl?: string | undefined;
  trustedProxies?: string[] | undefined;
}

/** Returns what is wrong with the TLS settings: settings that contradict each other, and files that cannot be used. */
export function tlsProblems({ tlsCert, tlsKey, publicUrl, trustedProxies = [] }: TlsSettings): string[] {
  if (tlsCert === undefined && tlsKey === undefined) return [];
  if (tlsKey === undefined)
    return ['CLAIMSTAMP_TLS_CERT is set and CLAIMSTAMP_TLS_KEY is not: set both, or remove both'];
  if (tlsCert === undefined)
    return ['CLAIMSTAMP_TLS_KEY is set and CLAIMSTAMP_TLS_CERT is not: set both, or remove both'];
  if (publicUrl?.startsWith('http:') && trustedProxies.length === 0)
    return [`CLAIMSTAMP_PUBLIC_URL=${publicUrl}: this port uses TLS, so the address must begin with https`];
  try {
    readPair(tlsCert, tlsKey);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './service.ts';

/*
 * A certification authority of the tests' own: X.509 v3 (RFC 5280) with ECDSA over P-256, as docs/admin.md makes one
 * with openssl.
 */

export interface Authority {
  folder: string;
  /** What a client trusts. PEM file and its content. */
  file: string;
  pem: string;
  key: KeyObject;
  name: string;
}

export interface PairFiles {
  cert: string;
  key: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/* DER (X.690): a tag, a length, the content. */

type Part = Buffer | string;
const bytesOf = (parts: Part[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)));

function der(tag: number, ...parts: Part[]): Buffer {
  const content = bytesOf(parts);
  const { length } = content;
  const long = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...long), content]);
}

const sequence = (...parts: Part[]): Buffer => der(0x30, ...parts);
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const bits = (content: Buffer): Buffer => der(0x03, '00', content);

const ECDSA_WITH_SHA256 = sequence('06082a8648ce3d040302');
const COMMON_NAME = '0603550403';
const TRUE = '0101ff';
const IS_CA = sequence('0603551d13', TRUE, der(0x04, sequence(TRUE)));
const FOR_SERVERS = sequence('0603551d25', der(0x04, sequence('06082b06010505070301')));
const FOR_THIS_MACHINE = sequence(
  '0603551d11',
  der(0x04, sequence(der(0x87, Buffer.of(127, 0, 0, 1)), der(0x82, Buffer.from('localhost')))),
);

const nameOf = (commonName: string): Buffer => sequence(der(0x31, sequence(COMMON_NAME, utf8(commonName))));

/** RFC 5280, 4.1.2.5.1: YYMMDDHHMMSSZ. */
function utcTime(at: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(at).toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`));
}

type Issuer = Pick<Authority, 'key' | 'name'>;

function certificate(issuer: Issuer, subject: string, key: KeyObject, days: number, extensions: Buffer[]): string {
  const signed = sequence(
    der(0xa0, '020102'),
    // Its first bit is clear: the number is positive.
    der(0x02, '01', randomBytes(8)),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(utcTime(Date.now()), utcTime(Date.now() + days * DAY_MS)),
    nameOf(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(signed, ECDSA_WITH_SHA256, bits(sign('sha256', signed, issuer.key)));
  const lines = whole.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

export function makeAuthority(): Authority {
  const folder = tempFolder();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = join(folder, 'ca.pem');
  // Without key identifiers, clients tell authorities apart by their names.
  const name = `Factory CA ${randomBytes(4).toString('hex')}`;
  const pem = certificate({ name, key: privateKey }, name, publicKey, 3650, [IS_CA]);
  writeFileSync(file, pem);
  return { folder, file, pem, key: privateKey, name };
}

/** A certificate of this authority for 127.0.0.1 and localhost, in files named after `name`, which is its CN too. */
export function certify(authority: Authority, name: string, days = 30): PairFiles {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = { cert: join(authority.folder, `${name}.pem`), key: join(authority.folder, `${name}.key`) };
  writeFileSync(files.cert, certificate(authority, name, publicKey, days, [FOR_THIS_MACHINE, FOR_SERVERS]));
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return files;
}

/** The same key behind a password. PEM file */
export function encrypted({ key }: PairFiles): string {
  const file = `${key}.locked`;
  const secret = { cipher: 'aes-256-cbc', passphrase: 'secret' };
  writeFileSync(file, createPrivateKey(readFileSync(key)).export({ type: 'pkcs8', format: 'pem', ...secret }));
  return file;
}

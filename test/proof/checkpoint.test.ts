import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  openCheckpoint,
  originOf,
  parseCheckpoint,
  readSigningKey,
  readVerifierKey,
  signCheckpoint,
  verifierKey,
  type Signer,
  type Verifier,
} from '../../src/proof/checkpoint.ts';
import { readOutsideKey } from '../../src/proof/verdict.ts';
import { newSigner, publicPem } from '../support/busy-ledger.ts';
import { openNote, readVkey } from '../support/signed-note.ts';

const ROOT = Buffer.alloc(32, 0xfb);
const SIGNER = newSigner('serials.example.com/plant-2');
const NOTE = signCheckpoint({ size: 1234, root: ROOT }, SIGNER);

const verifierOf = ({ origin, privateKey }: Signer): Verifier => ({
  name: origin,
  publicKey: createPublicKey(privateKey),
});

/** What a name of a log may be: neither blank nor plus. */
const anyOrigin = fc.stringMatching(/^[a-z0-9./ß漢_-]{1,60}$/u);
const anyRoot = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anySize = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

describe('a checkpoint', () => {
  test('is read by a reader of signed notes that was written from the specification alone', () => {
    fc.assert(
      fc.property(anyOrigin, anySize, anyRoot, (origin, size, root) => {
        const signer = { ...SIGNER, origin };
        const opened = openNote(signCheckpoint({ size, root }, signer), readVkey(verifierKey(signer)));
        expect(opened).toEqual([origin, String(size), Buffer.from(root).toString('base64')]);
      }),
      { numRuns: 50 },
    );
  });

  test('is the text of tlog-checkpoint: origin, size and root, an empty line, a signature line', () => {
    expect(NOTE).toMatch(
      /^serials\.example\.com\/plant-2\n1234\n[A-Za-z0-9+/]{43}=\n\n— serials\.example\.com\/plant-2 [A-Za-z0-9+/=]+\n$/,
    );
  });

  test('reads back as what was signed', () => {
    fc.assert(
      fc.property(anyOrigin, anySize, anyRoot, (origin, size, root) => {
        const signer = { ...SIGNER, origin };
        const opened = openCheckpoint(signCheckpoint({ size, root }, signer), verifierOf(signer));
        expect(opened).toEqual({ origin, size, root: Buffer.from(root) });
      }),
      { numRuns: 50 },
    );
  });

  test('is the same bytes each time: so one that is kept is known by them', () => {
    expect(signCheckpoint({ size: 1234, root: ROOT }, SIGNER)).toBe(NOTE);
  });

  test('is not opened once any bit of it has changed', () => {
    const bytes = Buffer.from(NOTE);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const text = changed.toString('utf8');
      // The last newline only ends the line, and base64 has letters whose last bits mean nothing.
      const same = Buffer.from(text.trimEnd().split(' ').at(-1) ?? '', 'base64').equals(signatureOf(NOTE));
      if (text.startsWith(NOTE.slice(0, NOTE.lastIndexOf(' '))) && same) continue;
      expect(() => openCheckpoint(text, verifierOf(SIGNER)), `bit ${bit}`).toThrow();
    }
  });

  test('is opened among the signatures of others, whatever they are', () => {
    const other = signCheckpoint({ size: 1234, root: ROOT }, newSigner('witness.example.net')).split('\n\n')[1] ?? '';
    const [text, own] = NOTE.split('\n\n') as [string, string];
    for (const signatures of [other + own, own + other, `— cosigner AAAA\n${own}`, `not a signature\n${own}`]) {
      expect(openCheckpoint(`${text}\n\n${signatures}`, verifierOf(SIGNER)).size).toBe(1234);
    }
    expect(() => openCheckpoint(`${text}\n\n${other}`, verifierOf(SIGNER))).toThrow('is not signed by');
  });

  test('is not opened with another key of the same name, nor with the same key under another name', () => {
    expect(() => openCheckpoint(NOTE, verifierOf(newSigner(SIGNER.origin)))).toThrow('is not signed by');
    expect(() => openCheckpoint(NOTE, { ...verifierOf(SIGNER), name: 'elsewhere' })).toThrow('is not signed by');
    expect(() =>
      openCheckpoint(signCheckpoint({ size: 1, root: ROOT }, { ...SIGNER, origin: 'elsewhere' }), verifierOf(SIGNER)),
    ).toThrow('is not signed by');
  });

  test.each([
    ['nothing', ''],
    ['no empty line', NOTE.replace('\n\n', '\n')],
    ['no origin', NOTE.slice(NOTE.indexOf('\n'))],
    ['a size that is no number', NOTE.replace('1234', '12x4')],
    ['a size with a zero before it', NOTE.replace('1234', '01234')],
    ['a size below nothing', NOTE.replace('1234', '-1')],
    ['a root that is too short', NOTE.replace(ROOT.toString('base64'), Buffer.alloc(31).toString('base64'))],
    ['a root in another spelling', NOTE.replace(ROOT.toString('base64'), ROOT.toString('base64url'))],
    ['two lines only', 'origin\n1\n\n— origin AAAA\n'],
  ])('is none with %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow('is not a checkpoint');
  });
});

function signatureOf(note: string): Buffer {
  return Buffer.from(note.trimEnd().split(' ').at(-1) ?? '', 'base64');
}

describe('keys', () => {
  const pem = SIGNER.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

  test('are read from PEM, and nothing but Ed25519 is', () => {
    expect(readSigningKey(pem).equals(SIGNER.privateKey)).toBe(true);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    for (const text of ['', 'x', pem.slice(0, 60), publicPem(SIGNER.privateKey), rsa as string])
      expect(() => readSigningKey(text)).toThrow('is not an Ed25519 private key');
  });

  test('name a log that has no name, each its own', () => {
    expect(originOf(SIGNER.privateKey)).toMatch(/^claimstamp\/[0-9a-f]{16}$/);
    expect(originOf(SIGNER.privateKey)).toBe(originOf(createPublicKey(SIGNER.privateKey)));
    expect(originOf(newSigner().privateKey)).not.toBe(originOf(SIGNER.privateKey));
  });

  test('as verifier keys read back as name and key', () => {
    const { name, publicKey } = readVerifierKey(`${verifierKey(SIGNER)}\n`);
    expect(name).toBe(SIGNER.origin);
    expect(publicKey.equals(createPublicKey(SIGNER.privateKey))).toBe(true);
    expect(readOutsideKey(verifierKey(SIGNER)).name).toBe(SIGNER.origin);
  });

  test('as verifier keys are refused with an id that is not theirs, another algorithm or another length', () => {
    const [name = '', id = '', key = ''] = verifierKey(SIGNER).split('+');
    const rest = verifierKey(SIGNER).slice(name.length + id.length + 2);
    const bytes = Buffer.from(rest, 'base64');
    const encoded = (...parts: Uint8Array[]): string => Buffer.concat(parts).toString('base64');
    for (const text of [
      '',
      key,
      `${name}+00000000+${rest}`,
      `other+${id}+${rest}`,
      `${name}+${id}+${encoded(Buffer.of(2), bytes.subarray(1))}`,
      `${name}+${id}+${encoded(bytes, Buffer.of(0))}`,
      `${name}+${id}+${encoded(bytes.subarray(0, -1))}`,
      `a name+${id}+${rest}`,
    ])
      expect(() => readVerifierKey(text), text).toThrow();
  });

  test('of auditors are public: a private one is refused', () => {
    const { name, publicKey } = readOutsideKey(publicPem(SIGNER.privateKey));
    expect(name).toBeUndefined();
    expect(publicKey.equals(createPublicKey(SIGNER.privateKey))).toBe(true);
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
    for (const text of [pem, p256 as string, '-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n', 'x'])
      expect(() => readOutsideKey(text)).toThrow(/is no/);
  });

  test("sign as openssl and Node's own do", () => {
    const text = NOTE.slice(0, NOTE.indexOf('\n\n') + 1);
    const signature = signatureOf(NOTE).subarray(4);
    expect(verify(null, Buffer.from(text), createPublicKey(SIGNER.privateKey), signature)).toBe(true);
    expect(sign(null, Buffer.from(text), SIGNER.privateKey).equals(signature)).toBe(true);
  });
});

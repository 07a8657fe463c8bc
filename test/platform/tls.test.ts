import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { readPair } from '../../src/platform/tls.ts';
import { certify, encrypted, makeAuthority, type Authority, type PairFiles } from '../support/pki.ts';

let authority: Authority;
let pair: PairFiles;
let other: PairFiles;
beforeAll(() => {
  authority = makeAuthority();
  pair = certify(authority, 'line');
  other = certify(authority, 'other');
});

/** What configuration with these two files says is wrong. */
function wrong(cert: string | undefined, key: string | undefined): string {
  try {
    readConfig({ CLAIMSTAMP_TLS_CERT: cert, CLAIMSTAMP_TLS_KEY: key });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(authority.folder, name);
  writeFileSync(path, content);
  return path;
}

describe('certificate and key', () => {
  test('that belong together are a configuration', () => {
    expect(readConfig({ CLAIMSTAMP_TLS_CERT: pair.cert, CLAIMSTAMP_TLS_KEY: pair.key })).toMatchObject({
      tlsCert: pair.cert,
      tlsKey: pair.key,
    });
    expect(readPair(pair.cert, pair.key)).toMatchObject({
      names: 'IP Address:127.0.0.1, DNS:localhost',
      validTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  test('may stand in one file, and be followed by the certificates between it and the CA', () => {
    const all = file('all.pem', `${readFileSync(pair.cert, 'utf8')}${authority.pem}${readFileSync(pair.key, 'utf8')}`);
    expect(wrong(all, all)).toBe('');
  });

  test('are set both or not at all', () => {
    expect(wrong(pair.cert, undefined)).toMatch(/CLAIMSTAMP_TLS_KEY is not: set both, or remove both/);
    expect(wrong(undefined, pair.key)).toMatch(/CLAIMSTAMP_TLS_CERT is not: set both, or remove both/);
  });

  test('that do not fit are told what is wrong with them, in a sentence and without their content', () => {
    const folder = authority.folder;
    const empty = file('empty.pem', '');
    const der = file('der.pem', Buffer.from('308201', 'hex'));
    const broken = file('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const cases: [cert: string, key: string, sentence: RegExp][] = [
      [join(folder, 'nowhere'), pair.key, /CLAIMSTAMP_TLS_CERT=.*nowhere: cannot be read: there is no such file/],
      [folder, pair.key, /CLAIMSTAMP_TLS_CERT=.*cannot be read: the path is a folder/],
      [pair.cert, join(folder, 'nowhere'), /CLAIMSTAMP_TLS_KEY=.*nowhere: cannot be read: there is no such file/],
      [empty, pair.key, /CLAIMSTAMP_TLS_CERT=.*is not PEM/],
      [der, pair.key, /CLAIMSTAMP_TLS_CERT=.*is not PEM/],
      [broken, pair.key, /CLAIMSTAMP_TLS_CERT=.*contains no certificate/],
      [pair.key, pair.cert, /CLAIMSTAMP_TLS_CERT=.*contains no certificate/],
      [pair.cert, pair.cert, /CLAIMSTAMP_TLS_KEY=.*contains no private key/],
      [pair.cert, encrypted(pair), /CLAIMSTAMP_TLS_KEY=.*is encrypted.*openssl pkey/],
      [pair.cert, other.key, /CLAIMSTAMP_TLS_KEY=.*is not the key of the first certificate in/],
      [authority.file, pair.key, /CLAIMSTAMP_TLS_KEY=.*is not the key of the first certificate in/],
    ];
    for (const [cert, key, sentence] of cases) {
      const said = wrong(cert, key);
      expect(said).toMatch(sentence);
      expect(said).toMatch(/has a problem:/);
      expect(said).not.toMatch(/MII|error:[0-9A-F]{8}/);
    }
  });

  test('are read anew each time', () => {
    const files = { cert: join(authority.folder, 'now.pem'), key: join(authority.folder, 'now.key') };
    copyFileSync(pair.cert, files.cert);
    copyFileSync(pair.key, files.key);
    const first = readPair(files.cert, files.key).cert;
    copyFileSync(other.cert, files.cert);
    copyFileSync(other.key, files.key);
    expect(readPair(files.cert, files.key).cert).not.toBe(first);
  });
});

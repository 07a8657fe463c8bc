import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from './support.ts';

/* A certification authority of the tests' own, made as docs/deploy.md makes one. */

export interface Authority {
  folder: string;
  /** What a client trusts. PEM file and its content. */
  file: string;
  pem: string;
}

export interface PairFiles {
  cert: string;
  key: string;
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

export function makeAuthority(): Authority {
  const folder = tempFolder();
  openssl(
    folder,
    'req',
    '-x509',
    ...EC,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '3650',
    '-subj',
    '/CN=Factory CA',
  );
  const file = join(folder, 'ca.pem');
  return { folder, file, pem: readFileSync(file, 'utf8') };
}

/** A certificate of this authority for 127.0.0.1 and localhost, in files named after `name`, which is its CN too. */
export function certify({ folder }: Authority, name: string, days = 30): PairFiles {
  writeFileSync(
    join(folder, `${name}.ext`),
    'subjectAltName = IP:127.0.0.1, DNS:localhost\nextendedKeyUsage = serverAuth\n',
  );
  openssl(folder, 'req', '-new', ...EC, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
  const ca = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl(
    folder,
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    ...ca,
    '-days',
    String(days),
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.pem`,
  );
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
}

/** The same key behind a password. PEM file */
export function encrypted({ key }: PairFiles): string {
  const file = `${key}.locked`;
  execFileSync('openssl', ['pkey', '-aes256', '-passout', 'pass:secret', '-in', key, '-out', file], { stdio: 'pipe' });
  return file;
}

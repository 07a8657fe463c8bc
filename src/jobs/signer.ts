import { generateKeyPairSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyName, originOf, readSigningKey, type Signer } from '../proof/checkpoint.ts';
import type { Config } from '../config.ts';
import { ClaimstampError } from '../platform/error.ts';
import { readIfThere } from '../platform/file-error.ts';
import { readOutsideKey } from '../proof/verdict.ts';

/** The path of the file with the log's key in the data folder. Anyone who has this key can sign a forged ledger. */
export function signingKeyFile(data: string): string {
  return join(data, 'signing-key.pem');
}

/**
 * Returns the key and the name of the log, either from the settings or, if they are not set there, from the data
 * folder. The first start of the service makes a key.
 */
export function openSigner({ data, signingKey, origin }: Pick<Config, 'data' | 'signingKey' | 'origin'>): Signer {
  const file = signingKeyFile(data);
  if (signingKey === undefined && !existsSync(file)) makeKey(file);
  return signingKey === undefined ? signerIn(file, origin) : signerOf(readSigningKey(signingKey), origin);
}

/** Returns the key in this file, and the name of its log. */
export function signerIn(file: string, origin: string | undefined): Signer {
  return signerOf(readKeyFile(file), origin);
}

function signerOf(privateKey: Signer['privateKey'], origin: string | undefined): Signer {
  return { origin: origin ?? originOf(privateKey), privateKey };
}

/**
 * Returns the signer, or undefined if there is no key yet. This function makes no key, because it is for commands that
 * only read.
 */
export function readSigner(config: Pick<Config, 'data' | 'signingKey' | 'origin'>): Signer | undefined {
  return config.signingKey === undefined && !existsSync(signingKeyFile(config.data)) ? undefined : openSigner(config);
}

/** The path of the file that keeps the public key after a rotation has replaced its signing key. */
export function formerKeyFile(data: string, { privateKey }: Signer): string {
  return join(data, `former-${keyName(privateKey)}.pem`);
}

/** Returns the public keys (in PEM) of the former signing keys, which key rotations have replaced. */
export function formerKeys(data: string): string[] {
  const names = readdirSync(data).filter((name) => /^former-[0-9a-f]{16}\.pem$/.test(name));
  return names.map((name) => readFormerKey(join(data, name)));
}

function readFormerKey(file: string): string {
  const pem = readIfThere(file) ?? '';
  try {
    readOutsideKey(pem);
    return pem;
  } catch {
    throw new ClaimstampError(
      'invalid',
      `${file} is not a public key in PEM, so the checkpoints from before the key rotation cannot be checked: restore this file from a backup, or move it away to check only the later checkpoints`,
    );
  }
}

function readKeyFile(file: string): Signer['privateKey'] {
  const pem = readIfThere(file) ?? '';
  try {
    return readSigningKey(pem);
  } catch {
    throw new ClaimstampError(
      'invalid',
      `${file} is not an Ed25519 private key in PEM: restore the key that signed the existing checkpoints, because no other key can check them`,
    );
  }
}

/**
 * Makes the file with the signing key. As soon as the file exists, it is complete, and only its owner can read it. An
 * existing key is never replaced.
 */
function makeKey(file: string): void {
  const draft = `${file}.${process.pid}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(draft, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft);
  }
  // From now on, checkpoints are signed with the new key, and people keep some of these checkpoints elsewhere. A lost
  // key cannot be made a second time, so the file must survive a power cut.
  const handle = openSync(join(file, '..'), 'r');
  fsyncSync(handle);
  closeSync(handle);
}

import { generateKeyPairSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { originOf, readSigningKey, type Signer } from '../proof/checkpoint.ts';
import type { Config } from '../config.ts';
import { ClaimstampError, messageOf } from '../platform/error.ts';

/** The log's key, in the data folder. Anyone who has it can sign a forged ledger. */
export function signingKeyFile(data: string): string {
  return join(data, 'signing-key.pem');
}

/** The log's key and name: from the settings, else from the key in the data folder, which the first start makes. */
export function openSigner({ data, signingKey, origin }: Pick<Config, 'data' | 'signingKey' | 'origin'>): Signer {
  const file = signingKeyFile(data);
  if (signingKey === undefined && !existsSync(file)) makeKey(file);
  const privateKey = signingKey === undefined ? readKeyFile(file) : readSigningKey(signingKey);
  return { origin: origin ?? originOf(privateKey), privateKey };
}

/** The signer if a key exists: commands that only read must not make one. */
export function readSigner(config: Pick<Config, 'data' | 'signingKey' | 'origin'>): Signer | undefined {
  return config.signingKey === undefined && !existsSync(signingKeyFile(config.data)) ? undefined : openSigner(config);
}

function readKeyFile(file: string): Signer['privateKey'] {
  try {
    return readSigningKey(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ClaimstampError(
      'invalid',
      `${file} ${messageOf(error)}; restore the key that signed the existing checkpoints: they cannot be checked with another one`,
    );
  }
}

/** The file appears complete, readable by its owner only. link(2) never replaces an existing key. */
function makeKey(file: string): void {
  const draft = `${file}.${process.pid}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(draft, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } finally {
    rmSync(draft);
  }
  // Checkpoints that it signs are kept elsewhere: the key must survive a power cut from now on.
  const handle = openSync(join(file, '..'), 'r');
  fsyncSync(handle);
  closeSync(handle);
}

import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Ledger } from '../contract/ledger.ts';
import { syncFolder, writeAtomically } from '../platform/atomic-file.ts';
import { ClaimstampError, messageOf } from '../platform/error.ts';
import { readIfThere } from '../platform/file-error.ts';
import { keyName, originOf, parseCheckpoint, signCheckpoint, verifierKey, type Signer } from '../proof/checkpoint.ts';
import { readUnproven } from './rollback-guard.ts';
import { compareWithPlaces, heldRefusal, isSignedBy, publicKeyOf } from '../proof/rollback.ts';
import type { Ownership } from '../sqlite/data-lock.ts';
import { ledgerFile, openSqliteLedger } from '../sqlite/sqlite-ledger.ts';
import { checkpointFile, readPlaces } from './checkpoints.ts';
import { becomeOwner } from './data-folder.ts';
import { foldersFor } from './send-checkpoints.ts';
import { formerKeyFile, openSigner, signerIn, signingKeyFile } from './signer.ts';

/*
 * Replaces the signing key of the log. The former key signs one last checkpoint, which covers the event with the name
 * of the new key. So an auditor who has the former public key can check the new key.
 *
 * The rotation takes effect when the file of the new key is complete. If the program crashes before that, the former
 * key remains in use. If the program crashes after that, the next start of the service does the remaining steps
 * (`useNextKey`).
 */

/** The result of a rotation. `former` and `next` are public keys in the verifier-key format. */
export interface Rotated {
  former: string;
  next: string;
  /** The number of events in the last checkpoint of the former key. */
  size: number;
  /** The path of the file with the last checkpoint of the former key. */
  last: string;
}

/**
 * Throws if the key is in the settings, if a service is running, or if the ledger does not continue its last
 * checkpoint.
 */
export async function rotateSigningKey(config: Config, onFault: (message: string) => void): Promise<Rotated> {
  const { data } = config;
  if (config.signingKey !== undefined) throw new ClaimstampError('invalid', KEY_IN_SETTINGS);
  const own = await ownStopped(data);
  try {
    for (const file of [ledgerFile(data), signingKeyFile(data)])
      if (!existsSync(file))
        throw new ClaimstampError(
          'not-found',
          `${file} is missing, so this is not a ledger's data folder: set CLAIMSTAMP_DATA`,
        );
    await useNextKey(config);
    const ledger = await openSqliteLedger({ file: ledgerFile(data), onFault });
    try {
      return await rotate(ledger, config);
    } finally {
      await ledger.close();
    }
  } finally {
    own.close();
  }
}

const KEY_IN_SETTINGS =
  'the signing key is in the settings (CLAIMSTAMP_SIGNING_KEY or signingKey), so this command cannot replace it. Save the output of claimstamp checkpoint and of claimstamp checkpoint key, set a new key (openssl genpkey -algorithm ed25519), and restart the service. Then run claimstamp checkpoint accept with the number of events that the log shows';

/**
 * Becomes the owner of the data folder. Throws if a service is running. A running service must be stopped first,
 * because it has the former key in memory.
 */
export async function ownStopped(data: string): Promise<Ownership> {
  try {
    return await becomeOwner(data);
  } catch (error) {
    if (!(error instanceof ClaimstampError) || error.code !== 'busy') throw error;
    throw new ClaimstampError(
      'busy',
      `the key is unchanged, because a Claimstamp process uses ${data}: stop the service first`,
    );
  }
}

async function rotate(ledger: Ledger, config: Config): Promise<Rotated> {
  const { data, origin } = config;
  const former = openSigner(config);
  const places = await readPlaces(data, foldersFor(config), former);
  const found = await compareWithPlaces(ledger, places, {
    isShared: false,
    joins: false,
    unproven: readUnproven(data),
    key: publicKeyOf(former),
  });
  if (found !== undefined)
    throw new ClaimstampError(
      'invalid',
      `the key is unchanged. Solve this problem first: ${heldRefusal(found).message}`,
    );

  const { privateKey } = generateKeyPairSync('ed25519');
  const next: Signer = { origin: origin ?? originOf(privateKey), privateKey };
  const keys = { former: verifierKey(former), next: verifierKey(next) };
  await ledger.record({ kind: 'rotate-signing-key', ...keys, actor: 'local' });
  const head = await ledger.head();
  const note = signCheckpoint(head, former);
  const last = join(data, `former-${keyName(former.privateKey)}.checkpoint`);
  await writeAtomically(last, note);
  const publicKey = publicKeyOf(former).export({ format: 'pem', type: 'spki' }).toString();
  await writeAtomically(formerKeyFile(data, former), publicKey);
  await writeAtomically(checkpointFile(data), note);

  await writeAtomically(nextKeyFile(data), privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  await useNextKey(config);
  // As always, the checkpoint is written to the file before the ledger stores it.
  await ledger.record({ kind: 'keep-checkpoint', size: head.size, note: signCheckpoint(head, next) });
  return { ...keys, size: head.size, last };
}

function nextKeyFile(data: string): string {
  return join(data, 'signing-key.next.pem');
}

/** Reads the next key. If its file is damaged, no signature is lost, because the former key is still in use. */
function nextSigner(file: string, origin: string | undefined): Signer {
  try {
    return signerIn(file, origin);
  } catch (error) {
    const why =
      'the file of the next signing key is damaged: remove it and start the service, which continues with signing-key.pem; then rotate the key again';
    throw new ClaimstampError('invalid', `${file}: ${why} (${messageOf(error)})`);
  }
}

/**
 * Does the last steps of a rotation: the new key signs the last checkpoint once more, and then replaces the former key.
 * If the program crashes between these steps, the service repeats them at its next start.
 */
export async function useNextKey({
  data,
  signingKey,
  origin,
}: Pick<Config, 'data' | 'signingKey' | 'origin'>): Promise<void> {
  const file = nextKeyFile(data);
  if (signingKey !== undefined || !existsSync(file)) return;
  const next = nextSigner(file, origin);
  const former = signerIn(signingKeyFile(data), origin);
  const note = readIfThere(checkpointFile(data));
  // If an unknown key signed the checkpoint, the checkpoint is not re-signed. The service then holds the ledger at its
  // next start.
  if (note !== undefined && isSignedBy(note, publicKeyOf(former)))
    await writeAtomically(checkpointFile(data), signCheckpoint(parseCheckpoint(note), next));
  await rename(file, signingKeyFile(data));
  await syncFolder(data);
}

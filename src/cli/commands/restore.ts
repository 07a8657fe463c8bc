import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { createPublicKey } from 'node:crypto';
import type { RestoreAccess } from '../../decide/restore-access.ts';
import { keyName, parseCheckpoint, signCheckpoint, verifierKey, splitNote } from '../../proof/checkpoint.ts';
import { isSignedBy, readOutsideKey, type OutsideKey } from '../../proof/verdict.ts';
import { readConfig, type Config } from '../../config.ts';
import { dropUnproven } from '../../sqlite/drop-unproven.ts';
import { checkpointsIn, typesAfter } from '../../sqlite/verify.ts';
import { accessReport } from '../access-report.ts';
import { readOutside } from '../read-outside.ts';
import { ClaimstampError, errorCode, isCode, messageOf } from '../../platform/error.ts';
import { checkpointFile, readPlaces } from '../../jobs/checkpoints.ts';
import { acceptLedger, markUnproven, rootText } from '../../jobs/rollback-guard.ts';
import { foldersFor } from '../../jobs/send-checkpoints.ts';
import { openSigner, readSigner, signingKeyFile } from '../../jobs/signer.ts';
import { forTraining, isTraining, markTraining } from '../../jobs/training/training.ts';
import { verifyLedger } from '../../jobs/verify-file.ts';
import type { Ledger } from '../../contract/ledger.ts';
import { becomeOwner } from '../../jobs/data-folder.ts';
import { fileError } from '../../platform/file-error.ts';
import { ledgerFile, openSqliteLedger } from '../../sqlite/sqlite-ledger.ts';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { compareWithPlaces, heldRefusal, publicKeyOf, type Place, type Unproven } from '../../proof/rollback.ts';
import { missingSettings } from '../../jobs/continuity/kept-settings.ts';
import { takeOver } from '../../jobs/continuity/take-over.ts';
import { backupsInFolder, isFolder, type FolderBackups } from '../backup-folder.ts';
import { openProgress, type Progress } from '../progress.ts';
import { replayBeside } from '../lines-beside.ts';
import { hint, print } from '../run.ts';

export interface RestoreOptions {
  start?: true;
  checkpoint?: string[];
  key?: string[];
  keepTokens?: true;
  keepUnproven?: true;
  dropUnknown?: true;
  lines?: string[] | false;
  log?: string;
  takeOver?: true;
  copy?: true;
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('check a backup and copy it into the data folder; an existing ledger is never replaced')
    .argument(
      '<backup>',
      'the backup folder, for a machine that replaces the former server; or a file that claimstamp backup made',
    )
    .option('--start', 'start the service afterwards')
    .option('--checkpoint <file...>', 'a signed checkpoint that was kept elsewhere')
    .option('--key <file|key...>', 'a public key that was kept elsewhere (default: the key of the data folder)')
    .option('--keep-tokens', 'keep tokens valid')
    .option(
      '--keep-unproven',
      'keep events, passwords and tokens that no signature covers; the service then issues nothing until an admin accepts the ledger',
    )
    .option(
      '--drop-unknown',
      'instead of refusing the file, remove tokens, people and keys that do not match its events',
    )
    .option('--lines <file...>', 'files with newer events to replay (default: the .lines files next to the backup)')
    .option('--no-lines', 'do not replay newer events')
    .option('--log <id>', 'the ledger to restore, if the folder contains backups of several ledgers')
    .option('--take-over', 'take over even if the former server wrote to the folder within the last minute')
    .option('--copy', 'make a copy for training that cannot reach the line; the former server keeps running')
    .action(async (file: string, options: RestoreOptions) => {
      const config = readConfig(process.env);
      if (config.ledger !== undefined)
        throw new ClaimstampError(
          'invalid',
          'CLAIMSTAMP_LEDGER is set: to restore a PostgreSQL ledger, use the tools of PostgreSQL (docs/scale.md); to restore into the data folder, unset CLAIMSTAMP_LEDGER',
        );
      await restoreInto(file, config, options);
      if (options.start) await (await import('./serve.ts')).serve();
    });
}

/** Restores a backup file, or the newest state in a backup folder, into the data folder that `config` names. */
export async function restoreInto(backup: string, config: Config, options: RestoreOptions): Promise<void> {
  const own = await becomeOwner(config.data);
  try {
    const [settings, given] = options.copy ? await asCopy(config, options) : [forLine(config), options];
    await (isFolder(backup) ? restoreFolder(backup, settings, given) : restoreFile(backup, settings, given));
  } finally {
    own.close();
  }
}

/** Returns what a training copy needs: it is checked with the line's key, but then gets its own key. */
async function asCopy(config: Config, options: RestoreOptions): Promise<[Config, RestoreOptions]> {
  refuseExisting(config);
  if (existsSync(signingKeyFile(config.data)))
    throw new ClaimstampError(
      'invalid',
      `${config.data} has a signing key, and a copy must not sign for the line: use an empty folder, and give the public key with --key; nothing was restored`,
    );
  if (!isTraining(config.data)) await markTraining(config.data);
  const known = readSigner(config);
  const key = options.key ?? (known === undefined ? undefined : [verifierKey(known)]);
  return [forTraining(config), { ...options, ...(key === undefined ? {} : { key }) }];
}

function forLine(config: Config): Config {
  if (!isTraining(config.data)) return config;
  throw new ClaimstampError(
    'invalid',
    `${config.data} contains a copy (restore --copy): restore the line into another data folder; nothing was restored`,
  );
}

/** If a service wrote to the folder less than this long ago (ms), the service may still be running. */
const ALIVE_MS = 60_000;

/**
 * Restores the newest state in the backup folder. If the newest backup is not valid, uses the previous one. An older
 * backup is enough, because the files with newer events reach back to the oldest backup that is kept.
 */
async function restoreFolder(folder: string, config: Config, options: RestoreOptions): Promise<void> {
  const key = readSigner(config);
  const found = backupsInFolder(folder, options.log, key && keyName(key.privateKey));
  const since = Math.round((Date.now() - found.writtenAt) / 1000);
  if (since * 1000 < ALIVE_MS && !options.takeOver && !options.copy)
    throw new ClaimstampError(
      'invalid',
      `the service wrote to ${folder} ${Math.max(0, since)} seconds ago: it may still be running. Stop it, or take its machine off the network, and then give --take-over. To practise a restore while it keeps running, give --copy; nothing was restored`,
    );
  refuseExisting(config);
  for (const line of options.copy ? [] : missingSettings(folder, found.log, config))
    hint(`The former server had a setting that this machine lacks: ${line}`);
  for (const [n, file] of found.files.entries()) {
    try {
      await restoreFile(file, config, options);
      break;
    } catch (error) {
      if (!isCode(error, UNFIT) || n === found.files.length - 1) throw error;
      hint(`WARNING: ${messageOf(error)}. Trying the previous backup`);
    }
  }
  if (!options.copy) await takeOverOrHint(config.data, found);
}

async function takeOverOrHint(data: string, { folder, log }: FolderBackups): Promise<void> {
  try {
    await takeOver(data, folder, log, Date.now());
    print(`This machine takes over: if the former server can still reach ${folder}, it stops issuing`);
  } catch (error) {
    hint(
      `WARNING: ${folder} cannot be written (${fileError(error)}), so the former server cannot notice the takeover: keep it off the network`,
    );
  }
}

function refuseExisting({ data }: Config): void {
  const target = ledgerFile(data);
  for (const path of [target, `${target}-wal`, `${target}-shm`])
    if (existsSync(path))
      throw new ClaimstampError('invalid', `${path} exists: move it away first; nothing was restored`);
}

async function restoreFile(file: string, config: Config, options: RestoreOptions): Promise<void> {
  const target = ledgerFile(config.data);
  refuseExisting(config);
  // Only the main file is copied, so events in a -wal file would be lost. Reading may leave an empty -wal file, which
  // does no harm.
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new ClaimstampError(
      'invalid',
      `${file} is a ledger in use or a copy of one, not a backup, because ${file}-wal exists: make a backup with claimstamp backup`,
    );
  const { size, report } = await put(file, target, config, options);
  print([`${target} now has the ${size} events of ${file}`, ...report].join('\n'));
}

/** Checks the copy of `file` and returns its number of events. */
async function checked(copy: string, file: string, { checkpoint, key, dropUnknown }: RestoreOptions): Promise<number> {
  let bar: Progress | undefined;
  const { ok, size, findings, found } = await verifyLedger(copy, readOutside({ checkpoint, key }), (done, total) => {
    bar ??= openProgress('checking', total);
    bar.set(done);
  })
    .catch((error: unknown) => {
      if (!(error instanceof ClaimstampError)) throw error;
      throw new ClaimstampError(UNFIT, `${error.message.replaceAll(copy, file)}; nothing was restored`);
    })
    .finally(() => bar?.end());
  const isOfAccess = found === findings.length && findings.every(({ table = '' }) => ROWS_OF_ACCESS.includes(table));
  if (ok || (isOfAccess && dropUnknown)) return size;
  throw new ClaimstampError(
    UNFIT,
    `${file} is not valid: ${findings[0]?.what ?? 'it cannot be read'}${found > 1 ? `, and ${found - 1} more problems` : ''} (claimstamp verify ${file}); ${isOfAccess ? 'restore an older backup, or give --drop-unknown to leave out such rows; ' : ''}nothing was restored`,
  );
}

/** The code of errors that concern the file itself. After such an error, another backup should be tried. */
const UNFIT = 'ledger-unavailable';

const ROWS_OF_ACCESS = ['credential', 'person'];

interface Put {
  /** The number of events in the backup. */
  size: number;
  /** Lines that say which events were replayed or skipped, and which people and credentials have access. */
  report: string[];
}

/**
 * A faulty disk may return different bytes than were written. So before the copy gets its final name, it is synced to
 * the disk and checked. Also before this, people and credentials that must not survive a restore lose their access in
 * the copy.
 */
async function put(file: string, target: string, config: Config, options: RestoreOptions): Promise<Put> {
  const draft = `${target}.partial`;
  const clear = (): void => {
    for (const path of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(path, { force: true });
  };
  clear();
  try {
    copy(file, draft, target);
    const backup = await checked(draft, file, options);
    const replayed = replayBeside(draft, file, options.lines, (note) => isTrusted(note, config, options));
    for (const warning of replayed.warnings) hint(warning);
    const size = backup + replayed.events;
    const signed = signedSize(draft, config, options);
    const unproven = signed !== undefined && signed < size ? { size, signed } : undefined;
    if (unproven !== undefined && !options.keepUnproven) throw unprovenRefusal(file, draft, unproven);
    dropUnproven(draft, Date.now());
    const ledger = await openSqliteLedger({ file: draft, onFault: hint });
    try {
      // The comparison with checkpoints comes first, because every event that the restore adds changes the tree.
      const { signs, ...skip } = await continueOrHint(ledger, config, unproven, replayed.place);
      // Replayed events may have ended the access of people and credentials, or may contain commitments to lost rows.
      const access = replayed.events > 0 ? { ...options, dropUnknown: true as const } : options;
      const restored = accessReport(await ledger.record(commandOf(access, signed)), signed);
      const { products } = await ledger.record({ kind: 'skip-serials', ...skip, site: config.site, actor: ACTOR });
      const report = [...replayed.report, ...skipped(products), ...restored];
      const head = await ledger.head();
      await ledger.close();
      sync(draft, 'r+');
      await markUnproven(config.data, unproven);
      renameSync(draft, target);
      sync(dirname(target), 'r');
      if (signs) await writeAtomically(checkpointFile(config.data), signCheckpoint(head, openSigner(config)));
      return { size: backup, report };
    } catch (error) {
      await ledger.close().catch(() => {});
      throw error;
    }
  } finally {
    clear();
  }
}

function skipped(products: string[]): string[] {
  if (products.length === 0) return [];
  return [
    `The next S/Ns of ${products.join(', ')} skip some numbers, because devices may have S/Ns that the restored ledger lacks`,
  ];
}

/** Returns an error that says which events are not covered by a signature, and what to do. */
function unprovenRefusal(file: string, copy: string, { size, signed }: Unproven): ClaimstampError {
  const types = typesAfter(copy, signed).map(({ type, count }) => `${count} ${type}`);
  return new ClaimstampError(
    UNFIT,
    `no signature covers ${size - signed} of the ${size} events of ${file}: ${types.join(', ')}. Someone may have added these events to the file. Use another backup. If another key signed this backup, give its public key: --key. If you know that the service recorded these events, for example because this is a copy of a ledger after a crash, give --keep-unproven: the service then issues nothing until an admin accepts the ledger; nothing was restored`,
  );
}

function commandOf(
  { keepTokens, keepUnproven, dropUnknown }: RestoreOptions,
  signed: number | undefined,
): RestoreAccess {
  return {
    kind: 'restore-access',
    actor: ACTOR,
    ...(signed === undefined ? {} : { signed }),
    ...(keepTokens ? { keepTokens } : {}),
    ...(keepUnproven ? { keepUnproven } : {}),
    ...(dropUnknown ? { dropUnknown } : {}),
  };
}

/**
 * Returns how many events a checkpoint covers. Uses only checkpoints that come from elsewhere or are signed by a known
 * key. Returns undefined if neither a checkpoint nor a key is known.
 */
function signedSize(copy: string, config: Config, options: RestoreOptions): number | undefined {
  const { checkpoints, known } = knownFrom(config, options);
  if (known.length === 0 && checkpoints.length === 0) return undefined;
  const kept = checkpointsIn(copy).filter(({ note }) => known.some((key) => isSigned(note, key)));
  return Math.max(0, ...kept.map(({ size }) => size), ...checkpoints.map((note) => parseCheckpoint(note).size));
}

/** If no key and no checkpoint is known from elsewhere, trusts any checkpoint: it proves no more than the backup. */
function isTrusted(note: string, config: Config, options: RestoreOptions): boolean {
  const { checkpoints, known } = knownFrom(config, options);
  if (known.length === 0 && checkpoints.length === 0) return true;
  const { text } = splitNote(note);
  return known.some((key) => isSigned(note, key)) || checkpoints.some((one) => splitNote(one).text === text);
}

/** Returns the keys and checkpoints that do not come from the backup. */
function knownFrom(config: Config, options: RestoreOptions): { checkpoints: string[]; known: OutsideKey[] } {
  const { checkpoints = [], keys = [] } = readOutside(options);
  const signer = readSigner(config);
  const own = signer === undefined ? [] : [{ publicKey: createPublicKey(signer.privateKey) }];
  return { checkpoints, known: keys.length > 0 ? keys.map(readOutsideKey) : own };
}

function isSigned(note: string, key: OutsideKey): boolean {
  try {
    return isSignedBy(note, key, parseCheckpoint(note).origin);
  } catch {
    return false;
  }
}

function sync(path: string, flags: 'r' | 'r+'): void {
  const handle = openSync(path, flags);
  fsyncSync(handle);
  closeSync(handle);
}

function copy(file: string, draft: string, target: string): void {
  try {
    copyFileSync(file, draft, constants.COPYFILE_EXCL);
    // The copy of a read-only backup would also be read-only, and the service could not write to the copy.
    chmodSync(draft, 0o600);
    sync(draft, 'r+');
  } catch (error) {
    const why = `${fileError(error)}; nothing was restored`;
    if (['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].includes(errorCode(error)))
      throw new ClaimstampError('invalid', `${file} cannot be copied: ${why}`);
    throw new ClaimstampError('disk-full', `${target} cannot be written: ${why}`);
  }
}

/**
 * If events were lost, or if no signature covers the newest events, the service issues nothing until an admin accepts
 * the ledger. Sometimes nobody can tell from the data folder whether events were lost, for example because the folder
 * is empty. In that case, the person who restores the ledger accepts it as it is. `signs` is true if a new checkpoint
 * file is needed for the restored ledger. The checkpoint with `root` shows that `lost` events are lost.
 */
async function continueOrHint(
  ledger: Ledger,
  config: Config,
  unproven: Unproven | undefined,
  replayed: Place | undefined,
): Promise<{ signs: boolean; lost: number; root?: string }> {
  const { data } = config;
  // Not said for a training copy, which always gets its own key.
  if (readSigner(config) === undefined && !config.training)
    hint(
      `${data} has no signing key, so a new one is made. To keep the former key instead, put its signing-key.pem into an empty folder, and restore into that folder`,
    );
  const signer = openSigner(config);
  // After a crash, there may be replayed events that are newer than the checkpoints in the folders.
  const places = [...(await readPlaces(data, foldersFor(config), signer)), ...(replayed ? [replayed] : [])];
  const found = await compareWithPlaces(ledger, places, {
    isShared: false,
    joins: false,
    unproven,
    key: publicKeyOf(signer),
  });
  if (found === undefined) return { signs: replayed !== undefined, lost: 0 };
  // The line's checkpoint is signed with the line's key, which a training copy does not have.
  if (found.is !== 'missing' || (!config.training && places.some(({ note }) => note !== undefined))) {
    hint(`WARNING: ${heldRefusal(found).message}`);
    if (!('seen' in found)) return { signs: false, lost: 0 };
    return { signs: false, lost: Math.max(0, found.seen.size - found.size), root: rootText(found.seen) };
  }
  if (!config.training)
    hint(
      `${data} has no checkpoint: it is unknown whether newer events were lost. The ledger records that a person accepted the ledger`,
    );
  await acceptLedger(ledger, found, { actor: ACTOR });
  return { signs: true, lost: 0 };
}

/**
 * The actor of events that are recorded by commands on this machine. Commands that send requests to a running service
 * have the same actor.
 */
const ACTOR = 'local';

import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Destination, Senders, Sent } from '../contract/checkpoints.ts';
import type { Config } from '../config.ts';
import { readWitness } from '../contract/proof-settings.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Checkpoints, Signer } from '../proof/checkpoint.ts';
import { toWebhook } from '../relay/webhook.ts';
import { toWitness } from '../relay/witness.ts';
import { checkpointCopy } from './checkpoints.ts';
import type { Log } from '../platform/log.ts';
import { writeAtomically } from '../platform/atomic-file.ts';
import { messageOf } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import { refuseLostDisk } from '../platform/other-disk.ts';
import { openBackupLines, type BackupLines } from '../sqlite/backup-lines.ts';
import { ledgerFile } from '../sqlite/sqlite-ledger.ts';
import { newestSize, type BackupNames } from './backup-schedule.ts';

/*
 * Sends each new checkpoint to destinations outside the data folder: folders, a webhook and witnesses. Only the newest
 * checkpoint is sent, because it covers all earlier events. If one destination does not answer, the other destinations
 * still get the checkpoint, and nothing else is delayed.
 */

/**
 * How long to wait after a failure before the next attempt, in ms. A destination that cannot be reached usually remains
 * unreachable for minutes.
 */
const RETRY_MS = 30_000;

/** How long a shutdown waits for destinations, in ms. Folders and witnesses usually answer much sooner. */
const CLOSE_MS = 2000;

export function openSenders(destinations: Destination[], log: Log, retryMs = RETRY_MS): Senders {
  const senders = destinations.map((destination) => openSender(destination, log, retryMs));
  return {
    offer(checkpoint) {
      for (const sender of senders) sender.offer(checkpoint);
    },
    async close() {
      await Promise.all(senders.map((sender) => sender.close()));
    },
  };
}

function openSender({ name, send }: Destination, log: Log, retryMs: number): Senders {
  const leaving = new AbortController();
  const closing = new AbortController();
  let waiting: Sent | undefined;
  let running: Promise<void> | undefined;
  /** What is wrong, while sending fails. */
  let failing: string | undefined;

  const attempt = async (checkpoint: Sent): Promise<void> => {
    try {
      await send(checkpoint, leaving.signal);
      if (failing !== undefined) log.info({ to: name }, 'checkpoints are sent again');
      failing = undefined;
    } catch (error) {
      if (leaving.signal.aborted) return;
      const detail = messageOf(error);
      if (detail !== failing) log.warn({ to: name, detail }, 'a checkpoint could not be sent: the service tries again');
      failing = detail;
      waiting ??= checkpoint;
    }
  };
  const run = async (): Promise<void> => {
    while (waiting !== undefined) {
      const checkpoint = waiting;
      waiting = undefined;
      await attempt(checkpoint);
      if (failing === undefined) continue;
      // A service that is stopping does not retry, because it sends a newer checkpoint after its next start.
      if (closing.signal.aborted) return;
      await sleep(retryMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  };
  return {
    offer(checkpoint) {
      waiting = checkpoint;
      running ??= run().finally(() => (running = undefined));
    },
    async close() {
      closing.abort();
      const late = new AbortController();
      await Promise.race([running, sleep(CLOSE_MS, undefined, { signal: late.signal }).catch(() => {})]);
      late.abort();
      leaving.abort();
    },
  };
}

/**
 * Sends a copy of the checkpoint to another folder. Like the backup folder, this folder must exist. Before sending the
 * checkpoint, the service writes the lines of the new events to the backup folder. So after a crash, all events that
 * the checkpoint covers can be restored from this folder.
 */
function toFolder(file: string, data: string, lines: BackupLines | undefined, refuse: Refuse): Destination {
  return {
    name: file,
    async send(checkpoint, signal) {
      await refuse();
      // Each of the two is tried, and each problem is told, because a full disk may have space for only one of them.
      const [unsaved] = await Promise.allSettled([lines?.append(checkpoint, signal)]);
      const [unsent] = await Promise.allSettled([copyTo(file, data, checkpoint)]);
      const problems = [unsaved, unsent].flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []));
      if (problems.length > 0) throw new Error(problems.join('; '));
    },
  };
}

async function copyTo(file: string, data: string, { note }: Sent): Promise<void> {
  try {
    await refuseLostDisk(dirname(file), data);
    await writeAtomically(file, note);
  } catch (error) {
    throw new Error(`the checkpoint: ${fileError(error)}`, { cause: error });
  }
}

/** Throws if another machine has taken over the ledger, because then only that machine may write to the folder. */
type Refuse = () => Promise<void>;

/**
 * Returns undefined if there is no backup folder. Also returns undefined for a ledger in PostgreSQL, because PostgreSQL
 * has its own archive.
 */
export function backupLinesFor({ backupFolder, ledger, data }: Config, names: BackupNames): BackupLines | undefined {
  if (backupFolder === undefined || ledger !== undefined) return undefined;
  return openBackupLines({
    ledger: ledgerFile(data),
    folder: backupFolder,
    log: names.log,
    refuse: () => refuseLostDisk(backupFolder, data),
    newestBackup: (list, size) => newestSize(list, names, size),
  });
}

/** Returns the folders that get a copy of the newest checkpoint. */
export function foldersFor({ backupFolder, checkpointFolder }: Config): string[] {
  return [...new Set([backupFolder, checkpointFolder].flatMap((folder) => folder ?? []))];
}

interface DestinationParts {
  signer: Signer;
  ledger: Ledger;
  lines: BackupLines | undefined;
  cosigned: Checkpoints['cosign'];
  refuse: Refuse;
}

export function destinationsFor(config: Config, parts: DestinationParts): Destination[] {
  const { signer, ledger, lines, cosigned, refuse } = parts;
  const { backupFolder, checkpointWebhook, data, witnesses } = config;
  const witnessed = {
    size: async () => (await ledger.head()).size,
    consistency: (from: number, to: number) => ledger.consistency(from, to),
    cosigned,
  };
  return [
    ...foldersFor(config).map((folder) =>
      toFolder(checkpointCopy(folder, signer), data, folder === backupFolder ? lines : undefined, refuse),
    ),
    ...(checkpointWebhook === undefined ? [] : [toWebhook(checkpointWebhook)]),
    ...witnesses.map((witness) => toWitness(readWitness(witness), witnessed)),
  ];
}

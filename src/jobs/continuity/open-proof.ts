import type { Config } from '../../config.ts';
import { publishing, type Hub } from '../../contract/hub.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { Log } from '../../platform/log.ts';
import { keyName, type Signer } from '../../proof/checkpoint.ts';
import type { Place } from '../../proof/rollback.ts';
import type { BackupLines } from '../../sqlite/backup-lines.ts';
import { backupNames, type BackupNames } from '../backup-schedule.ts';
import { openCheckpoints, readPlaces, type CheckpointSchedule } from '../checkpoints.ts';
import { hasJoined } from '../open-ledger.ts';
import { guardLedger, type GuardedLedger } from '../rollback-guard.ts';
import { useNextKey } from '../rotate-key.ts';
import { backupLinesFor, destinationsFor, foldersFor, openSenders } from '../send-checkpoints.ts';
import { openSigner } from '../signer.ts';
import { watchTakeOver, type TakeOverOptions, type TakeOverWatch } from './take-over.ts';

interface ProofParts {
  config: Config;
  log: Log;
  hub: Hub;
  now: () => number;
  /** True if this process uses the shared ledger for the first time. */
  joins: boolean;
}

export interface Proof {
  signer: Signer;
  guard: GuardedLedger;
  /** The ledger, protected by `guard`. It also tells screens about its changes. */
  ledger: Ledger;
  checkpoints: CheckpointSchedule;
  names: BackupNames;
  lines: BackupLines | undefined;
}

/**
 * Compares the ledger with the last checkpoint that was stored outside the ledger. The comparison must happen before
 * the first event is written.
 */
export async function openProof(opened: Ledger, { config, log, hub, now, joins }: ProofParts): Promise<Proof> {
  const { data } = config;
  await useNextKey(config);
  const signer = openSigner(config);
  const read = (): Promise<Place[]> => readPlaces(data, foldersFor(config), signer);
  const places = await read();
  const takeBack = (): Promise<void> => takeOver.takeBack();
  const isShared = config.ledger !== undefined;
  const guard = await guardLedger(opened, {
    signer,
    places,
    readPlaces: read,
    site: () => config.site,
    isShared,
    joins,
    data,
    log,
    takeBack,
  });
  const ledger = publishing(guard.ledger, hub);
  const names = backupNames(keyName(signer.privateKey));
  const hold: TakeOverOptions['hold'] = async (found) => guard.hold(found).then(() => hub.publish());
  const release = (): void => {
    if (guard.release()) hub.publish();
  };
  const takeOver = watchTakeOver({ config, log, logId: names.log, now, hold, release });
  await takeOver.look();
  const lines = backupLinesFor(config, names);
  const cosigned: CheckpointSchedule['cosign'] = (...given) => checkpoints.cosign(...given);
  const destinations = destinationsFor(config, { signer, ledger, lines, cosigned, refuse: takeOver.refuse });
  const senders = openSenders(destinations, log);
  const checkpoints: CheckpointSchedule = openCheckpoints({
    ledger,
    signer,
    data,
    log,
    held: guard.discontinuity,
    senders,
  });
  await checkpoints.begin();
  hasJoined(data);
  return { signer, guard, ledger, checkpoints: watched(checkpoints, takeOver), names, lines };
}

/** Returns the schedule of checkpoints, which now also checks regularly whether another machine has taken over. */
function watched(checkpoints: CheckpointSchedule, takeOver: TakeOverWatch): CheckpointSchedule {
  return {
    ...checkpoints,
    start() {
      checkpoints.start();
      takeOver.start();
    },
    async close() {
      takeOver.close();
      await checkpoints.close();
    },
  };
}

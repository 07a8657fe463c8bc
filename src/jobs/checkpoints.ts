import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signCheckpoint, type Checkpoints, type KeptCheckpoint, type Signer } from '../proof/checkpoint.ts';
import type { Ledger } from '../contract/ledger.ts';
import type { Log } from '../platform/log.ts';
import { messageOf } from '../platform/error.ts';

/** A checkpoint is due 10 s after the ledger grew. The service looks every 5 s, to allow for a slow disk. */
const LOOK_EVERY_MS = 5000;

/** The file of the newest checkpoint. It is outside the ledger, so restoring an older ledger does not replace it. */
export function checkpointFile(data: string): string {
  return join(data, 'checkpoint');
}

export interface CheckpointSchedule extends Checkpoints {
  /** Starts to make checkpoints regularly. Short commands do not call this. For them, `close` makes the checkpoint. */
  start: () => void;
  /** Stops the regular checkpoints and makes a last one. */
  close: () => Promise<void>;
}

export interface CheckpointScheduleOptions {
  ledger: Ledger;
  signer: Signer;
  data: string;
  log: Log;
  /** True while the file's checkpoint contradicts the ledger. The file is kept until an admin accepts the ledger. */
  isSuspended: () => boolean;
}

export function openCheckpoints(options: CheckpointScheduleOptions): CheckpointSchedule {
  const { ledger, signer, data, log, isSuspended } = options;
  let written = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let failing = false;

  async function keep(head: { size: number; root: Uint8Array }): Promise<KeptCheckpoint> {
    const { size } = head;
    const note = signCheckpoint(head, signer);
    const known = await ledger.checkpoint(size);
    // Ed25519 signatures are deterministic, so the same tree head always gives the same note.
    if (known?.note !== note) await ledger.record({ kind: 'keep-checkpoint', size, note });
    if (size > written && !isSuspended()) {
      await writeFlushed(checkpointFile(data), note);
      written = size;
    }
    return (await ledger.checkpoint(size)) ?? { size, note, at: Date.now() };
  }
  /** Makes one checkpoint at a time. Otherwise an older checkpoint could overwrite a newer one in the file. */
  const inTurn = (make: () => Promise<KeptCheckpoint>): Promise<KeptCheckpoint> => {
    const made = turn.then(make);
    turn = made.catch(() => {});
    return made;
  };
  const make = (): Promise<KeptCheckpoint> => inTurn(async () => keep(await ledger.head()));
  /** Warns once, and again only after a checkpoint succeeded. An unwritable ledger is also logged elsewhere. */
  const attempt = async (): Promise<void> => {
    try {
      await make();
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ detail: messageOf(error) }, 'no checkpoint could be made: the next attempt follows');
      failing = true;
    }
  };
  return {
    make,
    sign: (head) => inTurn(async () => keep(head)),
    start: () => void (timer = setInterval(() => void attempt(), LOOK_EVERY_MS)),
    async close() {
      clearInterval(timer);
      await attempt();
    },
  };
}

async function writeFlushed(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await rename(draft, file);
}

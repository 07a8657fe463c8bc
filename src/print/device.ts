import { constants, open, type FileHandle } from 'node:fs/promises';
import type { Attempt, Job, Outcome, Stop } from '../model/printing/sending.ts';
import { errorCode, messageOf } from '../platform/error.ts';
import { own } from '../platform/own.ts';
import { seconds, within } from './socket.ts';

/** A printer that is a file on this computer: a USB printer on Linux, or a shared printer on Windows. */
export interface Device {
  /** For example, `/dev/usb/lp0`, or `\\host\share` on Windows. */
  path: string;
}

/** The maximum time (ms) for opening the device. */
const OPEN_MS = 5_000;

/** How long, in ms, a device must have accepted no bytes before it counts as stopped. */
const STALL_MS = 10_000;

/** The drivers of USB printers accept a few KiB at a time. */
const SLICE_BYTES = 64 * 1024;

/**
 * Writes a label to a device. A device does not report back, so the best possible result is `sent`, which means that
 * it accepted all bytes. A printer that has run out of labels accepts no bytes. The printer continues when someone
 * has loaded new labels.
 */
export async function sendDevice({ path }: Device, job: Job, attempt: Attempt): Promise<Outcome> {
  const late = `${path} did not open in ${seconds(OPEN_MS)}: is the printer switched on?`;
  const opened = await within(open(path, flagsFor(path)), OPEN_MS, late, attempt.signal).catch(
    (error: unknown) => error,
  );
  if (!isHandle(opened)) return notOpened(path, opened);
  try {
    await attempt.firstByte();
    // The bytes become available only after `firstByte` (cli/print-agent/agent.ts).
    const { bytes } = job;
    for (let at = 0; at < bytes.length; at += SLICE_BYTES)
      await written(opened, bytes.subarray(at, at + SLICE_BYTES), attempt);
  } finally {
    // Closing a stuck device may never end, so this code does not wait for it.
    void opened.close().catch(() => {});
  }
  return { state: 'sent' };
}

/**
 * A Windows share must be opened like a new file. A Linux device must already exist. Otherwise, a mistyped path would
 * create a file.
 */
function flagsFor(path: string): string | number {
  return path.startsWith('\\\\') ? 'w' : constants.O_WRONLY | constants.O_APPEND;
}

function isHandle(opened: unknown): opened is FileHandle {
  return typeof opened === 'object' && opened !== null && 'fd' in opened;
}

const REFUSED: { [code: string]: Stop & { what: 'refuses' | 'notReached' } } = {
  ENOENT: { what: 'notReached', said: 'is missing: plug the printer in, and switch it on' },
  ENODEV: { what: 'notReached', said: 'has no printer: plug the printer in, and switch it on' },
  ENXIO: { what: 'notReached', said: 'has no printer: plug the printer in, and switch it on' },
  EBUSY: { what: 'refuses', said: 'is used by another program: stop that program, or print to its queue' },
  EACCES: { what: 'refuses', said: 'cannot be written by the user of the print agent: add this user to the group lp' },
  EPERM: { what: 'refuses', said: 'cannot be written by the user of the print agent: add this user to the group lp' },
};

function notOpened(path: string, error: unknown): Outcome {
  const { what, said } = own(REFUSED, errorCode(error)) ?? { what: 'notReached', said: `: ${messageOf(error)}` };
  const reason = error instanceof Error && errorCode(error) === '' ? error.message : `${path} ${said}`;
  return { state: 'queued', what, reason };
}

/** Writes a slice, no matter how long the device takes. After `STALL_MS`, the device counts as stopped. */
async function written(device: FileHandle, slice: Uint8Array, attempt: Attempt): Promise<void> {
  const said = `it accepted no bytes for ${seconds(STALL_MS)}: check its labels and its lid`;
  let isStalled = false;
  const stalled = setTimeout(() => {
    isStalled = true;
    attempt.accepted({ what: 'stopped', said });
  }, STALL_MS);
  try {
    await unlessStopped(device.appendFile(slice), attempt.signal);
  } finally {
    clearTimeout(stalled);
  }
  if (isStalled) attempt.accepted();
}

function unlessStopped(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('sending was stopped'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

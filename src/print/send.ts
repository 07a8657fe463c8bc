import { sendFile } from './file.ts';
import { sendIpp } from './ipp.ts';
import { formatOf, type Printer } from '../model/printer.ts';
import type { Attempt, Hooks, Job, Login, Outcome, Places, Send } from '../model/printing/sending.ts';
import type { AgentChannel } from './agents.ts';
import { sendRaw } from './raw9100.ts';
import { isCode } from '../platform/error.ts';
import type { PrinterPlaces } from './places.ts';
import type { LoginOf } from './passwords.ts';
import { sentenceOf } from './socket.ts';

/** The maximum size of a print job. For comparison, the PDF of a 10,000-label roll is about 10 MB in size. */
export const MAX_JOB_BYTES = 64 * 1024 * 1024;
/** The largest value of `copies` that IPP printers support. The API limits `copies` to the same value. */
const MAX_COPIES = 1000;

const STOPPED = 'sending was stopped';

export const sender =
  (
    places: Pick<PrinterPlaces, 'of' | 'actual'>,
    agents: Pick<AgentChannel, 'send'>,
    loginOf: LoginOf = () => undefined,
  ): Send =>
  async (named, job, hooks, signal) => {
    const printer = places.actual(named);
    const flaw = flawOf(printer, job);
    if (flaw !== undefined) return naming(printer, { state: 'failed', reason: flaw, mayHaveLeft: false });
    const way = { places: places.of(printer), login: loginOf(printer), hooks, signal };
    return naming(printer, await attemptOnce(way, (attempt) => deliver(printer, job, attempt, agents)));
  };

interface Way {
  places: Places;
  login?: Login | undefined;
  hooks: Hooks;
  signal: AbortSignal;
}

/** Keeps promise 7 (docs/promises.md): after `firstByte` has been called, every failure has the result `unknown`. */
export async function attemptOnce(
  { places, login, hooks, signal }: Way,
  deliverOnce: (attempt: Attempt) => Promise<Outcome>,
): Promise<Outcome> {
  let mayHaveLeft = false;
  const attempt: Attempt = {
    signal,
    places,
    login,
    accepted: (stopped) => hooks.onAccepted?.(stopped),
    isWary: hooks.isWary === true,
    firstByte: async (socket) => {
      await hooks.onSending();
      if (signal.aborted) throw new Error(STOPPED);
      if (socket !== undefined && (socket.destroyed || socket.readableEnded)) {
        throw new Error(
          'the printer closed the connection before anything was sent to it: another computer may be using the printer',
        );
      }
      mayHaveLeft = true;
    },
  };
  try {
    if (signal.aborted) throw new Error(STOPPED);
    return await deliverOnce(attempt);
  } catch (error) {
    const reason = sentenceOf(error);
    if (mayHaveLeft) return { state: 'unknown', reason };
    // The settings do not allow this job, so it would wait until someone changes the settings. Instead, the job fails,
    // and a person can reprint the label after changing the settings.
    if (isRefusal(error)) return { state: 'failed', reason, mayHaveLeft };
    return { state: 'queued', what: 'notReached', reason };
  }
}

function isRefusal(error: unknown): boolean {
  return isCode(error, 'printer-address-refused') || isCode(error, 'printer-folder-refused');
}

function deliver(printer: Printer, job: Job, attempt: Attempt, agents: Pick<AgentChannel, 'send'>): Promise<Outcome> {
  switch (printer.kind) {
    case 'raw9100':
      return sendRaw(printer, job, attempt);
    case 'ipp':
      return sendIpp(printer, job, attempt);
    case 'file':
      return sendFile(printer, job, attempt);
    case 'agent':
      return agents.send(printer, job, attempt);
  }
}

/** Returns why the job can never be printed, or undefined. */
function flawOf(printer: Printer, job: Job): string | undefined {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(job.id)) {
    return 'the job id must be 1 to 64 letters, digits, ".", "_" or "-"';
  }
  if (job.format !== formatOf(printer)) {
    return `the printer prints ${formatOf(printer).toUpperCase()}, but the job is ${job.format.toUpperCase()}: render the job again`;
  }
  if (job.bytes.length === 0 || job.bytes.length > MAX_JOB_BYTES) {
    return `the job has ${job.bytes.length} bytes, but 1 to ${MAX_JOB_BYTES} are allowed`;
  }
  const most = printer.kind === 'ipp' ? MAX_COPIES : 1;
  if (!Number.isInteger(job.copies) || job.copies < 1 || job.copies > most) {
    return `the number of copies is ${job.copies}, but the maximum is ${most}: repeat the label in the job instead`;
  }
  return undefined;
}

function naming(printer: Printer, outcome: Outcome): Outcome {
  if (outcome.state === 'failed' || outcome.state === 'queued')
    return { ...outcome, reason: `printer ${printer.name}: ${outcome.reason}` };
  if (outcome.state !== 'unknown') return outcome;
  return {
    state: 'unknown',
    reason: `printer ${printer.name}: ${outcome.reason}; the label may have been printed: check the printer`,
  };
}

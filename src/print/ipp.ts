import { all, decode, encode, GROUP, namesOf, type Attribute, type IppMessage } from './ipp-message.ts';
import {
  addressed,
  askPrinter,
  lacksPdf,
  plain,
  QUESTION_MS,
  stopOf,
  targetOf,
  waitsByHttp,
  waitsByIpp,
  whatOf,
  type Target,
} from './ipp-printer.ts';
import { isSuccess, NO_PDF, statusOf } from './ipp-status.ts';
import { post, type Reply } from './post.ts';
import type { IppPrinter } from '../model/printer.ts';
import type { Attempt, Job, Outcome } from '../model/printing/sending.ts';
import { pause, seconds } from './socket.ts';
import { defined } from '../platform/own.ts';

/*
 * Prints over IPP (RFC 8010 and 8011), without a library. The printer is queried first, and then one Print-Job request
 * sends the PDF. After that, Get-Job-Attributes requests are repeated until the printer reports how the job ended.
 * Queries can safely be repeated, because they print nothing.
 */

const PRINT_JOB = 0x0002;
const VALIDATE_JOB = 0x0004;
const GET_JOB_ATTRIBUTES = 0x0009;

/** `job-state` (RFC 8011, 5.3.7). */
const STATES: { [state: number]: string } = {
  3: 'pending',
  4: 'pending-held',
  5: 'processing',
  6: 'processing-stopped',
  7: 'canceled',
  8: 'aborted',
  9: 'completed',
};
const HELD = 4;
const STOPPED = 6;
const CANCELED = 7;
const ABORTED = 8;
const COMPLETED = 9;

/**
 * Printing a label takes a second or two, so the first queries for the state follow each other quickly. Later queries
 * are less frequent, so that printers are not overloaded.
 */
const FIRST_POLL_MS = 200;
const SLOWEST_POLL_MS = 2_000;

/** The maximum number of bytes of a `name` value (RFC 8011, 5.1.3). */
const MAX_NAME_BYTES = 255;
export async function sendIpp(printer: IppPrinter, job: Job, attempt: Attempt): Promise<Outcome> {
  const asked = await askPrinter(printer, targetOf(printer, attempt.places, attempt.login), attempt.signal);
  if ('waits' in asked) return asked.waits;
  const { target } = asked;
  // Some printers cannot interpret a PDF, and print its source as text.
  if ('report' in asked && lacksPdf(asked.report)) return { state: 'failed', reason: NO_PDF, mayHaveLeft: false };
  const stop = 'report' in asked ? stopOf(asked.report) : undefined;
  if (stop) return { state: 'queued', what: stop.what, reason: stop.said };
  const waits = attempt.isWary ? await whyNot(printer, target, job, attempt.signal) : undefined;
  if (waits) return waits;
  const reply = await post(target, {
    body: () => Buffer.concat([requestFor(PRINT_JOB, printer, target, job), job.bytes]),
    connectMs: printer.connectMs,
    answerMs: printer.answerMs,
    signal: attempt.signal,
    firstByte: attempt.firstByte,
  });
  const refusal = waitsByHttp(reply, target.login) ?? refusalByHttp(reply);
  if (refusal) return refusal;
  const message = decode(reply.body);
  if (!isSuccess(message.status)) return refusalByIpp(message);
  const accepted = jobIn(message);
  if (accepted.id === undefined) throw new Error('the printer accepted the job without a job number');
  report(accepted, attempt);
  const ended = endOf(accepted) ?? (await follow(printer, target, accepted, attempt));
  return ended.state === 'done' ? honoured(ended, message) : ended;
}

/**
 * Asks whether the printer would accept this job (Validate-Job), without sending it. Printers answer as they would
 * answer Print-Job (RFC 8011, 4.2.3). The function `whyNot` returns a result only if the job has to wait. In all other
 * cases, Print-Job is sent, and the answer to Print-Job decides.
 */
async function whyNot(
  printer: IppPrinter,
  target: Target,
  job: Job,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const body = requestFor(VALIDATE_JOB, printer, target, job);
  const reply = await post(target, { body, connectMs: printer.connectMs, answerMs: QUESTION_MS, signal });
  if (reply.status !== 200 || reply.body.length === 0) return waitsByHttp(reply, target.login);
  return waitsByIpp(decode(reply.body));
}

function requestFor(
  operation: typeof PRINT_JOB | typeof VALIDATE_JOB,
  printer: IppPrinter,
  target: Target,
  job: Job,
): Buffer {
  const jobAttributes: Attribute[] = [
    ['integer', 'copies', job.copies],
    // If the printer scaled the label, bars and modules would no longer align with the printer's dots.
    ['keyword', 'print-scaling', 'none'],
  ];
  if (printer.media !== undefined) jobAttributes.push(['keyword', 'media', printer.media]);
  const operationAttributes: Attribute[] = [
    ...addressed(target),
    ['name', 'requesting-user-name', 'claimstamp'],
    ['name', 'job-name', clipped(job.name)],
    ['mimeType', 'document-format', 'application/pdf'],
  ];
  return encode(
    operation,
    1,
    [
      [GROUP.operation, operationAttributes],
      [GROUP.job, jobAttributes],
    ],
    target.version,
  );
}

/** Shortens the text to at most 255 bytes. Never cuts inside a character. */
function clipped(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_NAME_BYTES) return text;
  return bytes.toString('utf8', 0, MAX_NAME_BYTES).replace(/\uFFFD+$/, '');
}

/** Redirects are refused, because labels must be sent only to the address in the settings. */
function refusalByHttp({ status, location, body }: Reply): Outcome | undefined {
  if (status === 200 && body.length > 0) return undefined;
  if (status < 300 || status >= 500) throw new Error(`the printer answered with HTTP status ${status} and no IPP`);
  const reason =
    status < 400
      ? `the printer redirects to a different address (HTTP status ${status}, ${plain(location ?? 'unknown')}): correct the address in the settings`
      : `the printer refused the job with HTTP status ${status}: ${httpAdvice(status)}`;
  return { state: 'failed', reason, mayHaveLeft: false };
}

function httpAdvice(status: number): string {
  if (status === 413) return 'print fewer labels in one job';
  if (status === 426) return 'the printer requires TLS: use ipps:// in the settings';
  return 'check the address in the settings';
}

function refusalByIpp(message: IppMessage): Outcome {
  const isCreated = jobIn(message).id !== undefined;
  const waits = isCreated ? undefined : waitsByIpp(message);
  if (waits) return waits;
  const unsupported = namesOf(message, GROUP.unsupported);
  // If the format is not supported, some printers (such as ippeveprinter) list this attribute as unsupported instead of
  // returning the proper status.
  const noFormat = unsupported.includes('document-format') ? statusOf(FORMAT_NOT_SUPPORTED).advice : undefined;
  const { name, kind, advice = 'look at the printer’s screen' } = statusOf(message.status);
  const details = [plain(all(message, GROUP.operation, 'status-message')[0] ?? ''), ...unsupported.map(plain)];
  const said = details.filter((detail) => detail !== '').join(', ');
  return {
    state: 'failed',
    reason: `the printer refused the job with ${name}${said === '' ? '' : ` (${said})`}: ${noFormat ?? advice}`,
    // If the answer contains a job number, the printer has created the job.
    mayHaveLeft: kind === 'broken' || isCreated,
  };
}

const FORMAT_NOT_SUPPORTED = 0x040a;

export interface JobStatus {
  id: number | undefined;
  name: string;
  state: number | undefined;
  reasons: string[];
  message: string;
}

export function jobIn(message: IppMessage): JobStatus {
  const id = all(message, GROUP.job, 'job-id')[0];
  const state = all(message, GROUP.job, 'job-state')[0];
  return {
    id: typeof id === 'number' && id > 0 ? id : undefined,
    name: plain(all(message, GROUP.job, 'job-name')[0] ?? ''),
    state: typeof state === 'number' ? state : undefined,
    reasons: all(message, GROUP.job, 'job-state-reasons').map(plain),
    message: plain(all(message, GROUP.job, 'job-state-message')[0] ?? ''),
  };
}

/** Returns how the job ended, or undefined if it has not ended yet. */
export function endOf(job: JobStatus): Outcome | undefined {
  const flawed = job.reasons.includes('job-completed-with-errors');
  if (job.state === COMPLETED && !flawed) return { state: 'done' };
  if (job.state !== COMPLETED && job.state !== CANCELED && job.state !== ABORTED) return undefined;
  return { state: 'failed', reason: `${described(job)}: part of the job may have been printed`, mayHaveLeft: true };
}

function described({ id, state, reasons, message }: JobStatus): string {
  const name = state === undefined ? 'in an unknown state' : (STATES[state] ?? `in state ${state}`);
  const details = [...reasons.filter((reason) => reason !== 'none'), ...(message === '' ? [] : [`“${message}”`])];
  return `job ${id} at the printer is ${name}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}

/**
 * Queries the printer until the job has ended. As long as the printer reports that it is working on the job or has
 * stopped, there is no time limit. Throws if the printer has reported nothing about the job for `doneMs`, if the signal
 * aborts, or if the printer no longer has the job.
 */
export async function follow(
  printer: IppPrinter,
  target: Target,
  job: JobStatus,
  attempt: Following,
): Promise<Outcome> {
  const { signal } = attempt;
  let last = job;
  let heard = performance.now();
  for (let ms = FIRST_POLL_MS; ; ms = Math.min(ms * 2, SLOWEST_POLL_MS)) {
    await pause(ms, signal);
    if (signal.aborted) throw new Error(`sending was stopped: ${described(last)}`);
    const message = await askAbout(printer, target, defined(job.id), signal);
    if (message === undefined || !isSuccess(message.status)) {
      // Any other error status may be temporary, so the query is repeated.
      if (message !== undefined && FORGOTTEN.includes(message.status))
        throw new Error(
          `the printer no longer knows job ${job.id}, which was ${STATES[last.state ?? 0] ?? 'accepted'} before`,
        );
      if (performance.now() - heard > printer.doneMs)
        throw new Error(`the printer said nothing about the job for ${seconds(printer.doneMs)}: ${described(last)}`);
      continue;
    }
    heard = performance.now();
    last = { ...jobIn(message), id: job.id };
    const end = endOf(last);
    if (end) return end;
    report(last, attempt);
  }
}

type Following = Pick<Attempt, 'accepted' | 'signal'>;

/**
 * If the printer has stopped, reports it, because a person has to do something, such as insert labels or close the lid.
 */
function report(job: JobStatus, attempt: Following): void {
  const isStopped = job.state === STOPPED || job.state === HELD || job.reasons.some((one) => one === 'printer-stopped');
  attempt.accepted(isStopped ? { what: whatOf(job.reasons), said: described(job) } : undefined);
}

/**
 * The statuses client-error-not-found and client-error-gone. A printer that no longer knows a finished job answers with
 * one of these.
 */
const FORGOTTEN = [0x0406, 0x0407];

/**
 * Returns undefined if the printer did not answer. Many printers accept no connections while they print, so a missing
 * answer is normal.
 */
async function askAbout(
  printer: IppPrinter,
  target: Target,
  jobId: number,
  signal: AbortSignal,
): Promise<IppMessage | undefined> {
  const asked: Attribute[] = [
    ...addressed(target),
    ['integer', 'job-id', jobId],
    ['name', 'requesting-user-name', 'claimstamp'],
    ['keyword', 'requested-attributes', 'job-id', 'job-state', 'job-state-reasons', 'job-state-message'],
  ];
  const body = encode(GET_JOB_ATTRIBUTES, 2, [[GROUP.operation, asked]], target.version);
  const question = { body, connectMs: printer.connectMs, answerMs: QUESTION_MS, signal };
  try {
    const reply = await post(target, question);
    return reply.status === 200 ? decode(reply.body) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Printers may ignore attributes that they do not support. If the printer ignored the number of copies, the job counts
 * as failed.
 */
function honoured(done: Outcome, accepted: IppMessage): Outcome {
  const ignored = namesOf(accepted, GROUP.unsupported).filter((name) => name === 'copies' || name === 'media');
  if (ignored.length === 0) return done;
  return {
    state: 'failed',
    reason: `the printer printed the job, but ignored ${ignored.join(' and ')}`,
    mayHaveLeft: true,
  };
}

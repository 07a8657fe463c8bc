import { all, decode, encode, GROUP, namesOf, type Attribute, type IppMessage } from './ipp-message.ts';
import { isSuccess, statusOf } from './ipp-status.ts';
import { post, type Reply } from './post.ts';
import {
  parsePrinterUrl,
  type Attempt,
  type IppPrinter,
  type Job,
  type Outcome,
  type Places,
} from '../model/printer.ts';
import { pause, seconds, type Endpoint } from './socket.ts';
import { own, defined } from '../platform/own.ts';

/*
 * Prints over IPP (RFC 8010 and 8011), without a library. One Print-Job request sends the PDF. After that,
 * Get-Job-Attributes requests are repeated until the printer reports how the job ended. Get-Job-Attributes requests can
 * safely be repeated, because they print nothing.
 */

const PRINT_JOB = 0x0002;
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
 * Printing a label takes a second or two, so the requests for the state are frequent at first. Later requests for the
 * state are less frequent, so that printers are not overloaded.
 */
const FIRST_POLL_MS = 200;
const SLOWEST_POLL_MS = 2_000;
/**
 * The time limit of one Get-Job-Attributes request. The requests for the state are repeated until `doneMs` has passed.
 */
const POLL_ANSWER_MS = 5_000;

/** The maximum number of bytes of a `name` value (RFC 8011, 5.1.3). */
const MAX_NAME_BYTES = 255;
/** The maximum length of a printer's message in characters. The message of a printer must fit on a screen. */
const MAX_MESSAGE = 200;

export async function sendIpp(printer: IppPrinter, job: Job, attempt: Attempt): Promise<Outcome> {
  const target = targetOf(printer, attempt.places);
  const reply = await post(target, {
    body: Buffer.concat([printJob(printer, target, job), job.bytes]),
    connectMs: printer.connectMs,
    answerMs: printer.answerMs,
    signal: attempt.signal,
    firstByte: attempt.firstByte,
  });
  const refusal = refusalByHttp(reply);
  if (refusal) return refusal;
  const message = decode(reply.body);
  if (!isSuccess(message.status)) return refusalByIpp(message);
  const accepted = jobIn(message);
  if (accepted.id === undefined) throw new Error('the printer accepted the job without a job number');
  report(accepted, attempt);
  const ended = endOf(accepted) ?? (await follow(printer, target, accepted, attempt));
  return ended.state === 'done' ? honoured(ended, message) : ended;
}

interface Target extends Endpoint {
  path: string;
  /** The address of the printer with the scheme `ipp` or `ipps`, as printers expect. */
  uri: string;
}

const PORTS: { [protocol: string]: number } = { 'ipp:': 631, 'ipps:': 631, 'http:': 80, 'https:': 443 };

function targetOf(printer: IppPrinter, places: Places): Target {
  const { url, host } = defined(parsePrinterUrl(printer.url));
  const secure = url.protocol === 'ipps:' || url.protocol === 'https:';
  const port = url.port === '' ? defined(own(PORTS, url.protocol)) : Number(url.port);
  const path = `${url.pathname === '' ? '/' : url.pathname}${url.search}`;
  const target: Target = {
    host,
    port,
    places,
    path,
    uri: `${secure ? 'ipps' : 'ipp'}://${url.hostname}:${port}${path}`,
  };
  return secure ? { ...target, tls: { fingerprint: printer.certificate } } : target;
}

/** Every IPP request begins with these three attributes, in this order (RFC 8011, 4.1.4 and 4.1.5). */
function addressed(target: Target): Attribute[] {
  return [
    ['charset', 'attributes-charset', 'utf-8'],
    ['language', 'attributes-natural-language', 'en'],
    ['uri', 'printer-uri', target.uri],
  ];
}

function printJob(printer: IppPrinter, target: Target, job: Job): Buffer {
  const jobAttributes: Attribute[] = [
    ['integer', 'copies', job.copies],
    // If the printer scaled the label, bars and modules would no longer match the printer's dots.
    ['keyword', 'print-scaling', 'none'],
  ];
  if (printer.media !== undefined) jobAttributes.push(['keyword', 'media', printer.media]);
  return encode(PRINT_JOB, 1, [
    [
      GROUP.operation,
      [
        ...addressed(target),
        ['name', 'requesting-user-name', 'claimstamp'],
        ['name', 'job-name', clipped(job.name)],
        ['mimeType', 'document-format', 'application/pdf'],
      ],
    ],
    [GROUP.job, jobAttributes],
  ]);
}

/** Shortens the text to at most 255 bytes. The text is never cut inside a character. */
function clipped(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_NAME_BYTES) return text;
  return bytes.toString('utf8', 0, MAX_NAME_BYTES).replace(/\uFFFD+$/, '');
}

/** Redirects are refused, because labels must go only to the address in the settings. */
function refusalByHttp({ status, location, body }: Reply): Outcome | undefined {
  if (status === 200 && body.length > 0) return undefined;
  if (status < 300 || status >= 500) throw new Error(`the printer answered with HTTP status ${status} and no IPP`);
  const reason =
    status < 400
      ? `the printer redirects to another address (HTTP status ${status}, ${plain(location ?? 'unknown')}): correct the address in the settings`
      : `the printer refused the job with HTTP status ${status}: ${httpAdvice(status)}`;
  return { state: 'failed', reason, mayHaveLeft: false };
}

function httpAdvice(status: number): string {
  if (status === 401 || status === 403) return 'allow this computer to print in the printer’s own settings';
  if (status === 413) return 'print fewer labels in one job';
  if (status === 426) return 'the printer requires TLS: use ipps:// in the settings';
  return 'check the address in the settings';
}

function refusalByIpp(message: IppMessage): Outcome {
  const unsupported = namesOf(message, GROUP.unsupported);
  // Instead of the status for an unsupported format, some printers (such as ippeveprinter) name this attribute as
  // unsupported.
  const noFormat = unsupported.includes('document-format') ? statusOf(FORMAT_NOT_SUPPORTED).advice : undefined;
  const { name, refused, advice = 'look at the printer’s screen' } = statusOf(message.status);
  const details = [plain(all(message, GROUP.operation, 'status-message')[0] ?? ''), ...unsupported.map(plain)];
  const said = details.filter((detail) => detail !== '').join(', ');
  return {
    state: 'failed',
    reason: `the printer refused the job with ${name}${said === '' ? '' : ` (${said})`}: ${noFormat ?? advice}`,
    // If the answer has a job number, the printer has created the job.
    mayHaveLeft: !refused || jobIn(message).id !== undefined,
  };
}

const FORMAT_NOT_SUPPORTED = 0x040a;

interface JobStatus {
  id: number | undefined;
  state: number | undefined;
  reasons: string[];
  message: string;
}

function jobIn(message: IppMessage): JobStatus {
  const id = all(message, GROUP.job, 'job-id')[0];
  const state = all(message, GROUP.job, 'job-state')[0];
  return {
    id: typeof id === 'number' && id > 0 ? id : undefined,
    state: typeof state === 'number' ? state : undefined,
    reasons: all(message, GROUP.job, 'job-state-reasons').map(plain),
    message: plain(all(message, GROUP.job, 'job-state-message')[0] ?? ''),
  };
}

/** Returns how the job ended, or undefined if it has not ended yet. */
function endOf(job: JobStatus): Outcome | undefined {
  const flawed = job.reasons.includes('job-completed-with-errors');
  if (job.state === COMPLETED && !flawed) return { state: 'done' };
  if (job.state !== COMPLETED && job.state !== CANCELED && job.state !== ABORTED) return undefined;
  return { state: 'failed', reason: `${described(job)}: a part of the job may be printed`, mayHaveLeft: true };
}

function described({ id, state, reasons, message }: JobStatus): string {
  const name = state === undefined ? 'in an unknown state' : (STATES[state] ?? `in state ${state}`);
  const details = [...reasons.filter((reason) => reason !== 'none'), ...(message === '' ? [] : [`“${message}”`])];
  return `job ${id} at the printer is ${name}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}

/**
 * Asks the printer until the job has ended. Throws after `doneMs`, when the signal aborts, or when the printer no
 * longer has the job.
 */
async function follow(printer: IppPrinter, target: Target, job: JobStatus, attempt: Attempt): Promise<Outcome> {
  const { signal } = attempt;
  const over = AbortSignal.timeout(printer.doneMs);
  const waiting = AbortSignal.any([signal, over]);
  let last = job;
  for (let ms = FIRST_POLL_MS; ; ms = Math.min(ms * 2, SLOWEST_POLL_MS)) {
    await pause(ms, waiting);
    if (signal.aborted) throw new Error(`sending was stopped: ${described(last)}`);
    if (over.aborted) throw new Error(`the printer did not finish in ${seconds(printer.doneMs)}: ${described(last)}`);
    const message = await askAbout(printer, target, defined(job.id), waiting);
    if (message === undefined) continue;
    if (!isSuccess(message.status)) {
      // Every other error status may be temporary, so ask again.
      if (!FORGOTTEN.includes(message.status)) continue;
      throw new Error(
        `the printer no longer knows job ${job.id}, which was ${STATES[last.state ?? 0] ?? 'accepted'} before`,
      );
    }
    last = { ...jobIn(message), id: job.id };
    const end = endOf(last);
    if (end) return end;
    report(last, attempt);
  }
}

/** While a printer is stopped, a person has to act: put in labels, close the lid. */
function report(job: JobStatus, attempt: Attempt): void {
  attempt.accepted(job.state === STOPPED || job.state === HELD ? described(job) : undefined);
}

/** client-error-not-found and client-error-gone mean that the printer does not remember finished jobs. */
const FORGOTTEN = [0x0406, 0x0407];

/** Returns undefined if the printer did not answer, because many printers accept no connection while they print. */
async function askAbout(
  printer: IppPrinter,
  target: Target,
  jobId: number,
  signal: AbortSignal,
): Promise<IppMessage | undefined> {
  const body = encode(GET_JOB_ATTRIBUTES, 2, [
    [
      GROUP.operation,
      [
        ...addressed(target),
        ['integer', 'job-id', jobId],
        ['name', 'requesting-user-name', 'claimstamp'],
        ['keyword', 'requested-attributes', 'job-id', 'job-state', 'job-state-reasons', 'job-state-message'],
      ],
    ],
  ]);
  const question = { body, connectMs: printer.connectMs, answerMs: POLL_ANSWER_MS, signal };
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

/** Changes a printer's message to one line of limited length. */
function plain(value: string | number): string {
  return String(value)
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .slice(0, MAX_MESSAGE)
    .trim();
}

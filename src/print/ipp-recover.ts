import type { IppPrinter, KeptPrinter } from '../model/printer.ts';
import type { Outcome, Stop } from '../model/printing/sending.ts';
import { endOf, follow, jobIn, type JobStatus } from './ipp.ts';
import { decode, encode, GROUP, type Attribute } from './ipp-message.ts';
import { addressed, askPrinter, QUESTION_MS, targetOf, type Target } from './ipp-printer.ts';
import { isSuccess } from './ipp-status.ts';
import type { LoginOf } from './passwords.ts';
import type { PrinterPlaces } from './places.ts';
import { post } from './post.ts';

/*
 * Finds out what happened to a job that an earlier process sent. An IPP printer lists its jobs by name, and this
 * program gives each job a unique name (jobName). The query prints nothing.
 */

/**
 * Waits until the job with this name has ended, and returns how it ended. Returns undefined if this cannot be found
 * out. Never rejects, and sends no label.
 */
export type Recover = (
  printer: KeptPrinter,
  name: string,
  onAccepted: (stopped?: Stop) => void,
  signal: AbortSignal,
) => Promise<Outcome | undefined>;

export const recoverer =
  (places: Pick<PrinterPlaces, 'of' | 'actual'>, loginOf: LoginOf = () => undefined): Recover =>
  async (named, name, onAccepted, signal) => {
    const printer = places.actual(named);
    if (printer.kind !== 'ipp') return undefined;
    try {
      const asked = await askPrinter(printer, targetOf(printer, places.of(printer), loginOf(printer)), signal);
      if (!('target' in asked)) return undefined;
      const job = await jobNamed(printer, asked.target, name, signal);
      if (job === undefined) return undefined;
      return endOf(job) ?? (await follow(printer, asked.target, job, { accepted: onAccepted, signal }));
    } catch {
      return undefined;
    }
  };

/**
 * Returns the job with this name. If two jobs have the same name, returns neither, because it is not clear which one is
 * meant.
 */
async function jobNamed(
  printer: IppPrinter,
  target: Target,
  name: string,
  signal: AbortSignal,
): Promise<JobStatus | undefined> {
  const found: JobStatus[] = [];
  for (const which of ['not-completed', 'completed']) {
    const jobs = await jobsOf(printer, target, which, signal);
    found.push(...jobs.filter((job) => job.name === name && job.id !== undefined));
  }
  const [first] = found;
  return found.every(({ id }) => id === first?.id) ? found.at(-1) : undefined;
}

const GET_JOBS = 0x000a;
/** The newest jobs come first (RFC 8011, 4.2.6.2). The lost job is one of the newest jobs at this printer. */
const MAX_JOBS = 100;

async function jobsOf(printer: IppPrinter, target: Target, which: string, signal: AbortSignal): Promise<JobStatus[]> {
  const asked: Attribute[] = [
    ...addressed(target),
    ['name', 'requesting-user-name', 'claimstamp'],
    ['integer', 'limit', MAX_JOBS],
    ['keyword', 'requested-attributes', 'job-id', 'job-name', 'job-state', 'job-state-reasons', 'job-state-message'],
    ['keyword', 'which-jobs', which],
  ];
  const body = encode(GET_JOBS, 4, [[GROUP.operation, asked]], target.version);
  const reply = await post(target, { body, connectMs: printer.connectMs, answerMs: QUESTION_MS, signal });
  const message = decode(reply.body);
  if (!isSuccess(message.status)) return [];
  const jobs = message.groups.filter(({ tag }) => tag === GROUP.job);
  return jobs.map((group) => jobIn({ status: message.status, groups: [group] }));
}

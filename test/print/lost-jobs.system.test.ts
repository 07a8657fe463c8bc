import { expect, it } from 'vitest';
import { GROUP, type Attribute } from '../../src/print/ipp-message.ts';
import { jobName } from '../../src/print/job-name.ts';
import { audit } from '../support/audit.ts';
import { answer, jobGroup, oddPrinter, printerGroup, PRINT_JOB, type Oddity } from '../support/odd-ipp.ts';
import { printClient } from '../support/print-client.ts';
import { startService, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/* What becomes of a label that was at an IPP printer when the service ended. */

const [GET_JOB, GET_JOBS] = [9, 10];
const [PROCESSING, ABORTED, COMPLETED] = [5, 8, 9];

interface Spooler extends Oddity {
  /** The names of the jobs that were sent, in order. */
  names: string[];
  /** The state of all jobs that the printer has. */
  state: number;
  /** The names that the printer lists. By default, those of all jobs that were sent. */
  listed: (names: string[]) => string[];
}

/** A printer that keeps its jobs in one state, and lists them by name. */
async function startSpooler(): Promise<Spooler> {
  const names: string[] = [];
  const spooler = { names, state: PROCESSING, listed: (all: string[]) => all };
  const isEnded = (): boolean => spooler.state >= 7;
  const odd = await oddPrinter(
    ({ response, operation, body }) => {
      if (operation === PRINT_JOB)
        names.push(/Claimstamp label \d+ \([0-9a-f]{8}\)/.exec(body.toString('latin1'))?.[0] ?? '');
      if (operation === PRINT_JOB || operation === GET_JOB) return answer(response, 0, [jobGroup(spooler.state)]);
      if (operation !== GET_JOBS) return answer(response, 0);
      const isWanted = body.toString('latin1').includes('not-completed') !== isEnded();
      return answer(
        response,
        0,
        isWanted ? spooler.listed(names).map((name, at) => listedJob(name, 7 + at, spooler.state)) : [],
      );
    },
    ({ response }) => answer(response, 0, [printerGroup(3)]),
  );
  return Object.assign(spooler, odd);
}

const listedJob = (name: string, id: number, state: number): [number, Attribute[]] => [
  GROUP.job,
  [
    ['integer', 'job-id', id],
    ['name', 'job-name', name],
    ['integer', 'job-state', state],
  ],
];

/** Ends the service while the printer works on a label and another label waits, and starts it again. */
async function interrupted(signal: 'SIGKILL' | 'SIGTERM', meanwhile: (spooler: Spooler) => void) {
  const spooler = await startSpooler();
  const data = tempFolder();
  let service = await startService(data);
  const on = printClient(() => service);
  await on.printer('queue', { kind: 'ipp', url: spooler.url });
  const [first = '', second = ''] = await on.make(2);
  const sent = await on.print(first, 'queue');
  const waiting = await on.print(second, 'queue');
  await until(async () => ((spooler.counts.get(GET_JOB) ?? 0) > 0 ? true : undefined));
  await service.end(signal);
  meanwhile(spooler);
  service = await startService(data);
  const end = async (): Promise<void> => {
    await service.end('SIGTERM');
    audit(data);
  };
  return { spooler, on, sent, waiting, end };
}

it.each(['SIGKILL', 'SIGTERM'] as const)(
  '%s: a label that the printer has printed is done, and printed once',
  async (signal) => {
    const { spooler, on, sent, waiting, end } = await interrupted(signal, (one) => (one.state = COMPLETED));
    await on.reaches(sent, 'done');
    await on.reaches(waiting, 'done');
    expect(spooler.counts.get(PRINT_JOB)).toBe(2);
    expect(new Set(spooler.names).size).toBe(2);
    await end();
  },
);

it('a label that the printer still prints is followed, and the next one waits', async () => {
  const { spooler, on, sent, waiting, end } = await interrupted('SIGKILL', () => {});
  const asked = spooler.counts.get(GET_JOB) ?? 0;
  await until(async () => ((spooler.counts.get(GET_JOB) ?? 0) > asked ? true : undefined));
  expect([(await on.job(sent)).state, (await on.job(waiting)).state]).toEqual(['sending', 'queued']);
  expect(spooler.counts.get(PRINT_JOB)).toBe(1);
  spooler.state = COMPLETED;
  await on.reaches(sent, 'done');
  await on.reaches(waiting, 'done');
  await end();
});

it('a label that the printer gave up has failed, and a part of it may be on paper', async () => {
  const { on, sent, end } = await interrupted('SIGKILL', (one) => (one.state = ABORTED));
  expect((await on.reaches(sent, 'failed')).reason).toContain('part of the job may have been printed');
  await end();
});

it.each([
  ['lists no job', () => []],
  [
    'lists the job of another service with the same number',
    ([name = '']: string[]) => [name.replace(/\(.*\)/, '(00000000)')],
  ],
  ['lists two jobs with its name', ([name = '']: string[]) => [name, name]],
])('if the printer %s, the label is unknown, and is not printed again', async (_what, listed) => {
  const { spooler, on, sent, waiting, end } = await interrupted('SIGKILL', (one) => {
    one.listed = listed;
    one.state = COMPLETED;
  });
  expect((await on.reaches(sent, 'unknown')).reason).toMatch(/the service stopped while it was sending the job/);
  await on.reaches(waiting, 'done');
  expect(spooler.counts.get(PRINT_JOB)).toBe(2);
  await end();
});

it('the name of a job at its printer does not depend on the Claim ID, and differs between services', () => {
  const job = { id: 12, uci: 'JT08FFQXWQ', at: 1_700_000_000_000 };
  const name = jobName(job);
  expect(name).toMatch(/^Claimstamp label 12 \([0-9a-f]{8}\)$/);
  expect(jobName({ id: job.id, at: job.at })).toBe(name);
  expect(jobName({ ...job, at: job.at + 1 })).not.toBe(name);
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Printer } from '../../src/model/printer.ts';
import { job, send, sendTo, somePdf } from '../support/print-jobs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimstamp-print-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('the complete file is in the folder, under the job’s id, for owner and group only', async () => {
  const pdf = somePdf();
  const { outcome, sending } = await sendTo({ kind: 'file', folder, format: 'pdf' }, job('pdf', pdf));
  expect(outcome).toEqual({ state: 'done' });
  expect(sending).toBe(1);
  expect(readdirSync(folder)).toEqual(['job-1.pdf']);
  expect(readFileSync(join(folder, 'job-1.pdf')).equals(pdf)).toBe(true);
  expect(statSync(join(folder, 'job-1.pdf')).mode & 0o007).toBe(0);
});

it('a draft left by a crash is in nobody’s way', async () => {
  writeFileSync(join(folder, '.job-1.zpl.draft'), '^XA half a lab');
  const { outcome } = await sendTo({ kind: 'file', folder, format: 'zpl' }, job('zpl', '^XA^XZ'));
  expect(outcome).toEqual({ state: 'done' });
  expect(readdirSync(folder)).toEqual(['job-1.zpl']);
});

it('nothing is written over a job that is there already', async () => {
  writeFileSync(join(folder, 'job-1.zpl'), 'first');
  const { outcome, sending } = await sendTo({ kind: 'file', folder, format: 'zpl' }, job('zpl', 'second'));
  expect(outcome).toMatchObject({ state: 'failed', mayHaveLeft: false });
  expect(sending).toBe(0);
  expect(readFileSync(join(folder, 'job-1.zpl'), 'utf8')).toBe('first');
});

it('a job waits for a missing folder, with what to do', async () => {
  const missing = join(folder, 'nowhere');
  const { outcome, sending } = await sendTo({ kind: 'file', folder: missing, format: 'pdf' }, job('pdf', '%PDF'));
  expect(outcome).toEqual({
    state: 'queued',
    what: 'notReached',
    reason: `printer bench-1: there is no folder ${missing}: create it, or change the folder in the settings`,
  });
  expect(sending).toBe(0);
});

it('a job waits while a file is where the folder should be', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { outcome } = await sendTo({ kind: 'file', folder: file, format: 'pdf' }, job('pdf', '%PDF'));
  expect(outcome).toMatchObject({ state: 'queued', reason: expect.stringContaining('is not a folder') as string });
});

it('when the ledger cannot note the sending, no file appears and no draft stays', async () => {
  const printer = Printer.parse({ name: 'bench-1', kind: 'file', folder, format: 'zpl' });
  const onSending = (): Promise<void> => Promise.reject(new Error('the ledger cannot be written'));
  const outcome = await send(printer, job('zpl', '^XA^XZ'), { onSending }, new AbortController().signal);
  expect(outcome).toEqual({
    state: 'queued',
    what: 'notReached',
    reason: 'printer bench-1: the ledger cannot be written',
  });
  expect(readdirSync(folder)).toEqual([]);
});

it('a job id cannot lead out of the folder', async () => {
  const { outcome } = await sendTo({ kind: 'file', folder, format: 'zpl' }, job('zpl', '^XA', { id: '../out' }));
  expect(outcome).toMatchObject({ state: 'failed', mayHaveLeft: false });
  expect(existsSync(join(folder, '..', 'out.zpl'))).toBe(false);
});

it.for([
  ['the other format', job('pdf', '%PDF'), 'the printer prints ZPL, but the job is PDF'],
  ['nothing at all', job('zpl', ''), 'the job has 0 bytes'],
  [
    'copies that a file cannot ask for',
    job('zpl', '^XA', { copies: 2 }),
    'the number of copies is 2, but the maximum is 1',
  ],
] as const)('%s is refused before anything is touched', async ([, what, reason]) => {
  const { outcome, sending } = await sendTo({ kind: 'file', folder, format: 'zpl' }, what);
  expect(outcome).toMatchObject({ state: 'failed', reason: expect.stringContaining(reason) as string });
  expect(sending).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

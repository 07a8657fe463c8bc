import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { decode, encode, GROUP } from '../../src/print/ipp-message.ts';
import { post } from '../../src/print/post.ts';
import { freePort } from '../support/free-port.ts';
import { startEvePrinter, type EvePrinter } from '../support/ippeveprinter.ts';
import { until } from '../support/until.ts';
import { Printer } from '../../src/model/printer.ts';
import { job, places, sendTo, somePdf } from '../support/print-jobs.ts';

/* Against a real IPP printer; what no well-behaved printer does is in ipp-misbehaviour.test.ts. */

vi.setConfig({ testTimeout: 30_000 });

const running: EvePrinter[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((printer) => printer.stop()));
});

async function printer(options: Parameters<typeof startEvePrinter>[0] = {}): Promise<EvePrinter> {
  const started = await startEvePrinter(options);
  running.push(started);
  return started;
}

const containing = (text: string): unknown => expect.stringContaining(text);

describe('a job that prints', () => {
  it('done is the printer’s own word, and the PDF arrived byte for byte, once', async () => {
    const eve = await printer({ command: 'sleep 1' });
    const pdf = somePdf(3_000_000);
    const began = performance.now();
    const { outcome, sending } = await sendTo({ kind: 'ipp', url: eve.url }, job('pdf', pdf));
    expect(outcome).toEqual({ state: 'done' });
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(sending).toBe(1);
    expect(eve.received()).toHaveLength(1);
    expect(eve.received()[0]?.equals(pdf)).toBe(true);
  });

  it('the printer is told name, format, copies and size as they are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'claimstamp-env-'));
    try {
      const eve = await printer({ command: `env > ${folder}/env` });
      const what = job('pdf', somePdf(), { copies: 3, name: 'étiquette '.repeat(40) });
      const { outcome } = await sendTo({ kind: 'ipp', url: eve.url, media: 'iso_a4_210x297mm' }, what);
      expect(outcome).toEqual({ state: 'done' });
      const told = readFileSync(join(folder, 'env'), 'utf8');
      expect(told).toMatch(/^IPP_COPIES=3$/m);
      expect(told).toMatch(/^IPP_MEDIA=iso_a4_210x297mm$/m);
      expect(told).toMatch(/^CONTENT_TYPE=application\/pdf$/m);
      expect(told).toMatch(/^IPP_JOB_NAME=(étiquette ){20,}/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('over http:// as over ipp://', async () => {
    const eve = await printer();
    const { outcome } = await sendTo({ kind: 'ipp', url: eve.url.replace('ipp:', 'http:') }, job('pdf', somePdf()));
    expect(outcome).toEqual({ state: 'done' });
  });

  it('over TLS when the certificate is the one in the settings, and not a byte otherwise', async () => {
    const eve = await printer();
    const pdf = somePdf();
    const stranger = await sendTo({ kind: 'ipp', url: eve.secureUrl }, job('pdf', pdf));
    expect(stranger).toMatchObject({ outcome: { state: 'queued', what: 'notReached' }, sending: 0 });
    const shown = /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(JSON.stringify(stranger.outcome))?.[0] as string;

    const wrong = { kind: 'ipp', url: eve.secureUrl, certificate: shown.replace(/^../, '00').replace(/..$/, '11') };
    const other = await sendTo(wrong, job('pdf', pdf));
    expect(other.outcome).toMatchObject({ state: 'queued', reason: containing('but the settings have another one') });
    expect(eve.received()).toEqual([]);

    const known = await sendTo({ ...wrong, certificate: shown.toLowerCase() }, job('pdf', pdf));
    expect(known.outcome).toEqual({ state: 'done' });
    expect(eve.received()[0]?.equals(pdf)).toBe(true);
  });
});

describe('a job that the printer turns away: nothing of it is printed', () => {
  it('a printer without PDF', async () => {
    const eve = await printer({ formats: 'image/jpeg' });
    const { outcome } = await sendTo({ kind: 'ipp', url: eve.url }, job('pdf', somePdf()));
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: containing('the printer does not accept PDF'),
      mayHaveLeft: false,
    });
    expect(eve.received()).toEqual([]);
  });

  it('a printer that is busy with another job', async () => {
    const eve = await printer({ command: 'sleep 2' });
    const first = sendTo({ kind: 'ipp', url: eve.url }, job('pdf', somePdf()));
    await until(() => eve.received().length > 0);
    const second = await sendTo({ kind: 'ipp', url: eve.url }, job('pdf', somePdf(), { id: 'job-2' }));
    expect(second.outcome).toMatchObject({
      state: 'queued',
      what: 'refuses',
      reason: containing('server-error-busy'),
    });
    expect((await first).outcome).toEqual({ state: 'done' });
    expect(eve.received()).toHaveLength(1);
  });

  it('a queue that is not there, and media that the printer has not', async () => {
    const eve = await printer();
    const elsewhere = await sendTo({ kind: 'ipp', url: `${eve.url}er` }, job('pdf', somePdf()));
    expect(elsewhere.outcome).toMatchObject({ reason: containing('client-error-not-found'), mayHaveLeft: false });
    const media = await sendTo({ kind: 'ipp', url: eve.url, media: 'no-such-label' }, job('pdf', somePdf()));
    expect(media.outcome).toMatchObject({
      reason: containing('attributes-or-values-not-supported'),
      mayHaveLeft: false,
    });
    expect(eve.received()).toEqual([]);
  });

  it('nobody at that port', async () => {
    const port = await freePort();
    const { outcome, sending } = await sendTo(
      { kind: 'ipp', url: `ipp://127.0.0.1:${port}/ipp/print` },
      job('pdf', '%PDF'),
    );
    expect(outcome).toMatchObject({
      state: 'queued',
      what: 'notReached',
      reason: containing('refused the connection'),
    });
    expect(sending).toBe(0);
  });
});

describe('a job that the printer took and did not finish', () => {
  it('a printer that gives up: failed, and part of it may be printed', async () => {
    const eve = await printer({ command: 'exit 1' });
    const { outcome } = await sendTo({ kind: 'ipp', url: eve.url }, job('pdf', somePdf()));
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: containing('job 1 at the printer is aborted (aborted-by-system'),
      mayHaveLeft: true,
    });
  });

  it('a job that a person cancels at the printer: failed, with that reason', async () => {
    const eve = await printer({ command: 'sleep 2' });
    const sent = sendTo({ kind: 'ipp', url: eve.url }, job('pdf', somePdf()));
    await until(() => eve.received().length > 0);
    // Until the printer has begun to print, which it tells nobody.
    await pause(300);
    await cancelJob(eve.url, 1);
    expect((await sent).outcome).toMatchObject({
      state: 'failed',
      reason: containing('job 1 at the printer is canceled (job-canceled-by-user'),
      mayHaveLeft: true,
    });
  });

  it('a printer that prints longer than doneMs and says so is followed to the end', async () => {
    const eve = await printer({ command: 'sleep 3' });
    const { outcome } = await sendTo({ kind: 'ipp', url: eve.url, doneMs: 700 }, job('pdf', somePdf()));
    expect(outcome).toEqual({ state: 'done' });
    expect(eve.received()).toHaveLength(1);
  });

  it('a stop while it prints: unknown, at once', async () => {
    const eve = await printer({ command: 'sleep 3' });
    const stop = new AbortController();
    const sent = sendTo({ kind: 'ipp', url: eve.url }, job('pdf', somePdf()), stop.signal);
    await until(() => eve.received().length > 0);
    // Until the printer has begun to print, which it tells nobody.
    await pause(500);
    stop.abort();
    const { outcome } = await sent;
    expect(outcome).toMatchObject({
      state: 'unknown',
      reason: containing('sending was stopped: job 1 at the printer is'),
    });
    expect(eve.received()).toHaveLength(1);
  });
});

async function cancelJob(url: string, id: number): Promise<void> {
  const body = encode(0x0008, 1, [
    [
      GROUP.operation,
      [
        ['charset', 'attributes-charset', 'utf-8'],
        ['language', 'attributes-natural-language', 'en'],
        ['uri', 'printer-uri', url],
        ['integer', 'job-id', id],
        ['name', 'requesting-user-name', 'claimstamp'],
      ],
    ],
  ]);
  const open = places.of(Printer.parse({ name: 'cups', kind: 'ipp', url: 'ipp://localhost/ipp/print' }));
  const to = { host: 'localhost', port: Number(new URL(url).port), path: '/ipp/print', places: open };
  const signal = AbortSignal.timeout(5_000);
  const reply = await post(to, { body, connectMs: 1_000, answerMs: 5_000, signal });
  expect(decode(reply.body).status).toBe(0);
}

import type { ServerResponse } from 'node:http';
import * as net from 'node:net';
import { describe, expect, it } from 'vitest';
import { encode, GROUP, type Attribute } from '../../src/print/ipp-message.ts';
import { Printer } from '../../src/model/printer.ts';
import type { Stop } from '../../src/model/printing/sending.ts';
import { answer, jobGroup, listen, oddPrinter, printerGroup, PRINT_JOB, type Exchange } from '../support/odd-ipp.ts';
import { job, send, sendTo, somePdf, type Sent } from '../support/print-jobs.ts';

/* What a printer does that breaks down, or something else that listens at its address. */

const containing = (text: string): unknown => expect.stringContaining(text);
const sendPdf = (url: string, more: object = {}, copies = 1): Promise<Sent> =>
  sendTo({ kind: 'ipp', url, ...more }, job('pdf', somePdf(), { copies }));

describe('refused for good: failed, nothing of it is printed', () => {
  it('a redirect is not followed', async () => {
    const elsewhere = await oddPrinter(({ response }) => answer(response, 0, [jobGroup(9, 'none')]));
    const printer = await oddPrinter(({ response }) => {
      response.writeHead(307, { location: elsewhere.url.replace('ipp:', 'http:') }).end();
    });
    const { outcome } = await sendPdf(printer.url);
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: containing('the printer redirects to a different address'),
      mayHaveLeft: false,
    });
    expect(elsewhere.sockets).toHaveLength(0);
    expect(printer.counts.get(PRINT_JOB)).toBe(1);
  });

  it.for([
    [404, 'check the address'],
    [413, 'fewer labels'],
    [426, 'use ipps://'],
  ] as const)('HTTP status %i', async ([status, advice]) => {
    const printer = await oddPrinter(({ response }) => response.writeHead(status).end('<html>'));
    expect((await sendPdf(printer.url)).outcome).toMatchObject({
      state: 'failed',
      reason: containing(advice),
      mayHaveLeft: false,
    });
  });

  it('a printer that lists no PDF among its formats is sent nothing', async () => {
    const formats: [number, Attribute[]] = [GROUP.printer, [['mimeType', 'document-format-supported', 'image/urf']]];
    const printer = await oddPrinter(
      () => {},
      ({ response }) => answer(response, 0, [formats]),
    );
    const { outcome, sending } = await sendPdf(printer.url);
    expect(outcome).toMatchObject({ state: 'failed', reason: containing('does not accept PDF'), mayHaveLeft: false });
    expect([sending, printer.counts.get(PRINT_JOB)]).toEqual([0, undefined]);
  });

  it('a printer that takes no PDF and says so by status', async () => {
    const printer = await oddPrinter(({ response }) => answer(response, 0x040a));
    expect((await sendPdf(printer.url)).outcome).toMatchObject({
      state: 'failed',
      reason: containing('client-error-document-format-not-supported: the printer does not accept PDF'),
      mayHaveLeft: false,
    });
  });
});

describe('the printer is not accepting jobs: the job waits', () => {
  it.for([
    [0x0401, 'client-error-forbidden): in the printer’s own settings, allow this computer to print'],
    [0x0402, 'client-error-not-authenticated): in the printer’s own settings, allow this computer to print'],
    [0x0403, 'client-error-not-authorized): in the printer’s own settings, allow this computer to print'],
  ] as const)('IPP status %i: the service is not authorised', async ([status, reason]) => {
    const printer = await oddPrinter(({ response }) => answer(response, status));
    expect((await sendPdf(printer.url)).outcome).toMatchObject({
      state: 'queued',
      what: 'unauthorised',
      reason: containing(reason),
    });
  });

  it.for([
    [0x0502, 'server-error-service-unavailable'],
    [0x0506, 'server-error-not-accepting-jobs): the printer is stopped or paused: resume it'],
    [0x0507, 'server-error-busy): the label waits until the printer is free'],
  ] as const)('IPP status %i, of the job or of the question before it', async ([status, reason]) => {
    const turned = { state: 'queued', what: 'refuses', reason: containing(reason) };
    const printer = await oddPrinter(({ response }) => answer(response, status));
    expect(await sendPdf(printer.url)).toMatchObject({ outcome: turned, sending: 1 });
    const asked = await oddPrinter(
      ({ response }) => answer(response, status),
      ({ response }) => answer(response, status),
    );
    expect(await sendPdf(asked.url)).toMatchObject({ outcome: turned, sending: 0 });
    expect(asked.counts.get(PRINT_JOB)).toBeUndefined();
  });

  it.for([
    [401, 'unauthorised'],
    [403, 'unauthorised'],
    [503, 'refuses'],
  ] as const)('HTTP status %i', async ([status, what]) => {
    const printer = await oddPrinter(({ response }) => response.writeHead(status).end('<html>'));
    const { outcome } = await sendPdf(printer.url);
    expect(outcome).toMatchObject({ state: 'queued', what, reason: containing(`HTTP status ${status}`) });
  });

  it.for([
    [['media-empty-error'], 'noLabels'],
    [['cover-open'], 'open'],
    [['paused'], 'paused'],
    [['other-report', 'marker-supply-empty-error'], 'noRibbon'],
    [['spool-area-full'], 'stopped'],
  ] as const)('a printer that has stopped, with %s, is sent nothing', async ([reasons, what]) => {
    const printer = await oddPrinter(
      ({ response }) => answer(response, 0, [jobGroup(3, 'none')]),
      ({ response }) => answer(response, 0, [printerGroup(5, ...reasons)]),
    );
    const { outcome, sending } = await sendPdf(printer.url);
    expect(outcome).toMatchObject({ state: 'queued', what, reason: containing(reasons[0]) });
    expect(sending).toBe(0);
    expect(printer.counts.get(PRINT_JOB)).toBeUndefined();
  });

  it('a printer that speaks only IPP/1.1 is spoken to so', async () => {
    const versions: number[] = [];
    const old = (exchange: Exchange, done: () => void): void => {
      versions.push(exchange.version);
      if (exchange.version === 0x0101) done();
      else answer(exchange.response, 0x0503);
    };
    const printer = await oddPrinter(
      (exchange) => old(exchange, () => answer(exchange.response, 0, [jobGroup(9, 'none')])),
      (exchange) => old(exchange, () => answer(exchange.response, 0, [printerGroup(3)])),
    );
    expect((await sendPdf(printer.url)).outcome).toEqual({ state: 'done' });
    expect(versions).toEqual([0x0200, 0x0101, 0x0101]);
  });

  it('one that does not answer the question is not sent the job', async () => {
    const printer = await oddPrinter(
      () => {},
      ({ request }) => request.socket.resetAndDestroy(),
    );
    expect(await sendPdf(printer.url)).toMatchObject({ outcome: { state: 'queued', what: 'notReached' }, sending: 0 });
  });
});

describe('a refusal that came while the job was worked on', () => {
  it('part of it may be printed', async () => {
    const printer = await oddPrinter(({ response }) => answer(response, 0x0504));
    expect((await sendPdf(printer.url)).outcome).toMatchObject({
      reason: containing('server-error-device-error'),
      mayHaveLeft: true,
    });
  });

  it('a status that no RFC names is not taken for harmless', async () => {
    const printer = await oddPrinter(({ response }) => answer(response, 0x04ff));
    expect((await sendPdf(printer.url)).outcome).toMatchObject({
      state: 'failed',
      reason: containing('IPP status 0x04ff'),
      mayHaveLeft: true,
    });
  });
});

describe('no telling whether it was taken: unknown, and asked for once', () => {
  it.for<[string, string, (exchange: Exchange) => void]>([
    ['hangs up instead of answering', 'it', ({ request }) => request.socket.destroy()],
    ['resets instead of answering', 'it broke the connection', ({ request }) => request.socket.resetAndDestroy()],
    ['never answers', 'the printer did not answer in 0.3 s', () => {}],
    ['begins an answer and stops', 'the printer did not answer in 0.3 s', ({ response }) => beginAnswer(response)],
    ['answers with a page', 'HTTP status 200 and no IPP', ({ response }) => response.end('<html>')],
    ['fails behind a gateway', 'HTTP status 504', ({ response }) => response.writeHead(504).end()],
    ['answers without end', 'more than 65536 bytes', ({ response }) => flood(response)],
    [
      'cuts its answer off',
      'cut off',
      ({ response }) => sendIpp(response, encode(0, 1, [jobGroup(9)]).subarray(0, 40)),
    ],
    ['answers with noise', 'not IPP', ({ response }) => sendIpp(response, Buffer.alloc(500, 0xff))],
    ['gives the job no number', 'without a job number', ({ response }) => answer(response, 0)],
  ])('a printer that %s', async ([, reason, behave]) => {
    const printer = await oddPrinter(behave);
    const { outcome, sending } = await sendPdf(printer.url, { answerMs: reason.includes('0.3 s') ? 300 : 10_000 });
    expect(outcome).toMatchObject({ state: 'unknown', reason: containing(reason) });
    expect(sending).toBe(1);
    expect(printer.counts.get(PRINT_JOB)).toBe(1);
  });

  it('a printer that resets in the middle of the PDF', async () => {
    const printer = await oddPrinter(
      () => {},
      ({ response }) => {
        printer.server.once('connection', (socket: net.Socket) => socket.once('data', () => socket.resetAndDestroy()));
        answer(response, 0, [printerGroup(3)]);
      },
    );
    const { outcome } = await sendPdf(printer.url);
    expect(outcome).toMatchObject({ state: 'unknown', reason: containing('it broke the connection') });
    expect(printer.sockets).toHaveLength(2);
  });
});

describe('asking how it went', () => {
  it('goes on when the printer does not always answer, and Print-Job is sent once', async () => {
    const printer = await oddPrinter(({ request, response, operation, times }) => {
      if (operation === PRINT_JOB) return answer(response, 0, [jobGroup(3, 'none')]);
      if (times === 1) return void request.socket.resetAndDestroy();
      if (times === 2) return answer(response, 0x0507);
      answer(response, 0, [jobGroup(9, 'job-completed-successfully')]);
    });
    expect((await sendPdf(printer.url)).outcome).toEqual({ state: 'done' });
    expect(printer.counts.get(PRINT_JOB)).toBe(1);
  });

  it('a printer that forgets its jobs: unknown', async () => {
    const printer = await oddPrinter(({ response, operation }) =>
      operation === PRINT_JOB ? answer(response, 0, [jobGroup(5, 'job-printing')]) : answer(response, 0x0406),
    );
    expect((await sendPdf(printer.url)).outcome).toMatchObject({
      state: 'unknown',
      reason: containing('the printer no longer knows job 7, which was processing before'),
    });
  });

  it('a printer that stops is followed until it runs again, beyond doneMs', async () => {
    const printer = await oddPrinter(({ response, times }) =>
      answer(response, 0, [times < 4 ? jobGroup(6, 'printer-stopped', 'media-empty') : jobGroup(9, 'none')]),
    );
    const said: (Stop | undefined)[] = [];
    const hooks = { onSending: () => {}, onAccepted: (stop?: Stop) => void said.push(stop) };
    const settings = Printer.parse({ name: 'bench-1', kind: 'ipp', url: printer.url, doneMs: 100 });
    expect(await send(settings, job('pdf', somePdf()), hooks, new AbortController().signal)).toEqual({ state: 'done' });
    expect(said[0]).toEqual({
      what: 'noLabels',
      said: 'job 7 at the printer is processing-stopped (printer-stopped, media-empty)',
    });
  });

  it('a printer that says nothing more for doneMs: unknown, with what it said last', async () => {
    const printer = await oddPrinter(({ request, response, operation }) => {
      if (operation === PRINT_JOB) return answer(response, 0, [jobGroup(6, 'printer-stopped', 'media-empty')]);
      request.socket.resetAndDestroy();
    });
    expect((await sendPdf(printer.url, { doneMs: 500 })).outcome).toMatchObject({
      state: 'unknown',
      reason: containing(
        'said nothing about the job for 0.5 s: job 7 at the printer is processing-stopped (printer-stopped, media-empty)',
      ),
    });
  });

  it('completed with errors is not done', async () => {
    const printer = await oddPrinter(({ response }) => answer(response, 0, [jobGroup(9, 'job-completed-with-errors')]));
    expect((await sendPdf(printer.url)).outcome).toMatchObject({ state: 'failed', mayHaveLeft: true });
  });

  it('three copies asked for and ignored are not done', async () => {
    const printer = await oddPrinter(({ response }) =>
      answer(response, 1, [
        [
          GROUP.unsupported,
          [
            ['integer', 'copies', 3],
            ['keyword', 'print-scaling', 'none'],
          ],
        ],
        jobGroup(9, 'job-completed-successfully'),
      ]),
    );
    expect((await sendPdf(printer.url, {}, 3)).outcome).toEqual({
      state: 'failed',
      reason: 'printer bench-1: the printer printed the job, but ignored copies',
      mayHaveLeft: true,
    });
  });
});

describe('TLS', () => {
  it('a printer that is silent is given up after connectMs: nothing left', async () => {
    const { port, sockets } = await listen(net.createServer());
    const { outcome, sending } = await sendPdf(`ipps://127.0.0.1:${port}/ipp/print`, { connectMs: 300 });
    expect(outcome).toMatchObject({
      state: 'queued',
      what: 'notReached',
      reason: containing('did not answer in 0.3 s'),
    });
    expect(sending).toBe(0);
    expect(sockets).toHaveLength(1);
  });

  it('a printer that speaks none: the job waits, with what to change', async () => {
    const printer = await oddPrinter(() => {});
    const { outcome } = await sendPdf(printer.url.replace('ipp:', 'ipps:'));
    expect(outcome).toMatchObject({ state: 'queued', reason: containing('does not use TLS') });
  });
});

function beginAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/ipp', 'content-length': 500 });
  response.write(Buffer.alloc(100));
}

function flood(response: ServerResponse): void {
  response.setHeader('content-type', 'application/ipp');
  response.on('drain', () => response.write(Buffer.alloc(65_536)));
  response.write(Buffer.alloc(65_536));
}

function sendIpp(response: ServerResponse, body: Buffer): void {
  response.setHeader('content-type', 'application/ipp');
  response.end(body);
}

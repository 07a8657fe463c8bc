import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { encode, GROUP, type Attribute } from '../../src/print/ipp-message.ts';
import { job, sendTo, somePdf, type Sent } from '../support/print-jobs.ts';

/* What a printer does that breaks down, or something else that listens at its address. */

const PRINT_JOB = 2;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The operation asked for; the whole request has been read. */
  operation: number;
  /** How many requests for that operation came so far, this one included. */
  times: number;
}

const open: { server: Server | net.Server; sockets: net.Socket[] }[] = [];
afterEach(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

interface Oddity {
  url: string;
  sockets: net.Socket[];
  counts: Map<number, number>;
}

async function listen(server: Server | net.Server): Promise<{ port: number; sockets: net.Socket[] }> {
  const sockets: net.Socket[] = [];
  server.on('connection', (socket: net.Socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  open.push({ server, sockets });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as net.AddressInfo).port, sockets };
}

async function oddPrinter(behave: (exchange: Exchange) => void): Promise<Oddity> {
  const counts = new Map<number, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const operation = Buffer.concat(chunks).readUInt16BE(2);
      const times = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, times);
      behave({ request, response, operation, times });
    });
  });
  const { port, sockets } = await listen(server);
  return { url: `ipp://127.0.0.1:${port}/ipp/print`, sockets, counts };
}

function answer(response: ServerResponse, status: number, groups: [number, Attribute[]][] = []): void {
  const head: [number, Attribute[]] = [
    GROUP.operation,
    [
      ['charset', 'attributes-charset', 'utf-8'],
      ['language', 'attributes-natural-language', 'en'],
    ],
  ];
  response.setHeader('content-type', 'application/ipp');
  response.end(encode(status, 1, [head, ...groups]));
}

/** `job-state` as an integer: what an enum looks like but for its tag. */
const jobGroup = (state: number, ...reasons: string[]): [number, Attribute[]] => [
  GROUP.job,
  [
    ['integer', 'job-id', 7],
    ['integer', 'job-state', state],
    ['keyword', 'job-state-reasons', ...reasons],
  ],
];

const containing = (text: string): unknown => expect.stringContaining(text);
const sendPdf = (url: string, more: object = {}, copies = 1): Promise<Sent> =>
  sendTo({ kind: 'ipp', url, ...more }, job('pdf', somePdf(), { copies }));

describe('turned away: failed, nothing of it is printed', () => {
  it('a redirect is not followed', async () => {
    const elsewhere = await oddPrinter(({ response }) => answer(response, 0, [jobGroup(9, 'none')]));
    const printer = await oddPrinter(({ response }) => {
      response.writeHead(307, { location: elsewhere.url.replace('ipp:', 'http:') }).end();
    });
    const { outcome } = await sendPdf(printer.url);
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: containing('the printer redirects to another address'),
      mayHaveLeft: false,
    });
    expect(elsewhere.sockets).toHaveLength(0);
    expect(printer.sockets).toHaveLength(1);
  });

  it.for([
    [401, 'allow this computer'],
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

  it('a printer that is not accepting jobs', async () => {
    const printer = await oddPrinter(({ response }) => answer(response, 0x0506));
    expect((await sendPdf(printer.url)).outcome).toEqual({
      state: 'failed',
      reason:
        'printer bench-1: the printer refused the job with server-error-not-accepting-jobs: the printer is stopped or paused: resume it',
      mayHaveLeft: false,
    });
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

describe('no telling whether it was taken: unknown, over one connection', () => {
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
    expect(printer.sockets).toHaveLength(1);
  });

  it('a printer that resets in the middle of the PDF', async () => {
    const server = net.createServer((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const { port, sockets } = await listen(server);
    const { outcome } = await sendPdf(`ipp://127.0.0.1:${port}/ipp/print`);
    expect(outcome).toMatchObject({ state: 'unknown', reason: containing('it broke the connection') });
    expect(sockets).toHaveLength(1);
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

  it('a stopped printer: unknown, with what it waits for', async () => {
    const printer = await oddPrinter(({ response }) =>
      answer(response, 0, [jobGroup(6, 'printer-stopped', 'media-empty')]),
    );
    expect((await sendPdf(printer.url, { doneMs: 500 })).outcome).toMatchObject({
      state: 'unknown',
      reason: containing('job 7 at the printer is processing-stopped (printer-stopped, media-empty)'),
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
  it('a printer that is silent is given up after connectMs: failed, nothing left', async () => {
    const { port, sockets } = await listen(net.createServer());
    const { outcome, sending } = await sendPdf(`ipps://127.0.0.1:${port}/ipp/print`, { connectMs: 300 });
    expect(outcome).toMatchObject({
      state: 'failed',
      reason: containing('did not answer in 0.3 s'),
      mayHaveLeft: false,
    });
    expect(sending).toBe(0);
    expect(sockets).toHaveLength(1);
  });

  it('a printer that speaks none: failed, with what to change', async () => {
    const printer = await oddPrinter(() => {});
    const { outcome } = await sendPdf(printer.url.replace('ipp:', 'ipps:'));
    expect(outcome).toMatchObject({ state: 'failed', reason: containing('does not use TLS'), mayHaveLeft: false });
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

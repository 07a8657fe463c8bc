import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isKey } from '../src/platform/own.ts';
import { all, decode, encode, GROUP, type Attribute } from '../src/print/ipp-message.ts';

/* An IPP printer that misbehaves: it stops, is busy, loses its jobs, or answers late, wrongly or not at all. */

/** In these conditions, the printer accepts no job until someone helps. */
export const REFUSALS = { unavailable: 0x0502, 'not accepting': 0x0506, busy: 0x0507 } as const;
export const HTTP_REFUSALS = { '401': 401, '403': 403, '503': 503 } as const;
/** In these conditions, a job that the printer has already accepted is interrupted until someone helps. */
export const STOPS = { 'out of paper': 'media-empty', 'door open': 'cover-open', paused: 'paused' } as const;
/** Faults that happen once, while the printer receives a job. */
export const ACCIDENTS = ['cut before', 'cut after', 'silent', 'slow', 'jam', 'reboot', 'no IPP', 'off'] as const;

export type IppTrouble =
  | keyof typeof REFUSALS
  | keyof typeof HTTP_REFUSALS
  | keyof typeof STOPS
  | (typeof ACCIDENTS)[number];

export interface IppPrinter {
  url: string;
  /** The printed documents, in the order of printing. */
  documents: Buffer[];
  /** Acts like a person who fixes the printer by inserting paper, pressing a button or switching the printer on. */
  help: () => Promise<void>;
  close: () => Promise<void>;
}

const [PRINT_JOB, GET_JOB_ATTRIBUTES, GET_PRINTER_ATTRIBUTES] = [0x0002, 0x0009, 0x000b];
const NOT_FOUND = 0x0406;
const [PROCESSING, PROCESSING_STOPPED, ABORTED, COMPLETED] = [5, 6, 8, 9];
const [IDLE, STOPPED] = [3, 5];
/** The time in ms that a slow printer takes to answer. */
const SLOW_MS = 700;

interface Machine {
  documents: Buffer[];
  /** The current condition, which lasts until someone helps. */
  condition: IppTrouble | undefined;
  jobs: Map<number, { state: number; document: Buffer }>;
  nextJob: number;
  server: ReturnType<typeof createServer>;
}

/** Starts a printer. For each job that arrives, `trouble` returns the fault that happens with this job, if any. */
export async function openIppPrinter(trouble: () => IppTrouble | undefined): Promise<IppPrinter> {
  const server = createServer((request, response) => void receive(machine, trouble, request, response));
  const machine: Machine = { documents: [], condition: undefined, jobs: new Map(), nextJob: 1, server };
  const listen = async (port: number): Promise<void> =>
    void (await once(server.listen(port, '127.0.0.1'), 'listening'));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `ipp://127.0.0.1:${port}/ipp/print`,
    documents: machine.documents,
    async help() {
      machine.condition = undefined;
      for (const [id, job] of machine.jobs) if (job.state === PROCESSING_STOPPED) print(machine, id);
      if (!server.listening) await listen(port);
    },
    async close() {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

async function receive(
  machine: Machine,
  trouble: () => IppTrouble | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    let happens: IppTrouble | undefined;
    for await (const chunk of request) {
      const isFirst = chunks.push(chunk as Buffer) === 1;
      if (!isFirst || chunks[0]?.readUInt16BE(2) !== PRINT_JOB || machine.condition !== undefined) continue;
      happens = trouble();
      if (happens === 'cut before') return void request.socket.destroy();
      if (happens === 'off') return switchOff(machine);
      if (happens !== undefined && isLasting(happens)) machine.condition = happens;
    }
    answer(machine, Buffer.concat(chunks), happens, response);
  } catch {
    // The service has already closed the connection.
    request.socket.destroy();
  }
}

function isLasting(trouble: IppTrouble): boolean {
  return isKey(REFUSALS, trouble) || isKey(HTTP_REFUSALS, trouble) || isKey(STOPS, trouble);
}

function switchOff({ server }: Machine): void {
  server.close();
  server.closeAllConnections();
}

function answer(machine: Machine, body: Buffer, happens: IppTrouble | undefined, response: ServerResponse): void {
  const { condition } = machine;
  const operation = body.readUInt16BE(2);
  if (isKey(HTTP_REFUSALS, condition)) return void response.writeHead(HTTP_REFUSALS[condition]).end();
  if (operation === GET_PRINTER_ATTRIBUTES) return send(response, 0, [aboutPrinter(condition)]);
  if (operation === GET_JOB_ATTRIBUTES) return answerAboutJob(machine, body, response);
  if (isKey(REFUSALS, condition)) return send(response, REFUSALS[condition]);
  if (operation !== PRINT_JOB) return send(response, 0);
  takeJob(machine, body.subarray(body.indexOf('%PDF')), happens, response);
}

function takeJob(machine: Machine, document: Buffer, happens: IppTrouble | undefined, response: ServerResponse): void {
  const { jobs, condition } = machine;
  const id = machine.nextJob++;
  const isStopped = isKey(STOPS, condition);
  jobs.set(id, { state: isStopped ? PROCESSING_STOPPED : PROCESSING, document });
  const accepted = (): void => send(response, 0, [aboutJob(id, isStopped ? PROCESSING_STOPPED : PROCESSING)]);
  if (isStopped) return accepted();
  if (happens === 'jam') {
    jobs.set(id, { state: ABORTED, document });
    return accepted();
  }
  print(machine, id);
  if (happens === 'cut after') return void response.socket?.destroy();
  if (happens === 'silent') return;
  if (happens === 'no IPP') return void response.end('<html>Welcome</html>');
  // A printer that restarts loses its jobs.
  if (happens === 'reboot') jobs.clear();
  setTimeout(accepted, happens === 'slow' ? SLOW_MS : 0);
}

function print({ jobs, documents }: Machine, id: number): void {
  const job = jobs.get(id);
  if (job === undefined) return;
  documents.push(job.document);
  job.state = COMPLETED;
}

function answerAboutJob({ jobs }: Machine, body: Buffer, response: ServerResponse): void {
  const id = Number(all(decode(body), GROUP.operation, 'job-id')[0]);
  const job = jobs.get(id);
  if (job === undefined) return send(response, NOT_FOUND);
  send(response, 0, [aboutJob(id, job.state)]);
}

type Group = [number, Attribute[]];

function aboutJob(id: number, state: number): Group {
  return [
    GROUP.job,
    [
      ['integer', 'job-id', id],
      ['integer', 'job-state', state],
      ['keyword', 'job-state-reasons', 'none'],
    ],
  ];
}

function aboutPrinter(condition: IppTrouble | undefined): Group {
  const reason = isKey(STOPS, condition) ? STOPS[condition] : undefined;
  return [
    GROUP.printer,
    [
      ['integer', 'printer-state', reason === undefined ? IDLE : STOPPED],
      ['keyword', 'printer-state-reasons', reason ?? 'none'],
    ],
  ];
}

function send(response: ServerResponse, status: number, groups: Group[] = []): void {
  const head: Group = [
    GROUP.operation,
    [
      ['charset', 'attributes-charset', 'utf-8'],
      ['language', 'attributes-natural-language', 'en'],
    ],
  ];
  response.setHeader('content-type', 'application/ipp');
  response.end(encode(status, 1, [head, ...groups]));
}

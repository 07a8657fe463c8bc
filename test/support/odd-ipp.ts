import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as net from 'node:net';
import { atFileEnd } from './file-end.ts';
import { encode, GROUP, type Attribute } from '../../src/print/ipp-message.ts';

/* IPP printers that break down, or something else that listens at their address. */

export const PRINT_JOB = 2;
const GET_PRINTER_ATTRIBUTES = 11;

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The operation asked for; the whole request has been read. */
  operation: number;
  version: number;
  body: Buffer;
  /** How many requests for that operation came so far, this one included. */
  times: number;
}

const open: { server: Server | net.Server; sockets: net.Socket[] }[] = [];
atFileEnd(() => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

export interface Oddity {
  server: Server;
  url: string;
  sockets: net.Socket[];
  counts: Map<number, number>;
  /** Breaks all connections. */
  hangUp: () => void;
}

export async function listen(server: Server | net.Server): Promise<{ port: number; sockets: net.Socket[] }> {
  const sockets: net.Socket[] = [];
  server.on('connection', (socket: net.Socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  open.push({ server, sockets });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as net.AddressInfo).port, sockets };
}

/**
 * An HTTP server at which IPP requests arrive. It runs and answers questions about itself, unless `isAsked` is given.
 */
export async function oddPrinter(
  behave: (exchange: Exchange) => void,
  isAsked: (exchange: Exchange) => void = ({ response }) => answer(response, 0, [printerGroup(3)]),
): Promise<Oddity> {
  const counts = new Map<number, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const [version, operation] = [body.readUInt16BE(0), body.readUInt16BE(2)];
      const times = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, times);
      (operation === GET_PRINTER_ATTRIBUTES ? isAsked : behave)({ request, response, operation, version, body, times });
    });
  });
  const { port, sockets } = await listen(server);
  const hangUp = (): void => sockets.forEach((socket) => socket.destroy());
  return { server, hangUp, url: `ipp://127.0.0.1:${port}/ipp/print`, sockets, counts };
}

export function answer(response: ServerResponse, status: number, groups: [number, Attribute[]][] = []): void {
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
export const jobGroup = (state: number, ...reasons: string[]): [number, Attribute[]] => [
  GROUP.job,
  [
    ['integer', 'job-id', 7],
    ['integer', 'job-state', state],
    ['keyword', 'job-state-reasons', ...reasons],
  ],
];

export const printerGroup = (state: number, ...reasons: string[]): [number, Attribute[]] => [
  GROUP.printer,
  [
    ['integer', 'printer-state', state],
    ['keyword', 'printer-state-reasons', ...(reasons.length === 0 ? ['none'] : reasons)],
  ],
];

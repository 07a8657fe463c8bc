import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certify, makeAuthority } from './pki.ts';

/** A cloud of the tests' own that speaks the agent's contract over TLS, with an authority of its own. */
export interface StandIn {
  /** For CLAIMSTAMP_BUILDER_URL. */
  url: string;
  /** For NODE_EXTRA_CA_CERTS. */
  authority: string;
  /** What came, oldest first. */
  requests: { path: string; headers: IncomingMessage['headers']; body: string }[];
  /** How the next requests are answered. */
  answer: (how: Answering) => void;
  close: () => Promise<void>;
}

export type Answering = (response: ServerResponse, request: { body: string }) => void;

/** As an unclaimed device is answered. */
export const unclaimed: Answering = (response, { body }) => {
  const { id } = JSON.parse(body) as { id: string };
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify({ registered: true, id }));
};

export async function openStandIn(): Promise<StandIn> {
  const authority = makeAuthority();
  const { cert, key } = certify(authority, 'cloud');
  const requests: StandIn['requests'] = [];
  let answering: Answering = unclaimed;
  const server: Server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({ path: request.url ?? '', headers: request.headers, body });
      answering(response, { body });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    authority: authority.file,
    requests,
    answer: (how) => void (answering = how),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

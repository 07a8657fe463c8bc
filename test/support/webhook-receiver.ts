import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/* An ERP that receives webhooks: it checks signatures as a stranger to our code would, and knows repeated events. */

export interface CloudEvent {
  specversion: string;
  id: string;
  source: string;
  type: string;
  time: string;
  sequence: string;
  datacontenttype: string;
  data: { seq: number; type: string; uci?: string; data: { [name: string]: unknown } };
}

/**
 * What the receiver does with a request. `accept` stores and answers; `lose` stores, and its answer is lost; `drop` cuts
 * the connection before anything is stored; a number is the status of an answer without storing.
 */
export type Doing = 'accept' | 'lose' | 'drop' | number | ((answer: ServerResponse) => void);

export interface Receiver {
  url: string;
  /** Decides about each request. */
  does: (next: (requests: number) => Doing) => void;
  /** The secrets that the receiver knows. */
  secrets: string[];
  /** The events that it stored, each once, in the order in which they came. */
  stored: CloudEvent[];
  /** How many requests had an event that was stored before. */
  repeated: () => number;
  requests: () => number;
  /** The bodies and headers of all requests, if `keep` was called. */
  keep: () => { headers: IncomingMessage['headers']; body: string }[];
  /** Requests with a wrong signature, or with something that is not a CloudEvent. */
  wrong: () => string[];
  close: () => Promise<void>;
}

export async function openReceiver(tls?: { key: string; cert: string }): Promise<Receiver> {
  let next: (requests: number) => Doing = () => 'accept';
  const receiver = { secrets: [] as string[], stored: [] as CloudEvent[] };
  const ids = new Set<string>();
  const wrong: string[] = [];
  let kept: { headers: IncomingMessage['headers']; body: string }[] | undefined;
  let [requests, repeated] = [0, 0];

  const store = (text: string): void => {
    const event = JSON.parse(text) as CloudEvent;
    if (event.specversion !== '1.0' || event.id === '' || event.source === '') wrong.push(text);
    if (ids.has(event.id)) repeated++;
    else receiver.stored.push(event);
    ids.add(event.id);
  };
  const handle: RequestListener = (request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { headers } = request;
      kept?.push({ headers, body });
      const problem = problemOf(headers, body, receiver.secrets);
      if (problem !== undefined) wrong.push(problem);
      const doing = next(++requests);
      if (doing === 'accept' || doing === 'lose') store(body);
      if (doing === 'accept') answer.writeHead(204).end();
      else if (typeof doing === 'number') answer.writeHead(doing).end('no');
      else if (typeof doing === 'function') doing(answer);
      else request.socket.destroy();
    });
    request.on('error', () => {});
  };
  const server = tls === undefined ? createServer(handle) : createSecureServer(tls, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...receiver,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/in?key=path-of-the-receiver`,
    does: (decide) => void (next = decide),
    repeated: () => repeated,
    requests: () => requests,
    keep: () => (kept ??= []),
    wrong: () => wrong,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As Standard Webhooks says it, written from its text. */
function problemOf(headers: IncomingMessage['headers'], body: string, secrets: string[]): string | undefined {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    String(headers[name] ?? ''),
  );
  if (!headers['content-type']?.startsWith('application/cloudevents+json'))
    return `content-type ${headers['content-type']}`;
  if (!body.includes(`"id":${JSON.stringify(id)}`)) return `another id: ${id}`;
  const isRight = secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    return signatures?.split(' ').includes(`v1,${expected}`);
  });
  return isRight ? undefined : `wrong signature of ${id}`;
}

import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import { secrets } from './service.ts';

/* An agent on the wire: raw sockets, byte for byte what firmware sends (docs/firmware.md). */

export interface Answer {
  statusLine: string;
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
}

/** An agent's own patience (docs/firmware.md): 30 seconds an attempt. */
const PATIENCE_MS = 30_000;

/** A TCP connection that sends what it is given, byte for byte. */
export class Wire {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
    this.socket.setTimeout(PATIENCE_MS, () => this.socket.destroy());
    this.socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    this.socket.on('end', end).on('close', end).on('error', end);
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next answer. Throws when the connection ends before it is whole. */
  async answer(): Promise<Answer> {
    for (;;) {
      const found = readAnswer(this.#received);
      if (found) {
        this.#received = this.#received.subarray(found.bytes);
        return found.answer;
      }
      await this.#more();
    }
  }

  /** What is left once the other side has ended the connection. */
  async rest(): Promise<string> {
    while (!this.#ended) await this.#more();
    return this.#received.toString();
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error(`the connection ended: ${this.#received.toString()}`);
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  close(): void {
    this.socket.destroy();
  }
}

function readAnswer(bytes: Buffer): { answer: Answer; bytes: number } | undefined {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, head).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const end = head + 4 + Number(headers['content-length']);
  if (bytes.length < end) return undefined;
  const status = Number(statusLine.split(' ')[1]);
  return { answer: { statusLine, status, headers, body: bytes.subarray(head + 4, end).toString() }, bytes: end };
}

/** The bytes an agent sends: three headers and its device section (docs/firmware.md). */
export function agentBytes(body: string | Uint8Array, path = '/ioto/serialize'): Buffer {
  const bytes = Buffer.from(body);
  secrets.readPath(path);
  const head = `POST ${path} HTTP/1.1\r\nContent-Type: application/json\r\nHost: 127.0.0.1:4100\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** One attempt of an agent: a new connection, one request. Throws when there is no whole answer. */
export async function attempt(port: number, body: string | Uint8Array, path?: string): Promise<Answer> {
  const wire = new Wire(port);
  try {
    wire.send(agentBytes(body, path));
    return await wire.answer();
  } finally {
    wire.close();
  }
}

/** The Claim ID of an answer that is exactly what an agent needs. */
export function idOf(answer: Answer): string {
  expect(answer.statusLine).toBe('HTTP/1.1 200 OK');
  expect(answer.body).toMatch(/^\{"id":"[0-9A-HJKMNP-TV-Z]{10,20}"\}$/);
  return (JSON.parse(answer.body) as { id: string }).id;
}

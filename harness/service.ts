import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PRODUCT as STOCK } from './agent.ts';
import { built } from '../src/platform/package-root.ts';

/* Starts the real service as a separate process, and sends requests to it as agents do. */

export const PRODUCT = 'TORTURE';

/** The maximum time in ms that the service may take to start. */
const START_MS = 30_000;

/** The time in ms that an agent waits for an answer. */
const PATIENCE_MS = 30_000;

export interface Service {
  port: number;
  url: string;
  data: string;
  /** The local token, for commands on this machine. */
  token: string;
  pid: number;
  /** The time in ms from the start of the process until the service is ready. */
  readyMs: number;
  /**
   * The process that this program started. With `wrap`, this process is the wrapping command, which then starts the
   * service.
   */
  child: ChildProcess;
  end: (signal: NodeJS.Signals) => Promise<void>;
  api: <T>(method: string, path: string, body?: object) => Promise<{ status: number; body: T }>;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** A command that starts Node, such as `strace …`. */
  wrap?: string[];
  /**
   * The files to run instead of the built program: Node runs the first file, which gets the last file as its argument.
   */
  program?: string[];
  /** A file that receives the standard output of the service. */
  log?: string;
  /** The standard streams of the service. By default, the service's log is discarded. */
  stdio?: StdioOptions;
  /** If true, the service counts as started even if it refuses devices, for example because its ledger is held. */
  held?: boolean;
}

export async function start(
  data: string,
  { env = {}, wrap = [], program = [built('cli/claimstamp.js')], log, stdio, held = false }: StartOptions = {},
): Promise<Service> {
  mkdirSync(data, { recursive: true });
  rmSync(join(data, 'serve.json'), { force: true });
  // The products get S/N patterns with more digits, because the default pattern of earlier releases allows only 99,999
  // units a week.
  const config = join(data, 'torture.json5');
  if (!existsSync(config)) {
    const products = [PRODUCT, STOCK].map((id, i) => ({
      id,
      name: 'Torture',
      serialPattern: i === 0 ? '{yy}{ww}{seq:7}' : 'S{yy}{ww}{seq:8}',
    }));
    writeFileSync(config, JSON.stringify({ catalog: { products } }));
  }
  const [command, ...args] = [...wrap, process.execPath, ...program, 'serve'];
  const begun = performance.now();
  const settings = {
    PORT: '0',
    CLAIMSTAMP_DATA: data,
    CLAIMSTAMP_CONFIG: config,
    CLAIMSTAMP_LOG_LEVEL: 'error',
    ...env,
  };
  const output = log === undefined ? 'ignore' : 'pipe';
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...settings },
    stdio: stdio ?? ['ignore', output, 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  if (log !== undefined) child.stdout?.on('data', (text: Buffer) => appendLog(log, text));
  const { url, token, pid } = await serving(child, data, () => said, held);
  const service: Service = {
    port: Number(new URL(url).port),
    url,
    data,
    token,
    pid,
    child,
    readyMs: performance.now() - begun,
    async end(signal) {
      const gone = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
      // If the service runs under strace, the child process is strace. So the signal is sent to the service's own
      // process ID.
      if (gone !== undefined) process.kill(pid, signal);
      await gone;
    },
    async api<T>(method: string, path: string, body?: object) {
      const answer = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as T };
    },
  };
  return service;
}

/** Appends text to the log. If the disk is full, some lines of the log are lost, but the run continues. */
function appendLog(file: string, text: Buffer): void {
  try {
    writeFileSync(file, text, { flag: 'a' });
  } catch {
    // The error is ignored, because one check fills the log's disk on purpose.
  }
}

async function serving(
  child: ChildProcess,
  data: string,
  said: () => string,
  held: boolean,
): Promise<{ url: string; token: string; pid: number }> {
  for (const end = performance.now() + START_MS; performance.now() < end; await pause(10)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the service ended: ${said()}`);
    try {
      const found = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as {
        url: string;
        token: string;
        pid: number;
      };
      if ((await fetch(`${found.url}/readyz`)).status === 200 || held) return found;
    } catch {
      // The service is not ready yet, so this code retries.
    }
  }
  child.kill('SIGKILL');
  throw new Error(`the service was not ready within ${START_MS} ms: ${said()}`);
}

export interface Answer {
  /** The HTTP status, or 0 if there was no answer. */
  status: number;
  id?: string;
  /** The answer's text, if it has no Claim ID. */
  refused?: string;
}

/**
 * Asks for a Claim ID over a new connection, as an agent does. `from` is the source address of the request. Never
 * rejects.
 */
export function ask(port: number, body: object, path = '/ioto/serialize', from?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const text = JSON.stringify({ product: PRODUCT, ...body });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      connection: 'close',
    };
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      headers,
      agent: false,
      timeout: PATIENCE_MS,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    asked.on('response', (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (part: string) => (received += part));
      response.on('end', () => {
        const { statusCode: status = 0, complete } = response;
        if (!complete) return resolve({ status: 0 });
        if (status !== 200) return resolve({ status, refused: received });
        resolve({ status, id: (JSON.parse(received) as { id: string }).id });
      });
      response.on('error', () => resolve({ status: 0 }));
    });
    asked.on('error', () => resolve({ status: 0 }));
    asked.on('timeout', () => asked.destroy());
    asked.end(text);
  });
}

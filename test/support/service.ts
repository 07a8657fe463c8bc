import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { pino } from 'pino';
import { expect } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { becomeOwner, type ServeFile } from '../../src/jobs/data-folder.ts';
import { openApplication, type Application } from '../../src/main.ts';
import { built } from '../../src/platform/package-root.ts';
import { atFileEnd } from './file-end.ts';
import { openWatch } from './secrets.ts';
import type { Document } from '../../src/http/openapi.ts';
import { readDocument, type Promised } from './openapi-document.ts';

/*
 * What the tests share: temporary folders, real processes, an agent's raw socket, and the routes over a real ledger.
 * Whatever a file opened here is gone when its tests are done; and none of what it logged may give a secret away.
 */

const folders: string[] = [];
const children = new Set<ChildProcess>();
const houses = new Set<Application>();

atFileEnd(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([...children].map(exited));
  await Promise.all([...houses].map((house) => house.close()));
  try {
    expectNoLeaks();
  } finally {
    secrets.forget();
    children.clear();
    houses.clear();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
});

/**
 * Every log of this file is searched when its tests are done. What the helpers here send and receive is known; secrets
 * that a test makes or gets by other ways it adds: `secrets.add(key)`, or `secrets.read(body)` for a reply.
 */
export const secrets = openWatch();

const SHOWN_LEAKS = 5;

function expectNoLeaks(): void {
  const leaks = secrets.leaks();
  if (leaks.length === 0) return;
  throw new Error(`${leaks.length} leaks in the log:\n${leaks.slice(0, SHOWN_LEAKS).join('\n')}`);
}

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-test-'));
  folders.push(folder);
  return folder;
}

/* Processes */

export const ADMIN_TOKEN = 'an-admin-token-of-the-tests-0123456789';
secrets.add(ADMIN_TOKEN);

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Service {
  url: string;
  port: number;
  data: string;
  /** What it has written to standard output and standard error so far. */
  log: () => string;
  /** Resolves once the process is gone. */
  end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<Ended>;
  ended: Promise<Ended>;
}

/** Printers of the tests write to temporary folders. test/print/places.test.ts tests the rule itself. */
const ANY_FOLDER = { CLAIMSTAMP_PRINT_FOLDERS: '/' };

/** What a child gets of the environment: nothing of the tests' own Claimstamp settings. */
export function environment(data: string, env: Record<string, string>): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, PORT: '0', CLAIMSTAMP_DATA: data, ...ANY_FOLDER, ...env };
}

const START_MS = 30_000;

/** The real service as a process of its own, answering. Throws with its log when it does not come up. */
export async function startService(data: string, env: Record<string, string> = {}): Promise<Service> {
  const settings = { CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN, CLAIMSTAMP_LOG_LEVEL: 'debug', ...env };
  const child = spawn(process.execPath, [built('cli/claimstamp.js'), 'serve'], { env: environment(data, settings) });
  children.add(child);
  const written = { stdout: '', stderr: '' };
  let log = '';
  secrets.ledger(data);
  secrets.listen(() => written.stdout);
  secrets.listen(() => written.stderr);
  secrets.add(settings.CLAIMSTAMP_ADMIN_TOKEN);
  const ended = exited(child);
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the service did not start:\n${log}`)), START_MS);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        log += text;
        written[name] += text;
        if (log.includes('"msg":"listening"')) resolve();
      });
    }
    void ended.then(() => reject(new Error(`the service ended:\n${log}`)));
    void ended.then(() => clearTimeout(late));
  });
  const { url, token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as ServeFile;
  secrets.add(token);
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  return { url, port: Number(new URL(url).port), data, log: () => log, end, ended };
}

function exited(child: ChildProcess): Promise<Ended> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  }
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
}

export interface Output extends Ended {
  stdout: string;
  stderr: string;
}

const COMMAND_MS = 45_000;

/** Runs one of the two commands to its end. */
export async function run(
  command: 'claimstamp' | 'serialize',
  args: string[],
  data: string,
  env: Record<string, string> = {},
): Promise<Output> {
  return runProgram(process.execPath, [built(`cli/${command}.js`), ...args], environment(data, env));
}

/**
 * Runs a command that the permissions of files bind. They do not bind root, in whose name CI runs, so root gives up the
 * two capabilities that say so.
 */
export function runWithPermissions(args: string[], data: string, env: Record<string, string> = {}): Promise<Output> {
  const command = [process.execPath, built('cli/claimstamp.js'), ...args];
  const without = '-dac_override,-dac_read_search';
  const [file = '', ...rest] =
    process.getuid?.() === 0 ? ['setpriv', `--bounding-set=${without}`, `--inh-caps=${without}`, ...command] : command;
  return runProgram(file, rest, environment(data, env));
}

async function runProgram(file: string, args: string[], env: Record<string, string>): Promise<Output> {
  const child = spawn(file, args, { env, timeout: COMMAND_MS });
  children.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
  return { ...(await exited(child)), ...output };
}

/* The API */

export interface Reply<T> {
  status: number;
  body: T;
  headers: Headers;
}

/** One request to the API of a running service, as its admin. */
export async function api<T>({ url }: Service, method: string, path: string, body?: unknown): Promise<Reply<T>> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(
    url + path,
    body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) },
  );
  secrets.read(body);
  return readReply(answer);
}

async function readReply<T>(answer: Response): Promise<Reply<T>> {
  const body = (await answer.json()) as T;
  secrets.read(body);
  secrets.readHeaders(answer.headers);
  return { status: answer.status, body, headers: answer.headers };
}

/** An RFC 9457 body. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
}

export interface Desk {
  app: Hono;
  house: Application;
  data: string;
  log: () => string;
  /** A request with the admin token and, where given, a JSON body. Its answer must be as /openapi.json has it. */
  ask: <T>(method: string, path: string, body?: unknown) => Promise<Reply<T>>;
  /** What an agent at this address gets. */
  agent: (body: unknown, source?: string, path?: string) => Promise<Reply<{ id: string } & Problem>>;
  /** Events in the ledger. */
  size: () => Promise<number>;
  close: () => Promise<void>;
}

/** The real routes over a real ledger in a temporary folder, without a socket. */
export async function openDesk(
  env: Record<string, string> = {},
  data = tempFolder(),
  now: () => number = Date.now,
): Promise<Desk> {
  let log = '';
  const logger = pino({ level: 'debug', base: null }, { write: (line: string) => void (log += line) });
  const config = readConfig({ CLAIMSTAMP_DATA: data, CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN, ...ANY_FOLDER, ...env });
  const house = await openApplication(config, logger, await becomeOwner(data), undefined, now);
  houses.add(house);
  secrets.ledger(data);
  secrets.listen(() => log);
  secrets.add(...(config.signingKey?.split('\n').slice(1, -2) ?? []));
  secrets.add(house.localToken, config.adminToken, ...config.catalog.stations.map(({ key }) => key));
  const request = async <T>(path: string, init: RequestInit, source = '127.0.0.1'): Promise<Reply<T>> => {
    secrets.readPath(path);
    return readReply(await house.app.request(path, init, { incoming: { socket: { remoteAddress: source } } }));
  };
  const json = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
  return {
    app: house.app,
    house,
    data,
    log: () => log,
    ask: async <T>(method: string, path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      secrets.read(body);
      const init = body === undefined ? { method, headers } : { method, headers, body: json(body) };
      const reply = await request<T>(path, init);
      const { check } = await promisedBy(house.app);
      check(method, path, { status: reply.status, type: reply.headers.get('content-type'), body: reply.body });
      return reply;
    },
    agent: (body, source, path = '/ioto/serialize') => request(path, { method: 'POST', body: json(body) }, source),
    size: async () => (await house.ledger.head()).size,
    close: async () => {
      houses.delete(house);
      await house.close();
    },
  };
}

let promised: Promise<Promised> | undefined;

/** The document is the same for every desk: read and compiled once. */
function promisedBy(app: Hono): Promise<Promised> {
  const read = async (): Promise<Promised> =>
    readDocument((await (await app.request('/openapi.json')).json()) as Document);
  return (promised ??= read());
}

/** No whole Claim ID of `ucis`, and none of the secrets, stands in the log. */
export function expectQuiet(log: string, ucis: Iterable<string>, secrets: string[] = []): void {
  const words = new Set(log.match(/[0-9A-Za-z]{10,20}/g));
  expect([...ucis].filter((uci) => words.has(uci))).toEqual([]);
  for (const secret of [ADMIN_TOKEN, ...secrets]) expect(log.includes(secret)).toBe(false);
}

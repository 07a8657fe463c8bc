import { existsSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import type { Config } from '../config.ts';
import { ClaimstampError, type ErrorCode } from '../platform/error.ts';
import { openLog } from '../platform/log.ts';
import { becomeOwner, readServeFile, serveFile } from '../jobs/data-folder.ts';
import { openApplication } from '../main.ts';
import { ledgerFile } from '../sqlite/sqlite-ledger.ts';
import { ownData } from '../sqlite/data-lock.ts';

/** The service's API, wherever it runs: commands know no other way to the ledger. */
export interface Api {
  request: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** An answer that is a file: its body has not been read. It may take long to be made, and nothing here gives up on it. */
  download: (path: string) => Promise<Response>;
  close: () => Promise<void>;
}

/**
 * The service named by CLAIMSTAMP_URL, else the one that owns the data folder; with none running this process becomes
 * the owner and answers itself, through the same routes.
 */
export async function openApi(config: Config): Promise<Api> {
  if (config.url !== undefined) {
    if (config.adminToken === undefined)
      throw new ClaimstampError(
        'unauthorized',
        'CLAIMSTAMP_URL needs CLAIMSTAMP_ADMIN_TOKEN, the token of that service',
      );
    return remote(config.url, config.adminToken);
  }
  if (config.ledger === undefined && !existsSync(ledgerFile(config.data))) throw noLedger(config.data);
  const own = ownData(config.data);
  if (own) {
    // No service runs: what one that was killed left here would mislead the next command.
    rmSync(serveFile(config.data), { force: true });
    const application = await openApplication(config, openLog('error', 'stderr'), own);
    const ask = (request: Request): Promise<Response> => Promise.resolve(application.app.request(request));
    return { ...callers({ ask, get: ask }, 'http://localhost', application.localToken), close: application.close };
  }
  const running = readServeFile(config.data);
  if (running) return remote(running.url, running.token);
  // Another command has the folder for a moment, or a service is just starting.
  const later = await becomeOwner(config.data);
  later.close();
  return openApi(config);
}

/** A mistyped folder must not begin a second sequence of S/Ns: only `serve` makes a ledger. */
export function noLedger(data: string): ClaimstampError {
  return new ClaimstampError(
    'not-found',
    `no service runs on ${data} and it holds no ledger: start the service, or set CLAIMSTAMP_DATA or CLAIMSTAMP_URL`,
  );
}

export function remote(url: string, token: string): Api {
  const reached = (error: unknown): never => {
    throw new ClaimstampError(
      'ledger-unavailable',
      `${url} does not answer (${reason(error)}): is the service running?`,
    );
  };
  const ask = (request: Request): Promise<Response> => fetch(request).catch(reached);
  const get = (request: Request): Promise<Response> => getPatiently(request).catch(reached);
  return { ...callers({ ask, get }, url, token), close: async () => {} };
}

/** Between two looks whether the other end is still there. ms */
const KEEP_ALIVE_MS = 30_000;

/** `fetch` gives up on an answer that does not begin within five minutes. */
function getPatiently({ url, headers }: Request): Promise<Response> {
  const { get } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers: Object.fromEntries(headers) }, (answer) => {
      const { statusCode: status = 500, headers: told } = answer;
      const heard = Object.entries(told).map(([name, value]) => [name, String(value)] as [string, string]);
      resolve(new Response(Readable.toWeb(answer) as ReadableStream, { status, headers: heard }));
    });
    asked.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS)).on('error', reject);
  });
}

/** How a request goes out; a file may take its time. */
interface Ways {
  ask: (request: Request) => Promise<Response>;
  get: (request: Request) => Promise<Response>;
}

function callers({ ask, get }: Ways, base: string, token: string): Pick<Api, 'request' | 'download'> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const to = (path: string, init: RequestInit): Request =>
    new Request(base.replace(/\/$/, '') + path, { ...init, headers });
  return {
    async request<T>(method: string, path: string, body?: unknown): Promise<T> {
      const answer = await ask(to(path, body === undefined ? { method } : { method, body: JSON.stringify(body) }));
      if (!answer.ok) throw await refusal(answer);
      return readAnswer<T>(answer);
    },
    async download(path) {
      const answer = await get(to(path, {}));
      if (!answer.ok) throw await refusal(answer);
      return answer;
    },
  };
}

async function refusal(answer: Response): Promise<ClaimstampError> {
  const { type = '', detail } = await readAnswer<{ type?: string; detail?: string }>(answer);
  const code = type.replace('urn:claimstamp:problem:', '') as ErrorCode;
  return new ClaimstampError(code, detail ?? `the service answered ${answer.status}`);
}

/** A service that is killed breaks off in the middle; a proxy before it answers in HTML. Neither says what happened. */
async function readAnswer<T>(answer: Response): Promise<T> {
  try {
    return (await answer.json()) as T;
  } catch {
    throw new ClaimstampError(
      'ledger-unavailable',
      `the answer (status ${answer.status}) broke off or is not JSON: is the service still running, is the address its own?`,
    );
  }
}

/** Why a call failed, as the system names it. */
export function reason(error: unknown): string {
  const cause = (error as Error).cause as { code?: string; errors?: { code?: string }[] } | undefined;
  return cause?.code ?? cause?.errors?.[0]?.code ?? (error as Error).message;
}

import { existsSync, statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Config } from '../config.ts';
import { openClient, type Address, type Client, type Transport } from '../http/client.ts';
import { OPERATIONS } from '../http/operations.ts';
import { problemIn } from '../http/problems.ts';
import { ClaimstampError, errorCode, isCode, messageOf } from '../platform/error.ts';
import { folderProblem } from '../platform/file-error.ts';
import { openLog } from '../platform/log.ts';
import { becomeOwner, readServeFile } from '../jobs/data-folder.ts';
import { ledgerFile } from '../sqlite/sqlite-ledger.ts';
import { ownData } from '../sqlite/data-lock.ts';
import { logFormat } from './log-format.ts';

/** The API of the service. Commands use the ledger only through this API. */
export interface Api extends Client {
  /** True if this process owns the data folder. Until `close` is called, no service can start with this folder. */
  ownsFolder: boolean;
  close: () => Promise<void>;
}

/**
 * If CLAIMSTAMP_URL is set, uses the service at this URL. Otherwise, uses the running service that owns the data
 * folder. If no service is running, this process becomes the owner of the data folder, and answers its own requests
 * through the same routes.
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
    leaveRoot(config.data);
    // Most commands ask a service, and then start in half of the time.
    const { openApplication } = await import('../main.ts');
    const application = await openApplication(
      config,
      openLog('error', 'stderr', logFormat(config, process.stderr)),
      own,
    );
    const ask = (request: Request): Promise<Response> => Promise.resolve(application.app.request(request));
    const place = { url: 'http://localhost', token: application.localToken };
    const client = clientOf(sender(ask, place), sender(ask, place));
    return { ...client, ownsFolder: true, close: application.close };
  }
  const running = readServeFile(config.data);
  if (running) return served(config.data, running);
  // Another process still owns the data folder: either a command that uses it for a moment, or a service that is
  // starting.
  const later = await becomeOwner(config.data);
  later.close();
  return openApi(config);
}

/**
 * Makes this process run as the user that owns the data folder. If root made files there, this user's service could not
 * start.
 */
function leaveRoot(data: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(data);
  if (uid === 0) return;
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

/**
 * Returns the error for a folder in which this user finds no ledger. Only `serve` makes a new ledger. If other commands
 * also made ledgers, a mistyped folder would get a new ledger. That ledger would issue S/Ns that are already in use.
 */
export function noLedger(data: string): ClaimstampError {
  const denied = existsSync(data) ? folderProblem(data) : undefined;
  if (denied !== undefined) return new ClaimstampError('invalid', `CLAIMSTAMP_DATA=${data}: ${denied}`);
  return new ClaimstampError(
    'not-found',
    `${data} has no running service and no ledger: start the service, or set CLAIMSTAMP_DATA or CLAIMSTAMP_URL`,
  );
}

export function remote(url: string, token: string): Api {
  const place = { url, token };
  const client = clientOf(sender(over(url), place), sender(patientlyOver(url), place));
  return { ...client, ownsFolder: false, close: async () => {} };
}

/**
 * Uses the service that owns the data folder. Each start of this service makes a new token, and may choose another
 * port. So if the service refuses the token or the connection, reads `serve.json` again, and resends the request to the
 * service that it names. This is safe, because the refused request has changed nothing.
 */
function served(data: string, first: Place): Api {
  let place = first;
  const through =
    (wayTo: (url: string) => Way): Transport['send'] =>
    async (method, path, body) => {
      const tried = place;
      try {
        return await sender(wayTo(tried.url), tried)(method, path, body);
      } catch (error) {
        const isRefused = isCode(error, 'unauthorized');
        if (!isRefused && !isUnsent(error)) throw error;
        place = readServeFile(data) ?? place;
        if (place.token !== tried.token) return await sender(wayTo(place.url), place)(method, path, body);
        if (!isRefused) throw error;
        // A service that starts opens its port shortly before it writes `serve.json`.
        throw new ClaimstampError('ledger-unavailable', `${tried.url} has just started: try again`);
      }
    };
  return { ...clientOf(through(over), through(patientlyOver)), ownsFolder: false, close: async () => {} };
}

/**
 * Returns a function that sends requests to the service. The types of requests and answers are not checked. The callers
 * build the addresses of their requests themselves.
 */
export function openRequests(
  url: string,
  token: string,
): <T>(method: string, path: string, body?: unknown) => Promise<T> {
  const send = sender(over(url), { url, token });
  // The simulator and its service always have the same version, so the answers are not checked.
  return async <T>(method: string, path: string, body?: unknown) =>
    (await readJson(await send(method, path, JSON.stringify(body)))) as T;
}

/**
 * Returns a client whose requests have time limits: for each path, `limit` returns the signal that aborts the request.
 */
export function openLink(url: string, token: string, limit: (path: string) => AbortSignal): Client {
  const ask = (request: Request): Promise<Response> =>
    fetch(request, { signal: limit(new URL(request.url).pathname), redirect: 'error' }).catch(unreachable(url));
  const send = sender(ask, { url, token });
  return clientOf(send, send);
}

function over(url: string): Way {
  return (request) => fetch(request).catch(unreachable(url));
}

function patientlyOver(url: string): Way {
  return (request) => getPatiently(request).catch(unreachable(url));
}

function unreachable(url: string): (error: unknown) => never {
  return (error) => {
    const said = `${url} does not answer (${reason(error)}): is the service running?`;
    throw Object.assign(new ClaimstampError('ledger-unavailable', said), { cause: error });
  };
}

/** True if no service listened at the address, so the request was not sent. */
function isUnsent(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return [errorCode(cause), reason(cause)].includes('ECONNREFUSED');
}

/** The interval between two TCP keep-alive probes, in ms. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Waits for an answer without a time limit. `fetch` is not used, because it fails if no answer begins within five
 * minutes.
 */
function getPatiently({ url, headers }: Request): Promise<Response> {
  const { get } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers: Object.fromEntries(headers) }, (answer) => {
      const { statusCode: status = 500, headers: told } = answer;
      const heard = Object.entries(told).map(([name, value]): [string, string] => [name, String(value)]);
      resolve(new Response(Readable.toWeb(answer), { status, headers: heard }));
    });
    asked.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS)).on('error', reject);
  });
}

type Way = (request: Request) => Promise<Response>;

/** The address of a service, and the token with which this process may use it. */
interface Place {
  url: string;
  token: string;
}

/**
 * Returns a client that sends requests with these functions. `fetchFile` has no time limit, because the service may
 * need a long time to make the file.
 */
function clientOf(send: Transport['send'], fetchFile: Transport['send']): Client {
  return openClient({ send, fetchFile, read: readAnswer });
}

function sender(way: Way, { url, token }: Place): Transport['send'] {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return async (method, path, body) => {
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const answer = await way(new Request(url.replace(/\/$/, '') + path, init));
    if (!answer.ok) throw await refusal(answer);
    return answer;
  };
}

async function refusal(answer: Response): Promise<ClaimstampError> {
  const { code = 'ledger-unavailable', detail, problems } = problemIn(await readJson(answer));
  const said = detail ?? `the service answered ${answer.status}`;
  if (problems === undefined) return new ClaimstampError(code, said);
  return new ClaimstampError(code, { key: said, values: { problems: problems.map((key) => ({ key })) } });
}

/**
 * Throws if the answer is not JSON: the service may have been killed while answering, or a proxy may have answered with
 * HTML.
 */
async function readJson(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    throw new ClaimstampError(
      'ledger-unavailable',
      `the answer (status ${answer.status}) is incomplete or not JSON: check that the service runs and the address is right`,
    );
  }
}

/**
 * Returns the answer with all its fields. Another version of the service may add fields, and commands with --json print
 * these, too.
 */
async function readAnswer(answer: Response, address: Address): Promise<unknown> {
  const json = await readJson(answer);
  const missing = OPERATIONS[address].answer.safeParse(json).error?.issues.find(isMissing);
  if (missing === undefined) return json;
  throw new ClaimstampError(
    'ledger-unavailable',
    `the answer to ${address} has no valid value for ${missing.path.join('.')}: update the service and this command line to the same version`,
  );
}

/** True if the problem is that a required field is missing. Additional fields and unknown values are accepted. */
function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union')
    return issue.errors.length > 0 && issue.errors.every((branch) => branch.some(isMissing));
  return issue.code === 'invalid_type';
}

/** Returns the code of the operating system for a failed call. */
export function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const [first] = cause instanceof AggregateError ? cause.errors : [];
  return errorCode(cause) || errorCode(first) || messageOf(error);
}

import { createHash } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { isObject } from '../model/event.ts';
import type { Permission } from '../model/role.ts';
import type { Once } from '../decide/command.ts';
import { ClaimstampError, type ErrorCode, refusal } from '../platform/error.ts';
import { defined, own } from '../platform/own.ts';
import { openTurns } from '../platform/turns.ts';
import { PROBLEMS } from './problems.ts';
import {
  nameOf,
  refuseAuditor,
  refuseOtherMask,
  refuseOtherThanPerson,
  refuseOtherThanPrintAgent,
  refuseWithout,
  unattended,
  type Auth,
  type Principal,
  refuseOtherStation,
} from './auth.ts';
import { refuseWithoutBadge } from './require-badge.ts';
import { maskAnswer } from './auditor.ts';
import { CHECK_EVERY_MS } from './watch-access.ts';
import type { Lookups } from './lookups.ts';
import { check } from '../platform/validation-words.ts';
import { parseLongList, type LongList } from './long-list.ts';
import { MAX_API_BYTES, parseJson, readBytes } from './read-body.ts';
import type { Services } from './services.ts';
import { isConfirmed } from './session.ts';

/*
 * Each operation, such as `PUT /v1/products/{id}`, has one declaration of its permissions, input and answer. The
 * following are made from the declarations: the checks of requests, the handlers' types, the client (client.ts),
 * /openapi.json, /docs, and the table of permissions.
 */

export interface Declaration {
  tag: Tag;
  /** The purpose of the operation, in one line. `description` adds details. */
  summary: string;
  description?: string;
  /**
   * The permission that the caller needs. With `person`, every signed-in person may use the operation for their own
   * account. `print-agent` allows only the print agents of printers. Print agents may use no other operations.
   */
  may: Permission | 'person' | 'print-agent' | 'anybody';
  /**
   * A person must have entered the password within the last few minutes. Only people need to confirm: programs with a
   * token and commands on this machine need no password.
   */
  confirmed?: true;
  /**
   * The objects for which a kiosk may use the operation. `own-station`: its own station (`{name}` in the path).
   * `own-unit`: units of its station (the handler calls `findUnit`). `own-job`: print jobs of its station (the handler
   * checks this). An operation without `kiosk` refuses kiosks.
   */
  kiosk?: 'own-station' | 'own-unit' | 'own-job';
  /**
   * The answer for auditors. `masked`: the service masks the Claim IDs in the JSON answer. `as-made`: the answer
   * contains no Claim IDs, or the handler itself masks them. In both cases, the handler leaves out products that the
   * auditor may not see. An operation without `auditor` refuses auditors.
   */
  auditor?: 'masked' | 'as-made';
  /**
   * True if pages send this request automatically. Then the request does not count as activity by the signed-in
   * person.
   */
  unattended?: true;
  /**
   * True if the operation finds a unit by a code that was typed or scanned. A caller with too many failed look-ups has
   * to wait (lookups.ts).
   */
  lookup?: true;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** The largest body in bytes. The default is MAX_API_BYTES. */
  bodyLimit?: number;
  /** An example of the body, for the API documentation. */
  example?: unknown;
  status?: 200 | 201 | 202;
  answer?: z.ZodType;
  /** If the answer is not JSON: its media types and a description. */
  file?: { types: string[]; description: string; headers?: { [name: string]: string } };
  /** The refusals of this operation, apart from those that all operations have. */
  refusals?: ErrorCode[];
  longList?: LongList;
  /** If true, the operation accepts an Idempotency-Key and takes effect only once per key. */
  once?: true;
  /**
   * The properties of the answer that can be passed as parameters to other operations: `{ operation: { parameter:
   * property } }`.
   */
  links?: { [operation: string]: { [parameter: string]: string } };
}

/** The declarations by address. An address is a method, a space, and a path in OpenAPI's form. */
export type Declarations = { [address: `${Method} /${string}`]: Declaration };
const METHODS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;
type Method = keyof typeof METHODS;

/** A declaration together with the method and path from its address. */
export interface Operation extends Declaration {
  method: Lowercase<Method>;
  path: string;
}

export type Tag = 'agents' | 'units' | 'labels' | 'stations' | 'catalog' | 'printing' | 'ledger' | 'access' | 'service';

/**
 * `InputOf` and `OutputOf` replace z.input and z.output. zod's own types make tsc slow, because they compare each
 * schema with the entire ZodType.
 */
export type InputOf<S> = S extends { _zod: { input: infer I } } ? I : never;
export type OutputOf<S> = S extends { _zod: { output: infer O } } ? O : never;

interface Given<D> {
  params: D extends { params: infer S } ? OutputOf<S> : undefined;
  query: D extends { query: infer S } ? OutputOf<S> : undefined;
  body: D extends { body: infer S } ? OutputOf<S> : undefined;
}

/** A request that has passed the checks of its operation. */
export interface Ask<D> extends Given<D> {
  c: Context;
  who: Principal;
  /**
   * Returns the caller with its current permissions. If the caller may no longer use the operation, throws the same
   * error as for a new request. The handler calls this function before each part of a long answer.
   */
  stillAllowed: StillAllowed;
  /**
   * The request's Idempotency-Key, as a member of the command. With this key, a repeated request takes effect only
   * once. Empty if the request has no Idempotency-Key.
   */
  once: { once?: Once };
  /**
   * Counts a failed look-up. A handler that throws `not-found` must not call this function, because `not-found` is
   * counted automatically.
   */
  missed: (times?: number) => void;
}

export type StillAllowed = () => Promise<Principal>;

/** The JSON answer of an operation. */
export type AnswerOf<D> = D extends { answer: infer S } ? OutputOf<S> : never;

/** Adds an operation. An operation's handler returns JSON that matches `answer`, or a complete response. */
export type On = <D extends Declarations, A extends keyof D & keyof Declarations>(
  declarations: D,
  address: A,
  handle: (ask: Ask<D[A]>) => Promise<AnswerOf<D[A]> | Response>,
) => void;

export interface Operations {
  on: On;
  /** The operations in the order in which they were added. */
  list: Operation[];
  /** Call this last. After this call, known paths refuse other methods with 405, and unknown paths get 404. */
  close: () => void;
}

export function openOperations(
  app: Hono,
  auth: Auth,
  { source: from, now, ledger }: Pick<Services, 'source' | 'now' | 'ledger'>,
  { lookups, kiosks }: { lookups: Lookups; kiosks: Lookups },
): Operations {
  const list: Operation[] = [];
  const inFlight = new Set<string>();
  const on: On = (declarations, address, handle) => {
    const operation = operationAt(address, defined(declarations[address]));
    list.push(operation);
    app.on(operation.method.toUpperCase(), honoPath(operation.path), async (c) => {
      const askedAt = performance.now();
      const { who, stillAllowed } = await admit(c, operation, auth, now);
      if (operation.method !== 'get') await refuseWithoutBadge({ ledger }, who);
      const source = from.address(c);
      const masksFor = operation.auditor === 'masked' ? who.auditor : undefined;
      // An auditor can type a complete Claim ID into any search, so each search by an auditor may be a guess.
      const isLookup = operation.lookup || masksFor !== undefined;
      if (isLookup) lookups.refuse(nameOf(who), source);
      if (operation.lookup && who.kiosk !== undefined) kiosks.refuse(nameOf(who), '');
      const missed = (times?: number): void => {
        lookups.missed(nameOf(who), source, times);
        if (who.kiosk !== undefined) kiosks.missed(nameOf(who), '', times);
      };
      const params = check(operation.params ?? NONE, c.req.param());
      const query = check(operation.query ?? NONE, queryOf(c));
      const bytes = c.req.method === 'GET' ? EMPTY : await readBytes(c, operation.bodyLimit ?? MAX_API_BYTES);
      const body = operation.body === undefined ? undefined : await readChecked(operation.body, bytes, operation);
      // The schemas have already checked `params`, `query` and `body`, and the types are derived from the same schemas.
      const given = { params, query, body } as Given<(typeof declarations)[typeof address]>;
      const once = await onceOf(c, operation.once, who, bytes);
      const answer = await alone(inFlight, once, () =>
        handle({ c, ...given, who, stillAllowed, once: once === undefined ? {} : { once }, missed }),
      ).catch((error: unknown) => {
        if (isLookup && error instanceof ClaimstampError && PROBLEMS[error.code][0] === 404) missed();
        throw error;
      });
      if (performance.now() - askedAt >= CHECK_EVERY_MS) await unlessEnded(answer, stillAllowed);
      const shown = masksFor === undefined ? answer : await maskAnswer(ledger, masksFor, answer);
      if (shown instanceof Response) return shown;
      return c.json(shown, operation.status ?? 200);
    });
  };
  return { on, list, close: () => refuseOtherMethods(app) };
}

const NONE = z.strictObject({});

/** The number of entries that are checked in one step. Checking this many entries takes about 0.2 ms. */
const ENTRIES_A_LOOK = 20;

/**
 * Reads and checks a body. A long list is read and checked a few entries at a time, so that agents do not wait for it.
 */
async function readChecked(schema: z.ZodType, bytes: Uint8Array, { longList }: Operation): Promise<unknown> {
  if (longList === undefined) return check(schema, parseJson(bytes));
  const value = await parseLongList(bytes, longList);
  const entries = isObject(value) ? value[longList.name] : undefined;
  if (!isObject(value) || !Array.isArray(entries) || entries.length > longList.most) return check(schema, value);
  const turn = openTurns();
  const read: unknown[] = [];
  let rest: { [name: string]: unknown } = {};
  // An empty list is also checked, once.
  for (let from = 0; from === 0 || from < entries.length; from += ENTRIES_A_LOOK) {
    const part = schema.safeParse({ ...value, [longList.name]: entries.slice(from, from + ENTRIES_A_LOOK) });
    const data = part.success && isObject(part.data) ? part.data : undefined;
    const checked = data?.[longList.name];
    // Rechecks the complete list, because only this check says where in the list each problem is.
    if (data === undefined || !Array.isArray(checked)) return check(schema, value);
    rest = data;
    read.push(...checked);
    await turn();
  }
  return { ...rest, [longList.name]: read };
}
const EMPTY = new Uint8Array();

/**
 * Refuses a parameter that is given twice. A proxy may have checked one value, while this service would use the other.
 */
function queryOf(c: Context): Record<string, string> {
  for (const [name, { length }] of Object.entries(c.req.queries()))
    if (length > 1) throw refusal('invalid', 'parameterTwice', { name });
  return c.req.query();
}

const NOBODY: Principal = { actor: 'anybody', may: new Set(), credential: '', again: async () => NOBODY };

async function admit(
  c: Context,
  operation: Operation,
  auth: Auth,
  now: () => number,
): Promise<{ who: Principal; stillAllowed: StillAllowed }> {
  if (operation.may === 'anybody') return { who: NOBODY, stillAllowed: async () => NOBODY };
  if (operation.unattended) unattended(c);
  const who = await auth.principal(c);
  const station = c.req.param('name');
  refuseUnlessAllowed(who, operation, station);
  if (operation.confirmed && who.session && !isConfirmed(who.session, now()))
    throw refusal('confirm-password', 'again');
  const stillAllowed = async (): Promise<Principal> => {
    const later = await who.again();
    refuseUnlessAllowed(later, operation, station);
    refuseOtherMask(who, later);
    return later;
  };
  return { who, stillAllowed };
}

function refuseUnlessAllowed(who: Principal, { may, kiosk, auditor }: Operation, station: string | undefined): void {
  refuseAuditor(who, auditor);
  if (may === 'person') refuseOtherThanPerson(who);
  else if (may === 'print-agent') refuseOtherThanPrintAgent(who);
  else if (may !== 'anybody') refuseWithout(who, may);
  if (who.kiosk === undefined) return;
  if (kiosk === undefined) throw refusal('kiosk-station', 'signIn', { station: who.kiosk });
  if (kiosk === 'own-station') refuseOtherStation(who, station);
}

/** Discards a long answer if the caller's access ended while the answer was being made. */
async function unlessEnded(answer: unknown, stillAllowed: StillAllowed): Promise<void> {
  try {
    await stillAllowed();
  } catch (error) {
    if (answer instanceof Response) await answer.body?.cancel();
    throw error;
  }
}

/** Printable ASCII characters; a UUID has 36 of them. From the RFC draft "The Idempotency-Key HTTP Header Field". */
const ONCE_KEY = /^[\x21-\x7e]{1,255}$/;

async function onceOf(
  c: Context,
  takes: true | undefined,
  who: Principal,
  bytes: Uint8Array,
): Promise<Once | undefined> {
  const key = c.req.header('idempotency-key');
  if (key === undefined) return undefined;
  if (takes === undefined) throw refusal('invalid', 'noOnce');
  if (!ONCE_KEY.test(key)) throw refusal('invalid', 'badOnce');
  const { pathname, search } = new URL(c.req.url);
  return {
    key: await hashOf(who.actor, key),
    fingerprint: await hashOf(c.req.method, pathname, search, bytes),
  };
}

/** The number of bytes that are hashed in one step. Hashing this many bytes takes less than a millisecond. */
const BYTES_A_LOOK = 128 * 1024;

async function hashOf(...parts: (string | Uint8Array)[]): Promise<Uint8Array> {
  const hash = createHash('sha256');
  const turn = openTurns();
  for (const part of parts) {
    // Each part is preceded by its length, so that different lists never produce the same hash input.
    hash.update(`${part.length} `);
    for (let from = 0; from < part.length; from += BYTES_A_LOOK) {
      hash.update(part.slice(from, from + BYTES_A_LOOK));
      await turn();
    }
  }
  return hash.digest();
}

/**
 * Refuses a request while another request with the same key is running. A later request with the same key gets the
 * first answer.
 */
async function alone<T>(inFlight: Set<string>, once: Once | undefined, act: () => Promise<T>): Promise<T> {
  if (once === undefined) return act();
  const name = Buffer.from(once.key).toString('hex');
  if (inFlight.has(name)) throw refusal('in-flight', 'wait');
  inFlight.add(name);
  try {
    return await act();
  } finally {
    inFlight.delete(name);
  }
}

function operationAt(address: string, declaration: Declaration): Operation {
  const [method = '', path = ''] = address.split(' ');
  return { ...declaration, method: defined(own<Operation['method']>(METHODS, method)), path };
}

/** Returns the path in the form that Hono uses, for example `/v1/units/{uci}/label.pdf`. */
function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** Refuses all other methods with 405 at every address, including the addresses of pages and files. */
function refuseOtherMethods(app: Hono): void {
  const methods = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    // Ignores middleware and the final route that answers 404.
    if (method === 'ALL' || path.endsWith('*')) continue;
    const allowed = method === 'GET' ? ['GET', 'HEAD'] : [method];
    methods.set(path, [...(methods.get(path) ?? []), ...allowed]);
  }
  for (const [path, allowed] of methods) {
    app.all(path, (c) => {
      c.header('allow', allowed.join(', '));
      throw refusal('method-not-allowed', 'allowed', { method: c.req.method, allowed: allowed.join(', ') });
    });
  }
}

import type { AnswerOf, InputOf } from './operation.ts';
import type { OPERATIONS } from './operations.ts';

/*
 * Calls of the API. The types of the calls are derived from the declarations of the operations: `call('PUT
 * /v1/products/{id}', { params: { id }, body })`. The caller passes the transport: the command line uses the network,
 * and the console calls the app in this process.
 */

type Operations = typeof OPERATIONS;

/** Operations that answer JSON. */
export type Address = {
  [A in keyof Operations]: 'answer' extends keyof Operations[A] ? A : never;
}[keyof Operations];

/** Operations that answer with a file. JSON reports count as files too, because callers save them unchanged. */
type FileAddress = {
  [A in keyof Operations]: 'file' extends keyof Operations[A] ? A : A extends `GET ${string}.json` ? A : never;
}[keyof Operations];

/** The JSON answer of the operation at this address. */
export type Answer<A extends Address> = Json<AnswerOf<Operations[A]>>;

/** JSON has no `undefined`, so properties with the value `undefined` are omitted. */
type Json<T> = T extends object ? { [K in keyof T]: Json<Exclude<T[K], undefined>> } : T;

export interface Client {
  call: <A extends Address>(address: A, ...given: Given<A>) => Promise<Answer<A>>;
  /** Returns the response before its body has been read. Callers use this for files. */
  file: <A extends FileAddress>(address: A, ...given: Given<A>) => Promise<Response>;
}

export interface Transport {
  /** If the service refuses the request, throws the error named in the refusal. */
  send: (method: string, path: string, body?: string) => Promise<Response>;
  /** Works like `send`, but waits longer, because making a file can take a long time. */
  fetchFile?: Transport['send'];
  /** Returns the JSON body of a response. */
  read: (response: Response, address: Address) => Promise<unknown>;
}

export function openClient({ send, fetchFile = send, read }: Transport): Client {
  return {
    call: async (address, ...[given]) =>
      (await read(await sent(send, address, given), address)) as Answer<typeof address>,
    file: (address, ...[given]) => sent(fetchFile, address, given),
  };
}

type Sent = { params?: Named; query?: Named; body?: unknown };
type Named = Record<string, string | number | undefined>;

function sent(
  send: Transport['send'],
  address: string,
  { params = {}, query = {}, body }: Sent = {},
): Promise<Response> {
  const [method = '', path = ''] = address.split(' ');
  const at = path.replace(/\{(\w+)\}/g, (_part, name: string) => encodeURIComponent(String(params[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
  const search = asked.size === 0 ? '' : `?${asked.toString()}`;
  return send(method, at + search, body === undefined ? undefined : JSON.stringify(body));
}

/** The arguments of a call. The arguments are optional if the operation requires no argument. */
type Given<A extends keyof Operations> =
  object extends GivenOf<Operations[A]> ? [given?: GivenOf<Operations[A]>] : [given: GivenOf<Operations[A]>];

/**
 * This conditional type makes TypeScript treat each operation separately. Otherwise, the compiler would combine the
 * inputs of all operations while it infers the address, and exceed its limits.
 */
type GivenOf<D> = D extends unknown ? Sent & Part<'params', D> & Part<'query', D> & Part<'body', D> : never;

type Part<P extends 'params' | 'query' | 'body', D> = D extends { [K in P]: infer S }
  ? object extends InputOf<S>
    ? { [K in P]?: Written<P, InputOf<S>> }
    : { [K in P]: Written<P, InputOf<S>> }
  : { [K in P]?: never };

type Written<P, T> = P extends 'body'
  ? Typed<T>
  : { [K in keyof T]: unknown extends T[K] ? string | number | Optional<P> : Typed<T[K]> };
type Optional<P> = P extends 'query' ? undefined : never;

/**
 * The compiler checks only the names and structure of the input. People enter the values, so the operation checks the
 * values at run time.
 */
type Typed<T> = T extends string ? string : T extends object ? { [K in keyof T]: Typed<T[K]> } : T;

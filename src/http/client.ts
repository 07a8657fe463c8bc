import type { AnswerOf, InputOf } from './operation.ts';
import type { OPERATIONS } from './operations.ts';

/*
 * Calls of the API, typed by the operations' own declarations: `call('PUT /v1/products/{id}', { params: { id }, body })`.
 * The transport is a parameter: the network (command line), or the app of this process (console).
 */

type Operations = typeof OPERATIONS;

/** Operations that answer JSON. */
export type Address = {
  [A in keyof Operations]: 'answer' extends keyof Operations[A] ? A : never;
}[keyof Operations];

/** The JSON that the operation at this address answers. */
export type Answer<A extends Address> = Json<AnswerOf<Operations[A]>>;

/** JSON has no `undefined`: a property with that value is absent. */
type Json<T> = T extends object ? { [K in keyof T]: Json<Exclude<T[K], undefined>> } : T;

export interface Client {
  call: <A extends Address>(address: A, ...given: Given<A>) => Promise<Answer<A>>;
  /** The response with its body unread, for files. */
  file: <A extends keyof Operations>(address: A, ...given: Given<A>) => Promise<Response>;
}

export interface Transport {
  /** If the service refuses the request, throws the error that the refusal names. */
  send: (method: string, path: string, body?: string) => Promise<Response>;
  /** Like `send`, for a file, which may take long to make. */
  fetchFile?: Transport['send'];
  /** The JSON of a response. */
  read: (response: Response, address: Address) => Promise<unknown>;
}

export function openClient({ send, fetchFile = send, read }: Transport): Client {
  return {
    call: async (address, ...[given]) =>
      (await read(await sent(send, address, given as Sent), address)) as Answer<typeof address>,
    file: (address, ...[given]) => sent(fetchFile, address, given as Sent),
  };
}

type Sent = { params?: Named; query?: Named; body?: unknown } | undefined;
type Named = Record<string, string | number | undefined>;

function sent(send: Transport['send'], address: string, given: Sent): Promise<Response> {
  const { params = {}, query = {}, body } = given ?? {};
  const [method = '', path = ''] = address.split(' ');
  const at = path.replace(/\{(\w+)\}/g, (_part, name: string) => encodeURIComponent(String(params[name])));
  const asked = Object.entries(query).filter(([, value]) => value !== undefined) as [string, string][];
  const search = asked.length === 0 ? '' : `?${new URLSearchParams(asked).toString()}`;
  return send(method, at + search, body === undefined ? undefined : JSON.stringify(body));
}

/** A call's arguments; optional when the operation requires none. */
type Given<A extends keyof Operations> =
  object extends GivenOf<Operations[A]> ? [given?: GivenOf<Operations[A]>] : [given: GivenOf<Operations[A]>];

type GivenOf<D> = Part<'params', D> & Part<'query', D> & Part<'body', D>;

type Part<P extends 'params' | 'query' | 'body', D> = D extends { [K in P]: infer S }
  ? object extends InputOf<S>
    ? { [K in P]?: Written<P, InputOf<S>> }
    : { [K in P]: Written<P, InputOf<S>> }
  : unknown;

type Written<P, T> = P extends 'body'
  ? Typed<T>
  : { [K in keyof T]: unknown extends T[K] ? string | number | Optional<P> : Typed<T[K]> };
type Optional<P> = P extends 'query' ? undefined : never;

/** Types check names and shapes. The operation checks the values, which people type. */
type Typed<T> = T extends string ? string : T extends object ? { [K in keyof T]: Typed<T[K]> } : T;

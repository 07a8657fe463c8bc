import type { EventData, EventType, SubjectOf } from './event-data.ts';

/** A JSON value in a request body or in a setting. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** An event that has no number and no time in the ledger yet. */
export type Happening<T extends EventType = EventType> = T extends EventType ? Told<T> & SubjectOf<T> : never;

interface Told<T extends EventType> {
  type: T;
  /**
   * Who acted: `agent:<address>`, `token:<name>`, `person:<name>`, `kiosk:<station>`, `kiosk:<station>/<operator>`,
   * `admin`, `local`, `file`, `system`.
   */
  actor: string;
  data: EventData[T];
  /**
   * The agent's body, written as strict JSON on one line. No byte of a stored line is ever changed. The agent's body is
   * the last member of `data`.
   */
  attributes?: string;
}

/** An event of the ledger. `at` is UTC in ms since 1970. The order of events is given by `seq` alone, not by `at`. */
export type Event<T extends EventType = EventType> = T extends EventType
  ? Happening<T> & { seq: number; at: number }
  : never;

/** A parsed line. The event's type and `data` are not checked yet; event-check.ts checks them. */
export interface EventLine {
  seq: number;
  at: number;
  type: string;
  uci?: string | undefined;
  actor: string;
  station?: string | undefined;
  workOrder?: string | undefined;
  data: { readonly [name: string]: unknown };
  attributes?: string | undefined;
}

/**
 * Makes a ledger event from a happening, a number and a time. All members are named one by one, so that V8 stores all
 * events in the same layout ("shape"). With object spread, each event would get its own shape. Making these shapes
 * would take a sixth of the time that the writer spends on a unit.
 */
export function eventOf(happening: Happening, seq: number, at: number): Event {
  const { type, uci, actor, station, workOrder, data, attributes } = happening;
  // An undefined member is harmless, because readers of events treat it as absent.
  return { seq, at, type, uci, actor, station, workOrder, data, attributes } as Event;
}

/**
 * Returns the line that is stored, hashed and exported. The line is JSON with a fixed order of keys. Absent members are
 * left out.
 */
export function lineOf(event: Event | EventLine): string {
  let line = `{"seq":${event.seq},"at":"${textOf(event.at)}","type":"${event.type}"`;
  if (event.uci !== undefined) line += `,"uci":"${event.uci}"`;
  line += `,"actor":${JSON.stringify(event.actor)}`;
  if (event.station !== undefined) line += `,"station":${JSON.stringify(event.station)}`;
  if (event.workOrder !== undefined) line += `,"work_order":${JSON.stringify(event.workOrder)}`;
  const data = JSON.stringify(event.data);
  if (event.attributes === undefined) return `${line},"data":${data}}`;
  return `${line},"data":${data.slice(0, -1)}${data === '{}' ? '' : ','}"attributes":${event.attributes}}}`;
}

/** Reads a stored line. Throws if the text is not a ledger line. */
export function parseLine(line: string): EventLine {
  const known = lastTail !== '' && line.endsWith(lastTail);
  const { seq, at, type, uci, actor, station, workOrder, data } = membersOf(known ? withoutTail(line, lastTail) : line);
  const time = timeOf(at);
  if (!Number.isSafeInteger(seq) || Number.isNaN(time)) throw new Error(`not an event line: seq ${seq}`);
  const own = data['attributes'] === undefined ? data : withoutAttributes(data);
  if (own !== data) lastTail = tailOf(line, own);
  const attributes = own !== data || known ? lastTail.slice(ATTRIBUTES.length, -2) : undefined;
  return { seq, at: time, type, uci, actor, station, workOrder, data: own, attributes };
}

/**
 * Matches the part of a line before its `data`. The pattern matches only if no value in this part contains an escape.
 */
const HEAD =
  /^\{"seq":([1-9]\d*),"at":"([\d:.TZ-]+)","type":"([a-z-]+)"(?:,"uci":"(\w+)")?,"actor":"([^"\\\p{Cc}]*)"(?:,"station":"([^"\\\p{Cc}]*)")?(?:,"work_order":"([^"\\\p{Cc}]*)")?,"data":(?=\{)/u;

type Members = Omit<EventLine, 'at' | 'attributes' | 'data'> & { at: string; data: { [name: string]: Json } };

/**
 * Returns the members of a line of the ledger. For the part before `data`, the pattern needs half the time of
 * JSON.parse.
 */
function membersOf(line: string): Members {
  const head = line.endsWith('}}') ? HEAD.exec(line) : null;
  if (head === null) return slowMembersOf(line);
  const [before, seq, at = '', type = '', uci, actor = '', station, workOrder] = head;
  const data: Members['data'] = JSON.parse(line.slice(before.length, -1));
  return { seq: Number(seq), at, type, uci, actor, station, workOrder, data };
}

function slowMembersOf(line: string): Members {
  const all: unknown = JSON.parse(line);
  const { seq, at, type, uci, actor, station, work_order: workOrder, data } = isObject(all) ? all : {};
  const isText = (value: unknown): value is string => typeof value === 'string';
  const isName = (value: unknown): value is string | undefined => value === undefined || isText(value);
  const isNumbered = typeof seq === 'number' && isText(at);
  if (
    isNumbered &&
    isText(type) &&
    isName(uci) &&
    isText(actor) &&
    isName(station) &&
    isName(workOrder) &&
    isObject(data)
  )
    return { seq, at, type, uci, actor, station, workOrder, data };
  throw new Error('not an event line');
}

function withoutAttributes({ attributes, ...own }: Members['data']): Members['data'] {
  if (!isObject(attributes)) throw new Error("an event's attributes are not an object");
  return own;
}

const ATTRIBUTES = '"attributes":';

/**
 * The end of the last line that contained an agent's body: `"attributes":{…}}}`. Devices with the same firmware send
 * the same body, which is often half of the line. So a body that equals the body of the last line is not reparsed. A
 * different line may also end with this text. Then the text is the last member of `data` in that line too. It cannot be
 * a part of a string, because its quotes would then be escaped. It cannot be one level deeper, because the line would
 * then end with one more brace.
 */
let lastTail = '';

function withoutTail(line: string, tail: string): string {
  const head = line.slice(0, -tail.length);
  return `${head.endsWith(',') ? head.slice(0, -1) : head}}}`;
}

let lastTime: { text: string; at: number } = { text: '', at: NaN };

/** Parses the time of an event. All events of a transaction have the same time, so the last result is remembered. */
function timeOf(text: string): number {
  if (lastTime.text !== text) lastTime = { text, at: Date.parse(text) };
  return lastTime.at;
}

let lastText: { at: number; text: string } = { at: NaN, text: '' };

function textOf(at: number): string {
  if (lastText.at !== at) lastText = { at, text: new Date(at).toISOString() };
  return lastText.text;
}

/**
 * Returns the part of a stored line that begins with the agent's body, byte for byte. In `data`, the agent's body comes
 * after the members that the service wrote. The first `,"data":` in a line is always the member `data`, because a
 * string contains quotes only in escaped form.
 */
function tailOf(line: string, rest: { [key: string]: Json }): string {
  const data = JSON.stringify(rest);
  return line.slice(line.indexOf(',"data":') + ',"data":'.length + (data === '{}' ? 1 : data.length));
}

let lastBody: { text: string; body: { readonly [key: string]: Json } } = { text: '{}', body: {} };

/**
 * Returns the parsed body of the agent's request that an event records. Callers must not change the result, because
 * equal bodies share one object.
 */
export function bodyOf({ attributes = '{}' }: { attributes?: string }): { readonly [key: string]: Json } {
  if (lastBody.text !== attributes) lastBody = { text: attributes, body: JSON.parse(attributes) };
  return lastBody.body;
}

/**
 * Returns the product of an event that makes a unit. `data` contains the product only if the agent's body does not name
 * the product.
 */
export function productOf(event: Happening<'issued' | 'reserved'>): string {
  const named = event.data.product ?? bodyOf(event)['product'];
  if (typeof named !== 'string') throw new Error(`${event.type} event without a product`);
  return named;
}

export function isObject(value: unknown): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

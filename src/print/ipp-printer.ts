import type { IppPrinter } from '../model/printer.ts';
import type { Login, Outcome, Places, Stop } from '../model/printing/sending.ts';
import { parsePrinterUrl } from '../model/printer.ts';
import { defined, own } from '../platform/own.ts';
import { all, decode, encode, GROUP, VERSIONS, type Attribute, type IppMessage, type Version } from './ipp-message.ts';
import { ACCESS, isSuccess, statusOf } from './ipp-status.ts';
import { post, type Reply } from './post.ts';
import type { Endpoint } from './socket.ts';

/*
 * Queries an IPP printer about its state: whether it is running and accepts jobs, and what media it contains. The query
 * prints nothing, so it can safely be repeated. The query is sent before each job, so that a stopped printer gets no
 * job.
 */

const GET_PRINTER_ATTRIBUTES = 0x000b;
const VERSION_NOT_SUPPORTED = 0x0503;

/** The time limit for a query, in ms. A printer answers queries in milliseconds. */
export const QUESTION_MS = 5_000;

/** The maximum length of a printer's message in characters. The message must fit on a screen. */
const MAX_MESSAGE = 200;

export interface Target extends Endpoint {
  path: string;
  login?: Login | undefined;
  /** The printer's address with the scheme `ipp` or `ipps`, as printers expect. */
  uri: string;
  version: Version;
}

const PORTS: { [protocol: string]: number } = { 'ipp:': 631, 'ipps:': 631, 'http:': 80, 'https:': 443 };

export function targetOf(printer: IppPrinter, places: Places, login?: Login): Target {
  const { url, host } = defined(parsePrinterUrl(printer.url));
  const secure = url.protocol === 'ipps:' || url.protocol === 'https:';
  const port = url.port === '' ? defined(own(PORTS, url.protocol)) : Number(url.port);
  const path = `${url.pathname === '' ? '/' : url.pathname}${url.search}`;
  const uri = `${secure ? 'ipps' : 'ipp'}://${url.hostname}:${port}${path}`;
  const target: Target = { host, port, places, path, login, uri, version: VERSIONS[0] };
  return secure ? { ...target, tls: { fingerprint: printer.certificate } } : target;
}

/** Every IPP request begins with these three attributes, in this order (RFC 8011, 4.1.4 and 4.1.5). */
export function addressed(target: Target): Attribute[] {
  return [
    ['charset', 'attributes-charset', 'utf-8'],
    ['language', 'attributes-natural-language', 'en'],
    ['uri', 'printer-uri', target.uri],
  ];
}

/** The state that an IPP printer reports. An attribute that the printer leaves out is undefined. */
export interface IppReport {
  state?: string;
  reasons: string[];
  message: string;
  isAccepting?: boolean;
  /**
   * The formats that the printer accepts (`document-format-supported`). Empty if the printer does not list its
   * formats.
   */
  formats: string[];
  /** The sizes of the media in the printer (`media-col-ready`) in mm, for example 62x40. */
  media: string[];
}

/** `printer-state` (RFC 8011, 5.4.11). */
const STATES: { [state: number]: string } = { 3: 'idle', 4: 'processing', 5: 'stopped' };

export type Asked =
  | { report: IppReport; target: Target }
  /** The printer does not accept jobs at the moment. */
  | { waits: Outcome & { state: 'queued' } }
  /** The printer's answer to this query cannot be understood. */
  | { target: Target };

/** Queries the printer about its state. Throws if the printer cannot be reached or does not answer. */
export async function askPrinter(printer: IppPrinter, target: Target, signal: AbortSignal): Promise<Asked> {
  const reply = await post(target, {
    body: encode(
      GET_PRINTER_ATTRIBUTES,
      3,
      [[GROUP.operation, [...addressed(target), ['name', 'requesting-user-name', 'claimstamp'], WANTED]]],
      target.version,
    ),
    connectMs: printer.connectMs,
    answerMs: QUESTION_MS,
    signal,
  });
  const waits = waitsByHttp(reply, target.login);
  if (waits !== undefined) return { waits };
  if (reply.status !== 200) return { target };
  const message = readable(reply.body);
  if (message?.status === VERSION_NOT_SUPPORTED && target.version !== VERSIONS[1])
    return askPrinter(printer, { ...target, version: VERSIONS[1] }, signal);
  if (message === undefined) return { target };
  if (isSuccess(message.status)) return { report: reportIn(message), target };
  const waiting = waitsByIpp(message);
  return waiting === undefined ? { target } : { waits: waiting };
}

const WANTED: Attribute = [
  'keyword',
  'requested-attributes',
  'printer-state',
  'printer-state-reasons',
  'printer-state-message',
  'printer-is-accepting-jobs',
  'media-col-ready',
  'document-format-supported',
];

function readable(body: Buffer): IppMessage | undefined {
  try {
    return decode(body);
  } catch {
    return undefined;
  }
}

function reportIn(message: IppMessage): IppReport {
  const [state] = all(message, GROUP.printer, 'printer-state');
  const [isAccepting] = all(message, GROUP.printer, 'printer-is-accepting-jobs');
  return {
    ...(typeof state === 'number' && STATES[state] !== undefined ? { state: STATES[state] } : {}),
    ...(typeof isAccepting === 'boolean' ? { isAccepting } : {}),
    reasons: all(message, GROUP.printer, 'printer-state-reasons')
      .map(plain)
      .filter((reason) => reason !== 'none' && reason !== ''),
    message: plain(all(message, GROUP.printer, 'printer-state-message')[0] ?? ''),
    formats: all(message, GROUP.printer, 'document-format-supported').map(plain),
    media: mediaIn(all(message, GROUP.printer, 'media-col-ready')),
  };
}

/** IPP gives sizes in hundredths of a millimetre (PWG 5100.7). */
const PER_MM = 100;

function mediaIn(members: unknown[]): string[] {
  const after = (name: string): number[] =>
    members.flatMap((value, at) => {
      const next = members[at + 1];
      return value === name && typeof next === 'number' ? [next / PER_MM] : [];
    });
  const lengths = after('y-dimension');
  return after('x-dimension').flatMap((width, at) => (lengths[at] === undefined ? [] : [`${width}x${lengths[at]}`]));
}

/** Returns why a printer with this report gets no job, or undefined if it may get one. */
export function stopOf({ state, reasons, message, isAccepting }: IppReport): Stop | undefined {
  const details = [...reasons, ...(message === '' ? [] : [`“${message}”`])].join(', ');
  const said = details === '' ? '' : ` (${details})`;
  if (state === 'stopped') return { what: whatOf(reasons), said: `it has stopped${said}` };
  if (isAccepting === false) return { what: 'refuses', said: `it is not accepting jobs${said}` };
  return undefined;
}

/** True if the printer lists its formats and PDF is not among them. Over IPP, this program sends only PDF. */
export function lacksPdf({ formats }: IppReport): boolean {
  return formats.length > 0 && !formats.some((format) => /^application\/pdf\b/i.test(format));
}

/** Keywords of `printer-state-reasons` (RFC 8011, 5.4.12), with or without a severity such as `-error`. */
const REASONS: [keyword: RegExp, what: Stop['what']][] = [
  [/^(media-(empty|needed)|input-tray-missing)/, 'noLabels'],
  [/^(marker-supply-empty|toner-empty)/, 'noRibbon'],
  [/^(cover|door|interlock)-open/, 'open'],
  [/^(paused|moving-to-paused)/, 'paused'],
];

/** Returns the problem of the first entry of REASONS that matches one of these reasons. */
export function whatOf(reasons: string[]): Stop['what'] {
  const [known] = REASONS.filter(([keyword]) => reasons.some((reason) => keyword.test(reason)));
  return known?.[1] ?? 'stopped';
}

/** For an HTTP answer without IPP content, returns why the job has to wait, or undefined if it does not. */
export function waitsByHttp(
  { status, challenge }: Pick<Reply, 'status' | 'challenge'>,
  login?: Login,
): (Outcome & { state: 'queued' }) | undefined {
  if (status !== 401 && status !== 403 && status !== 503) return undefined;
  const advice = status === 503 ? 'it is busy or starting' : status === 401 ? loginAdvice(challenge, login) : ACCESS;
  return {
    state: 'queued',
    what: status === 503 ? 'refuses' : 'unauthorised',
    reason: `the printer is not accepting jobs (HTTP status ${status}): ${advice}`,
  };
}

/**
 * Says what to do if a printer requires a user name and a password. This program supports only Basic authentication
 * (RFC 7617).
 */
function loginAdvice(challenge: string | undefined, login: Login | undefined): string {
  if (login === undefined) return ACCESS;
  if (login.password === undefined)
    return 'no password is set for this printer address: set it (claimstamp printer password)';
  if (challenge !== undefined && !/\bbasic\b/i.test(challenge))
    return 'it does not accept Basic authentication: allow it in the printer’s own settings, or allow this computer to print without a password';
  return `it does not accept the user ${login.user} with this password: set both again (claimstamp printer password)`;
}

/** For an answer with this IPP status, returns why the job has to wait, or undefined if it does not. */
export function waitsByIpp(message: IppMessage): (Outcome & { state: 'queued' }) | undefined {
  const { name, kind, advice, isAccess } = statusOf(message.status);
  if (kind !== 'waits') return undefined;
  const said = plain(all(message, GROUP.operation, 'status-message')[0] ?? '');
  const detail = said === '' ? name : `${name}, ${said}`;
  const what = isAccess ? 'unauthorised' : 'refuses';
  return { state: 'queued', what, reason: `the printer is not accepting jobs (${detail}): ${advice}` };
}

/** Converts a printer's message to a single line of limited length. */
export function plain(value: unknown): string {
  return String(value)
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .slice(0, MAX_MESSAGE)
    .trim();
}

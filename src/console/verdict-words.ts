import type { Ledger } from '../contract/ledger.ts';
import { FAILURES, type Failure } from '../decide/scans/verify.ts';
import type { Answer } from '../http/client.ts';
import type { Station } from '../model/station.ts';
import { keysOf } from '../platform/own.ts';
import { STATION } from '../../words/console/station.ts';
import type { PageContext } from './pages.tsx';

/* What the screen of a station says about a scan. */

type Answered = Answer<'POST /v1/stations/{name}/verify'>;
type Passing = Extract<Answered, { result: 'PASS' }>;

/** Returns the S/N of the unit that passed, and what the operator does next. */
export function nextOf({ say }: PageContext, station: Station | undefined, { serial }: Passing): string {
  const then = station?.mode === 'slot' ? (station.next === 'auto' ? 'nextAuto' : 'nextManual') : 'nextOpen';
  return serial === undefined ? say(STATION, then) : `${say(STATION, 'serial')} ${serial}. ${say(STATION, then)}`;
}

/** Returns an example of the devices' own code, if a product of the station has one. */
export async function exampleOf(ledger: Ledger, { say }: PageContext, name: string): Promise<string> {
  const station = await ledger.station(name);
  const named = [station?.product, ...Object.keys(station?.workOrders ?? {})];
  const products = (await ledger.products()).filter(({ deviceCode }) => deviceCode !== undefined);
  const { deviceCodeExample: example } = products.find(({ id }) => named.includes(id)) ?? products[0] ?? {};
  return example === undefined ? '' : ` ${say(STATION, 'forExample', { example })}`;
}

type Verified = Extract<Answered, { result: 'FAIL' }>;

/** Returns why the scan failed, what to do, and which code was read. */
export function whyOf(page: PageContext, failure: Failure, { verified, read = '' }: Verified): string {
  const { say } = page;
  const why = [say(STATION, failure), ...(verified === undefined ? [] : [verifiedAt(page, { verified })])];
  return [...why, ...(read === '' ? [] : [say(STATION, 'read', { read })])].join('. ');
}

export function verifiedAt({ say, language }: PageContext, { verified }: Pick<Verified, 'verified'>): string {
  if (verified === undefined) return '';
  const at = new Date(verified.at);
  const isToday = at.toDateString() === new Date().toDateString();
  const style = isToday ? ({ timeStyle: 'short' } as const) : ({ dateStyle: 'short', timeStyle: 'short' } as const);
  const time = new Intl.DateTimeFormat(language, style).format(at);
  return say(STATION, 'verifiedAt', { station: verified.station ?? '–', time });
}

export function failureOf(reason: string): Failure {
  const known = keysOf(FAILURES).find((failure) => FAILURES[failure] === reason);
  if (known === undefined) throw new Error(`no words for "${reason}"`);
  return known;
}

import type { Ledger } from '../contract/ledger.ts';
import { FAILURES, type Failure } from '../decide/scans/verify.ts';
import type { Answer } from '../http/client.ts';
import type { Station } from '../model/station.ts';
import { isKey, keysOf } from '../platform/own.ts';
import { STATION } from '../../words/console/station.ts';
import type { PageContext } from './pages.tsx';

/* The sentences that a station's screen shows after a scan. */

type Answered = Answer<'POST /v1/stations/{name}/verify'>;
type Passing = Extract<Answered, { result: 'PASS' }>;

/** Returns the S/N of the unit that passed, and what the operator must do next. */
export function nextOf(page: PageContext, station: Station | undefined, { serial }: Passing): string {
  const { say } = page;
  const then = station?.mode === 'slot' ? (station.next === 'auto' ? 'nextAuto' : 'nextManual') : 'nextOpen';
  return serial === undefined
    ? say(STATION, then)
    : sentences(page, [`${say(STATION, 'serial')} ${serial}`, say(STATION, then)]);
}

/** Returns an example of the devices' own code, if one of the station's products has one. */
export async function exampleOf(ledger: Ledger, { say }: PageContext, name: string): Promise<string> {
  const station = await ledger.station(name);
  const named = [station?.product, ...Object.keys(station?.workOrders ?? {})];
  const products = (await ledger.products()).filter(({ deviceCode }) => deviceCode !== undefined);
  const { deviceCodeExample: example } = products.find(({ id }) => named.includes(id)) ?? products[0] ?? {};
  return example === undefined ? '' : ` ${say(STATION, 'forExample', { example })}`;
}

type Verified = Extract<Answered, { result: 'FAIL' }>;

/** Says why the scan failed, what to do about it, and which code was read. */
export function whyOf(page: PageContext, failure: Failure, { verified, read = '' }: Verified): string {
  const { say } = page;
  const why = verified === undefined ? say(STATION, failure) : verifiedAt(page, { verified });
  return sentences(page, [why, ...(read === '' ? [] : [say(STATION, 'read', { read })])]);
}

/** Says where and when the label was already verified. */
export function verifiedAt(page: PageContext, { verified }: Pick<Verified, 'verified'>): string {
  return verified === undefined ? '' : page.say(STATION, 'verifiedAt', placeOf(page, verified));
}

/** Says where and when the unit already passed. */
export function alreadyOf(page: PageContext, { verified }: Pick<Verified, 'verified'>): string {
  return page.say(STATION, 'already', verified === undefined ? { station: '–', time: '–' } : placeOf(page, verified));
}

/** Says why a code that the scanner did not read cleanly does not count, and what the scanner read. */
export function unclearOf(page: PageContext, { read = '' }: Verified): string {
  const { say } = page;
  return sentences(page, [say(STATION, 'againWhy'), ...(read === '' ? [] : [say(STATION, 'read', { read })])]);
}

function placeOf({ language }: PageContext, { station = '–', at }: NonNullable<Verified['verified']>) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  const style = isToday ? ({ timeStyle: 'short' } as const) : ({ dateStyle: 'short', timeStyle: 'short' } as const);
  return { station, time: new Intl.DateTimeFormat(language, style).format(date) };
}

export function failureOf(reason: string): Failure {
  const known = keysOf(FAILURES).find((failure) => FAILURES[failure] === reason);
  if (known === undefined) throw new Error(`no words for "${reason}"`);
  return known;
}

function sentences({ language }: PageContext, parts: string[]): string {
  return parts.join(language === 'zh' ? '。' : '. ');
}

/** Says which labels of the unit must also be scanned for a PASS. */
export function missingOf({ say }: PageContext, roles: string[]): string {
  return say(STATION, 'labelsMissingWith', { roles: roles.map((role) => roleWord(say, role)).join(' + ') });
}

/** Returns the word for the role of a label. Roles that people have named themselves have no translation. */
export function roleWord(say: PageContext['say'], role: string): string {
  const key = `role.${role}`;
  return isKey(STATION.en, key) ? say(STATION, key) : role;
}

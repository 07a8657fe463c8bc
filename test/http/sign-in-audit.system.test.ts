import { beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { openSignInAudit } from '../../src/http/sign-in-audit.ts';
import { ACCESS_EVENTS } from '../../src/model/event-data.ts';
import { audit } from '../support/audit.ts';
import { token } from '../support/askers.ts';
import { invited, openBrowser, PASSWORD, type Browser } from '../support/form-client.ts';
import { openDesk, type Desk } from '../support/service.ts';
import { until } from '../support/until.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OTHER = 'five words are better still';

interface Line {
  seq: number;
  type: string;
  actor: string;
  station?: string;
  data: Record<string, unknown>;
}

interface Session {
  id: string;
  name: string;
  kiosk?: true;
  source?: string;
  current?: true;
}

let desk: Desk;
let late = 0;
let open: (source?: string) => Browser;

beforeEach(async () => {
  late = 0;
  desk = await openDesk({}, undefined, () => Date.now() + late);
  open = (source = '10.0.9.9') => openBrowser(desk.app, source);
  return () => desk.close();
});

async function signIn(browser: Browser, name: string, password = PASSWORD): Promise<number> {
  await browser.get('/sign-in');
  const { status } = await browser.send('/sign-in', { name, password });
  if (status === 303) await browser.get('/account');
  return status;
}

/** The events after event `after`, without their times. */
async function eventsAfter(after: number): Promise<Line[]> {
  const { events } = (await desk.ask<{ events: Line[] }>('GET', '/v1/access-events?limit=1000')).body;
  return events.filter(({ seq }) => seq > after).toReversed();
}

async function told(after: number): Promise<unknown[]> {
  return (await eventsAfter(after)).map(({ type, actor, data }) => [type, actor, data]);
}

async function openKiosk(station: string, source = '10.0.9.20'): Promise<Browser> {
  await desk.ask('PUT', `/v1/stations/${station}`, { sources: ['10.0.8.1'] });
  const { link } = (await desk.ask<{ link: string }>('POST', `/v1/stations/${station}/kiosk`)).body;
  const browser = open(source);
  const { pathname } = new URL(link);
  await browser.get(pathname);
  await browser.send(pathname);
  // This page has a form, and so the form token.
  await browser.get(`/stations/${station}`);
  return browser;
}

describe('the ledger records, with the address', () => {
  it('a sign-in, a sign-out, a link made and used, and a changed password', async () => {
    await invited(desk, 'lin', 'qa', '10.0.9.1');
    expect(await told(0)).toEqual([
      ['person-set', 'admin', { name: 'lin', role: 'qa' }],
      ['invited', 'admin', { name: 'lin', source: '127.0.0.1' }],
      ['person-set', 'person:lin', { name: 'lin', role: 'qa', password: true, source: '10.0.9.1' }],
      ['signed-in', 'person:lin', { source: '10.0.9.1', by: 'link' }],
    ]);
    const after = await desk.size();
    const browser = open('10.0.9.2');
    await signIn(browser, 'lin');
    await browser.send('/account', { former: PASSWORD, password: OTHER, again: OTHER });
    await browser.get('/account');
    await browser.send('/sign-out');
    expect(await told(after)).toEqual([
      ['signed-in', 'person:lin', { source: '10.0.9.2' }],
      ['person-set', 'person:lin', { name: 'lin', role: 'qa', password: true, source: '10.0.9.2' }],
      ['signed-out', 'person:lin', { source: '10.0.9.2' }],
    ]);
  });

  it('a badge at a kiosk, but not the same badge again', async () => {
    const kiosk = await openKiosk('nest');
    await desk.ask('PATCH', '/v1/people/olga', { role: 'operator', badge: 'OP-4711' });
    await desk.ask('PATCH', '/v1/people/mo', { role: 'operator', badge: 'OP-4712' });
    const after = await desk.size();
    for (const code of ['OP-4711', 'OP-4711', 'OP-4712']) await kiosk.send('/stations/nest/scan', { code });
    const source = '10.0.9.20';
    expect(await told(after)).toEqual([
      ['badge-used', 'kiosk:nest/olga', { source }],
      ['badge-used', 'kiosk:nest/mo', { source }],
    ]);
  });

  it('a session that was idle or expired, when its cookie is shown again, once', async () => {
    const browser = await invited(desk, 'lin', 'qa', '10.0.9.1');
    const after = await desk.size();
    late = HOUR + MINUTE;
    for (let i = 0; i < 3; i++) expect((await browser.get('/account')).status).toBe(303);
    // The answers do not wait for the event.
    await until(async () => (await eventsAfter(after)).length > 0);
    // The ledger has a clock of its own: to it, a session of a later hour would be idle from its first moment.
    late = 0;
    await signIn(browser, 'lin');
    late = 13 * HOUR;
    expect((await browser.call('GET', '/v1/units')).status).toBe(401);
    const events = await until(async () => {
      const some = await eventsAfter(after);
      return some.length >= 3 && some;
    });
    expect(events.map(({ type, actor, data }) => [type, actor, data['name'], data['from'], data['why']])).toEqual([
      ['session-ended', 'system', 'lin', '10.0.9.1', 'idle'],
      ['signed-in', 'person:lin', undefined, undefined, undefined],
      ['session-ended', 'system', 'lin', '10.0.9.1', 'expired'],
    ]);
  });

  it('wrong passwords as one event for each source and hour, and known names only', async () => {
    await invited(desk, 'lin', 'qa');
    const after = await desk.size();
    const guesser = open('10.0.9.66');
    for (let i = 0; i < 4; i++) await signIn(guesser, 'lin', 'not the password');
    for (const name of ['my secret typed as a name', 'nobody']) await signIn(guesser, name, 'x');
    await signIn(open('2001:db8::1'), 'lin', 'x');
    expect(await told(after)).toEqual([]);
    late = HOUR;
    await signIn(open('10.0.9.67'), 'lin', 'x');
    await desk.close();
    const lines = audit(desk.data).lines.map((line) => JSON.parse(line) as Line);
    const failed: Record<string, unknown>[] = lines
      .filter(({ type }) => type === 'sign-ins-failed')
      .map(({ data }) => ({ ...data, from: '' }));
    expect(failed).toEqual([
      { source: '10.0.9.66', from: '', failed: 6, throttled: 0, names: ['lin'] },
      { source: '2001:db8:0:0::/64', from: '', failed: 1, throttled: 0, names: ['lin'] },
      { source: '10.0.9.67', from: '', failed: 1, throttled: 0, names: ['lin'] },
    ]);
    expect(audit(desk.data).lines.join('\n')).not.toContain('my secret');
    desk = await openDesk();
  });

  it('a lock-out at once, one for each source and hour', async () => {
    await invited(desk, 'lin', 'qa');
    const after = await desk.size();
    const guesser = open('10.0.9.66');
    for (let i = 0; i < 30; i++) await signIn(guesser, 'lin', 'not the password');
    expect(await told(after)).toEqual([['sign-in-locked', 'system', { source: '10.0.9.66', name: 'lin' }]]);
  });
});

it('a flood of wrong passwords from many addresses adds a fixed number of events in an hour', async () => {
  let now = 0;
  const commands: { failures?: unknown[]; locked?: object }[] = [];
  const record = (command: object) => Promise.resolve(commands.push(command) as never);
  const counts = openSignInAudit({ ledger: { record }, log: pino({ level: 'silent' }), now: () => now });
  for (let i = 0; i < 5000; i++) {
    counts.failed(`10.1.${i >> 8}.${i & 255}`, `name-${i}`);
    counts.throttled(`10.1.${i >> 8}.${i & 255}`, undefined);
  }
  expect(commands.length).toBe(21);
  now = HOUR;
  counts.failed('10.0.0.1', undefined);
  const { failures = [] } = commands.at(-1) ?? {};
  expect(failures.length).toBe(21);
  expect(failures.at(-1)).toMatchObject({ source: 'others', failed: 4980, throttled: 4980 });
  await counts.close();
  expect(commands.length).toBe(23);
});

describe('sessions', () => {
  it('of one person are listed for this person, each with its end, which is the end at the next request', async () => {
    const here = await invited(desk, 'lin', 'operator', '10.0.9.1');
    const there = open('10.0.9.2');
    await signIn(there, 'lin');
    await invited(desk, 'mo', 'operator', '10.0.9.3');
    const { sessions } = (await (await here.call('GET', '/v1/account/sessions')).json()) as { sessions: Session[] };
    expect(sessions.map(({ name, source, current }) => [name, source, current])).toEqual([
      ['lin', '10.0.9.1', true],
      ['lin', '10.0.9.2', undefined],
    ]);
    const page = await here.get('/account');
    expect(page.text).toContain('from 10.0.9.2');
    expect((await there.call('GET', '/v1/stations')).status).toBe(200);
    const after = await desk.size();
    const id = sessions[1]?.id as string;
    expect((await here.send('/account/sessions', { id })).status).toBe(303);
    expect((await there.call('GET', '/v1/stations')).status).toBe(401);
    expect((await here.call('GET', '/v1/stations')).status).toBe(200);
    expect((await here.call('DELETE', `/v1/account/sessions/${id}`)).status).toBe(404);
    expect(
      (await eventsAfter(after)).map(({ type, actor, data }) => [type, actor, data['name'], data['from']]),
    ).toEqual([['session-ended', 'person:lin', 'lin', '10.0.9.2']]);
  });

  it('of someone else, and of a kiosk with the name of the person, are not in reach', async () => {
    const lin = await invited(desk, 'lin', 'operator');
    const mo = await invited(desk, 'mo', 'operator');
    const kiosk = await openKiosk('lin');
    const { sessions } = (await desk.ask<{ sessions: Session[] }>('GET', '/v1/sessions')).body;
    expect(sessions.map(({ name, kiosk: isKiosk }) => `${name} ${isKiosk === true}`).toSorted()).toEqual([
      'lin false',
      'lin true',
      'mo false',
    ]);
    for (const { id } of sessions.filter(({ name, kiosk: isKiosk }) => name !== 'lin' || isKiosk)) {
      expect((await lin.call('DELETE', `/v1/account/sessions/${id}`)).status).toBe(404);
      expect((await lin.send('/account/sessions', { id })).status).toBe(404);
      expect((await lin.call('DELETE', `/v1/sessions/${id}`)).status).toBe(403);
    }
    expect((await mo.call('GET', '/v1/account')).status).toBe(200);
    expect((await kiosk.call('GET', '/v1/stations/lin')).status).toBe(200);
    // A token and a kiosk have no account.
    for (const path of ['/v1/account', '/v1/account/sessions'])
      expect((await kiosk.call('GET', path)).status).toBe(403);
    const headers = await token(desk, 'ci', 'admin');
    expect((await desk.app.request('/v1/account', { headers })).status).toBe(403);
  });

  it('of kiosks are ended by an admin one by one, in the console too', async () => {
    const [one, two] = [await openKiosk('nest', '10.0.9.20'), await openKiosk('nest', '10.0.9.21')];
    const admin = await invited(desk, 'ada', 'admin');
    const page = await admin.get('/sign-ins');
    expect(page.text).toContain('Screen of station nest');
    const { sessions } = (await desk.ask<{ sessions: Session[] }>('GET', '/v1/sessions')).body;
    const first = sessions.find(({ source }) => source === '10.0.9.20')?.id as string;
    expect((await admin.send(`/sign-ins/${first}/end`)).status).toBe(200);
    expect((await one.call('GET', '/v1/stations/nest')).status).toBe(401);
    expect((await two.call('GET', '/v1/stations/nest')).status).toBe(200);
    const qa = await invited(desk, 'quinn', 'qa');
    expect((await qa.get('/sign-ins')).status).toBe(200);
    const second = sessions.find(({ source }) => source === '10.0.9.21')?.id as string;
    expect((await qa.send(`/sign-ins/${second}/end`)).status).toBe(403);
    const operator = await invited(desk, 'olga', 'operator');
    expect((await operator.get('/sign-ins')).status).toBe(403);
  });

  it('show the last sign-in before them', async () => {
    const first = await invited(desk, 'lin', 'operator', '10.0.9.1');
    expect((await first.get('/account')).text).toContain('This is your first sign-in');
    late = MINUTE;
    const second = open('10.0.9.2');
    await signIn(second, 'lin');
    expect((await second.get('/account')).text).toMatch(/Last sign-in: [^<]*, from 10\.0\.9\.1\./);
    expect((await first.get('/account')).text).toContain('This is your first sign-in');
    const { lastSignIn } = (await (await second.call('GET', '/v1/account')).json()) as { lastSignIn: object };
    expect(lastSignIn).toMatchObject({ source: '10.0.9.1' });
  });
});

describe('events about access', () => {
  it('are listed by type, by actor and page by page, and exported', async () => {
    const lin = await invited(desk, 'lin', 'qa', '10.0.9.1');
    await invited(desk, 'mo', 'qa', '10.0.9.1');
    const read = async (query: string) =>
      (await (await lin.call('GET', `/v1/access-events?${query}`)).json()) as { events: Line[]; next: number | null };
    const { events } = await read('limit=1000');
    expect((await read('type=signed-in')).events.map(({ actor }) => actor)).toEqual(['person:mo', 'person:lin']);
    expect((await read('actor=person:mo')).events.map(({ type }) => type)).toEqual(['signed-in', 'person-set']);
    expect((await read('actor=person:mo&type=signed-in')).events.length).toBe(1);
    const pages: Line[] = [];
    for (let next: number | null = Number.MAX_SAFE_INTEGER; next !== null;) {
      const page = await read(`limit=3&before=${next}`);
      pages.push(...page.events);
      next = page.next;
    }
    expect(pages).toEqual(events);
    expect((await lin.call('GET', '/v1/access-events?type=issued')).status).toBe(400);
    expect((await lin.call('GET', '/v1/ledger.csv?type=access')).status).toBe(400);
    const file = await (await lin.call('GET', '/v1/ledger.jsonl?of=events&type=access')).text();
    expect(
      file
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).type)
        .every((type) => ACCESS_EVENTS.some((known) => known === type)),
    ).toBe(true);
    expect(file.trim().split('\n').length).toBe(events.length);
    expect((await lin.get('/sign-ins?type=signed-in')).text).toContain('<td>mo</td>');
  });
});

describe('the password is asked for again', () => {
  const DANGEROUS = [
    ['GET', '/v1/ledger/backup', undefined],
    ['PUT', '/v1/people/mo', { role: 'qa' }],
    ['PATCH', '/v1/people/mo', { role: 'admin' }],
    ['DELETE', '/v1/people/mo', undefined],
    ['POST', '/v1/people/mo/link', undefined],
    ['POST', '/v1/tokens', { name: 'ci', role: 'qa' }],
    ['POST', '/v1/ledger/accept', { size: 1 }],
  ] as const;
  const codeOf = async (answer: Response): Promise<string> =>
    answer.ok ? 'done' : String(((await answer.json()) as { type: string }).type.split(':').at(-1));

  it('five minutes after sign-in, before what someone else could do at this screen', async () => {
    await desk.ask('PUT', '/v1/people/mo', { role: 'operator' });
    const admin = await invited(desk, 'ada', 'admin');
    late = 5 * MINUTE;
    for (const [method, path, body] of DANGEROUS)
      expect([path, await codeOf(await admin.call(method, path, body))]).toEqual([path, 'confirm-password']);
    expect((await admin.call('GET', '/v1/people')).status).toBe(200);
    // A program has no password.
    const headers = await token(desk, 'program', 'admin');
    expect((await desk.app.request('/v1/people/mo/link', { method: 'POST', headers })).status).toBe(201);

    expect(await codeOf(await admin.call('POST', '/v1/account/confirm', { password: 'wrong' }))).toBe('sign-in-failed');
    expect(await codeOf(await admin.call('POST', '/v1/people/mo/link'))).toBe('confirm-password');
    expect((await admin.call('POST', '/v1/account/confirm', { password: PASSWORD })).status).toBe(200);
    expect((await admin.call('POST', '/v1/people/mo/link')).status).toBe(201);
    late += 5 * MINUTE;
    expect(await codeOf(await admin.call('POST', '/v1/people/mo/link'))).toBe('confirm-password');
  });

  it('for this session only', async () => {
    const [one, two] = [await invited(desk, 'ada', 'admin'), open()];
    await signIn(two, 'ada');
    late = 5 * MINUTE;
    expect((await one.call('POST', '/v1/account/confirm', { password: PASSWORD })).status).toBe(200);
    expect(await codeOf(await two.call('POST', '/v1/people/ada/link'))).toBe('confirm-password');
  });

  it('by a form in the console, which leads back', async () => {
    const admin = await invited(desk, 'ada', 'admin');
    late = 6 * MINUTE;
    const at = { 'hx-current-url': 'http://localhost/people?name=ada', 'hx-request': 'true' };
    const refused = await admin.send('/people/ada/link', {}, at);
    // The page asks for the password, and then sends the form again.
    expect([refused.status, refused.headers.get('hx-trigger')]).toEqual([403, 'confirm-password']);
    const to = '/account/confirm?back=%2Fpeople%3Fname%3Dada';
    expect((await admin.get(to)).text).toContain('Confirm your password');
    const wrong = await admin.send(to, { password: 'not it' });
    expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining('The current password is wrong')]);
    const right = await admin.send(to, { password: PASSWORD });
    expect([right.status, right.headers.get('location')]).toEqual([303, '/people?name=ada']);
    await admin.get('/people');
    expect((await admin.send('/people/ada/link', {}, at)).status).toBe(200);
    expect(
      (await admin.send('/account/confirm?back=//evil.example', { password: PASSWORD })).headers.get('location'),
    ).toBe('/');
  });

  it('and guesses of it are slowed down like those at sign-in', async () => {
    const admin = await invited(desk, 'ada', 'admin', '10.0.9.5');
    const said: number[] = [];
    while (said.at(-1) !== 429 && said.length < 30)
      said.push((await admin.call('POST', '/v1/account/confirm', { password: 'a guess' })).status);
    expect(said.at(-1)).toBe(429);
    expect((await openKiosk('nest')).cookies.size).toBeGreaterThan(0);
    expect(
      (await (await openKiosk('nest')).send('/account/confirm', { password: PASSWORD })).headers.get('location'),
    ).toBe('/sign-in');
  });
});

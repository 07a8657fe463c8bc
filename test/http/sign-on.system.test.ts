import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseLine } from '../../src/model/event.ts';
import { kiosk } from '../support/askers.ts';
import { audit } from '../support/audit.ts';
import { invited, openBrowser, PASSWORD, type Browser } from '../support/form-client.ts';
import { atIssuer, CLIENT, newKey, openIssuer, signOn, type TestIssuer } from '../support/issuer.ts';
import { openDesk, secrets, type Desk, type Problem } from '../support/service.ts';

interface PersonBody {
  name: string;
  role: string;
  issuer?: string;
  subject?: string;
  removedAt?: string;
}

const HOUR = 60 * 60 * 1000;
const SECOND = 1000;

let late = 0;
const now = (): number => Date.now() + late;
beforeEach(() => void (late = 0));

async function open(env: Record<string, string> = {}, options?: Parameters<typeof openIssuer>[0]) {
  const issuer = await openIssuer(options);
  const desk = await openDesk(issuer.env(env), undefined, now);
  const people = async (): Promise<PersonBody[]> =>
    (await desk.ask<{ people: PersonBody[] }>('GET', '/v1/people')).body.people;
  const events = (type: string) =>
    audit(desk.data)
      .lines.map(parseLine)
      .filter((event) => event.type === type);
  return { issuer, desk, people, events };
}
const browse = (desk: Desk): Browser => openBrowser(desk.app, '10.0.9.9');
const isIn = async (browser: Browser): Promise<boolean> => (await browser.get('/account')).status === 200;
/** The sentence on the page, without its tags. */
const told = (text: string): string => /role="alert"[^>]*>([^<]*)</.exec(text)?.[1] ?? text;

describe('a sign-on is refused', () => {
  let issuer: TestIssuer;
  let desk: Desk;
  let people: () => Promise<PersonBody[]>;
  beforeAll(async () => void ({ issuer, desk, people } = await open()));
  beforeEach(() => {
    issuer.claims = (claims) => claims;
    issuer.json = (_path, body) => body;
    issuer.before = () => false;
    issuer.key = issuer.ownKey;
    issuer.person = 'sub-lin';
  });
  /** Signs on, and expects a page that refuses it. No one is signed in, and no person is made. */
  const refused = async (status: number, sentence: RegExp): Promise<void> => {
    const browser = browse(desk);
    const shown = await signOn(browser);
    expect([shown.status, told(shown.text)]).toEqual([status, expect.stringMatching(sentence)]);
    expect(await isIn(browser)).toBe(false);
    expect(await people()).toEqual([]);
  };

  it('if no group has a role, and no person is made', async () => {
    issuer.people.set('sub-none', { preferred_username: 'none', groups: ['staff', 'canteen'] });
    issuer.person = 'sub-none';
    await refused(403, /^None of your 2 groups has a role here/);
  });

  it.each([
    ['missing', {}],
    ['empty', { groups: [] }],
    ['a number', { groups: 7 }],
    ['an object', { groups: { 'line-leads': true } }],
    ['a list of other things', { groups: [1, null, { name: 'line-leads' }] }],
  ])('if the claim with the groups is %s', async (_what, claims) => {
    issuer.people.set('sub-odd', claims);
    issuer.person = 'sub-odd';
    await refused(403, /^The issuer names no groups for you in groups/);
  });

  it.each([
    [
      'a reference in place of the groups',
      { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'x' } } },
    ],
    ['hasgroups', { hasgroups: true }],
    ['201 groups', { groups: ['line-leads', ...Array.from({ length: 200 }, (_, n) => `group-${n}`)] }],
  ])('if there are more than 200 groups: %s', async (_what, more) => {
    issuer.claims = (claims) => ({ ...claims, ...more });
    await refused(403, /^You are in more than 200 groups/);
  });

  it.each([
    ['another audience', { aud: 'another-client' }],
    ['another issuer', { iss: 'https://login.example.com' }],
    ['another nonce', { nonce: 'of another attempt' }],
    ['no nonce', { nonce: undefined }],
    ['no subject', { sub: undefined }],
    ['a subject without end', { sub: 's'.repeat(256) }],
    ['several audiences and another party', { aud: [CLIENT, 'another'], azp: 'another' }],
  ])('if the ID token has %s', async (_what, more) => {
    issuer.claims = (claims) => ({ ...claims, groups: ['line-leads'], ...more });
    await refused(403, /^The answer of the issuer is not valid for this service/);
  });

  it('if the ID token is signed with another key', async () => {
    issuer.key = newKey();
    await refused(403, /^The answer of the issuer is not valid for this service/);
  });

  it('if the clocks differ by more than a minute', async () => {
    const at = (seconds: number) => (claims: Record<string, unknown>) => ({
      ...claims,
      iat: Math.floor(Date.now() / SECOND) - seconds - 60,
      exp: Math.floor(Date.now() / SECOND) - seconds,
    });
    issuer.claims = at(90);
    await refused(403, /^The clocks of the issuer and of this service differ/);
  });

  it('if the person says no at the issuer', async () => {
    const browser = browse(desk);
    const begun = new URL((await browser.get('/sign-on')).headers.get('location') as string);
    const state = begun.searchParams.get('state') as string;
    const shown = await browser.get(
      `/sign-on/callback?${new URLSearchParams({ error: 'access_denied', state, iss: issuer.url }).toString()}`,
    );
    expect([shown.status, told(shown.text)]).toEqual([
      403,
      expect.stringMatching(/refused the sign-on \(access_denied\)/),
    ]);
  });

  it('if another issuer answers (mix-up)', async () => {
    const browser = browse(desk);
    const begun = (await browser.get('/sign-on')).headers.get('location') as string;
    const url = await atIssuer(begun, 'http://localhost');
    url.searchParams.set('iss', 'https://evil.example.com');
    const shown = await browser.get(url.pathname + url.search);
    expect([shown.status, told(shown.text)]).toEqual([403, expect.stringMatching(/is not valid for this service/)]);
  });

  it('if the answer comes to a browser that did not ask, or twice', async () => {
    issuer.people.set('sub-twice', { preferred_username: 'twice', groups: ['qa-plant-2'] });
    issuer.person = 'sub-twice';
    const browser = browse(desk);
    const begun = (await browser.get('/sign-on')).headers.get('location') as string;
    const url = await atIssuer(begun, 'http://localhost');
    const callback = url.pathname + url.search;
    const foreign = await browse(desk).get(callback);
    expect([foreign.status, told(foreign.text)]).toEqual([403, expect.stringMatching(/did not begin this sign-on/)]);
    // The attempt is still in the cookie, as if someone had copied the browser's cookies in between.
    const cookies = new Map(browser.cookies);
    expect((await browser.get(callback)).status).toBe(200);
    const thief = browse(desk);
    for (const [name, value] of cookies) thief.cookies.set(name, value);
    const again = await thief.get(callback);
    expect([again.status, told(again.text)]).toEqual([403, expect.stringMatching(/already used or took too long/)]);
    expect(await isIn(thief)).toBe(false);
    await desk.ask('DELETE', '/v1/people/twice');
  });

  it('if the same answer is sent again and again, and then it does not reach the issuer', async () => {
    const browser = browse(desk);
    await browser.get('/sign-on');
    const cookies = new Map(browser.cookies);
    const begun = new URL((await browser.get('/sign-on')).headers.get('location') as string);
    const state = begun.searchParams.get('state') as string;
    for (const [name, value] of browser.cookies) cookies.set(name, value);
    const query = new URLSearchParams({ code: 'invented', state, iss: issuer.url }).toString();
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++) {
      const copy = openBrowser(desk.app, '10.0.9.77');
      for (const [name, value] of cookies) copy.cookies.set(name, value);
      statuses.push((await copy.get(`/sign-on/callback?${query}`)).status);
    }
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429, 429]);
  });

  it('if it takes longer than a quarter of an hour', async () => {
    const browser = browse(desk);
    const begun = (await browser.get('/sign-on')).headers.get('location') as string;
    const url = await atIssuer(begun, 'http://localhost');
    late = 16 * 60 * SECOND;
    const shown = await browser.get(url.pathname + url.search);
    expect([shown.status, told(shown.text)]).toEqual([403, expect.stringMatching(/began it too long ago/)]);
  });
});

describe('an issuer', () => {
  it('that is down is named on the page, and people with a password still sign in', async () => {
    const { issuer, desk } = await open();
    await invited(desk, 'olga', 'admin');
    await issuer.close();
    const shown = await browse(desk).get('/sign-on');
    expect([shown.status, told(shown.text)]).toEqual([503, expect.stringMatching(/does not answer/)]);
    expect(shown.headers.get('retry-after')).toBe('2');
    const browser = browse(desk);
    await browser.get('/sign-in');
    expect((await browser.send('/sign-in', { name: 'olga', password: PASSWORD })).status).toBe(303);
    expect((await desk.agent({ product: 'P', serial: 'S-1' })).status).toBe(200);
  });

  it('that does not answer within five seconds is refused, and a second person does not wait again', async () => {
    const { issuer, desk } = await open();
    issuer.before = () => true;
    const begin = performance.now();
    expect((await browse(desk).get('/sign-on')).status).toBe(503);
    const first = performance.now() - begin;
    expect(first).toBeLessThan(9 * SECOND);
    expect((await browse(desk).get('/sign-on')).status).toBe(503);
    expect(performance.now() - begin - first).toBeLessThan(SECOND);
  });

  it.each([
    ['an error', 502, 'text/plain', 'bad gateway', /answers with an error/],
    ['a page', 200, 'text/html', '<h1>Welcome</h1>', /does not answer|answers with an error/],
  ])('that answers %s is refused with 503', async (_what, status, type, body, sentence) => {
    const { issuer, desk } = await open();
    issuer.before = (_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
      return true;
    };
    const shown = await browse(desk).get('/sign-on');
    expect([shown.status, told(shown.text)]).toEqual([503, expect.stringMatching(sentence)]);
  });

  it('that calls itself another name is refused, and the sentence has both names', async () => {
    const { issuer, desk } = await open();
    issuer.json = (path, body) => (path.startsWith('/.well-known') ? { ...body, issuer: `${issuer.url}/` } : body);
    const shown = await browse(desk).get('/sign-on');
    expect([shown.status, told(shown.text)]).toEqual([503, expect.stringContaining(`calls itself ${issuer.url}/,`)]);
  });

  it('that does not know the client secret is named as such', async () => {
    const { desk } = await open({ CLAIMSTAMP_SIGN_ON_SECRET: 'the secret of yesterday'.replaceAll(' ', '-') });
    secrets.add('the-secret-of-yesterday');
    const shown = await signOn(browse(desk));
    expect([shown.status, told(shown.text)]).toEqual([503, expect.stringMatching(/check CLAIMSTAMP_SIGN_ON_CLIENT/)]);
  });

  it('that is slow after the person came back delays no agent, and the person is told', async () => {
    const { issuer, desk } = await open();
    const browser = browse(desk);
    const begun = (await browser.get('/sign-on')).headers.get('location') as string;
    const url = await atIssuer(begun, 'http://localhost');
    issuer.before = (request) => request.url?.includes('/token') ?? false;
    const waiting = browser.get(url.pathname + url.search);
    expect((await desk.agent({ product: 'P', serial: 'S-2' })).status).toBe(200);
    expect((await waiting).status).toBe(503);
  });

  it('may be a public client without a secret', async () => {
    const { desk } = await open({}, { isPublic: true });
    expect((await signOn(browse(desk))).status).toBe(200);
  });
});

describe('a person who signs on', () => {
  it('is made with the role of the group, is known by issuer and subject, and comes to the page of before', async () => {
    const { issuer, desk, people, events } = await open();
    const browser = browse(desk);
    const shown = await signOn(browser, { page: '/sign-on?back=%2Funits%3Fstatus%3Dvoid' });
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('content="0;url=/units?status=void"');
    expect(await people()).toMatchObject([{ name: 'lin', role: 'lead', issuer: issuer.url, subject: 'sub-lin' }]);
    expect((await browser.get('/account')).text).toContain('Signed in as lead');
    expect(events('person-set').map(({ actor, data }) => [actor, data])).toEqual([
      ['system', { name: 'lin', role: 'lead', issuer: issuer.url, subject: 'sub-lin' }],
    ]);
    expect(events('signed-in').map(({ actor, data }) => [actor, data])).toEqual([
      ['person:lin', { source: '10.0.9.9', by: 'sign-on' }],
    ]);
  });

  it('is the same person with another name, and another person with the same name', async () => {
    const { issuer, desk, people } = await open();
    await signOn(browse(desk));
    issuer.people.set('sub-lin', { preferred_username: 'linda', email: 'linda@example.com', groups: 'line-leads' });
    await signOn(browse(desk));
    issuer.people.set('sub-new', { preferred_username: 'lin@example.com', groups: ['line-2'] });
    issuer.person = 'sub-new';
    await signOn(browse(desk));
    expect((await people()).map(({ name, subject, role }) => [name, subject, role])).toEqual([
      ['lin', 'sub-lin', 'lead'],
      ['lin-2', 'sub-new', 'operator'],
    ]);
  });

  it('does not become a local person or an admin of the same name', async () => {
    const { desk, people } = await open();
    await invited(desk, 'lin', 'admin');
    await signOn(browse(desk));
    expect((await people()).map(({ name, role }) => [name, role])).toEqual([
      ['lin', 'admin'],
      ['lin-2', 'lead'],
    ]);
  });

  it('gets the role of the first row of the table that fits, at each sign-on, and loses the sessions with the last group', async () => {
    const { issuer, desk, people, events } = await open();
    const browser = browse(desk);
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['line-2', 'qa-plant-2'] });
    await signOn(browser);
    expect((await people())[0]?.role).toBe('qa');
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['line-2', 'claimstamp-admins'] });
    await signOn(browse(desk));
    expect((await people())[0]?.role).toBe('admin');
    expect((await browser.get('/account')).text).toContain('Signed in as admin');
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['canteen'] });
    expect((await signOn(browse(desk))).status).toBe(403);
    expect(await isIn(browser)).toBe(false);
    expect(events('session-ended').map(({ data }) => data['why'])).toEqual(['issuer', 'issuer']);
  });

  it('has no rights at stations either after the last group is gone, until a group gives a role again', async () => {
    const { issuer, desk, people, events } = await open();
    await signOn(browse(desk));
    await desk.ask('PATCH', '/v1/people/lin', { badge: 'OP-4711' });
    await desk.ask('PUT', '/v1/products/DEMO', {});
    await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 9 });
    await desk.ask('PUT', '/v1/stations/line-1', {});
    const screen = await kiosk(desk, 'line-1');
    const scan = async (): Promise<boolean> => {
      const answer = await desk.app.request('/stations/line-1/scan', {
        method: 'POST',
        headers: { cookie: screen['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ csrf: screen['x-csrf-token'] ?? '', code: 'OP-4711', intent: 'badge' }).toString(),
      });
      return !(await answer.text()).includes('not a badge');
    };
    const changeOver = async (): Promise<number> => {
      const init = { method: 'POST', headers: screen, body: JSON.stringify({ workOrder: 'WO-1' }) };
      return (await desk.app.request('/v1/stations/line-1/change-over', init)).status;
    };
    expect([await scan(), await changeOver()]).toEqual([true, 200]);

    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['canteen'] });
    const from = events('person-set').length;
    for (const again of [1, 2]) expect((await signOn(browse(desk))).status, String(again)).toBe(403);
    // The badge was scanned before. It is no longer the operator, and is unknown if it is scanned again.
    expect([await changeOver(), await scan(), await changeOver()]).toEqual([403, false, 403]);
    const day = expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string;
    expect(await people()).toMatchObject([{ name: 'lin', role: 'lead', ends: day, hasBadge: true }]);
    expect(events('person-set').slice(from)).toMatchObject([
      { actor: 'system', data: { name: 'lin', role: 'lead', ends: day, why: 'groups' } },
    ]);

    // A change by hand does not give the rights back.
    expect((await desk.ask('PATCH', '/v1/people/lin', { badge: 'OP-4712' })).status).toBe(200);
    expect((await desk.ask('PATCH', '/v1/people/lin', { badge: 'OP-4711', ends: null })).status).toBe(200);
    expect((await desk.ask('PATCH', '/v1/people/lin', { ends: '2099-12-31' })).status).toBe(400);
    expect(await scan()).toBe(false);
    expect((await desk.ask('PUT', '/v1/people/ann', { role: 'operator', badge: 'OP-4711' })).status).toBe(409);

    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['line-leads'] });
    expect((await signOn(browse(desk))).status).toBe(200);
    expect([await scan(), await changeOver()]).toEqual([true, 200]);
    expect((await people())[0]).not.toHaveProperty('ends');
  });

  it('has no password and no link, and the role is not changed by hand; a badge is', async () => {
    const { desk } = await open();
    await signOn(browse(desk));
    const link = await desk.ask<Problem>('POST', '/v1/people/lin/link');
    expect([link.status, link.body.type]).toEqual([409, 'urn:claimstamp:problem:signs-on']);
    const role = await desk.ask<Problem>('PATCH', '/v1/people/lin', { role: 'admin' });
    expect([role.status, role.body.type]).toEqual([409, 'urn:claimstamp:problem:role-from-groups']);
    expect((await desk.ask('PATCH', '/v1/people/lin', { badge: 'OP-4711' })).status).toBe(200);
  });

  it('who was removed here stays out until an admin adds the person back', async () => {
    const { desk } = await open();
    const browser = browse(desk);
    await signOn(browser);
    await desk.ask('DELETE', '/v1/people/lin');
    expect(await isIn(browser)).toBe(false);
    const shown = await signOn(browse(desk));
    expect([shown.status, told(shown.text)]).toEqual([403, expect.stringMatching(/^An admin removed lin here/)]);
    await desk.ask('PUT', '/v1/people/lin', { role: 'operator' });
    expect((await signOn(browse(desk))).status).toBe(200);
  });

  it('is signed out after an hour, whatever the person does', async () => {
    const { desk } = await open();
    const browser = browse(desk);
    await signOn(browser);
    for (const at of [30, 59]) {
      late = at * 60 * SECOND;
      expect(await isIn(browser)).toBe(true);
    }
    late = HOUR + SECOND;
    expect(await isIn(browser)).toBe(false);
  });

  it('is signed out when the issuer is no longer in the settings', async () => {
    const { desk } = await open();
    const browser = browse(desk);
    await signOn(browser);
    await desk.close();
    const later = await openDesk({ CLAIMSTAMP_PUBLIC_URL: 'http://localhost' }, desk.data, now);
    const same = openBrowser(later.app, '10.0.9.9');
    for (const [name, value] of browser.cookies) same.cookies.set(name, value);
    expect(await isIn(same)).toBe(false);
    expect((await same.get('/sign-on')).status).toBe(404);
  });

  it('gets a name without letters that names must not have, or a number if there is none', async () => {
    const { issuer, desk, people } = await open();
    issuer.people.set('sub-a', { preferred_username: 'José Núñez', groups: ['line-2'] });
    issuer.people.set('sub-b', { preferred_username: '李', groups: ['line-2'] });
    for (issuer.person of ['sub-a', 'sub-b']) await signOn(browse(desk));
    expect((await people()).map(({ name }) => name)).toEqual([
      'Jose-Nunez',
      expect.stringMatching(/^person-[0-9a-f]{8}$/),
    ]);
  });

  it('may begin in several tabs', async () => {
    const { desk } = await open();
    const browser = browse(desk);
    const tabs: string[] = [];
    for (let n = 0; n < 3; n++) tabs.push((await browser.get('/sign-on')).headers.get('location') ?? '');
    const url = await atIssuer(tabs[0] ?? '', 'http://localhost');
    expect((await browser.get(url.pathname + url.search)).status).toBe(200);
  });

  it('comes back to the public address, even if the button was pressed at another one', async () => {
    const { desk } = await open({}, { publicUrl: 'http://factory.example.com' });
    const led = await browse(desk).get('/sign-on?back=%2Forders');
    expect(led.headers.get('location')).toBe('http://factory.example.com/sign-on?back=%2Forders&led=1');
    // A proxy that hides the public address does not lead the browser in a circle.
    expect((await browse(desk).get('/sign-on?led=1')).headers.get('location')).toContain('/realms/factory/');
  });

  it('is not refused by the Back button, which opens the same address again', async () => {
    const { desk } = await open();
    const browser = browse(desk);
    const { callback } = await signOn(browser);
    const again = await browser.get(callback);
    expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
  });

  it('cannot be led to another site afterwards', async () => {
    const { desk } = await open();
    const shown = await signOn(browse(desk), { page: '/sign-on?back=https%3A%2F%2Fevil.example.com' });
    expect(shown.text).toContain('content="0;url=/"');
  });
});

describe('signing out', () => {
  it('ends the session here first, and then leads to the issuer', async () => {
    const { issuer, desk } = await open();
    const browser = browse(desk);
    await signOn(browser);
    await browser.get('/account');
    const shown = await browser.send('/sign-out');
    expect(shown.status).toBe(200);
    expect(shown.text).toContain(`0;url=${issuer.url}/session/end?`);
    expect(shown.text).toContain(encodeURIComponent('http://localhost/sign-in'));
    expect(await isIn(browser)).toBe(false);
  });

  it('works while the issuer is down', async () => {
    const { issuer, desk } = await open();
    const browser = browse(desk);
    await signOn(browser);
    await browser.get('/account');
    await issuer.close();
    expect((await browser.send('/sign-out')).status).toBe(200);
    expect(await isIn(browser)).toBe(false);
  });
});

describe('back-channel logout', () => {
  const withLogout = { CLAIMSTAMP_SIGN_ON_LOGOUT: 'back-channel' };
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
  const post = (desk: Desk, token: string) =>
    desk.app.request('/sign-on/logout', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ logout_token: token }).toString(),
    });

  it('lets sessions last a shift, and ends them when the issuer says so', async () => {
    const { issuer, desk, events } = await open(withLogout);
    const jar = new Map<string, string>();
    const browser = browse(desk);
    await signOn(browser, { jar });
    for (const at of [0.5, 1.2, 1.9]) {
      late = at * HOUR;
      expect(await isIn(browser)).toBe(true);
    }
    late = 0;
    // The person signs out at the issuer, which tells the service.
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await (await fetch(`${issuer.url}/session/end`, { headers: { cookie } })).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    await fetch(`${issuer.url}/session/end/confirm`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
    });
    await expect.poll(() => issuer.logoutTokens.length).toBe(1);
    const token = issuer.logoutTokens[0] as string;
    expect((await post(desk, token)).status).toBe(200);
    expect(await isIn(browser)).toBe(false);
    expect(events('session-ended').map(({ actor, data }) => [actor, data['why']])).toEqual([['system', 'issuer']]);
  });

  it("ends only the sessions of the person and of the issuer's session, and none that began later", async () => {
    const { issuer, desk } = await open(withLogout);
    const seconds = Math.floor(Date.now() / SECOND);
    const logout = (more: object) =>
      issuer.sign({
        iss: issuer.url,
        aud: CLIENT,
        iat: seconds,
        exp: seconds + 120,
        jti: 'a',
        events: { [EVENT]: {} },
        ...more,
      });
    const lin = browse(desk);
    issuer.claims = (claims) => ({ ...claims, sid: 'of-lin', groups: ['line-2'] });
    await signOn(lin);
    issuer.person = 'sub-ann';
    const ann = browse(desk);
    issuer.claims = (claims) => ({ ...claims, sid: 'of-ann', groups: ['line-2'] });
    await signOn(ann);
    const local = await invited(desk, 'olga', 'qa');
    await post(desk, await logout({ sub: 'sub-lin', sid: 'another' }));
    await post(desk, await logout({ sid: 'of-nobody' }));
    expect([await isIn(lin), await isIn(ann)]).toEqual([true, true]);
    await post(desk, await logout({ sid: 'of-ann' }));
    expect([await isIn(lin), await isIn(ann)]).toEqual([true, false]);
    await post(desk, await logout({ sub: 'sub-lin', iat: seconds - 100 }));
    expect(await isIn(lin)).toBe(true);
    await post(desk, await logout({ sub: 'sub-lin' }));
    expect([await isIn(lin), await isIn(local)]).toEqual([false, true]);
  });

  it('refuses every token that the issuer did not sign for this purpose', async () => {
    const { issuer, desk } = await open(withLogout);
    const browser = browse(desk);
    await signOn(browser);
    const seconds = Math.floor(Date.now() / SECOND);
    const good = {
      iss: issuer.url,
      aud: CLIENT,
      iat: seconds,
      exp: seconds + 120,
      jti: 'a',
      sub: 'sub-lin',
      events: { [EVENT]: {} },
    };
    const wrong: object[] = [
      { aud: 'another' },
      { iss: 'https://login.example.com' },
      { iat: seconds - 600, exp: seconds + 120 },
      { exp: seconds - 120 },
      { events: {} },
      { events: undefined },
      { nonce: 'as in an ID token' },
      { sub: undefined },
      { jti: undefined },
    ];
    const tokens = await Promise.all(wrong.map((more) => issuer.sign({ ...good, ...more })));
    for (const token of [...tokens, await issuer.sign(good, newKey()), '', 'a.b.c'])
      expect([(await post(desk, token)).status, token.slice(0, 8)]).toEqual([400, token.slice(0, 8)]);
    expect(await isIn(browser)).toBe(true);
    expect((await post(desk, await issuer.sign(good))).status).toBe(200);
  });

  it('is not believed in if the issuer does not offer it: sessions last an hour', async () => {
    const { issuer, desk } = await open(withLogout);
    issuer.json = (_path, { backchannel_logout_supported: _supported, ...body }) => body;
    const browser = browse(desk);
    await signOn(browser);
    expect(browser.set.join()).toContain('Max-Age=3600');
    expect(desk.log()).toContain('the issuer does not offer back-channel logout');
  });
});

describe('a dangerous operation', () => {
  const confirmed = async (browser: Browser, name = 'temp') =>
    (await browser.call('PUT', `/v1/people/${name}`, { role: 'operator' })).status;

  it('asks for the password at the issuer, and a sign-on that is an hour old does not count', async () => {
    const { issuer, desk } = await open();
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['claimstamp-admins'] });
    const jar = new Map<string, string>();
    const browser = browse(desk);
    issuer.claims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / SECOND) - 3600 });
    await signOn(browser, { jar });
    await browser.get('/account');
    expect(await confirmed(browser)).toBe(403);
    expect((await browser.get('/account/confirm?back=%2Fpeople')).text).toContain(
      '/sign-on?confirm=1&amp;back=%2Fpeople',
    );
    // Someone at the screen leaves the issuer's form out: the token says when the password was typed.
    const skipped = await signOn(browser, { page: '/sign-on?confirm=1', jar });
    expect([skipped.status, told(skipped.text)]).toEqual([
      403,
      expect.stringMatching(/did not ask for your password again/),
    ]);
    issuer.claims = ({ auth_time: _time, ...claims }) => claims;
    const silent = await signOn(browser, { page: '/sign-on?confirm=1', jar });
    expect([silent.status, told(silent.text)]).toEqual([403, expect.stringMatching(/auth_time/)]);
    issuer.claims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / SECOND) });
    const shown = await signOn(browser, { page: '/sign-on?confirm=1&back=%2Fpeople', jar });
    expect(shown.text).toContain('content="0;url=/people"');
    await browser.get('/account');
    expect(await confirmed(browser)).toBe(200);
  });

  it('gives the session the role of the new token at once, and no right of the former one', async () => {
    const { issuer, desk, people, events } = await open({ CLAIMSTAMP_SIGN_ON_LOGOUT: 'back-channel' });
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['claimstamp-admins'] });
    issuer.claims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / SECOND) });
    const jar = new Map<string, string>();
    const browser = browse(desk);
    await signOn(browser, { jar });
    for (const [group, role, status] of [
      ['line-2', 'operator', 403],
      ['claimstamp-admins', 'admin', 200],
    ] as const) {
      issuer.people.set('sub-lin', { preferred_username: 'lin', groups: [group] });
      expect((await signOn(browser, { page: '/sign-on?confirm=1', jar })).status).toBe(200);
      expect((await browser.get('/account')).text).toContain(`Signed in as ${role}`);
      expect(await confirmed(browser, 'evil')).toBe(status);
    }
    expect((await people()).map(({ name, role }) => [name, role])).toEqual([
      ['evil', 'operator'],
      ['lin', 'admin'],
    ]);
    expect(events('person-set').map(({ actor, data }) => [actor, data['name'], data['role']])).toEqual([
      ['system', 'lin', 'admin'],
      ['system', 'lin', 'operator'],
      ['system', 'lin', 'admin'],
      ['person:lin', 'evil', 'operator'],
    ]);
  });

  it('is not confirmed if the groups give no role any more: the session ends', async () => {
    const { issuer, desk } = await open();
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['claimstamp-admins'] });
    issuer.claims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / SECOND) });
    const jar = new Map<string, string>();
    const browser = browse(desk);
    await signOn(browser, { jar });
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['canteen'] });
    expect((await signOn(browser, { page: '/sign-on?confirm=1', jar })).status).toBe(403);
    expect(await isIn(browser)).toBe(false);
  });

  it('is not confirmed by another person at the issuer', async () => {
    const { issuer, desk } = await open();
    issuer.people.set('sub-lin', { preferred_username: 'lin', groups: ['claimstamp-admins'] });
    issuer.claims = (claims) => ({ ...claims, auth_time: undefined });
    const browser = browse(desk);
    await signOn(browser);
    await browser.get('/account');
    issuer.claims = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / SECOND) });
    issuer.person = 'sub-other';
    issuer.people.set('sub-other', { preferred_username: 'other', groups: ['claimstamp-admins'] });
    const shown = await signOn(browser, { page: '/sign-on?confirm=1' });
    expect([shown.status, told(shown.text)]).toEqual([403, expect.stringMatching(/confirmed someone other than/)]);
    expect(await confirmed(browser)).toBe(403);
  });
});

describe('the sign-in page', () => {
  it.each([
    ['en', 'Sign in with Example Works'],
    ['es', 'Iniciar sesión con Example Works'],
    ['zh', '使用 Example Works 登录'],
  ])('has a button in %s, and the password form for local accounts', async (language, text) => {
    const { desk } = await open({ CLAIMSTAMP_SIGN_ON_NAME: 'Example Works' });
    const shown = await browse(desk).get(`/sign-in?language=${language}&back=%2Forders`);
    expect(shown.text).toContain(text);
    expect(shown.text).toContain('href="/sign-on?back=%2Forders"');
    expect(shown.text).toContain('name="password"');
  });

  it('has none without an issuer, and kiosks and tokens work as before', async () => {
    const desk = await openDesk();
    expect((await browse(desk).get('/sign-in')).text).not.toContain('/sign-on');
    expect((await browse(desk).get('/sign-on')).status).toBe(404);
    expect((await desk.ask('GET', '/v1/people')).status).toBe(200);
  });
});

describe('failed sign-ons', () => {
  it('are counted like wrong passwords, and the log has no token', async () => {
    const { issuer, desk, events } = await open();
    issuer.people.set('sub-none', { groups: [] });
    issuer.person = 'sub-none';
    await signOn(browse(desk));
    await signOn(browse(desk));
    await desk.close();
    expect(events('sign-ins-failed').map(({ data }) => data)).toMatchObject([
      { source: '10.0.9.9', failed: 2, names: [] },
    ]);
    expect(desk.log()).toContain('"code":"no-role"');
  });
});

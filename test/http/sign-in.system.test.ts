import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPasswords } from '../../src/http/password.ts';
import { secretHash } from '../../src/http/secret.ts';
import { audit } from '../support/audit.ts';
import { expectQuiet, openDesk, startService, tempFolder, type Desk, type Service } from '../support/service.ts';
import { invited, openBrowser, PASSWORD, type Browser } from '../support/form-client.ts';

const HOUR = 60 * 60 * 1000;

describe('the first start', () => {
  let service: Service;
  let file: string;
  const link = (): string => readFileSync(file, 'utf8').trim();
  const app = {
    request: (path: string, init: RequestInit) => fetch(service.url + path, { ...init, redirect: 'manual' }),
  };
  const open = (): Browser => openBrowser(app);
  beforeAll(async () => {
    const data = tempFolder();
    file = join(data, 'sign-in.txt');
    service = await startService(data);
  });
  afterAll(() => service.end('SIGTERM'));

  it('writes a link for its owner only, and the log says only where', () => {
    expect(link()).toMatch(new RegExp(`^${service.url}/sign-in/[A-Za-z0-9_-]{43}$`));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(service.log()).toContain(`"file":"${file}"`);
    expectQuiet(service.log(), [], [link(), new URL(link()).pathname]);
  });

  it('the page for signing in says where the link is, without the link', async () => {
    const { text } = await open().get('/sign-in');
    expect(text).toMatch(/There is no admin yet[\s\S]*sign-in\.txt[\s\S]*claimstamp welcome/);
    expect(text).not.toContain(new URL(link()).pathname);
  });

  it('makes a fresh one at the next start, and the former opens nothing', async () => {
    const former = link();
    await service.end('SIGTERM');
    service = await startService(service.data);
    expect(link()).not.toBe(former);
    expect((await open().get(new URL(former).pathname)).status).toBe(403);
    expect((await open().get(new URL(link()).pathname)).status).toBe(200);
  });

  it('its link makes who comes first an admin, once; then the file is gone, and no start makes one again', async () => {
    const browser = open();
    const { pathname } = new URL(link());
    await browser.get(pathname);
    const entered = await browser.send(pathname, { name: 'lin', password: PASSWORD, again: PASSWORD });
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/']);
    expect((await browser.get('/account')).text).toMatch(/lin[\s\S]*Signed in as admin/);
    expect(existsSync(file)).toBe(false);
    expect((await open().get('/sign-in')).text).not.toContain('claimstamp welcome');
    expect((await open().get(pathname)).status).toBe(403);
    const log = service.log();
    await service.end('SIGTERM');
    service = await startService(service.data);
    expect(existsSync(file)).toBe(false);
    expect((await browser.get('/account')).text).toContain('Signed in as admin');
    for (const secret of [PASSWORD, pathname.slice(9), browser.cookies.get('claimstamp') as string]) {
      expect(log + service.log() + audit(service.data).lines.join('\n')).not.toContain(secret);
    }
  });
});

describe('signing in', () => {
  let desk: Desk;
  let late = 0;
  const now = (): number => Date.now() + late;
  beforeAll(async () => {
    desk = await openDesk({}, undefined, now);
    await invited(desk, 'lin', 'qa');
  });
  beforeEach(() => void (late = 0));
  afterAll(() => expectQuiet(desk.log() + audit(desk.data).lines.join('\n'), [], [PASSWORD]));
  const signIn = async (browser: Browser, name = 'lin', password = PASSWORD) => {
    await browser.get('/sign-in');
    return browser.send('/sign-in', { name, password });
  };
  const signedIn = async (): Promise<Browser> => {
    const browser = openBrowser(desk.app, '10.0.9.9');
    expect((await signIn(browser)).status).toBe(303);
    await browser.get('/account');
    return browser;
  };
  const isIn = async (browser: Browser): Promise<boolean> => (await browser.get('/account')).status === 200;

  it('is where who is not signed in is sent', async () => {
    const { status, headers } = await openBrowser(desk.app).get('/account');
    expect([status, headers.get('location')]).toEqual([303, '/sign-in']);
  });

  it('with name and password gives a signed cookie that scripts and other sites do not see', async () => {
    const browser = openBrowser(desk.app);
    const { status, headers } = await signIn(browser);
    expect([status, headers.get('location')]).toEqual([303, '/']);
    expect(browser.set.find((line) => line.startsWith('claimstamp='))).toMatch(
      /^claimstamp=[A-Za-z0-9_-]{43}\.[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await browser.get('/account')).text).toMatch(/lin[\s\S]*Signed in as qa/);
    expect((await browser.get('/sign-in')).headers.get('location')).toBe('/');
    expect((await browser.call('GET', '/v1/units')).status).toBe(200);
    const [secret, signature] = (browser.cookies.get('claimstamp') as string).split('.');
    browser.cookies.set('claimstamp', `${secret}.${signature?.toLowerCase()}`);
    expect(await isIn(browser)).toBe(false);
  });

  it('says the same of a wrong password, an unknown name, a removed person and one without a password', async () => {
    await invited(desk, 'gone');
    await desk.ask('DELETE', '/v1/people/gone');
    await desk.ask('PUT', '/v1/people/new', { role: 'operator' });
    const page = async (name: string, password: string): Promise<string> => {
      const { status, text } = await signIn(openBrowser(desk.app, '10.0.9.1'), name, password);
      expect(status).toBe(401);
      return text.replace(/(name="csrf" value=|value=)"[^"]*"/g, '');
    };
    const wrong = await page('lin', 'not the password');
    expect(wrong).toContain('The name or the password is wrong');
    for (const name of ['nobody', 'gone', 'new', "' OR 1=1 --"]) expect(await page(name, PASSWORD)).toBe(wrong);
    expect(wrong).not.toContain('not the password');
  });

  it('makes a new secret each time, and the one before ends', async () => {
    const browser = await signedIn();
    const before = browser.cookies.get('claimstamp') as string;
    const form = openBrowser(desk.app, '10.0.9.9');
    await form.get('/sign-in');
    form.cookies.set('claimstamp', before);
    await form.send('/sign-in', { name: 'lin', password: PASSWORD });
    expect(form.cookies.get('claimstamp')).not.toBe(before);
    expect(await isIn(browser)).toBe(false);
    expect(await isIn(form)).toBe(true);
  });

  it('from two tabs works in both', async () => {
    const browser = openBrowser(desk.app, '10.0.9.9');
    const { csrf } = await browser.get('/sign-in');
    await browser.get('/sign-in');
    expect((await browser.send('/sign-in', { csrf, name: 'lin', password: PASSWORD })).status).toBe(303);
    const home = await browser.get('/account');
    expect((await browser.get('/account')).csrf).toBe(home.csrf);
  });

  it('a password is changed by who has it, and everywhere else they are signed out', async () => {
    await invited(desk, 'ann', 'qa');
    const open = (n: number): Browser => openBrowser(desk.app, `10.0.9.${n}`);
    const browser = open(8);
    await signIn(browser, 'ann');
    const elsewhere = open(7);
    await signIn(elsewhere, 'ann');
    expect((await browser.get('/account')).text).toContain('Change your password');
    const other = 'five words are better still';
    const change = (fields: Record<string, string>) =>
      browser.send('/account', { former: PASSWORD, password: other, again: other, ...fields });
    for (const [fields, status, words] of [
      [{ former: 'not the password' }, 401, 'The current password is wrong.'],
      // The borrower of a screen must not learn what the service says about a new password.
      [{ former: 'not the password', password: 'short', again: 'short' }, 401, 'The current password is wrong.'],
      [{ former: 'not the password', again: 'another' }, 401, 'The current password is wrong.'],
      [{ password: 'short', again: 'short' }, 400, 'too short'],
      [{ again: 'another' }, 400, 'are different'],
    ] as const) {
      const refused = await change(fields);
      expect([refused.status, refused.text]).toEqual([status, expect.stringContaining(words)]);
      expect(refused.text).toContain('Signed in as qa');
    }
    expect((await change({ csrf: 'x' })).status).toBe(403);
    expect((await open(6).send('/account', { former: PASSWORD })).headers.get('location')).toBe(
      '/sign-in?back=/account',
    );
    expect(await isIn(elsewhere)).toBe(true);

    const before = browser.cookies.get('claimstamp');
    await browser.get('/account');
    expect((await change({})).status).toBe(303);
    expect(browser.cookies.get('claimstamp')).not.toBe(before);
    expect([await isIn(browser), await isIn(elsewhere)]).toEqual([true, false]);
    expect((await signIn(open(8), 'ann')).status).toBe(401);
    expect((await signIn(open(8), 'ann', other)).status).toBe(303);
    expect(audit(desk.data).lines.findLast((line) => line.includes('"person-set"'))).toContain('"actor":"person:ann"');
  });

  it('refuses a password that is common, or like the name of the person, the host or a company', async () => {
    const at = await openDesk({ CLAIMSTAMP_PUBLIC_URL: 'https://stamp.acme-plant.example/' });
    await at.ask('PUT', '/v1/products/DEMO', { name: 'Demo', company: 'Umbra Devices' });
    const browser = await invited(at, 'olga-petrova', 'qa');
    await at.ask('PUT', '/v1/people/mo', { role: 'operator' });
    const { pathname } = new URL((await at.ask<{ link: string }>('POST', '/v1/people/mo/link')).body.link);
    const newcomer = openBrowser(at.app);
    await newcomer.get(pathname);
    for (const [password, words] of [
      ['fourteen chars', 'use 15 characters or more'],
      ['Password12345678', 'common passwords, sequences or repetitions'],
      ['acme-plant-2026!', 'too much like your name or the name of this site'],
      ['Umbra Devices 1234', 'too much like your name or the name of this site'],
    ] as const) {
      const chosen = { password, again: password };
      for (const refused of [
        await browser.send('/account', { former: PASSWORD, ...chosen }),
        await newcomer.send(pathname, chosen),
      ])
        expect([refused.status, refused.text]).toEqual([400, expect.stringContaining(words)]);
    }
    const own = await browser.send('/account', { former: PASSWORD, password: 'p3tr0v@-0lga-2026', again: '' });
    expect(own.text).toContain('too much like your name');
    await at.close();
  });

  it('takes a password of 12 characters that was chosen when 12 were enough', async () => {
    const encoded = await openPasswords().hash('twelve chars');
    const { link } = (await desk.ask<{ link: string }>('POST', '/v1/people/lin/link')).body;
    const session = { hash: new Uint8Array(32).fill(7), expiresAt: now() + HOUR };
    const hash = secretHash(new URL(link).pathname.split('/')[2] as string);
    await desk.house.ledger.record({ kind: 'use-link', hash, password: encoded, session });
    expect((await signIn(openBrowser(desk.app, '10.0.9.4'), 'lin', 'twelve chars')).status).toBe(303);
    await invited(desk, 'lin', 'qa');
  });

  it('who guesses a password at a screen left open is held up as at the door', async () => {
    const browser = await invited(desk, 'bob', 'qa', '10.0.9.6');
    const fields = { former: 'a guess, and another', password: 'five words are better still' };
    const ask = async () => (await browser.send('/account', { ...fields, again: fields.password })).status;
    const said: number[] = [];
    while (said.at(-1) !== 429 && said.length < 30) said.push(await ask());
    expect(said.filter((status) => status === 401).length).toBeGreaterThanOrEqual(5);
    expect(said.at(-1)).toBe(429);
  });

  it('the screen of a station that is named like a person changes nothing of theirs', async () => {
    await invited(desk, 'nest-7', 'qa');
    await desk.ask('PUT', '/v1/stations/nest-7', { sources: ['10.0.8.77'] });
    const { link } = (await desk.ask<{ link: string }>('POST', '/v1/stations/nest-7/kiosk')).body;
    const screen = openBrowser(desk.app, '10.0.9.5');
    const { pathname } = new URL(link);
    await screen.get(pathname);
    expect((await screen.send(pathname)).status).toBe(303);
    const other = 'five words are better still';
    // The account page of a screen has no form, so the token comes from the station's page.
    const csrf = /data-csrf="([^"]*)"/.exec((await screen.get('/stations/nest-7')).text)?.[1] ?? '';
    const sent = await screen.send('/account', { csrf, former: PASSWORD, password: other, again: other });
    expect(sent.headers.get('location')).toBe('/sign-in?back=/account');
    expect((await signIn(openBrowser(desk.app, '10.0.9.5'), 'nest-7')).status).toBe(303);
  });

  it('ends at sign-out: the cookie is worth nothing any more, in any tab', async () => {
    const browser = await signedIn();
    const cookie = browser.cookies.get('claimstamp') as string;
    const out = await browser.send('/sign-out');
    expect([out.status, out.headers.get('location')]).toEqual([303, '/sign-in']);
    expect(browser.cookies.has('claimstamp')).toBe(false);
    browser.cookies.set('claimstamp', cookie);
    expect(await isIn(browser)).toBe(false);
    expect((await browser.call('GET', '/v1/units')).status).toBe(401);
    expect((await browser.send('/sign-out')).status).toBe(303);
  });

  it('ends when nobody did anything for an hour', async () => {
    const browser = await signedIn();
    late = HOUR - 60_000;
    expect(await isIn(browser)).toBe(true);
    // Each use begins another hour.
    late = HOUR + 60_000;
    expect(await isIn(browser)).toBe(true);
    late = 2 * HOUR + 120_000;
    expect(await isIn(browser)).toBe(false);
    expect((await browser.call('GET', '/v1/units')).status).toBe(401);
  });

  it('ends after twelve hours, whatever was done', async () => {
    late = -12 * HOUR + 60_000;
    const browser = await signedIn();
    late = 0;
    expect(await isIn(browser)).toBe(true);
    late = 60_000;
    expect(await isIn(browser)).toBe(false);
  });

  it('takes the role of the person as it is now, and ends with the person', async () => {
    const browser = await invited(desk, 'mo', 'admin');
    expect((await browser.call('GET', '/v1/tokens')).status).toBe(200);
    await desk.ask('PUT', '/v1/people/mo', { role: 'operator' });
    expect((await browser.call('GET', '/v1/tokens')).status).toBe(403);
    await desk.ask('DELETE', '/v1/people/mo');
    expect((await browser.call('GET', '/v1/stations')).status).toBe(401);
    expect(await isIn(browser)).toBe(false);
  });

  describe('needs its form', () => {
    it.each([
      ['without a token', {}, { csrf: '' }],
      ['with a wrong one', {}, { csrf: 'A'.repeat(43) }],
    ])('and refuses one %s, before anybody looks at the password', async (_, headers, fields) => {
      const browser = openBrowser(desk.app);
      await browser.get('/sign-in');
      const { status, text } = await browser.send('/sign-in', { name: 'lin', password: PASSWORD, ...fields }, headers);
      expect(status).toBe(403);
      expect(text).toContain('role="alert"');
      expect(browser.cookies.has('claimstamp')).toBe(false);
    });

    it('from this browser: a foreign token, or one without its cookie, signs nobody in', async () => {
      const foreign = (await openBrowser(desk.app).get('/sign-in')).csrf;
      const browser = openBrowser(desk.app);
      const fields = { name: 'lin', password: PASSWORD, csrf: foreign };
      expect((await browser.send('/sign-in', fields)).status).toBe(403);
      await browser.get('/sign-in');
      expect((await browser.send('/sign-in', fields)).status).toBe(403);
      // The page that refuses has a form that works.
      expect((await browser.send('/sign-in', { name: 'lin', password: PASSWORD })).status).toBe(303);
    });

    it('of the last hour', async () => {
      const browser = openBrowser(desk.app);
      await browser.get('/sign-in');
      late = HOUR + 1000;
      expect((await browser.send('/sign-in', { name: 'lin', password: PASSWORD })).status).toBe(403);
    });

    it('as a form: other types are 415, and a large body is 413', async () => {
      const browser = openBrowser(desk.app);
      await browser.get('/sign-in');
      for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
        expect((await browser.send('/sign-in', { name: 'lin' }, { 'content-type': type })).status).toBe(415);
      }
      expect((await browser.send('/sign-in', { name: 'x'.repeat(9000) })).status).toBe(413);
    });

    it('for what a session changes as well: sign-out and /v1 without its token are refused', async () => {
      const browser = await signedIn();
      for (const csrf of ['', 'A'.repeat(43)]) expect((await browser.send('/sign-out', { csrf })).status).toBe(403);
      const headers = { cookie: `claimstamp=${browser.cookies.get('claimstamp')}` };
      expect((await desk.app.request('/v1/units/JT08FFQXWQ/void', { method: 'POST', headers })).status).toBe(403);
      expect(await isIn(browser)).toBe(true);
    });
  });

  it('that fails too often has to wait, and says how long', async () => {
    const browser = openBrowser(desk.app, '10.0.9.2');
    const attempt = () => signIn(browser, 'lee', 'not the password');
    for (let i = 0; i < 5; i++) expect((await attempt()).status).toBe(401);
    // Each wait is twice as long as the one before: where the machine is too busy for the first, one of the next is met.
    let refused = await attempt();
    for (let i = 0; i < 6 && refused.status === 401; i++) refused = await attempt();
    const seconds = Number(refused.headers.get('retry-after'));
    expect(refused.status).toBe(429);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(refused.text).toContain(`wait ${seconds} s`);
    expect((await signIn(openBrowser(desk.app, '10.0.9.3'))).status).toBe(303);
  });
});

describe('a one-time link', () => {
  let desk: Desk;
  let late = 0;
  beforeAll(async () => {
    desk = await openDesk({ CLAIMSTAMP_PUBLIC_URL: 'https://stamp.example/' }, undefined, () => Date.now() + late);
    await desk.ask('PUT', '/v1/people/lin', { role: 'operator' });
  });
  beforeEach(() => void (late = 0));
  const linkFor = async (name = 'lin'): Promise<string> => {
    const { status, body } = await desk.ask<{ link: string }>('POST', `/v1/people/${name}/link`);
    expect(status).toBe(201);
    expect(body.link).toMatch(/^https:\/\/stamp\.example\/sign-in\/[A-Za-z0-9_-]{43}$/);
    return new URL(body.link).pathname;
  };

  it('is not used up by looking at it, and works once', async () => {
    const path = await linkFor();
    const browser = openBrowser(desk.app);
    for (let i = 0; i < 3; i++) expect((await browser.get(path)).text).toContain('Choose a password');
    const fields = { password: PASSWORD, again: PASSWORD };
    expect((await browser.send(path, fields)).status).toBe(303);
    expect((await browser.get('/account')).text).toContain('Signed in as operator');
    const second = openBrowser(desk.app);
    await second.get('/sign-in');
    for (const again of [await second.get(path), await second.send(path, fields)]) {
      expect(again.status).toBe(403);
      expect(again.text).toContain('This link was already used, was replaced by a newer one, or has expired');
    }
  });

  it('sent from two tabs at once signs one in', async () => {
    const path = await linkFor();
    const tabs = [openBrowser(desk.app), openBrowser(desk.app)];
    await Promise.all(tabs.map((tab) => tab.get(path)));
    const answers = await Promise.all(tabs.map((tab) => tab.send(path, { password: PASSWORD, again: PASSWORD })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403]);
  });

  it('works for a day, and a new one replaces it', async () => {
    const path = await linkFor();
    late = 24 * HOUR - 60_000;
    expect((await openBrowser(desk.app).get(path)).status).toBe(200);
    late = 24 * HOUR + 1000;
    expect((await openBrowser(desk.app).get(path)).status).toBe(403);
    late = 0;
    await linkFor();
    expect((await openBrowser(desk.app).get(path)).status).toBe(403);
    expect((await openBrowser(desk.app).get(`/sign-in/${'A'.repeat(43)}`)).status).toBe(403);
  });

  it('keeps a weak or mistyped password out, and stays good for the next try', async () => {
    const path = await linkFor();
    const browser = openBrowser(desk.app);
    await browser.get(path);
    for (const [password, again, why] of [
      ['short', 'short', /too short/],
      ['lin', 'lin', /too short/],
      [PASSWORD, `${PASSWORD}!`, /are different/],
    ] as const) {
      const { status, text } = await browser.send(path, { password, again });
      expect(status).toBe(400);
      expect(text).toMatch(why);
      expect(text).not.toContain(PASSWORD);
    }
    expect((await browser.send(path, { password: PASSWORD, again: PASSWORD })).status).toBe(303);
  });

  it('signs the person out everywhere else once it is used', async () => {
    const before = await invited(desk, 'pat');
    const path = await linkFor('pat');
    expect((await before.get('/account')).status).toBe(200);
    const browser = openBrowser(desk.app);
    await browser.get(path);
    await browser.send(path, { password: PASSWORD, again: PASSWORD });
    expect((await before.get('/account')).status).toBe(303);
  });

  it('stands in no log and in no line of the ledger, and neither does what was chosen with it', async () => {
    const path = await linkFor();
    const browser = openBrowser(desk.app);
    await browser.get(path);
    await browser.send(path, { password: PASSWORD, again: PASSWORD });
    const [cookie = ''] = browser.cookies.get('claimstamp')?.split('.') ?? [];
    expect(cookie.length).toBe(43);
    const written = desk.log() + audit(desk.data).lines.join('\n');
    for (const secret of [path.slice(9), PASSWORD, cookie, 'scrypt']) expect(written).not.toContain(secret);
  });
});

describe('who asks for no page at the door', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
  it.each([
    ['GET', '/sign-in/no-link', {}, undefined, 403],
    ['POST', '/sign-in/no-link', FORM, '', 403],
    ['POST', '/sign-in', FORM, 'name=lin', 403],
    ['POST', '/sign-in', { 'content-type': 'application/json' }, '{}', 415],
    ['POST', '/sign-in', FORM, 'x'.repeat(9000), 413],
    ['POST', '/sign-out', { 'content-type': 'text/plain' }, '', 415],
  ] as const)('%s %s gets a problem like everywhere', async (method, path, headers, body, status) => {
    const desk = await openDesk();
    const answer = await desk.app.request(path, { method, headers, ...(body === undefined ? {} : { body }) });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await answer.json()).toMatchObject({
      type: expect.stringMatching(/^urn:claimstamp:problem:/),
      status,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });
});

describe('a page at the door', () => {
  it('needs no script, keeps out of caches, and escapes what was typed', async () => {
    const desk = await openDesk();
    const browser = openBrowser(desk.app);
    const { text, headers } = await browser.get('/sign-in');
    expect(text.startsWith('<!doctype html>')).toBe(true);
    expect(text).not.toMatch(/<script|<style|style=|onclick/i);
    expect(text).toContain('autocomplete="current-password"');
    expect(headers.get('cache-control')).toBe('no-store');
    const { text: back } = await browser.send('/sign-in', { name: '"><script>alert(1)</script>', password: 'x' });
    expect(back).not.toContain('<script');
  });
});

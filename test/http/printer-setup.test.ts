import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { GROUP, type Attribute } from '../../src/print/ipp-message.ts';
import { person, type Headers } from '../support/askers.ts';
import { freePort } from '../support/free-port.ts';
import { answer, jobGroup, oddPrinter, printerGroup, type Exchange, type Oddity } from '../support/odd-ipp.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

/* What is found out about an IPP printer when it is set up, and the password that the service shows to it. */

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});

interface Listed extends Problem {
  name: string;
  warning?: string;
  passwordAt?: string;
  user?: string;
  trouble?: string;
}
const patch = (body: object, name = 'A') => desk.ask<Listed>('PATCH', `/v1/printers/${name}`, { kind: 'ipp', ...body });
const setPassword = (password: string) => desk.ask<Listed>('PUT', '/v1/printers/A/password', { password });
const ask = async () =>
  (await desk.ask<{ answers: boolean; stopped: boolean; says: string[] }>('POST', '/v1/printers/A/ask')).body;
const listed = async (name = 'A') =>
  (await desk.ask<{ printers: Listed[] }>('GET', '/v1/printers')).body.printers.find((one) => one.name === name);

const takes = (...formats: string[]): [number, Attribute[]] => [
  GROUP.printer,
  [
    ['integer', 'printer-state', 3],
    ['mimeType', 'document-format-supported', ...formats],
  ],
];
const printerThatTakes = (...formats: string[]): Promise<Oddity> =>
  oddPrinter(
    ({ response }) => answer(response, 0, [jobGroup(9)]),
    ({ response }) => answer(response, 0, [takes(...formats)]),
  );

describe('a printer that is set up', () => {
  it.each(['PUT', 'PATCH'])('and takes no PDF is refused by %s, with what to do', async (method) => {
    const { url } = await printerThatTakes('image/urf', 'application/octet-stream');
    const refused = await desk.ask<Problem>(method, '/v1/printers/A', { kind: 'ipp', url });
    expect(refused).toMatchObject({ status: 409, body: { type: 'urn:claimstamp:problem:printer-lacks-pdf' } });
    expect(refused.body.detail).toContain('set its address as a label printer (port 9100)');
    expect(await listed()).toBeUndefined();
  });

  it.each([[['application/pdf']], [['image/urf', 'application/pdf;version=1.4']], [[]]])(
    'and lists the formats %j is saved without a warning',
    async (formats) => {
      const { url } = formats.length === 0 ? await oddPrinter(() => {}) : await printerThatTakes(...formats);
      expect(await patch({ url })).toMatchObject({ status: 200, body: { name: 'A', url } });
      expect((await patch({ url })).body).not.toHaveProperty('warning');
    },
  );

  it('and is not reached is saved with a warning', async () => {
    const saved = await patch({ url: `ipp://127.0.0.1:${await freePort()}/ipp/print` });
    expect(saved).toMatchObject({ status: 200, body: { warning: expect.stringContaining('printer A: ') } });
    expect(await listed()).toMatchObject({ name: 'A' });
  });

  it('is not asked when only other settings change', async () => {
    const { url, counts } = await printerThatTakes('application/pdf');
    await patch({ url });
    const asked = counts.get(11);
    expect(await patch({ dpi: 300, media: 'om_label_62x40mm' })).toMatchObject({ status: 200 });
    expect([asked, counts.get(11)]).toEqual([1, 1]);
  });

  it('says at the button that it takes no PDF', async () => {
    let formats = ['application/pdf'];
    const { url } = await oddPrinter(
      () => {},
      ({ response }) => answer(response, 0, [takes(...formats)]),
    );
    await patch({ url });
    formats = ['image/urf'];
    expect(await ask()).toMatchObject({ stopped: true, says: [expect.stringContaining('does not accept PDF')] });
  });

  it('shows its warning in the console, and the settings are saved', async () => {
    const url = `ipp://127.0.0.1:${await freePort()}/ipp/print`;
    const headers = await person(desk, 'ann', 'admin');
    const empty = await (await desk.app.request('/printer-settings?kind=ipp', { headers })).text();
    const [, stamp = ''] = /name="stamp" value="([^"]*)"/.exec(empty) ?? [];
    const page = await submit(headers, '/printer-settings', { name: 'A', kind: 'ipp', url, stamp });
    expect(page).toContain('The printer is saved, but it cannot print at the moment');
    expect(await listed()).toMatchObject({ name: 'A', url });
  });
});

/** A printer that wants a user and a password, and keeps what it was shown. */
async function guarded(): Promise<Oddity & { shown: (string | undefined)[] }> {
  const shown: (string | undefined)[] = [];
  const behave =
    (groups: [number, Attribute[]][]) =>
    ({ request, response }: Exchange): void => {
      shown.push(request.headers.authorization);
      if (request.headers.authorization === basic('labels', PASSWORD)) answer(response, 0, groups);
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="CUPS"' }).end();
    };
  return { ...(await oddPrinter(behave([jobGroup(9)]), behave([printerGroup(3)]))), shown };
}
const PASSWORD = 'Über-3-sheep:on-a-roof';
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function submit(headers: Headers, path: string, fields: Record<string, string>): Promise<string> {
  const body = new URLSearchParams({ csrf: headers['x-csrf-token'] ?? '', ...fields }).toString();
  const sent = { cookie: headers['cookie'] ?? '', 'content-type': 'application/x-www-form-urlencoded' };
  return (await desk.app.request(path, { method: 'POST', headers: sent, body })).text();
}

describe('a printer with a user and a password', () => {
  it('is asked with both, and the password is in no answer, event or log', async () => {
    const { url, shown } = await guarded();
    expect((await patch({ url, user: 'labels' })).body.warning).toContain(
      'no password is set for this printer address',
    );
    const { body } = await setPassword(PASSWORD);
    expect(body).toMatchObject({ printer: 'A', warning: expect.stringContaining('can read the password') });
    expect(await ask()).toMatchObject({ answers: true, stopped: false });
    expect(shown).toEqual([undefined, basic('labels', PASSWORD)]);
    expect(await listed()).toMatchObject({ user: 'labels', passwordAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    const everything = [JSON.stringify(await listed()), desk.log(), ledgerText(desk)].join();
    expect(everything).not.toContain(PASSWORD);
    expect(everything).not.toContain(Buffer.from(`labels:${PASSWORD}`).toString('base64'));
  });

  it('prints a test label with both', async () => {
    const { url, shown } = await guarded();
    await patch({ url, user: 'labels' });
    await setPassword(PASSWORD);
    expect((await desk.ask('POST', '/v1/printers/A/test')).body).toMatchObject({ state: 'done' });
    expect(shown.slice(1).every((one) => one === basic('labels', PASSWORD))).toBe(true);
  });

  it('that are wrong is in trouble, and says what to do', async () => {
    const { url } = await guarded();
    await patch({ url, user: 'labels' });
    await setPassword('wrong');
    const [said] = (await ask()).says;
    expect(said).toContain('it does not accept the user labels with this password: set both again');
  });

  it('does not show the password at another address', async () => {
    const [first, second] = [await guarded(), await guarded()];
    await patch({ url: first.url, user: 'labels' });
    await setPassword(PASSWORD);
    expect((await patch({ url: second.url })).body.warning).toContain('no password is set for this printer address');
    await ask();
    expect(second.shown).toEqual([undefined, undefined]);
  });

  it('keeps the password over a restart, in a file that only its owner reads', async () => {
    const { url, shown } = await guarded();
    await patch({ url, user: 'labels' });
    await setPassword(PASSWORD);
    const { data } = desk;
    await desk.close();
    desk = await openDesk({}, data);
    await ask();
    expect(shown.at(-1)).toBe(basic('labels', PASSWORD));
  });

  it('has none after the password is removed', async () => {
    const { url, shown } = await guarded();
    await patch({ url, user: 'labels' });
    await setPassword(PASSWORD);
    expect(await desk.ask('DELETE', '/v1/printers/A/password')).toMatchObject({ status: 200 });
    await ask();
    expect(shown.at(-1)).toBeUndefined();
    expect(await listed()).not.toHaveProperty('passwordAt');
    expect(readFileSync(join(desk.data, 'printer-passwords.json'), 'utf8')).toBe('{}');
  });

  it('is set up in the console, which never shows the password', async () => {
    const { url } = await guarded();
    await patch({ url, user: 'labels' });
    const headers = await person(desk, 'ann', 'admin');
    const said = await submit(headers, '/printer-settings/password', { name: 'A', password: PASSWORD });
    expect(said).toContain('The address does not use TLS');
    expect(await ask()).toMatchObject({ answers: true });
    const page = await (await desk.app.request('/printer-settings?name=A', { headers })).text();
    expect(page).toContain('A password was set');
    expect(page).not.toContain('sheep');
    await submit(headers, '/printer-settings/password/remove', { name: 'A' });
    expect(await listed()).not.toHaveProperty('passwordAt');
  });
});

it.each([
  ['of another kind', { kind: 'raw9100', host: '192.0.2.1' }],
  ['without a user', { kind: 'ipp', url: 'ipp://192.0.2.1/ipp/print', connectMs: 1 }],
])('a printer %s takes no password', async (_what, settings) => {
  await patch(settings);
  expect(await setPassword(PASSWORD)).toMatchObject({
    status: 409,
    body: { type: 'urn:claimstamp:problem:printer-without-user' },
  });
});

/** The bytes of the ledger with its newest pages. */
function ledgerText({ data }: Desk): string {
  return ['ledger.db', 'ledger.db-wal'].map((file) => readFileSync(join(data, file)).toString('latin1')).join('');
}

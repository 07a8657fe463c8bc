import { describe, expect, it } from 'vitest';
import { STATION } from '../../words/console/station.ts';
import { LANGUAGES, type Language } from '../../words/sentence.ts';
import { REFUSALS } from '../../words/refusals/table.ts';
import { openHelp } from '../../src/console/help/help-pages.tsx';
import { find } from '../../src/console/help/search.ts';
import { openDesk, type Desk } from '../support/service.ts';

/* The documents under /help, which need no sign-in. */

const get = async (desk: Desk, path: string): Promise<{ status: number; text: string }> => {
  const answer = await desk.app.request(path);
  return { status: answer.status, text: await answer.text() };
};

describe('the help', () => {
  it('lists documents by reader, and shows each of them', async () => {
    const desk = await openDesk();
    const { status, text } = await get(desk, '/help');
    expect(status).toBe(200);
    for (const words of ['Operators', 'QA', 'Firmware engineers']) expect(text).toContain(words);
    for (const { slug, title } of openHelp().documents.filter(({ path }) => path.startsWith('docs/'))) {
      const page = await get(desk, `/help/${slug}`);
      expect([page.status, slug]).toEqual([200, slug]);
      expect(page.text, title).toContain('<h1 id=');
    }
  });

  it('has no link to a page or a heading that is missing', async () => {
    const help = openHelp();
    const pages = await Promise.all(
      help.documents.map(async (one) => ({ slug: one.slug, html: await help.html(one) })),
    );
    const ids = new Map(
      pages.map(({ slug, html }) => [slug, [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)]),
    );
    const links = pages.flatMap((one) =>
      [...one.html.matchAll(/href="\/help\/([^"#]*)(?:#([^"]*))?"/g)].map(([link, slug = '', anchor]) => {
        const known = ids.get(slug);
        return known === undefined || (anchor !== undefined && !known.includes(anchor)) ? `${one.slug}: ${link}` : '';
      }),
    );
    expect(links.length).toBeGreaterThan(500);
    expect(links.filter((one) => one !== '')).toEqual([]);
  });

  it('finds the section with the words, and says if there is none', async () => {
    const desk = await openDesk();
    const { text } = await get(desk, '/help/search?find=restore+backup');
    expect(text).toMatch(/href="\/help\/backup#/);
    expect(text).toContain('name="find" value="restore backup"');
    expect((await get(desk, '/help/search?find=%3Cxyzzyq%3E')).text).toContain('Nothing found for “&lt;xyzzyq&gt;”');
    expect((await get(desk, '/help/search')).status).toBe(200);
  });

  it.each([
    ['printer does not print', 'admin#the-printer-does-not-print'],
    ['lost password', 'admin#someone-lost-the-password'],
    ['change certificate', 'admin#change-the-certificate'],
    ['label too small', 'admin#the-label-is-too-small-or-a-text-does-not-fit'],
    ['disk full', 'admin#the-disk-is-full'],
    ['order-required', 'problems/order-required'],
    ['restore backup', 'backup#backup-restore-and-when-something-is-lost'],
    ['port already in use', 'admin#the-service-does-not-start'],
    ['certificate expired', 'admin#the-certificate-has-expired'],
    ['printer offline', 'admin#the-printer-does-not-print'],
    ['device gets 503', 'admin#a-device-gets-no-claim-id'],
    ['reset admin', 'admin#someone-lost-the-password'],
    ['red screen', 'card/en'],
    ['la impresora no imprime', 'card/es'],
    ['pantalla roja', 'card/es'],
    ['sin conexion', 'card/es'],
    ['FAIL', 'card/en'],
    ['打印机不打印', 'card/zh'],
    ['屏幕变红', 'card/zh'],
    ['连接断开', 'card/zh'],
    ['excel changes numbers', 'firmware#ids-made-elsewhere'],
    ['change port', 'admin#change-the-port-or-the-address'],
    ['lost token', 'admin#a-token-or-a-station-key-is-lost-or-has-leaked'],
    ['pass fail scan', 'admin#a-scan-is-not-accepted-or-pass-and-fail-do-not-appear'],
    ['scan not working', 'admin#a-scan-is-not-accepted-or-pass-and-fail-do-not-appear'],
    ['label crooked', 'admin#the-label-is-printed-crooked-shifted-too-light-or-too-dark'],
    ['qr not readable', 'admin#a-code-cannot-be-read'],
  ])('finds %s', (typed, expected) => {
    const [first, second] = find(openHelp().rows(), typed).map(({ address }) => address);
    expect([first, second]).toContain(expected);
  });

  it('has the card for the wall in each language, with the words of the screen', async () => {
    const desk = await openDesk();
    for (const language of Object.keys(LANGUAGES) as Language[]) {
      const { status, text } = await get(desk, `/help/card/${language}`);
      expect(status).toBe(200);
      for (const word of ['pass', 'fail', 'next'] as const) expect(text).toContain(STATION[language][word]);
    }
    expect((await get(desk, '/help')).text).toContain('href="/help/card/zh"');
    expect((await get(desk, '/help/card/xx')).status).toBe(404);
  });

  it.each(['/help/nothing', '/help/..%2F..%2Fpackage.json', '/help/images/..%2Fqa.md', '/help/images/none.png'])(
    '%s is not there',
    async (path) => {
      expect((await get(await openDesk(), path)).status).toBe(404);
    },
  );

  it('has a page for each problem, which the problem names', async () => {
    const desk = await openDesk();
    const refused = await desk.app.request('/v1/units');
    const { help, type } = (await refused.json()) as { help: string; type: string };
    expect([help, type]).toEqual(['/help/problems/unauthorized', 'urn:claimstamp:problem:unauthorized']);
    const { text } = await get(desk, help);
    expect(text).toContain('The request has no token, or the token is wrong, expired or revoked');
    const pages = await Promise.all(
      [...Object.keys(REFUSALS), 'internal'].map(
        async (code) => [code, await get(desk, `/help/problems/${code}`)] as const,
      ),
    );
    expect(
      pages.filter(
        ([code, { status, text: page }]) =>
          status !== 200 || !page.includes('What to do') || (code !== 'internal' && !page.includes('>Why<')),
      ),
    ).toEqual([]);
    const all = await get(desk, '/help/problems');
    for (const [code] of pages) expect(all.text).toContain(`/help/problems/${code}`);
  });
});

import { describe, expect, it } from 'vitest';
import { person, type Headers } from '../support/askers.ts';
import { ADMIN_TOKEN, openDesk, type Problem } from '../support/service.ts';

/** Words of an English sentence that no other language of the console has between blanks. */
const ENGLISH = /\b(the|is|are|was|this|there|must|with|not|and|press)\b/;

describe.each([
  ['es', / (la|el|no|en|de|una) /i],
  ['zh', /\p{Script=Han}/u],
] as const)('an operator who reads %s', (language, native) => {
  it('meets no English sentence at a station', async () => {
    const desk = await openDesk();
    await desk.ask('PUT', '/v1/stations/NEST', { mode: 'slot', sources: ['192.0.2.1'] });
    await desk.ask('PUT', '/v1/stations/FREE', {});
    const operator = await person(desk, 'Olga', 'operator');
    const headers = {
      ...operator,
      cookie: `${operator['cookie']}; claimstamp-language=${language}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const send = async (path: string, fields: Record<string, string>): Promise<string> => {
      const body = new URLSearchParams({ csrf: operator['x-csrf-token'] ?? '', ...fields }).toString();
      return textIn(await (await desk.app.request(path, { method: 'POST', headers, body })).text());
    };
    const press = (what: string, station = 'NEST'): Promise<string> => send(`/stations/${station}/do`, { what });
    const scan = (code: string, intent: string): Promise<string> => send('/stations/NEST/scan', { code, intent });

    const said = [await press('same-device'), await press('next', 'FREE'), await press('nothing')];
    said.push(await scan('NO-SUCH-CODE', 'label'), await scan('NO-SUCH-CODE', 'verify'));
    const { id } = (await desk.agent({ product: 'DEMO', mac: 'm-1' }, '192.0.2.1')).body;
    expect((await desk.agent({ product: 'DEMO', mac: 'm-2' }, '192.0.2.1')).status).toBe(409);
    said.push(await scan(id, 'label'));
    said.push(await send('/stations/NEST/do', { what: 'print', uci: id }));
    for (const one of said) {
      expect(one).toMatch(native);
      expect(one).not.toMatch(ENGLISH);
    }
    const screen = await (await desk.app.request('/stations/NEST/now', { headers })).text();
    const [refused = ''] = /<div id="say".*?<div id="nest"/s.exec(screen) ?? [];
    expect(textIn(refused)).toMatch(native);
    expect(textIn(refused)).not.toMatch(ENGLISH);
  });

  it('gets problems in that language from the API, and everyone else in English', async () => {
    const desk = await openDesk();
    const ask = (method: string, path: string, body: object | undefined, headers: Headers = {}) =>
      desk.app.request(path, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    for (const [method, path, body] of [
      ['GET', '/v1/units/0000000000', undefined],
      ['GET', '/v1/units/hello', undefined],
      ['PUT', '/v1/products/P', { claimIdLength: 99, name: 7 }],
      ['PUT', '/v1/products/P', { serialPattern: '{seq:9}{seq:9}' }],
      ['PUT', '/v1/stations/S', { workOrders: { P: 'WO-NONE' } }],
      ['PUT', '/v1/people/Ann', { role: 'operator', badge: 'a b' }],
      ['POST', '/v1/stations/NONE/next', {}],
      ['POST', '/v1/units/void', { units: '0000000000\n1111111111', reason: 'other', note: 'x' }],
      ['DELETE', '/v1/stations', undefined],
    ] as const) {
      const answer = await ask(method, path, body, { 'accept-language': language });
      const { detail } = (await answer.json()) as Problem;
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get('content-language'), detail).toBe(language);
      expect(detail).not.toMatch(ENGLISH);
      const english = await ask(method, path, body, { 'accept-language': 'fr' });
      expect(english.headers.get('content-language')).toBeNull();
      expect(((await english.json()) as Problem).detail).toMatch(/\w \w/);
    }
  });
});

function textIn(html: string): string {
  return html.replace(/<[^>]*>/g, ' ');
}

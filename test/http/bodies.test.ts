import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt } from '../support/agent-wire.ts';
import { startService, tempFolder, type Problem, type Service } from '../support/service.ts';
import { audit } from '../support/audit.ts';

/** What is wrong with a body, the body, and what the answer's `detail` must say about it. */
const BAD: [string, string | Uint8Array, RegExp, number?][] = [
  ['is not JSON', 'product=DEMO', /not JSON/],
  ['is JSON5', "{product: 'DEMO'}", /not JSON/],
  ['is cut short', '{"product":"DEMO"', /not JSON/],
  ['has something behind it', '{"product":"DEMO"}{}', /not JSON/],
  ['is an array', '[{"product":"DEMO"}]', /JSON object/],
  ['is a string', '"DEMO"', /JSON object/],
  ['is a number', '7', /JSON object/],
  ['is null', 'null', /JSON object/],
  ['has a number as product', '{"product":7}', /"product" must be a string/],
  ['has null as product', '{"product":null}', /"product" must be a string/],
  ['has an object as product', '{"product":{"id":"DEMO"}}', /"product" must be a string/],
  ['has an empty product', '{"product":""}', /"product" must be 1 to 64/],
  ['has a path as product', '{"product":"../../etc"}', /"product" must be 1 to 64/],
  ['has a product that is too long', `{"product":"${'A'.repeat(65)}"}`, /"product" must be 1 to 64/],
  ['has a number as name', '{"product":"DEMO","name":7}', /"name" must be a string of at most 255/],
  ['has a name that is too long', `{"product":"DEMO","name":"${'n'.repeat(256)}"}`, /"name" must be .* 255/],
  ['has an array as model', '{"product":"DEMO","model":[]}', /"model" must be a string/],
  ['has an empty serial', '{"product":"DEMO","serial":""}', /"serial" must be a non-empty string/],
  ['has null as serial', '{"product":"DEMO","serial":null}', /"serial" must be a non-empty string/],
  ['has a serial that is too long', `{"product":"DEMO","serial":"${'9'.repeat(33)}"}`, /"serial" must be at most 32/],
  ['has a fraction as serial', '{"product":"DEMO","serial":1.5}', /"serial" must be .* send it as a string/],
  [
    'has a number that cannot be told from another',
    '{"product":"DEMO","serial":9007199254740993}',
    /send it as a string/,
  ],
  ['has a boolean as mac', '{"product":"DEMO","mac":true}', /"mac" must be a non-empty string/],
  ['has a mac that is too long', `{"product":"DEMO","mac":"${'a'.repeat(129)}"}`, /"mac" must be .* 128/],
  ['has a control character in its identity', '{"product":"DEMO","mac":"a\\u0000b"}', /control character/],
  ['has half a character in its identity', '{"product":"DEMO","mac":"\\ud800"}', /incomplete character/],
  ['has a number without end', '{"product":"DEMO","x":1e999}', /too large to store exactly/],
  ['is nested deep', `{"product":"DEMO","x":${'['.repeat(5000)}${']'.repeat(5000)}}`, /nested too deep: at most 8/],
  [
    'is nested deep in objects',
    `{"product":"DEMO","x":${'{"y":'.repeat(2000)}1${'}'.repeat(2000)}}`,
    /nested too deep/,
  ],
  ['has too many properties', JSON.stringify(many(65)), /65 properties: send at most 64/],
  ['has __proto__', '{"product":"DEMO","__proto__":{"serial":"S-1"}}', /"__proto__": rename it/],
  ['has __proto__ further in', '{"product":"DEMO","x":{"\\u005f_proto__":{}}}', /"__proto__": rename it/],
  ['names a property twice', '{"product":"DEMO","serial":"S-1","serial":"S-2"}', /contains a property twice/],
  [
    'names a property twice, once in disguise',
    '{"product":"DEMO","product":"DE\\u004dO"}',
    /contains a property twice/,
  ],
  ['is not UTF-8', Buffer.from('{"product":"DEMO","name":"\xe9"}', 'latin1'), /not UTF-8/],
  [
    'begins with a surrogate in UTF-8',
    Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
    /not UTF-8/,
  ],
  ['is in UTF-16', Buffer.from('{"product":"DEMO"}', 'utf16le'), /not JSON|not UTF-8/],
  ['names no product', '{"name":"Demo"}', /names no "product": put it into device\.json5/],
  ['is empty', '', /names no "product"/],
  ['names a product nobody set up', '{"product":"OTHER"}', /claimstamp product set OTHER/, 422],
];

function many(count: number): Record<string, string> {
  const properties = Array.from({ length: count - 1 }, (_, i) => [`p${i}`, 'x']);
  return { product: 'DEMO', ...Object.fromEntries(properties) };
}

describe('a body that', () => {
  let service: Service;
  let lines: string[];
  beforeAll(async () => {
    const data = tempFolder();
    service = await startService(data, { CLAIMSTAMP_PRODUCTS: 'strict' });
    lines = audit(data).lines;
  });
  afterAll(() => service.end('SIGTERM'));

  it.each(BAD)(
    '%s is refused with what to change, and the ledger does not grow',
    async (_, body, detail, status = 400) => {
      const answer = await attempt(service.port, body);
      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      const problem = JSON.parse(answer.body) as Problem;
      expect(problem.status).toBe(status);
      expect(problem.type).toMatch(/^urn:claimstamp:problem:[a-z-]+$/);
      expect(problem.title).not.toBe('');
      expect(problem.detail).toMatch(detail);
      expect(answer.body).not.toMatch(/node_modules|SqliteError|\.ts:|\.js:/);
      expect(audit(service.data).lines).toEqual(lines);
    },
  );

  it('is refused is counted at its station, and the counting writes nothing', async () => {
    const headers = { authorization: 'Bearer an-admin-token-of-the-tests-0123456789' };
    const metrics = await (await fetch(`${service.url}/metrics`, { headers })).text();
    const counted = /claimstamp_refusals_total\{station="default",reason="invalid"\} (\d+)/.exec(metrics);
    expect(Number(counted?.[1])).toBeGreaterThan(30);
    expect(audit(service.data).lines).toEqual(lines);
    // Rate-limited: one line for each station and reason.
    expect(service.log().match(/agent refused/g)?.length).toBeLessThan(6);
  });
});

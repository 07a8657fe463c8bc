import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { parseTemplate } from '../../src/label/template.ts';
import { parseJson5 } from '../../src/platform/json5.ts';
import { isNestedTooDeep } from '../../src/platform/nesting.ts';
import { ADMIN_TOKEN, run, startService, tempFolder, type Problem, type Service } from '../support/service.ts';

let service: Service;
beforeAll(async () => void (service = await startService(tempFolder())));
afterAll(async () => void (await service.end('SIGTERM')));

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const post = async (path: string, body: string): Promise<{ status: number; detail: string }> => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(service.url + path, { method: 'POST', headers, body });
  return { status: answer.status, detail: ((await answer.json()) as Problem).detail };
};

describe.each([9, 100, 5000, 200_000])('%i levels', (levels) => {
  it('of a device in an import are 400', async () => {
    const device = `{"product":"P","x":${nested(levels)}}`;
    const units = `{"as":"issued","units":[{"place":"a line 1","uci":"JT08FFQXWQ","device":${device}}]}`;
    expect(await post('/v1/units/import', units)).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/nested too deep/),
    });
  });

  it('of any other body are refused as well', async () => {
    expect((await post('/v1/units/void', `{"units":${nested(levels)},"reason":"other"}`)).status).toSatisfy(
      (status) => status === 400 || status === 413,
    );
  });

  it('of a device.json5 file are told by the command line', async () => {
    const file = join(tempFolder(), 'device.json5');
    writeFileSync(file, `{id: 'JT08FFQXWQ', product: 'P', x: ${nested(levels)}}`);
    const { code, stderr } = await run('claimstamp', ['import', file], service.data);
    expect(code).toBe(1);
    expect(stderr).toMatch(/device\.json5.*nested too deep/);
  });
});

it.each(["{x: '\\u0022', y: ", '{/* " */ y: ', '{y: '])('levels after %j in a JSON5 file are counted', (before) => {
  expect(() => parseJson5(`${before}${nested(33)}}`)).toThrow(/nested too deep/);
  expect(() => parseJson5(`${before}${nested(100_000)}}`)).toThrow(/nested too deep/);
  expect(parseJson5(`${before}${nested(31)}}`)).toBeTypeOf('object');
});

it('of a label template and of the settings file are told in one sentence', () => {
  const file = join(tempFolder(), 'settings.json5');
  for (const text of [`{catalog: ${nested(5000)}}`, nested(5000)]) {
    writeFileSync(file, text);
    expect(() => readConfig({ CLAIMSTAMP_CONFIG: file })).toThrow(/settings\.json5: .*nested too deep/);
    expect(() => parseTemplate('deep', text)).toThrow(/deep\.json5: .*nested too deep/);
  }
  expect(() => parseJson5(`"${'x'.repeat(2 ** 20)}"`)).toThrow(/too large/);
});

it('brackets in strings are no levels', () => {
  expect(isNestedTooDeep(Buffer.from(JSON.stringify({ x: `${'['.repeat(99)}\\"[[` })))).toBe(false);
  expect(isNestedTooDeep(Buffer.from(nested(32)))).toBe(false);
  expect(isNestedTooDeep(Buffer.from(nested(33)))).toBe(true);
});

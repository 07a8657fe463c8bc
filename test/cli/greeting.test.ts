import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { greeting, terminalOf, type Greeted, type Terminal } from '../../src/cli/welcome/greeting.ts';
import { isColoured, logFormat } from '../../src/cli/log-format.ts';
import { hostsOf } from '../../src/http/listeners.ts';
import { decode } from '../support/label-files.ts';

interface Png {
  PNG: { new (size: { width: number; height: number }): { data: Buffer }; sync: { write: (png: object) => Buffer } };
}
const { PNG }: Png = createRequire(import.meta.url)('pngjs');

const GREETED: Greeted = {
  urls: ['http://127.0.0.1:4100', 'http://192.0.2.10:4100'],
  publicUrl: undefined,
  firstLink: 'http://127.0.0.1:4100/sign-in/secret',
  fingerprint: '0123456789abcdef',
  data: '/var/lib/claimstamp',
  agentAccess: 'open',
  isForeground: true,
};
const PLAIN: Terminal = { columns: 100, isColoured: false, isUnicode: true };
const COLOURED: Terminal = { columns: 100, isColoured: true, isUnicode: true };

test('the start on a terminal says where everything is, and what to do next', () => {
  const text = greeting(GREETED, PLAIN);
  expect(text).toMatch(/^\n {2}Claimstamp \d+\.\d+\.\d+\n {2}Gives each device/);
  expect(text).toContain('Console         http://192.0.2.10:4100\n');
  expect(text).toContain('Also at         http://127.0.0.1:4100\n');
  expect(text).toContain('First admin     http://192.0.2.10:4100/sign-in/secret\n');
  expect(text).toContain(
    "services: { serialize: 'factory' }, api: { serialize: 'http://192.0.2.10:4100/ioto/serialize' }\n",
  );
  expect(text).toContain('Data folder     /var/lib/claimstamp\n');
  expect(text).toContain('Signing key     0123456789abcdef\n');
  expect(text).toMatch(/1\. Open the link of the first admin[^]*2\. Ask for a Claim ID[^]*curl -X POST[^]*3\. To stop/);
  expect(text).not.toContain('\u001B');
});

test('the public address comes before all others, and an admin who is there gets no link', () => {
  const text = greeting({ ...GREETED, publicUrl: 'https://claims.example:4100/', firstLink: undefined }, PLAIN);
  expect(text).toContain('Console         https://claims.example:4100\n');
  expect(text).toContain('Sign in at https://claims.example:4100/sign-in.');
  expect(text).not.toContain('First admin');
});

test('on a narrow terminal, sentences are broken between words, and addresses are not broken', () => {
  const text = greeting(GREETED, { ...PLAIN, columns: 40 });
  const long = text.split('\n').filter((line) => line.length > 40);
  expect(long.filter((line) => / \S* \S* \S* /.test(line.trim()) && !line.includes('serialize'))).toEqual([]);
  expect(text).toContain('\n    http://192.0.2.10:4100\n');
});

test('a camera reads the address of the console from the terminal', async () => {
  const lines = greeting(GREETED, COLOURED)
    .split('\n')
    .flatMap((line) => /\[30;107m([ ▀▄█]+)/.exec(line)?.[1] ?? []);
  const rows = lines.flatMap((line) => [
    Array.from(line, (one) => '▀█'.includes(one)),
    Array.from(line, (one) => '▄█'.includes(one)),
  ]);
  const size = 6;
  const [width, height] = [(rows[0]?.length ?? 0) * size, rows.length * size];
  const png = new PNG({ width, height });
  png.data.fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (rows[Math.floor(y / size)]?.[Math.floor(x / size)])
        png.data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  const found = await decode(PNG.sync.write(png));
  expect(found.map((one) => one.text)).toEqual(['http://192.0.2.10:4100']);
});

test('there is no QR code without colours, on a narrow terminal, or for an address of this machine only', () => {
  const here = { ...GREETED, urls: ['http://127.0.0.1:4100'] };
  const shown = [greeting(GREETED, PLAIN), greeting(GREETED, { ...COLOURED, columns: 24 }), greeting(here, COLOURED)];
  for (const text of shown) expect(text).not.toMatch(/[▀▄█]/);
});

test('a service on all addresses names each of them', () => {
  const found = {
    lo: [{ family: 'IPv4', internal: true, address: '127.0.0.1' }],
    eth0: [
      { family: 'IPv4', internal: false, address: '192.0.2.10' },
      { family: 'IPv6', internal: false, address: '2001:db8::1' },
      { family: 'IPv6', internal: false, address: 'fe80::1' },
    ],
  } as unknown as Parameters<typeof hostsOf>[1];
  expect(hostsOf('0.0.0.0', found)).toEqual(['127.0.0.1', '192.0.2.10']);
  expect(hostsOf('::', found)).toEqual(['[::1]', '192.0.2.10', '[2001:db8::1]']);
  expect(hostsOf('::1', found)).toEqual(['[::1]']);
  expect(hostsOf('claims.example', found)).toEqual(['claims.example']);
});

test('a terminal gets text, with colours if the person wants them, and everything else gets JSON', () => {
  const terminal = { isTTY: true };
  const pipe = { isTTY: false };
  expect(isColoured(terminal, {})).toBe(true);
  expect([
    isColoured(terminal, { NO_COLOR: '1' }),
    isColoured(terminal, { TERM: 'dumb' }),
    isColoured(pipe, {}),
  ]).toEqual([false, false, false]);
  expect(logFormat({ logFormat: 'auto' }, pipe)).toBe('json');
  expect(logFormat({ logFormat: 'text' }, pipe)).toBe('text');
  expect(logFormat({ logFormat: 'json' }, terminal)).toBe('json');
  expect(logFormat({ logFormat: 'auto' }, terminal)).toMatch(/text$/);
  expect(terminalOf({ columns: 0 }, true, { LANG: 'C' })).toEqual({ columns: 80, isColoured: true, isUnicode: false });
});

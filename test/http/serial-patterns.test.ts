import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { invited } from '../support/form-client.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

/** The last S/N of the earlier version, in week 48 of 2026. */
const LAST = 264800014;

async function serialOf(desk: Desk, product: string): Promise<string | undefined> {
  const { body } = await desk.ask<{ units: { serial?: string }[] }>('POST', '/v1/units', { product, count: 1 });
  return body.units[0]?.serial;
}

describe('a ledger of an earlier version', () => {
  const upgraded = (): string => {
    const data = tempFolder();
    cpSync(join(packageRoot, 'test', 'fixtures', 'ledger-0.1.0'), data, { recursive: true });
    return data;
  };

  test('keeps the pattern of its products, and new products get the new pattern', async () => {
    const desk = await openDesk({ CLAIMSTAMP_SITE: 'P2' }, upgraded());
    const serial = await serialOf(desk, 'LAMP');
    expect(serial).toMatch(/^\d{9}$/);
    expect(Number(serial)).toBeGreaterThan(LAST);
    expect(await serialOf(desk, 'LAMP-2')).toMatch(/^P2P2\d{4}U0000001$/);
  });

  test('keeps the older default of a product whose pattern the configuration file does not name', async () => {
    const data = upgraded();
    const config = join(data, 'claimstamp.json5');
    writeFileSync(config, `{ site: 'P2', catalog: { products: [{ id: 'LAMP', name: 'Lamp', code: 'LMP' }] } }`);
    const desk = await openDesk({ CLAIMSTAMP_CONFIG: config }, data);
    const serial = await serialOf(desk, 'LAMP');
    expect(serial).toMatch(/^\d{9}$/);
    expect(Number(serial)).toBeGreaterThan(LAST);
  });
});

describe('a service without a site', () => {
  test('does not start with a product whose S/Ns have the site', async () => {
    const data = tempFolder();
    const desk = await openDesk({ CLAIMSTAMP_SITE: 'P2' }, data);
    await desk.ask('PUT', '/v1/products/DEMO', { name: 'Demo' });
    await desk.close();
    await expect(openDesk({}, data)).rejects.toThrow(/product DEMO has \{site\}.*set CLAIMSTAMP_SITE/);
  });

  test('refuses {site} in a pattern, and says at its first start what to set', async () => {
    const desk = await openDesk();
    expect(desk.log()).toContain('set CLAIMSTAMP_SITE');
    const reply = await desk.ask('PUT', '/v1/products/DEMO', { serialPattern: '{site}U{seq:5}' });
    expect(reply).toMatchObject({ status: 409, body: { type: expect.stringContaining('site-missing') } });
  });
});

test('two products cannot have patterns that make the same S/N', async () => {
  const desk = await openDesk();
  const put = (id: string, body: object) => desk.ask<{ detail: string }>('PUT', `/v1/products/${id}`, body);
  expect((await put('A', { code: 'A1', serialPattern: '{code}{seq:5}' })).status).toBe(200);
  const { status, body } = await put('B', { serialPattern: 'A{seq:6}' });
  expect(status).toBe(409);
  expect(body.detail).toContain('can make the same S/N as {code}{seq:5} of product A: use {code} in the pattern');
});

test('a pattern gets more digits while agents ask, and no number is given twice, left out or refused', async () => {
  const desk = await openDesk();
  await desk.ask('PUT', '/v1/products/DEMO', { serialPattern: 'U{seq:2}' });
  const asked: Promise<{ status: number; body: { id: string } }>[] = [];
  const ask = (count: number): void => {
    for (let n = 0; n < count; n++) asked.push(desk.agent({ product: 'DEMO', mac: `m${asked.length}` }));
  };
  ask(50);
  const widened = desk.ask('PATCH', '/v1/products/DEMO', { serialPattern: 'U{seq:4}' });
  ask(49);
  expect((await widened).status).toBe(200);
  ask(50);
  const replies = await Promise.all(asked);
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
  const { units } = (await desk.ask<{ units: { serial: string }[] }>('GET', '/v1/units?limit=1000')).body;
  const counts = units.map(({ serial }) => Number(serial.slice(1))).toSorted((a, b) => a - b);
  expect(counts).toEqual(Array.from({ length: 149 }, (_, n) => n + 1));
  expect(new Set(units.map(({ serial }) => serial.length))).toEqual(new Set([3, 5]));
});

test('after the last number, agents are refused and the screen of the station says what to do', async () => {
  const desk = await openDesk();
  await desk.ask('PUT', '/v1/products/DEMO', { serialPattern: 'U{seq:1}' });
  const ask = (n: number) => desk.agent({ product: 'DEMO', mac: `m${n}` });
  for (let n = 1; n <= 9; n++) expect((await ask(n)).status).toBe(200);
  const size = await desk.size();
  const refused = await ask(10);
  expect([refused.status, JSON.stringify(refused.body)]).toEqual([
    409,
    expect.stringContaining(
      "pattern U{seq:1}). Give the product a pattern with more digits on its page under Products (claimstamp product set DEMO --serial-pattern 'U{seq:2}')",
    ),
  ]);
  expect(await desk.size()).toBe(size);
  const { text } = await (await invited(desk, 'ann', 'admin')).get('/stations/default');
  expect(text).toMatch(/Product DEMO: all 9 S\/Ns of the counter .*U#.* are used/);
  expect(text).toContain('a pattern with more digits on its page under Products. No restart');
  await desk.ask('PATCH', '/v1/products/DEMO', { serialPattern: 'U{seq:3}' });
  expect((await ask(10)).status).toBe(200);
});

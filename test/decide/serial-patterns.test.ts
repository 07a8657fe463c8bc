import { describe, expect, test } from 'vitest';
import {
  agent,
  device,
  openLine,
  openMapLedger,
  product,
  PRODUCT,
  refusal,
  type MapLedger,
} from '../support/map-ledger.ts';

const ACTOR = 'admin';
const OLD = '{yy}{ww}{seq:5}';

const set = (line: MapLedger, id: string, settings: object = {}, site?: string) =>
  line.record({
    kind: 'set-product',
    product: { id, claimIdLength: 10, repeat: 'same', ...settings },
    site,
    actor: ACTOR,
  });
const change = (line: MapLedger, id: string, settings: object, site?: string) =>
  line.record({ kind: 'set-product', merge: true, product: { id, ...settings }, site, actor: ACTOR });
const next = (line: MapLedger, id: string, site?: string) => line.record(agent({ product: id }, { site })).serial;

describe('the S/N pattern of a new product', () => {
  test('has the site, and the code that people gave', () => {
    const line = openLine();
    expect(set(line, 'THERMO', { code: 'TH' }, 'P2')).toMatchObject({ serialPattern: '{site}{code}{yy}{ww}U{seq:7}' });
    expect(next(line, 'THERMO', 'P2')).toBe('P2TH2648U0000001');
  });

  test('of an agent or an admin without a code gets a code that no other product has', () => {
    const line = openLine();
    set(line, 'LONG-PRODUCT-ID', {}, 'P2');
    const serials = ['DEMO', 'demo', 'LONG-PRODUCT-ID', 'OTHER-PRODUCT'].map((id) => next(line, id, 'P2'));
    expect(serials).toEqual(['P2DEMO2648U0000001', 'P2P42648U0000001', 'P2P22648U0000001', 'P2P52648U0000001']);
  });

  test('has no site where the service has none, so no agent is refused', () => {
    expect(next(openLine(), 'DEMO')).toBe('DEMO2648U0000001');
  });

  test('with {site} is refused where the service has none', () => {
    expect(refusal(() => set(openLine(), 'P', { serialPattern: '{site}U{seq:5}' }))).toBe('site-missing');
  });
});

describe('the S/N pattern of an existing product', () => {
  test('is kept when the settings do not name it, as a configuration file of an older version', () => {
    const line = openLine();
    expect(set(line, PRODUCT, { name: 'Demo' }, 'P2')).toMatchObject({ name: 'Demo', serialPattern: OLD });
    expect(next(line, PRODUCT, 'P2')).toBe('264800001');
    set(line, 'NEW', { code: 'NW' }, 'P2');
    expect(set(line, 'NEW', {}, 'P2')).toMatchObject({ code: 'NW', serialPattern: '{site}{code}{yy}{ww}U{seq:7}' });
  });

  test('becomes the pattern of a new product if people restore the default', () => {
    const line = openLine();
    expect(change(line, PRODUCT, { serialPattern: null }, 'P2')).toMatchObject({
      code: 'P1',
      serialPattern: '{site}{code}{yy}{ww}U{seq:7}',
    });
  });

  test('may make the S/Ns of another product in an older ledger, and other settings can change', () => {
    const line = openMapLedger();
    for (const id of ['A', 'B']) line.tables.products.set(id, { ...product({ id }), serialPattern: OLD });
    expect(set(line, 'A', { name: 'A' })).toMatchObject({ serialPattern: OLD });
    expect(change(line, 'B', { name: 'B' })).toMatchObject({ serialPattern: OLD });
  });

  test('is refused if it could make the S/Ns that another product makes or made', () => {
    const line = openLine();
    expect(refusal(() => set(line, 'B', { serialPattern: OLD }))).toBe('serials-shared');
    line.record(device());
    change(line, PRODUCT, { serialPattern: 'A{seq:3}' });
    expect(refusal(() => set(line, 'B', { serialPattern: OLD }))).toBe('serials-shared');
    change(line, PRODUCT, { code: 'A', serialPattern: '{code}{seq:5}' });
    expect(refusal(() => set(line, 'B', { code: 'A', serialPattern: '{code}{seq:5}' }))).toBe('serials-shared');
    expect(change(line, PRODUCT, { serialPattern: OLD })).toMatchObject({ serialPattern: OLD });
  });

  test('may be swapped with that of a product that changes together with it', () => {
    const line = openLine();
    set(line, 'B', { serialPattern: 'B{seq:3}' });
    const one = product({ serialPattern: 'B{seq:3}' });
    const other = product({ id: 'B', serialPattern: OLD });
    const both = { kind: 'set-product' as const, together: [one, other], actor: ACTOR };
    line.record({ ...both, product: one });
    line.record({ ...both, product: other });
    expect([next(line, PRODUCT), next(line, 'B')]).toEqual(['B001', '264800001']);
  });
});

describe('a wider pattern', () => {
  test('goes on from the count of the narrower one, and gives no S/N twice', () => {
    const line = openLine({ product: { serialPattern: '{yy}{ww}U{seq:1}' } });
    const serials = Array.from({ length: 9 }, () => line.record(device()).serial);
    expect(refusal(() => line.record(device()))).toBe('serials-exhausted');
    change(line, PRODUCT, { serialPattern: '{yy}{ww}U{seq:3}' });
    const made = line.record({ kind: 'make', as: 'issued', product: PRODUCT, count: 3, strict: true, actor: ACTOR });
    serials.push(...made.units.map(({ serial }) => serial), line.record(device()).serial);
    expect(serials.slice(-5)).toEqual(['2648U9', '2648U010', '2648U011', '2648U012', '2648U013']);
    expect(new Set(serials).size).toBe(serials.length);
  });

  test('after it got fewer digits again goes on from each own count', () => {
    const line = openLine({ product: { serialPattern: 'U{seq:2}' } });
    const take = (digits: number) => {
      change(line, PRODUCT, { serialPattern: `U{seq:${digits}}` });
      return line.record(device()).serial;
    };
    expect([2, 4, 2, 4].map(take)).toEqual(['U01', 'U0002', 'U02', 'U0003']);
  });
});

test('each site of a shared ledger, and a site whose code changed, has its own counter', () => {
  const line = openLine();
  set(line, 'DEMO', {}, 'P2');
  const serials = ['P2', 'P3', 'P2', 'P4', 'P2'].map((site) => next(line, 'DEMO', site));
  expect(serials).toEqual([
    'P2DEMO2648U0000001',
    'P3DEMO2648U0000001',
    'P2DEMO2648U0000002',
    'P4DEMO2648U0000001',
    'P2DEMO2648U0000003',
  ]);
});

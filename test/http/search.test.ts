import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { openFilling } from '../../src/jobs/search/fill-search.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';
import { until } from '../support/until.ts';

interface Found {
  units: { uci: string; serial?: string }[];
  next: number | null;
  matched?: string;
}
interface Suggestions {
  search: { state: string; done: number; total: number };
  names: { kind: string; id: string; name?: string }[];
  units: { unit: string; serial?: string; by: string; found?: { property: string; value: string } }[];
  more: boolean;
  short: boolean;
}

let desk: Desk;
const made: { uci: string; serial: string }[] = [];

const find = async (query: Record<string, string>): Promise<Found> =>
  (await desk.ask<Found>('GET', `/v1/units?${new URLSearchParams(query).toString()}`)).body;
const suggest = async (text: string): Promise<Suggestions> =>
  (await desk.ask<Suggestions>('GET', `/v1/search/suggestions?${new URLSearchParams({ text }).toString()}`)).body;
const caughtUp = async (of: Desk): Promise<void> => {
  await until(async () => {
    const { state, done, total } = (await of.ask<Suggestions['search']>('GET', '/v1/search')).body;
    return state === 'ready' && done === total && total === (await of.size());
  });
};

beforeAll(async () => {
  desk = await openDesk();
  for (const [path, body] of [
    ['products/METER', { name: 'Water meter DN20', serialPattern: 'WMU{yy}{ww}-{seq:6}' }],
    ['work-orders/WO-2026-118', { product: 'METER', planned: 50, lot: 'LOT77A' }],
    ['stations/nest-left', { mode: 'open' }],
  ] as const)
    expect((await desk.ask('PUT', `/v1/${path}`, body)).body).not.toHaveProperty('detail');
  for (let n = 1; n <= 12; n++) {
    const mac = `A4:C1:38:00:1F:${n.toString(16).padStart(2, '0').toUpperCase()}`;
    const uci = (await desk.agent({ product: 'METER', mac })).body.id;
    made.push({ uci, serial: (await desk.ask<{ serial: string }>('GET', `/v1/units/${uci}`)).body.serial });
  }
  await caughtUp(desk);
});

it('finds a unit by the middle and by the end of its S/N', async () => {
  const { uci, serial } = made[10] ?? { uci: '', serial: '' };
  expect(await find({ find: serial.slice(-5) })).toMatchObject({ units: [{ uci }], matched: 'contains' });
  expect(await find({ find: serial.slice(4, -1) }), 'ten others have it too').toMatchObject({ matched: 'contains' });
  expect((await find({ find: `${serial.slice(2, 8)} ${serial.slice(8).toLowerCase()}` })).units).toMatchObject([
    { uci },
  ]);
});

it('finds a unit by a part of its identity, in any spelling', async () => {
  const uci = made[9]?.uci;
  for (const typed of ['001f0a', '00-1f-0a', '38:00:1F:0A', '3800.1f0a'])
    expect(await find({ find: typed }), typed).toMatchObject({ units: [{ uci }], matched: 'contains' });
  expect(await find({ contains: '38001F0', status: 'void' })).toEqual({ units: [], next: null });
});

it('finds a unit by the last letters of its Claim ID', async () => {
  const uci = made[3]?.uci ?? '';
  expect(await find({ ending: uci.slice(-5).toLowerCase() })).toMatchObject({ units: [{ uci }] });
  expect((await find({ ending: uci.slice(-2) })).units.map((unit) => unit.uci)).toContain(uci);
  expect((await desk.ask('GET', '/v1/units?ending=A')).status).toBe(400);
  expect((await desk.ask('GET', '/v1/units?contains=1-2')).status).toBe(400);
});

it('says which identity value matches, and puts the S/Ns that end in the text first', async () => {
  const own = await openDesk();
  await own.ask('PUT', '/v1/products/METER', { name: 'Meter', serialPattern: 'WM-{seq:6}' });
  const macs = ['A4:C1:38:00:00:05', ...Array.from({ length: 6 }, (_, n) => `A4:C1:38:01:00:1${n}`)];
  for (const mac of [...macs, 'A4:C1:38:00:00:06'].toReversed()) await own.agent({ product: 'METER', mac });
  await caughtUp(own);
  const found = (await own.ask<Suggestions>('GET', '/v1/search/suggestions?text=0005')).body;
  const mac = { property: 'mac', value: 'A4:C1:38:00:00:05' };
  expect(found.units.map((unit) => [unit.serial, unit.found])).toEqual([
    ['WM-000005', undefined],
    ['WM-000008', mac],
  ]);
  expect(found.more).toBe(false);
  const many = (await own.ask<Suggestions>('GET', '/v1/search/suggestions?text=a4c138')).body;
  expect([many.units.length, many.more]).toEqual([6, true]);
  const listed = await own.ask<{ units: object[] }>('GET', '/v1/units?find=0005');
  expect(listed.body.units).toMatchObject([{ serial: 'WM-000005' }, { serial: 'WM-000008', found: mac }]);
});

it('pages through what contains a part, in both orders', async () => {
  const all = made.map(({ uci }) => uci);
  const read = async (order: Record<string, string>): Promise<string[]> => {
    const found: string[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page = await find({ contains: '38001F', limit: '5', after: String(after), ...order });
      found.push(...page.units.map(({ uci }) => uci));
      after = page.next;
    }
    return found;
  };
  expect(await read({})).toEqual(all);
  expect(await read({ newest: 'true' })).toEqual(all.toReversed());
});

it('suggests names and units while a person types, with masked Claim IDs', async () => {
  const before = await desk.size();
  expect((await suggest('2026-1')).names).toContainEqual({ kind: 'work-order', id: 'WO-2026-118' });
  expect((await suggest('lot77')).names).toEqual([{ kind: 'lot', id: 'WO-2026-118', name: 'LOT77A' }]);
  expect((await suggest('meter dn')).names).toEqual([{ kind: 'product', id: 'METER', name: 'Water meter DN20' }]);
  expect((await suggest('est-le')).names).toEqual([{ kind: 'station', id: 'nest-left' }]);
  const { uci, serial } = made[4] ?? { uci: '', serial: '' };
  const { units } = await suggest(serial.slice(-5));
  expect(units).toMatchObject([{ serial, by: 'contains' }]);
  expect(units[0], 'the S/N shows why').not.toHaveProperty('found');
  expect(units[0]?.unit).toMatch(new RegExp(`^\\*{8}${uci.slice(-2)}\\.\\d+$`));
  expect((await desk.ask('GET', `/v1/units/${units[0]?.unit}`)).body).toMatchObject({ uci, serial });
  expect(await suggest('ü')).toMatchObject({ units: [], short: true });
  expect(await desk.size(), 'suggestions are not recorded').toBe(before);
});

it('has no Claim ID in its file', async () => {
  const file = readFileSync(join(desk.data, 'search.db'));
  for (const { uci } of made) expect(file.includes(uci)).toBe(false);
});

it('finds a unit that got its identity later, and one that is new', async () => {
  await desk.ask('POST', '/v1/reservations', { name: 'roll-9', product: 'METER', count: 2 });
  await desk.agent({ product: 'METER', mac: 'A4:C1:38:00:77:01' });
  await caughtUp(desk);
  expect((await find({ find: '007701' })).units).toHaveLength(1);
  expect((await suggest('roll9')).names).toEqual([{ kind: 'roll', id: 'roll-9', exact: true }]);
});

it('is filled again after the file was damaged, deleted or made by another version', async () => {
  const other = await openDesk();
  const task = { ledger: join(other.data, 'ledger.db'), file: join(tempFolder(), 'search.db') };
  const { id } = (await other.agent({ product: 'METER', mac: 'A4:C1:38:00:88:01' })).body;
  const filling = openFilling(task);
  const fill = (): void => {
    for (let tries = 0; tries < 10; tries++) {
      try {
        while (filling.step());
        return;
      } catch {
        // The next step begins anew.
      }
    }
  };
  const found = (): number => filling.find({ sought: { contains: '8801' }, after: 0, limit: 5 }).ids.length;
  fill();
  expect(found()).toBe(1);
  expect(filling.find({ sought: { ending: id.slice(-4) }, after: 0, limit: 5 }).ids).toHaveLength(1);

  filling.close();
  writeFileSync(task.file, Buffer.alloc(20_000, 'x'));
  fill();
  expect(found(), 'damaged').toBe(1);

  filling.rebuild();
  expect(existsSync(task.file)).toBe(false);
  fill();
  expect(found(), 'deleted').toBe(1);

  const { default: Database } = await import('better-sqlite3');
  filling.close();
  const db = new Database(task.file);
  db.pragma('user_version = 99');
  db.close();
  fill();
  expect(found(), 'another version').toBe(1);

  filling.close();
  const another = openFilling({ ...task, ledger: join(desk.data, 'ledger.db') });
  for (let tries = 0; tries < 3; tries++) {
    try {
      while (another.step());
    } catch {
      // The file belongs to another ledger.
    }
  }
  expect(another.find({ sought: { contains: '8801' }, after: 0, limit: 5 }).ids, 'another ledger').toEqual([]);
  expect(another.find({ sought: { contains: '38001F0A' }, after: 0, limit: 5 }).ids).toHaveLength(1);
  another.close();
});

it('writes nothing on a disk that is nearly full', async () => {
  const file = join(tempFolder(), 'search.db');
  const filling = openFilling({ ledger: join(desk.data, 'ledger.db'), file }, Number.MAX_SAFE_INTEGER);
  expect(() => filling.step()).toThrow(/disk/);
  filling.close();
  expect(statSync(file).size).toBeLessThan(50_000);
});

it('can be off: whole values are found, and the answer says so', async () => {
  const off = await openDesk({ CLAIMSTAMP_SEARCH: 'off' });
  const { id } = (await off.agent({ product: 'METER', mac: 'A4:C1:38:00:99:01' })).body;
  const ask = async (query: string): Promise<Found> => (await off.ask<Found>('GET', `/v1/units?${query}`)).body;
  expect(await ask('find=a4c138009901')).toMatchObject({ units: [{ uci: id }] });
  expect(await ask('find=009901')).toMatchObject({ units: [], next: null });
  expect((await off.ask('GET', '/v1/search')).body).toMatchObject({ state: 'off' });
  expect((await off.ask('POST', '/v1/search/rebuild')).status).toBe(404);
  expect(existsSync(join(off.data, 'search.db'))).toBe(false);
});

import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { openDesk, type Desk } from '../support/service.ts';

interface Found {
  units: { uci: string; serial?: string; status: string }[];
  next: number | null;
  matched?: string;
}

describe('a unit is found', () => {
  let desk: Desk;
  let uci: string;
  let serial: string;
  let voided: string;
  const find = async (query: Record<string, string>): Promise<Found> =>
    (await desk.ask<Found>('GET', `/v1/units?${new URLSearchParams(query).toString()}`)).body;
  const ids = async (query: Record<string, string>): Promise<string[]> =>
    (await find(query)).units.map(({ uci: found }) => found);

  beforeAll(async () => {
    desk = await openDesk();
    await desk.agent({ product: 'OTHER', mac: '02:00:00:00:00:09' });
    uci = (await desk.agent({ product: 'DEMO', mac: '02:00:00:00:00:01' })).body.id;
    serial = (await desk.ask<{ serial: string }>('GET', `/v1/units/${uci}`)).body.serial;
    voided = (await desk.agent({ product: 'DEMO', mac: '02:00:00:00:00:02', serial: 'ACME-7' })).body.id;
    await desk.ask('POST', `/v1/units/${voided}/void`, { reason: 'label-lost' });
    await desk.ask('POST', '/v1/reservations', { name: 'roll', product: 'DEMO', count: 3 });
  });

  it('by its Claim ID as people type it', async () => {
    for (const typed of [
      uci,
      uci.toLowerCase(),
      ` ${uci.slice(0, 5)}-${uci.slice(5)} `,
      uci.replace(/0/g, 'O').replace(/1/g, 'l'),
    ])
      expect(await find({ find: typed })).toMatchObject({ units: [{ uci }], matched: 'uci' });
  });

  it('by its S/N, a void one too, and both where its successor has it', async () => {
    expect(await find({ find: serial, product: 'DEMO' })).toMatchObject({ units: [{ uci }], matched: 'serial' });
    expect(await ids({ find: serial }), 'no other product has it').toEqual([uci]);
    expect(await find({ find: 'ACME-7' })).toMatchObject({
      units: [{ uci: voided, status: 'void' }],
      matched: 'serial',
    });
    const next = (await desk.agent({ product: 'DEMO', mac: '02:00:00:00:00:02', serial: 'ACME-7' })).body.id;
    expect(await ids({ serial: 'ACME-7' })).toEqual([voided, next]);
  });

  it('by what its device says of itself', async () => {
    expect(await find({ find: '02:00:00:00:00:01' })).toMatchObject({ units: [{ uci }], matched: 'identity' });
    expect(await ids({ identity: '02:00:00:00:00:01', product: 'OTHER' })).toEqual([]);
  });

  it('by what people type with another keyboard or in other letters', async () => {
    const upper = (await desk.agent({ product: 'DEMO', uid: 'chip-00af', serial: 'SN-TYPED-1' })).body.id;
    for (const typed of ['SN-TYPED-1', 'sn-typed-1', 'Sn-Typed-1', 'ＳＮ－ＴＹＰＥＤ－１', 'sn-typed-１'])
      expect(await find({ find: typed }), typed).toMatchObject({ units: [{ uci: upper }], matched: 'serial' });
    expect(await find({ find: 'CHIP-00AF' })).toMatchObject({ units: [{ uci: upper }], matched: 'identity' });
    expect((await desk.agent({ product: 'DEMO', serial: 'Sn-Typed-1' })).status, 'in use in other letters').toBe(409);
    expect(await ids({ find: 'Sn-Typed-1' })).toEqual([upper]);
    expect(await ids({ find: 'sn-typed-1' })).toEqual([upper]);
    const wide = uci.replace(/[0-9A-Z]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfe_e0));
    expect(await find({ find: wide })).toMatchObject({ units: [{ uci }], matched: 'uci' });
  });

  it('by how its Claim ID begins', async () => {
    expect(await find({ find: uci.slice(0, 6).toLowerCase() })).toMatchObject({ units: [{ uci }], matched: 'prefix' });
    expect(await ids({ prefix: uci.slice(0, 5) })).toEqual([uci]);
    expect((await desk.ask('GET', '/v1/units?prefix=AB')).status).toBe(400);
    expect((await desk.ask('GET', '/v1/units?prefix=U..')).status).toBe(400);
  });

  it('by when it was issued, or else reserved', async () => {
    const all = await ids({});
    // In the zone of the tests, as of the service.
    const today = new Intl.DateTimeFormat('sv-SE').format(new Date());
    expect(await ids({ from: today, to: today })).toEqual(all);
    expect(await ids({ from: '2001-01-01', to: '2001-12-31' })).toEqual([]);
    const { facts } = (await desk.ask<{ facts: { issued: string } }>('GET', `/v1/units/${uci}`)).body;
    const at = Date.parse(facts.issued);
    const [from, to] = [new Date(at).toISOString(), new Date(at + 1).toISOString()];
    expect(await ids({ from, to })).toContain(uci);
    expect(await ids({ from, to })).not.toContain(voided);
    expect((await desk.ask('GET', '/v1/units?from=yesterday')).status).toBe(400);
  });

  it('page by page as what it was on the first one', async () => {
    const desk2 = await openDesk();
    const made = { product: 'DEMO', count: 1 };
    const first = (await desk2.ask<{ units: { uci: string }[] }>('POST', '/v1/units', made)).body.units[0]!;
    const begin = first.uci.slice(0, 5);
    await desk2.ask('POST', '/v1/units', { ...made, serial: begin });
    const page = async (after: number): Promise<Found> =>
      (await desk2.ask<Found>('GET', `/v1/units?find=${begin}&limit=1&after=${after}`)).body;
    const found = await page(0);
    expect(found).toMatchObject({ units: [{ serial: begin }], matched: 'serial' });
    expect(await page(found.next ?? 0)).toEqual({ units: [], next: null, matched: 'serial' });
    // Made before it: a page of what begins so would have it.
    expect((await desk2.ask<Found>('GET', `/v1/units?prefix=${begin}`)).body.units[0]).toMatchObject(first);
  });

  it('and what is nothing of that finds nothing', async () => {
    for (const text of ['ZZZZZZZZZZ', 'no such thing', '%', "' OR 1=1"]) expect(await ids({ find: text })).toEqual([]);
  });

  it('and the ledger says what it was found by, not the text', async () => {
    await find({ find: uci });
    const read = JSON.parse(audit(desk.data).lines.at(-1) ?? '') as { data: object };
    expect(read.data).toEqual({ what: 'units', filter: { after: 0, find: 'uci' }, count: 1 });
  });

  it('with its complete history in order: issued, printed, armed, scrapped', async () => {
    await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'zpl' });
    await desk.ask('POST', `/v1/units/${uci}/print`, { printer: 'P' });
    await desk.ask('POST', '/v1/stations/default/arm', { code: uci, reason: 'rework' });
    await desk.ask('POST', `/v1/units/${uci}/scrap`, { reason: 'test-failed', note: 'smoke' });
    const { events } = (await desk.ask<{ events: { seq: number; type: string }[] }>('GET', `/v1/units/${uci}/events`))
      .body;
    expect(events.map(({ type }) => type)).toEqual([
      'issued',
      'print-queued',
      'armed',
      'disarmed',
      'scrapped',
      'print-moved',
    ]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });
});

describe('among many units', () => {
  it('a page that finds none has a next one, and all of them together find each once', async () => {
    const desk = await openDesk();
    await desk.ask('PUT', '/v1/stations/A', {});
    for (let n = 0; n < 45; n++) await desk.ask('POST', '/v1/units', { product: 'MANY', count: 1000 });
    const { uci } = (await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', { product: 'ONE' })).body
      .units[0]!;
    const found: string[] = [];
    let pages = 0;
    for (let after: number | null = 0; after !== null; pages++) {
      const page: Found = (await desk.ask<Found>('GET', `/v1/units?product=ONE&after=${after}`)).body;
      found.push(...page.units.map((unit) => unit.uci));
      after = page.next;
    }
    expect(found).toEqual([uci]);
    expect(pages, 'each looked at 20,000 rows at most').toBe(3);
  });
});

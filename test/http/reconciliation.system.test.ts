import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_ENDED } from '../../src/decide/end-units.ts';
import type { Report } from '../../src/decide/report.ts';
import { shiftDay } from '../../src/platform/day.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';
import { token } from '../support/askers.ts';
import { until } from '../support/until.ts';
import { readPdf, type PageText } from '../support/pdf-reader.ts';

const PRODUCT = 'DEMO';
const NEST = '10.0.8.11';

interface Order {
  desk: Desk;
  ids: string[];
}

/** Six units of a work order: two verified, one void, one scrapped, one printed twice, one that is as it came. */
async function workedOrder(id: string): Promise<Order> {
  const desk = await openDesk();
  await desk.ask('PUT', `/v1/products/${PRODUCT}`, { name: 'Thermostat' });
  await desk.ask('PUT', `/v1/work-orders/${id}`, { product: PRODUCT, planned: 5, lot: 'L7' });
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: tempFolder(), format: 'zpl' });
  await desk.ask('PUT', '/v1/stations/NEST', { mode: 'slot', sources: [NEST], workOrders: { [PRODUCT]: id } });
  desk.house.startPrinting();
  const ids: string[] = [];
  for (let n = 0; n < 6; n++) {
    ids.push((await desk.agent({ product: PRODUCT }, NEST)).body.id);
    if (n < 3) await desk.ask('POST', '/v1/stations/NEST/verify', { label: ids[n] });
    await desk.ask('POST', '/v1/stations/NEST/next');
  }
  await desk.ask('POST', `/v1/units/${ids[2]}/void`, { reason: 'label-lost', note: 'fell behind the press' });
  await desk.ask('POST', `/v1/units/${ids[3]}/scrap`, { reason: 'test-failed' });
  for (const reason of [undefined, 'smeared'])
    await printed(desk, ids[4] as string, { printer: 'P', ...(reason === undefined ? {} : { reason }) });
  return { desk, ids };
}

async function printed(desk: Desk, id: string, body: object): Promise<void> {
  const { job } = (await desk.ask<{ job: number }>('POST', `/v1/units/${id}/print`, body)).body;
  const state = async (): Promise<string> =>
    (await desk.ask<{ state: string }>('GET', `/v1/print-jobs/${job}`)).body.state;
  await until(async () => (await state()) === 'done');
}

/** A4, points. */
const PAGE_WIDTH = 595.28;

async function reportPages(desk: Desk, path: string): Promise<PageText[]> {
  const answer = await desk.app.request(path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  expect(answer.status).toBe(200);
  return readPdf(Buffer.from(await answer.arrayBuffer()));
}

const listed = (report: Report, part: keyof Report['lists']): string[] =>
  (report.lists[part] ?? []).map(({ uci }) => uci);

describe('a work order', () => {
  let order: Order;
  beforeAll(async () => {
    order = await workedOrder('WO-1');
  });

  it('is reconciled: each issued unit once, with its list and why it ended', async () => {
    const { desk, ids } = order;
    const { body } = await desk.ask<Report>('GET', '/v1/work-orders/WO-1/reconciliation');
    expect(body.figures.issued).toBe(6);
    expect(body.figures.parts).toEqual({ void: 1, scrapped: 1, released: 2, unaccounted: 2 });
    expect(body.figures.facts).toEqual({ printed: 1, verified: 3, reported: 0, registered: 0 });
    expect(body.figures.labels).toEqual({
      units: 1,
      copies: 2,
      reprints: [{ reason: 'smeared', copies: 1 }],
      failed: 0,
      unknown: 0,
    });
    expect(body.lists.unaccounted).toMatchObject([{ uci: ids[4], labels: 2, reprints: ['smeared'] }, { uci: ids[5] }]);
    expect(listed(body, 'released')).toEqual(ids.slice(0, 2));
    expect(listed(body, 'unaccounted')).toEqual(ids.slice(4));
    expect(body.lists.void).toMatchObject([{ uci: ids[2], reason: 'label-lost', note: 'fell behind the press' }]);
    expect(body.lists.scrapped).toMatchObject([{ uci: ids[3], reason: 'test-failed', status: 'scrapped' }]);
  });

  it('is counted for an ERP without a Claim ID, and without an event', async () => {
    const { desk, ids } = order;
    const headers = await token(desk, 'erp', 'service', ['orders:plan']);
    const before = await desk.size();
    const answer = await desk.app.request('/v1/work-orders/WO-1/counts', { headers });
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ figures: { issued: 6, parts: { void: 1, released: 2 } } });
    expect(ids.filter((uci) => text.includes(uci))).toEqual([]);
    expect(await desk.size()).toBe(before);
  });

  it('says by an event who read how many Claim IDs, and gives no more than were asked for', async () => {
    const { desk } = order;
    const { body } = await desk.ask<Report>('GET', '/v1/work-orders/WO-1/reconciliation?limit=1');
    expect(Object.values(body.lists).map((list) => list.length)).toEqual([1, 1, 1, 1]);
    expect(body).toMatchObject({ cut: true, figures: { issued: 6 } });
    const read = JSON.parse(audit(desk.data).lines.at(-1) ?? '') as object;
    expect(read).toMatchObject({
      type: 'bulk-read',
      actor: 'admin',
      data: { what: 'report', filter: { workOrder: 'WO-1' }, count: 4 },
    });
    const size = await desk.size();
    await desk.ask('GET', '/v1/work-orders/WO-1/reconciliation?limit=0');
    expect(await desk.size(), 'without a Claim ID it is no bulk read').toBe(size);
  });

  it('has its lists page by page too, by part and by fact', async () => {
    const { desk, ids } = order;
    const page = async (query: string): Promise<string[]> =>
      (await desk.ask<{ units: { uci: string }[] }>('GET', `/v1/units?workOrder=WO-1&${query}`)).body.units.map(
        ({ uci }) => uci,
      );
    expect(await page('part=unaccounted')).toEqual(ids.slice(4));
    expect(await page('part=void')).toEqual([ids[2]]);
    expect(await page('fact=verified')).toEqual(ids.slice(0, 3));
    expect(await page('fact=printed')).toEqual([ids[4]]);
    expect(await page('limit=2')).toEqual(ids.slice(0, 2));
  });

  it('is not closed while something of it is open, armed or unaccounted, and says which', async () => {
    const { desk, ids } = order;
    const size = await desk.size();
    const refused = async (body: object): Promise<Problem> => {
      const answer = await desk.ask<Problem>('POST', '/v1/work-orders/WO-1/close', body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await desk.size()).toBe(size);
      return answer.body;
    };
    const left = await refused({});
    expect(left).toMatchObject({ status: 409, type: 'urn:claimstamp:problem:leftovers' });
    expect(left.detail).toContain(`2 units of work order WO-1 are unaccounted for (********${ids[4]?.slice(-2)}`);
    expect(left.detail).not.toContain(ids[4]);
    expect((await refused({ signOff: [{ uci: ids[4], reason: 'x' }] })).detail).toMatch(/^1 unit of .* is unaccounted/);
    expect((await refused({ signOff: [{ uci: ids[0], reason: 'x' }] })).detail).toMatch(/not an unaccounted unit/);
    expect((await refused({ signOff: [{ uci: 'hello', reason: 'x' }] })).detail).toMatch(/signOff\[0\].uci/);
    expect((await refused({ signOff: { all: ' ' } })).status).toBe(400);
    expect((await desk.ask('POST', '/v1/work-orders/NONE/close', {})).status).toBe(404);
  });

  it('is closed with what is left signed off; then it takes no new unit, and its devices are still answered', async () => {
    const { desk, ids } = await workedOrder('WO-2');
    const known = { product: PRODUCT, mac: '02:00:00:00:00:01' };
    const { id } = (await desk.agent(known, NEST)).body;
    const open = await desk.ask<Problem>('POST', '/v1/work-orders/WO-2/close', { signOff: { all: 'x' } });
    expect(open.body).toMatchObject({ type: 'urn:claimstamp:problem:station-busy' });
    await desk.ask('POST', '/v1/stations/NEST/verify', { label: id });
    await desk.ask('POST', '/v1/stations/NEST/next');
    const signOff = [
      { uci: ids[4]?.toLowerCase(), reason: 'sent to the laboratory' },
      { uci: ids[5], reason: 'lost on the line' },
    ];
    const closed = await desk.ask<{ seq: number }>('POST', '/v1/work-orders/WO-2/close', { signOff });
    expect(closed.body).toMatchObject({ signedOff: 2, figures: { issued: 7, parts: { unaccounted: 2 } } });
    const refused = await desk.agent({ product: PRODUCT }, NEST);
    expect(refused.body).toMatchObject({ type: 'urn:claimstamp:problem:work-order-closed' });
    expect((await desk.agent(known, NEST)).body.id).toBe(id);
    expect((await desk.ask<Problem>('POST', '/v1/work-orders/WO-2/close', {})).status).toBe(409);

    // What happens later changes neither the figures, the lists nor the time of the closing: people have signed these.
    const { body } = await desk.ask<Report>('GET', '/v1/work-orders/WO-2/report.json');
    await desk.ask('POST', `/v1/units/${ids[5]}/void`, { reason: 'device-failed' });
    expect((await desk.ask<Report>('GET', '/v1/work-orders/WO-2/report.json')).body).toEqual(body);
    const { since, ...later } = (await desk.ask<Report>('GET', '/v1/work-orders/WO-2/report.json?since=true')).body;
    expect(later).toEqual(body);
    expect(since?.figures.parts).toEqual({ ...body.figures.parts, void: 2, unaccounted: 1 });
    expect(body.closed).toMatchObject({ by: 'admin', seq: closed.body.seq });
    expect(body.figures.parts).toMatchObject({ void: 1, unaccounted: 2 });
    expect(listed(body, 'void')).toEqual([ids[2]]);
    expect(body.signedOff).toMatchObject([
      { uci: ids[4], reason: 'sent to the laboratory' },
      { uci: ids[5], reason: 'lost on the line' },
    ]);

    expect((await desk.ask('POST', '/v1/work-orders/WO-2/reopen', { reason: 'two were found' })).status).toBe(200);
    expect((await desk.agent({ product: PRODUCT }, NEST)).status).toBe(200);
    audit(desk.data);
  });

  it('says after its closing what was voided, scrapped and returned since, and keeps what was signed', async () => {
    const { desk, ids } = await workedOrder('WO-3');
    await desk.ask('POST', '/v1/work-orders/WO-3/close', { signOff: { all: 'sent to the laboratory' } });
    const report = async (): Promise<Report> =>
      (await desk.ask<Report>('GET', '/v1/work-orders/WO-3/reconciliation')).body;
    const signed = await report();
    expect(signed.since).toMatchObject({ counts: { void: 0, scrapped: 0, returned: 0, afterReturn: 0 }, units: [] });
    const [, back = '', , , torn = ''] = ids;
    await desk.ask('POST', `/v1/units/${torn}/scrap`, { reason: 'test-failed', note: 'dropped by the press' });
    await desk.ask('POST', `/v1/units/${back}/return`, { rma: 'R-1', reason: 'does not start', disposition: 'scrap' });
    await desk.ask('POST', `/v1/units/${back}/scrap`, { reason: 'test-failed' });
    const { since, ...rest } = await report();
    expect(rest).toEqual({ ...signed, since: undefined });
    expect(since?.counts).toEqual({ void: 0, scrapped: 1, returned: 1, afterReturn: 1 });
    expect(since?.units).toMatchObject([
      { uci: torn, status: 'scrapped', reason: 'test-failed', note: 'dropped by the press', by: 'admin' },
      { uci: back, status: 'returned', reason: 'does not start', rma: 'R-1', by: 'admin' },
      { uci: back, status: 'scrapped', reason: 'test-failed', rma: 'R-1' },
    ]);
    expect(since?.figures).toMatchObject({ issued: 6, parts: { void: 1, scrapped: 2, released: 2 }, returned: 1 });
    const listed = async (query: string): Promise<string[]> =>
      (await desk.ask<{ units: { uci: string }[] }>('GET', `/v1/units?workOrder=WO-3&${query}`)).body.units.map(
        ({ uci }) => uci,
      );
    expect(since?.now.parts).toEqual({ void: 1, scrapped: 3, released: 1, returned: 0, unaccounted: 1 });
    expect(since?.now.back).toEqual({ void: 0, scrapped: 1, released: 0, returned: 0 });
    for (const part of ['void', 'scrapped', 'released', 'returned', 'unaccounted'] as const)
      expect(await listed(`part=${part}`), part).toHaveLength(since?.now.parts[part] ?? -1);
    for (const step of ['labelled', 'verified'] as const)
      expect(await listed(`lost=${step}`), step).toHaveLength(since?.way.lost[step] ?? -1);
    const pages = async (path: string): Promise<string[]> => (await reportPages(desk, path)).map(({ text }) => text);
    expect((await pages('/v1/work-orders/WO-3/report.pdf')).join('\n')).not.toMatch(/Since the closing/);
    const [first = '', second = ''] = await pages('/v1/work-orders/WO-3/report.pdf?since=true');
    expect(first).toMatch(/Released at closing\s+2/);
    expect(first).toMatch(
      /Since the closing: 1 scrapped, 1 returned, 1 ended after a return[\s\S]*dropped by the press/,
    );
    expect(first.indexOf('Since the closing')).toBeLessThan(first.indexOf('Signature, quality assurance'));
    expect(first).toMatch(/Today, 20[\d: -]+ 6 = 1 released \+ 1 void \+ 3 scrapped \+ 1 unaccounted/);
    expect(first).toMatch(/Units that came back: 1, now 1 scrapped/);
    expect(second).toMatch(/sent to the laboratory, by admin/);
    expect(second.replaceAll(/\s+/g, ' ')).toMatch(/test-failed: dropped by the press, by admin/);
    expect(second).toMatch(/Since the closing \(3\)/);
    audit(desk.data);
  });

  it('has a report in which no name leaves the page or lies over other words', async () => {
    const desk = await openDesk();
    const id = 'W'.repeat(64);
    const name = 'Thermostat with a name as long as they come, and '.repeat(2).trim();
    await desk.ask('PUT', `/v1/products/${PRODUCT}`, { name });
    await desk.ask('PUT', `/v1/work-orders/${id}`, { product: PRODUCT, planned: 1 });
    await desk.ask('POST', '/v1/units', { product: PRODUCT, workOrder: id });
    const pages = await reportPages(desk, `/v1/work-orders/${id}/report.pdf`);
    const words = pages.flatMap((page) => page.words);
    expect(words.filter(({ text }) => text === id).length, 'whole at the top of the first page').toBeGreaterThan(0);
    expect(words.filter(({ right }) => right > PAGE_WIDTH - 40)).toEqual([]);
    const first = pages[0]?.words ?? [];
    const over = first.filter((a, i) =>
      first
        .slice(i + 1)
        .some((b) => a.left < b.right && b.left < a.right && a.ink.top < b.ink.bottom && b.ink.top < a.ink.bottom),
    );
    expect(over).toEqual([]);
    expect(first.map(({ text }) => text).join(' ')).toContain(name);
  });

  it('has a report to sign: a page of figures, then each Claim ID in its list', async () => {
    const { desk, ids } = order;
    const pages = await reportPages(desk, '/v1/work-orders/WO-1/report.pdf');
    const [first = '', ...rest] = pages.map(({ text }) => text);
    expect(first).toMatch(/Reconciliation of work order\s+WO-1/);
    expect(first).toMatch(/Thermostat \(DEMO\)/);
    expect(first).toMatch(/Issued\s+6\s+=\s+Released\s+2\s+\+\s+Void\s+1\s+\+\s+Scrapped\s+1\s+\+\s+Unaccounted\s+2/);
    expect(first).toMatch(/Reprinted labels\s+1\s+1\s+smeared/);
    expect(first).toMatch(/Signature, quality assurance/);
    const behind = rest.join('\n').replaceAll(/ {1}(?=[0-9A-Z]{5}\b)/g, '');
    for (const id of ids) expect(behind, 'in groups of five').toContain(id);
    expect(behind).toMatch(/label-lost: fell behind the press, admin/);
  });
});

describe('a day', () => {
  it('has the units that were issued on it, from midnight to midnight or by its shifts', async () => {
    const { desk } = await workedOrder('WO-1');
    // A night shift that began yesterday belongs to yesterday, as in the figures of a day.
    const shifts = ['06:00', '14:00', '22:00'];
    const midnight = ['00:00'];
    for (const [begins, query] of [
      [midnight, ''],
      [shifts, '&shifts=true'],
    ] as const) {
      const today = shiftDay(begins, Date.now());
      const { body } = await desk.ask<Report>('GET', `/v1/reconciliation?day=${today}${query}`);
      expect(body.figures.issued, query).toBe(6);
      const whole = await desk.ask<Report>('GET', `/v1/reconciliation/report.json?day=${today}${query}`);
      expect({ ...whole.body, at: body.at, treeSize: body.treeSize, root: body.root }).toEqual(body);
      const [paper] = await reportPages(desk, `/v1/reconciliation/report.pdf?day=${today}${query}`);
      expect(paper?.text).toMatch(new RegExp(`Reconciliation of\\s+${today}[\\s\\S]*Unaccounted`));
      const tomorrow = shiftDay(begins, Date.now() + 24 * 60 * 60 * 1000);
      const later = await desk.ask<Report>('GET', `/v1/reconciliation?day=${tomorrow}${query}`);
      expect(later.body.figures.issued, query).toBe(0);
    }
    const today = shiftDay(shifts, Date.now());
    const { body } = await desk.ask<Report>('GET', `/v1/reconciliation?day=${today}&shifts=true`);
    const figures = (await desk.ask<{ shifts: { from: string; to: string }[] }>('GET', `/v1/figures/day?day=${today}`))
      .body;
    expect([body.from, body.to]).toEqual([figures.shifts[0]?.from, figures.shifts.at(-1)?.to]);
    expect((await desk.ask('GET', '/v1/reconciliation?day=2026-13-40')).status).toBe(400);
  });
});

describe('a roll', () => {
  it('balances by itself: given out, voided, left', async () => {
    const desk = await openDesk();
    const made = { name: 'roll-7', product: PRODUCT, count: 4 };
    const { units } = (await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/reservations', made)).body;
    const [given, torn] = units.map(({ uci }) => uci);
    await desk.ask('POST', '/v1/stations/default/arm', { code: given });
    expect((await desk.agent({ product: PRODUCT })).body.id).toBe(given);
    await desk.ask('POST', `/v1/units/${torn}/void`, { reason: 'label-damaged' });
    const { body } = await desk.ask<Report>('GET', '/v1/reservations/roll-7');
    expect(body.roll).toEqual({ reserved: 4, given: 1, voided: 1, left: 2 });
    expect(listed(body, 'left')).toEqual(units.slice(2).map(({ uci }) => uci));
    const whole = (await desk.ask<Report>('GET', '/v1/reservations/roll-7/report.json')).body;
    expect([whole.roll, listed(whole, 'left')]).toEqual([body.roll, listed(body, 'left')]);
    const paper = (await reportPages(desk, '/v1/reservations/roll-7/report.pdf'))[0]?.text;
    expect(paper).toMatch(/Balance of roll\s+roll-7/);
    expect(paper).toMatch(/Reserved\s+4\s+=\s+Given out\s+1\s+\+\s+Voided\s+1\s+\+\s+Left on the roll\s+2/);
    for (const path of ['', '/report.json', '/report.pdf'])
      expect((await desk.ask('GET', `/v1/reservations/roll-8${path}`)).status).toBe(404);
  });
});

describe('a list of units ends', () => {
  it('with as many as one may have, in groups as on the label', async () => {
    const desk = await openDesk();
    await desk.ask('PUT', `/v1/products/${PRODUCT}`, { claimIdLength: 20 });
    const typed: string[] = [];
    while (typed.length < MAX_ENDED) {
      const made = { product: PRODUCT, count: 1000 };
      const { units } = (await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', made)).body;
      typed.push(...units.map(({ uci }) => uci.replaceAll(/.{5}(?=.)/g, '$&-')));
    }
    const { body } = await desk.ask('POST', '/v1/units/scrap', { units: typed, reason: 'recalled' });
    expect(body).toEqual({ ended: MAX_ENDED });
  });

  it('completely, as people type it, or not at all, with every mistake named by its line', async () => {
    const desk = await openDesk();
    const made = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', { product: PRODUCT, count: 5 });
    const [a = '', b = '', c = '', d = '', e = ''] = made.body.units.map(({ uci }) => uci);
    await desk.ask('POST', `/v1/units/${a}/void`, { reason: 'label-lost' });
    const size = await desk.size();
    const wrong = async (units: (string | object)[], reason = 'label-lost'): Promise<string> => {
      const { status, body } = await desk.ask<Problem>('POST', '/v1/units/void', { units, reason });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(await desk.size()).toBe(size);
      return body.detail;
    };
    expect(await wrong([a, b, 'ZZZZZZZZZZ', b])).toMatch(
      /^line 1: unit .* is already void; line 3: there is no unit .*; line 4: .* twice; nothing was changed$/,
    );
    expect(await wrong([b, 'hello', ''])).toBe('not Claim IDs: line 2, line 3; nothing was changed');
    const inFile = { uci: 'ZZZZZZZZZZ', place: 'burnt.txt line 9' };
    expect(await wrong([b, inFile])).toMatch(/^burnt.txt line 9: there is no unit/);
    expect(await wrong([b], 'boredom')).toMatch(/^reason: "boredom" is not one of label-damaged,/);
    const typed = [b.toLowerCase(), `${c.slice(0, 5)}-${c.slice(5)}`];
    expect((await desk.ask('POST', '/v1/units/void', { units: typed, reason: 'test-unit' })).body).toEqual({
      ended: 2,
    });
    expect((await desk.ask('POST', '/v1/units/scrap', { units: [d, e], reason: 'recalled' })).body).toEqual({
      ended: 2,
    });
    const of = async (uci: string): Promise<string> =>
      (await desk.ask<{ status: string }>('GET', `/v1/units/${uci}`)).body.status;
    expect(await Promise.all([b, c, d, e].map(of))).toEqual(['void', 'void', 'scrapped', 'scrapped']);
  });
});

import { beforeEach, expect, it } from 'vitest';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from '../support/service.ts';

interface Entry {
  seq: number;
  kind: string;
  type: string;
  actor: string;
  unit?: string;
  details: Record<string, unknown>;
}

let desk: Desk;
let uci: string;
const DAY_MS = 24 * 60 * 60 * 1000;
const dayOf = (ms: number): string => new Date(ms).toLocaleDateString('sv');

beforeEach(async () => {
  desk = await openDesk();
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: tempFolder(), format: 'zpl' });
  uci = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01' })).body.id;
  await desk.ask('GET', '/v1/units?limit=10');
  desk.house.startPrinting();
  await desk.ask('POST', `/v1/units/${uci}/print`, { printer: 'P' });
  const isPrinted = async (): Promise<boolean> => {
    const { body } = await desk.ask<{ facts: { printed?: string } }>('GET', `/v1/units/${uci}`);
    return body.facts.printed !== undefined;
  };
  await expect.poll(isPrinted, { timeout: 60_000 }).toBe(true);
  const reprint = await desk.ask('POST', `/v1/units/${uci}/print`, { printer: 'P', reason: 'label torn' });
  expect(reprint.status).toBe(202);
  await desk.ask('POST', `/v1/units/${uci}/exceptions/close`, { kind: 'not-scanned', note: 'seen' });
  await desk.ask('PUT', '/v1/people/lin', { role: 'operator' });
  await desk.app.request('/v1/ledger.csv', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
});

const audit = async (query = ''): Promise<{ entries: Entry[]; next: number | null }> =>
  (await desk.ask<{ entries: Entry[]; next: number | null }>('GET', `/v1/audit${query}`)).body;
const typesOf = async (query: string): Promise<string[]> => (await audit(query)).entries.map(({ type }) => type);

it('lists each kind of act by index, newest first, and first prints are not in it', async () => {
  expect(await typesOf('?kind=read')).toEqual(['bulk-read']);
  expect(await typesOf('?kind=exported')).toEqual(['exported']);
  expect(await typesOf('?kind=reprinted')).toEqual(['reprinted']);
  expect(await typesOf('?kind=access')).toContain('person-set');
  expect(await typesOf('?kind=changed')).toContain('printer-set');
  const { entries } = await audit();
  const seqs = entries.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.toSorted((a, b) => b - a));
  expect(entries.map(({ type }) => type)).toEqual(expect.arrayContaining(['exported', 'reprinted', 'bulk-read']));
});

it('lists first labels if a person asks for them, with their actor and page by page', async () => {
  const [first, ...others] = (await audit('?kind=printed')).entries;
  expect(others).toEqual([]);
  expect(first).toMatchObject({ kind: 'printed', type: 'first-printed', details: { printer: 'P' } });
  expect(first?.unit).toMatch(/^\*+..$/);
  expect(await typesOf(`?kind=printed&actor=${first?.actor}`)).toEqual(['first-printed']);
  expect(await typesOf('?kind=printed&actor=lin')).toEqual([]);
  expect(await typesOf(`?kind=printed&before=${first?.seq}`)).toEqual([]);
});

it('finds what was done with one unit, and the exports that name it', async () => {
  const other = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:02' })).body.id;
  await desk.app.request(`/v1/ledger.csv?of=events&unit=${uci}`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  expect(await typesOf(`?unit=${uci.toLowerCase()}`)).toEqual(['exported', 'exception-closed', 'reprinted']);
  expect(await typesOf(`?unit=${uci}&kind=reprinted`)).toEqual(['reprinted']);
  expect(await typesOf(`?unit=${uci}&actor=lin`)).toEqual([]);
  expect(await typesOf(`?unit=${other}`)).toEqual([]);
  expect((await desk.ask('GET', '/v1/audit?unit=ZZZZZZZZZZ')).status).toBe(404);
});

it('names no complete Claim ID', async () => {
  const { entries } = await audit('?kind=reprinted');
  expect(entries[0]).toMatchObject({ kind: 'reprinted', details: { reprint: 'label torn' } });
  expect(entries[0]?.unit).toContain('*');
  expect(JSON.stringify(await audit())).not.toContain(uci);
});

it('is paged without a gap, and filtered by actor and by day', async () => {
  const { entries } = await audit('?limit=1000');
  const paged: number[] = [];
  for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null;) {
    const page: Awaited<ReturnType<typeof audit>> = await audit(`?limit=2&before=${before}`);
    paged.push(...page.entries.map(({ seq }) => seq));
    before = page.next;
  }
  expect(paged).toEqual(entries.map(({ seq }) => seq));
  const [first] = entries;
  expect((await audit(`?actor=${first?.actor}&limit=1000`)).entries).toEqual(
    entries.filter(({ actor }) => actor === first?.actor),
  );
  expect((await audit('?actor=nobody')).entries).toEqual([]);
  const today = dayOf(Date.now());
  expect((await audit(`?from=${today}&limit=1000`)).entries.length).toBe(entries.length);
  expect((await audit(`?to=${dayOf(Date.now() - 2 * DAY_MS)}`)).entries).toEqual([]);
  expect((await audit(`?from=${dayOf(Date.now() + 2 * DAY_MS)}`)).entries).toEqual([]);
});

it('is exported as CSV with the filter of the page, and the export is in the audit', async () => {
  const answer = await desk.app.request('/v1/audit.csv?kind=reprinted', {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const lines = (await answer.text()).trim().split('\r\n');
  expect(lines[0]).toBe('seq,at,kind,type,actor,station,work_order,unit,details');
  expect(lines.length).toBe(2);
  expect(lines[1]).toContain('label torn');
  const [newest] = (await audit('?kind=exported')).entries;
  expect(newest?.details).toMatchObject({ what: 'export', of: 'audit', kind: 'reprinted', count: 1 });
});

import { parse } from 'csv-parse/sync';
import type { Desk } from './service.ts';

/*
 * A line on which everything has happened, with names that spreadsheets, XML or JSON could take for something else, and
 * what an export has to say of it: as the API tells it, unit by unit.
 */

export const HOSTILE_NAMES = [
  `=cmd|' /C calc'!A0`,
  '+1+1',
  '-2',
  '@SUM(A1)',
  `'quoted`,
  `"=5"`,
  `"'=6"`,
  'x;=1+1',
  `x;"-1`,
  `x;'`,
  'tab\t=2',
  'line\n=3',
  'return\r\n+4',
  '\t=7',
  '＝1',
  ' leading blank',
  'trailing blank ',
  'a,b',
  'say "hello"',
  '<b>&amp;</b>',
  '_x0041_',
  '__x0041__',
  'control \u0001\u001f',
  'ümläut 漢字 🏭',
  'line separator \u2028',
  '0012',
  '1E5',
  '123E456789',
  '2026-11-25',
  '1/2',
  'TRUE',
  'null',
];

export const WORK_ORDERS = [
  { id: 'WO-1', product: 'METER', planned: 50, lot: 'L1' },
  { id: 'WO-2', product: 'METER', planned: 50, lot: 'L2' },
];
export const STATIONS = [
  { name: 'NEST', mode: 'slot', sources: ['10.0.8.1'], workOrders: { METER: 'WO-1' } },
  { name: 'OPEN', mode: 'open', sources: ['10.0.8.2'] },
];

export async function runFactory(desk: Desk): Promise<void> {
  const send = async <T>(method: string, path: string, body: object): Promise<T> => {
    const { status, body: said } = await desk.ask<T>(method, path, body);
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(said)}`);
    return said;
  };
  const post = <T>(path: string, body: object): Promise<T> => send('POST', path, body);
  const put = (path: string, body: object): Promise<unknown> => send('PUT', path, body);
  await put('/v1/products/METER', { name: 'Meter; =1+1', code: 'M1' });
  await put('/v1/products/PLAIN', { serialPattern: null });
  for (const { id, ...settings } of WORK_ORDERS) await put(`/v1/work-orders/${id}`, settings);
  for (const { name, ...settings } of STATIONS) await put(`/v1/stations/${name}`, settings);
  const hostile = HOSTILE_NAMES.map((name, i) => ({
    place: `line ${i}`,
    uci: i === 0 ? '123E456789' : `00000000${String(i).padStart(2, '0')}`,
    device: { product: 'PLAIN', name, model: name, serial: `00${i + 1}`, mac: `"m";-${i}` },
  }));
  await post('/v1/units/import', { units: hostile });
  await post('/v1/reservations', { name: 'ROLL', product: 'METER', count: 3 });
  const made = await post<Made>('/v1/units', { product: 'METER', count: 4, workOrder: 'WO-2' });
  const [voided, scrapped, printed] = made.units.map(({ uci }) => uci);
  await post(`/v1/units/${voided}/void`, { reason: 'label-damaged', note: '=torn' });
  await post(`/v1/units/${scrapped}/scrap`, { reason: 'test-failed', note: 'burnt; -1' });
  await post(`/v1/units/${scrapped}/void`, { reason: 'other', note: 'its label, too' });
  const { ledger } = desk.house;
  await ledger.record({
    kind: 'set-printer',
    printer: { name: 'P', kind: 'file', folder: 'nowhere', format: 'pdf', dpi: 203 },
    actor: 'test',
  });
  const { job } = await ledger.record({
    kind: 'print',
    uci: printed as string,
    printer: 'P',
    copies: 2,
    actor: 'test',
  });
  for (const to of ['sending', 'done'] as const) await ledger.record({ kind: 'move-print', job, to, actor: 'test' });
  const { id } = (await desk.agent({ product: 'METER', name: '', uid: 'u-1' }, '10.0.8.1')).body;
  await post('/v1/stations/NEST/verify', { label: printed as string });
  await post('/v1/stations/NEST/verify', { label: id });
  await post('/v1/stations/NEST/next', {});
  const attic = (await desk.agent({ product: 'METER', name: 'Attic' }, '10.0.8.2')).body.id;
  const heard = { station: 'OPEN', source: '10.0.8.2' };
  const said = { ...heard, kind: 'note-report' as const, products: ['METER'], identity: [] };
  await ledger.record({ ...said, uci: attic });
  await ledger.record({ ...heard, kind: 'note-outcome', uci: attic, outcome: 'refused' });
  await ledger.record({ ...said, uci: voided as string });
  await ledger.record({ ...said, uci: id });
  await ledger.record({ ...heard, kind: 'note-outcome', uci: id, outcome: 'claimed' });
}

interface Made {
  units: { uci: string }[];
}

/** What the API says of one unit. */
export interface Told {
  uci: string;
  product: string;
  serial?: string;
  name?: string;
  model?: string;
  status: string;
  facts: Record<string, string>;
  station?: string;
  workOrder?: string;
  reservation?: string;
  alarm?: string;
  outcome?: string;
  labels: number;
  identity: Record<string, string>;
  events: { seq: number; type: string; data: { reason?: string; note?: string } }[];
}

export async function toldOf(desk: Desk, uci: string): Promise<Told> {
  const { body } = await desk.ask<Told>('GET', `/v1/units/${uci}`);
  const history = await desk.ask<Pick<Told, 'events'>>('GET', `/v1/units/${uci}/events`);
  return { ...body, events: history.body.events };
}

/** Every unit as the API tells it, in the ledger's order. */
export async function everyUnit(desk: Desk): Promise<Told[]> {
  const { body } = await desk.ask<Made>('GET', '/v1/units?limit=1000');
  const told: Told[] = [];
  for (const { uci } of body.units) told.push(await toldOf(desk, uci));
  return told;
}

const FACTS = ['reserved', 'issued', 'printed', 'verified', 'reported', 'registered', 'void', 'scrapped'];

/** A unit's row: the columns of docs/formats.md, each as text, and nothing as an empty one. */
export function rowOf(unit: Told): Record<string, string> {
  const { facts, identity, events } = unit;
  const names: Record<string, string> = { METER: 'Meter; =1+1', PLAIN: '' };
  const end = events.findLast(({ type }) => type === 'void' || type === 'scrapped');
  return {
    seq: String(events[0]?.seq),
    uci: unit.uci,
    serial: unit.serial ?? '',
    product: unit.product,
    name: (unit.name ?? '') === '' ? (names[unit.product] ?? '') : (unit.name as string),
    model: unit.model ?? '',
    work_order: unit.workOrder ?? '',
    lot: WORK_ORDERS.find(({ id }) => id === unit.workOrder)?.lot ?? '',
    station: unit.station ?? '',
    reservation: unit.reservation ?? '',
    status: unit.status,
    ...Object.fromEntries(FACTS.map((fact) => [`${fact}_at`, facts[fact] ?? ''])),
    end_reason: end?.data.reason ?? '',
    end_note: end?.data.note ?? '',
    alarm: unit.alarm ?? '',
    outcome: unit.outcome ?? '',
    labels: String(unit.labels),
    identity: Object.keys(identity).length === 0 ? '' : JSON.stringify(identity),
    last_seq: String(events.at(-1)?.seq),
    ...NO_RETURN,
  };
}

/** The factory gets no unit back. */
const NO_RETURN = Object.fromEntries(
  [
    'rma',
    'returned_at',
    'return_reason',
    'disposition',
    'return_end',
    'return_closed_at',
    'lives',
    'render_set',
    'role_labels',
  ].map((name) => [name, '']),
);

/** RFC 4180 by another's reader: records by the names of the first line. */
export function readCsv(text: string, delimiter = '\r\n'): Record<string, string>[] {
  return parse(text, { columns: true, record_delimiter: delimiter }) as Record<string, string>[];
}

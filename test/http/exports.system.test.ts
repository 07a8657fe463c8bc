import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/decide/command.ts';
import { parseLine } from '../../src/model/event.ts';
import { asWritten } from '../../src/platform/formula-marks.ts';
import { openLedgerFile } from '../../src/sqlite/ledger-file.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { systemRandom } from '../../src/model/claim-id.ts';
import { everyUnit, readCsv, rowOf, runFactory, type Told } from '../support/factory.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, expectQuiet, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';
import { token } from '../support/askers.ts';
import { until } from '../support/until.ts';

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

interface File {
  bytes: Buffer;
  text: string;
  rows: number;
  treeSize: number;
  headers: Headers;
}

describe('an export over HTTP', () => {
  let desk: Desk;
  let units: Told[];
  const get = async (address: string): Promise<File> => {
    const answer = await desk.app.request(`/v1/ledger.${address}`, { headers });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200) throw new Error(`${address}: ${bytes.toString()}`);
    const count = (name: string): number => Number(answer.headers.get(`claimstamp-${name}`));
    return {
      bytes,
      text: bytes.toString(),
      rows: count('rows'),
      treeSize: count('tree-size'),
      headers: answer.headers,
    };
  };
  const csv = async (query = ''): Promise<Record<string, string>[]> => {
    const { text, rows } = await get(`csv?${query}`);
    const read = readCsv(text);
    expect(read.length).toBe(rows);
    return read;
  };
  const ucis = async (query: string): Promise<string[]> => (await csv(query)).map(({ uci = '' }) => uci);
  const seqs = async (query: string): Promise<number[]> =>
    (await csv(`of=events&${query}`)).map(({ seq }) => Number(seq));
  /** The ledger's lines, without what the exports themselves add. */
  const lines = (): string[] => audit(desk.data).lines;

  beforeAll(async () => {
    desk = await openDesk();
    await runFactory(desk);
    units = await everyUnit(desk);
  });

  it.each([
    ['csv', 'text/csv; charset=utf-8'],
    ['jsonl', 'application/jsonl'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['zip', 'application/zip'],
  ])('%s says what it is, how many rows it has, as of when, and its SHA-256', async (format, type) => {
    for (const [of, count] of [
      ['units', units.length],
      ['events', await desk.size()],
    ] as const) {
      const size = await desk.size();
      const file = await get(`${format}?of=${of}`);
      expect(Object.fromEntries(file.headers)).toMatchObject({
        'content-type': type,
        'content-length': String(file.bytes.length),
        'content-disposition': expect.stringMatching(
          new RegExp(`^attachment; filename="claimstamp-${of}-\\d{8}T\\d{6}Z-${size}\\.${format}"$`),
        ),
        'cache-control': 'no-store',
        'claimstamp-rows': String(of === 'units' ? count : size),
        'claimstamp-tree-size': String(size),
        'repr-digest': `sha-256=:${createHash('sha256').update(file.bytes).digest('base64')}:`,
      });
      expect(existsSync(join(desk.data, 'spool')) ? readdirSync(join(desk.data, 'spool')) : []).toEqual([]);
    }
  });

  it('units as CSV are what the API says of each, void and scrapped ones included', async () => {
    const rows = await csv();
    const plain = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, asWritten(cell)])),
    );
    expect(plain).toEqual(units.map(rowOf));
    expect(new Set(plain.map(({ status }) => status))).toEqual(
      new Set(['reserved', 'issued', 'printed', 'reported', 'registered', 'void']),
    );
  });

  it('CSV has semicolons and a byte order mark where that is asked, and its name says which part it is', async () => {
    const plain = await get('csv?workOrder=WO-1&until=30');
    const { text, headers, bytes } = await get('csv?workOrder=WO-1&until=30&separator=semicolon&bom=true');
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(text.replace(/^\ufeff/, '').split('\r\n')[0]).toBe(plain.text.split('\r\n')[0]?.replaceAll(',', ';'));
    const options = { columns: true, bom: true } as const;
    expect(parse(text, { ...options, delimiter: ';' })).toEqual(parse(plain.text, options));
    expect(headers.get('content-disposition')).toMatch(/"claimstamp-units-WO-1-\d{8}T\d{6}Z-\d+\.csv"/);
    for (const option of ['separator=semicolon', 'bom=true'])
      await expect(get(`jsonl?${option}`)).rejects.toThrow(/is only for CSV/);
  });

  it('CSV is RFC 4180: CRLF, texts in quotes, numbers without, no byte order mark', async () => {
    const { text } = await get('csv?product=PLAIN&until=9');
    const [head, ...rows] = text.split('\r\n');
    expect(head).toMatch(/^seq,uci,serial,product,[a-z_,]+,last_seq,rma,[a-z_,]+,lives,render_set,role_labels$/);
    expect(rows.pop()).toBe('');
    expect(rows[0]).toMatch(/^\d+,"123E456789","001","PLAIN","'=cmd\|' \/C calc'!A0","'=cmd/);
    for (const row of rows) expect(row).toMatch(/^\d+,("([^"]|"")*",|,|\d+,)*\d+,{9}$/);
  });

  it('units as JSONL are the same, each a JSON object, without members that say nothing', async () => {
    const { text } = await get('jsonl');
    const told = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const expected = units.map(rowOf).map((row) => {
      const { seq, last_seq, labels, identity = '', ...texts } = row;
      const said = Object.entries(texts).filter(([, value]) => value !== '');
      const numbers = { seq: Number(seq), last_seq: Number(last_seq), labels: Number(labels) };
      return {
        ...Object.fromEntries(said),
        ...numbers,
        ...(identity === '' ? {} : { identity: JSON.parse(identity) }),
      };
    });
    expect(told).toEqual(expected);
  });

  it('events as JSONL are the lines as they were hashed, byte for byte', async () => {
    const { text, treeSize } = await get('jsonl?of=events');
    expect(text).toBe(
      lines()
        .slice(0, treeSize)
        .map((line) => `${line}\n`)
        .join(''),
    );
  });

  it('events as CSV hold each member of their line, failures included', async () => {
    const rows = await csv('of=events');
    expect(rows.map(({ data = '', ...row }) => ({ ...row, data: asWritten(data) }))).toEqual(
      lines()
        .slice(0, rows.length)
        .map((line) => {
          const { seq, at, type, uci = '', actor, station = '', work_order = '' } = JSON.parse(line);
          const data = line.slice(line.indexOf(',"data":') + ',"data":'.length, -1);
          return { seq: String(seq), at, type, uci, actor, station, work_order, data };
        }),
    );
    expect(rows.filter(({ type }) => type === 'verify-failed')).toHaveLength(1);
  });

  describe('of a part', () => {
    it.each<[string, (unit: Told) => boolean]>([
      ['product=METER', ({ product }) => product === 'METER'],
      ['workOrder=WO-2', ({ workOrder }) => workOrder === 'WO-2'],
      ['lot=L1', ({ workOrder }) => workOrder === 'WO-1'],
      ['station=NEST', ({ station }) => station === 'NEST'],
      ['status=void', ({ status }) => status === 'void'],
      ['status=reserved', ({ status }) => status === 'reserved'],
      ['product=METER&status=reported&station=OPEN', ({ station }) => station === 'OPEN'],
      ['lot=L1&workOrder=WO-2', () => false],
    ])('units with %s', async (query, fits) => {
      const expected = units.filter(fits).map(({ uci }) => uci);
      expect(await ucis(query)).toEqual(expected);
      // A filter that nothing fits proves nothing, but for the last two.
      if (!/&workOrder/.test(query)) expect(expected.length).toBeGreaterThan(0);
    });

    it('one unit, by its Claim ID, with all its events', async () => {
      const { uci = '' } = units.find(({ status }) => status === 'registered') ?? {};
      expect(await ucis(`unit=${uci}`)).toEqual([uci]);
      const own = lines()
        .map(parseLine)
        .filter((line) => line.uci === uci);
      expect(await seqs(`unit=${uci}`)).toEqual(own.map(({ seq }) => seq));
      expect(lines().at(-1), 'the ledger names the unit by its number').not.toContain(uci);
      await expect(get('csv?unit=ZZZZZZZZZZ')).rejects.toThrow(/not-found/);
    });

    it.each<[string, (unit: Told | undefined, station: string | undefined) => boolean]>([
      ['product=METER', (unit) => unit?.product === 'METER'],
      ['workOrder=WO-2', (unit) => unit?.workOrder === 'WO-2'],
      ['lot=L1', (unit) => unit?.workOrder === 'WO-1'],
      ['status=void', (unit) => unit?.status === 'void'],
      ['station=NEST', (_, station) => station === 'NEST'],
      ['station=NEST&status=registered', (unit, station) => station === 'NEST' && unit?.status === 'registered'],
    ])('events with %s', async (query, fits) => {
      const expected = lines()
        .map(parseLine)
        .filter(({ uci, station }) =>
          fits(
            units.find((unit) => unit.uci === uci),
            station,
          ),
        )
        .map(({ seq }) => seq);
      expect(await seqs(query)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(0);
    });

    it('since and until go by the last event of a unit, and by the number of an event', async () => {
      const last = units.map(({ uci, events }) => ({ uci, seq: events.at(-1)?.seq as number }));
      const middle = last[Math.floor(last.length / 2)]?.seq as number;
      const later = await ucis(`since=${middle}`);
      const until = await ucis(`until=${middle}`);
      expect(later).toEqual(last.filter(({ seq }) => seq > middle).map(({ uci }) => uci));
      expect(until).toEqual(last.filter(({ seq }) => seq <= middle).map(({ uci }) => uci));
      expect(await seqs('since=3&until=6')).toEqual([4, 5, 6]);
      expect(await seqs('since=99999999')).toEqual([]);
    });

    it('a nightly pull gets each change once: every unit that has changed since the tree size of the one before', async () => {
      const { treeSize } = await get('csv');
      expect(await ucis(`since=${treeSize}`)).toEqual([]);
      const { id } = (await desk.agent({ product: 'PULL', mac: 'pull' }, '10.0.8.9')).body;
      const first = await get(`csv?since=${treeSize}`);
      expect(readCsv(first.text)).toMatchObject([{ uci: id, status: 'issued' }]);
      await desk.ask('POST', `/v1/units/${id}/scrap`, { reason: 'test-failed' });
      expect(await csv(`since=${first.treeSize}`)).toMatchObject([{ uci: id, status: 'scrapped' }]);
    });
  });

  it.each([
    ['of=labels', /"of": must be one of units, events/],
    ['from=yesterday', /"from": must be a day such as 2026-11-25 or a time such as/],
    ['from=2026-11-25T12:00:00', /"from": must be a day/],
    ['since=-1', /"since"/],
    ['since=5&until=4', /since: must not be later than "until"/],
    ['status=lost', /"status"/],
    ['produkt=METER', /"produkt" is not known here/],
  ])('?%s is refused', async (query, why) => {
    const answer = await desk.app.request(`/v1/ledger.csv?${query}`, { headers });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as Problem).detail).toMatch(why);
  });

  it.each([
    ['product=typo', 404, 'there is no product typo'],
    ['workOrder=typo', 404, 'there is no work order typo'],
    ['lot=typo', 404, 'no work order has the lot typo'],
    ['station=typo&of=events', 404, 'there is no station typo'],
    ['from=2026-11-26&to=2026-11-25', 400, 'from: must be earlier than "to"'],
    ['from=2026-11-25T12:00:00Z&to=2026-11-25T12:00:00Z', 400, 'from: must be earlier than "to"'],
  ])('?%s is refused instead of an empty file, in every format', async (query, status, why) => {
    const size = await desk.size();
    for (const format of ['csv', 'jsonl', 'xlsx', 'zip']) {
      const answer = await desk.app.request(`/v1/ledger.${format}?${query}`, { headers });
      expect({ status: answer.status, detail: ((await answer.json()) as Problem).detail }).toEqual({
        status,
        detail: why,
      });
    }
    expect(await desk.size()).toBe(size);
  });

  it('of a product without units is an empty file', async () => {
    expect((await desk.ask('PUT', '/v1/products/NO-UNITS', {})).status).toBe(200);
    expect(await csv('product=NO-UNITS&from=2026-11-25&to=2026-11-25')).toEqual([]);
  });

  it('is an event before it leaves: who, which, how many, as of when, and the SHA-256 of what left', async () => {
    const auditor = await token(desk, 'auditor', 'qa');
    const size = await desk.size();
    const query = 'product=METER&status=void&to=2100-01-01&since=1';
    const answer = await desk.app.request(`/v1/ledger.jsonl?${query}`, { headers: auditor });
    const sha256 = createHash('sha256')
      .update(Buffer.from(await answer.arrayBuffer()))
      .digest('hex');
    const { type, actor, data } = parseLine(lines().at(-1) as string);
    expect({ type, actor, data }).toEqual({
      type: 'bulk-read',
      actor: 'token:auditor',
      data: {
        what: 'export',
        filter: {
          of: 'units',
          format: 'jsonl',
          product: 'METER',
          status: 'void',
          to: new Date(2100, 0, 2).toISOString(),
          since: 1,
        },
        count: 2,
        treeSize: size,
        sha256,
      },
    });
  });

  it('is no event where only its head was asked for, for nothing was read', async () => {
    const size = await desk.size();
    for (const format of ['csv', 'jsonl', 'xlsx', 'zip']) {
      const answer = await desk.app.request(`/v1/ledger.${format}`, { method: 'HEAD', headers });
      expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: '' });
    }
    expect(await desk.size()).toBe(size);
  });

  it('is seen while it is made, under the name its asker gave it', async () => {
    const made = Promise.all([get('zip?ref=mine'), get('zip'), get('zip?ref=third')]);
    const seen = await until(async () => {
      const { body } = await desk.ask<{ exports: { ref?: string; askedAt: string }[] }>('GET', '/v1/ledger/exports');
      return body.exports.length === 3 && body.exports;
    });
    expect(seen.map(({ askedAt: _at, ...shown }) => shown)).toEqual([
      { of: 'units', format: 'zip', actor: 'admin', ref: 'mine', done: 0, total: 0 },
      { of: 'units', format: 'zip', actor: 'admin', done: 0, total: 0 },
      { of: 'units', format: 'zip', actor: 'admin', ref: 'third', done: 0, total: 0 },
    ]);
    await made;
    expect((await desk.ask('GET', '/v1/ledger/exports')).body).toEqual({ exports: [] });
  });

  it('keeps a signed checkpoint of the very ledger it shows', async () => {
    const size = await desk.size();
    const { treeSize } = await get('csv');
    expect(treeSize).toBe(size);
    expect((await desk.house.ledger.checkpoint(treeSize))?.note).toMatch(new RegExp(`^claimstamp/\\w+\n${size}\n`));
  });

  it('leaves no Claim ID in the log', () => {
    expectQuiet(desk.log(), audit(desk.data).ucis);
  });
});

describe('an export by time', () => {
  const { TZ } = process.env;
  // Five and a half hours before UTC, without a summer time.
  beforeAll(() => void (process.env['TZ'] = 'Asia/Kolkata'));
  afterAll(() => {
    if (TZ === undefined) delete process.env['TZ'];
    else process.env['TZ'] = TZ;
  });

  it("goes by when a unit was issued, before that reserved, and by an event's own time; a day is a whole one", async () => {
    const data = tempFolder();
    const db = openForWriting(ledgerFile(data));
    let now = '';
    const book = openLedgerFile(db, () => Date.parse(now), systemRandom);
    const at = (time: string, command: Command): void => {
      now = time;
      book.commit([command]);
    };
    const make = { kind: 'make', product: 'DAY', count: 1, strict: false, actor: 'test' } as const;
    at('2026-11-24T10:00:00Z', { ...make, as: 'reserved', reservation: 'ROLL' });
    at('2026-11-24T18:29:59.999Z', { ...make, as: 'issued' });
    at('2026-11-24T18:30:00Z', { ...make, as: 'issued' });
    at('2026-11-25T18:29:59.999Z', { ...make, as: 'issued' });
    at('2026-11-25T18:30:00Z', { ...make, as: 'issued' });
    db.close();
    const desk = await openDesk({}, data);
    const times = async (query: string): Promise<(string | undefined)[]> => {
      const answer = await desk.app.request(`/v1/ledger.csv?${query}`, { headers });
      return readCsv(await answer.text()).map(
        ({ at: happened, issued_at, reserved_at }) => happened ?? (issued_at || reserved_at),
      );
    };
    for (const of of ['units', 'events']) {
      const [roll, evening, midnight, night, next] = await times(`of=${of}&product=DAY`);
      expect(next).toBe('2026-11-25T18:30:00.000Z');
      expect(await times(`of=${of}&product=DAY&from=2026-11-25&to=2026-11-25`)).toEqual([midnight, night]);
      expect(await times(`of=${of}&product=DAY&to=2026-11-24`)).toEqual([roll, evening]);
      expect(await times(`of=${of}&product=DAY&from=2026-11-25T18:29:59.999Z`)).toEqual([night, next]);
      expect(await times(`of=${of}&product=DAY&to=2026-11-25T00:00:00%2B05:30`)).toEqual([roll, evening]);
    }
  });
});

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advanceUnit } from '../../src/model/advance.ts';
import { readEvent } from '../../src/model/event-check.ts';
import { statusOf, type Unit } from '../../src/model/unit.ts';
import { audit } from '../support/audit.ts';
import { readCsv } from '../support/factory.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { ADMIN_TOKEN, api, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

// A connection each: comparing takes longer than the service keeps an idle one.
const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, connection: 'close' };
const ask = (service: Service, address: string): Promise<Response> =>
  fetch(`${service.url}/v1/ledger.${address}`, { headers });

/** What a unit's row says of what changes, by the events alone. */
function rowOf(unit: Unit): Record<string, string> {
  const time = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toISOString());
  const { facts } = unit;
  return {
    seq: String(unit.id),
    uci: unit.uci,
    serial: unit.serial ?? '',
    status: statusOf(unit),
    issued_at: time(facts.issued),
    void_at: time(facts.void),
    scrapped_at: time(facts.scrapped),
    last_seq: String(unit.lastSeq),
  };
}

/** The units as they were when the ledger had so many lines. */
function unitsAfter(lines: string[]): Record<string, string>[] {
  const units = new Map<string, Unit>();
  for (const event of lines.map(readEvent)) {
    if (event.uci !== undefined) units.set(event.uci, advanceUnit(units.get(event.uci), event));
  }
  return [...units.values()].map(rowOf);
}

describe('exports while the line runs', () => {
  let service: Service;
  const UNITS = 10_000;
  beforeAll(async () => {
    service = await startService(tempFolder(), { CLAIMSTAMP_LOG_LEVEL: 'info' });
    for (let i = 0; i < UNITS / 1000; i++) await api(service, 'POST', '/v1/units', { product: 'DEMO', count: 1000 });
  });
  afterAll(async () => {
    await service.end('SIGTERM');
  });

  it('each is of one moment: units, their facts and the number of events fit together', async () => {
    const over = new AbortController();
    const line = (async () => {
      for (let i = 0; !over.signal.aborted; i++) {
        const uci = idOf(await attempt(service.port, JSON.stringify({ product: 'LINE', mac: `m-${i}` })));
        if (i % 2 === 1) continue;
        const [end, reason] = i % 4 === 0 ? ['void', 'label-damaged'] : ['scrap', 'test-failed'];
        expect((await api(service, 'POST', `/v1/units/${uci}/${end}`, { reason })).status).toBe(200);
      }
    })();
    const answers: { text: string; treeSize: number }[] = [];
    const fetchOne = async (): Promise<void> => {
      const answer = await ask(service, 'csv');
      answers.push({ text: await answer.text(), treeSize: Number(answer.headers.get('claimstamp-tree-size')) });
    };
    for (let round = 0; round < 3; round++) await Promise.all([fetchOne(), fetchOne()]);
    over.abort();
    await line;
    const { lines } = audit(service.data);
    expect(new Set(answers.map(({ treeSize }) => treeSize)).size).toBeGreaterThan(2);
    for (const { text, treeSize } of answers) {
      const expected = unitsAfter(lines.slice(0, treeSize));
      const names = Object.keys(expected[0] ?? {});
      const told = readCsv(text).map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
      expect(told).toEqual(expected);
      expect(expected.length).toBeGreaterThan(UNITS);
    }
    // Comparing took this process seconds: which connections the service closed meanwhile is heard before the next is used.
    await pause(10);
  });

  it('are the rows of a plain dump, one for one', async () => {
    const answer = await ask(service, 'csv');
    const told = readCsv(await answer.text());
    const db = new Database(join(service.data, 'ledger.db'), { readonly: true });
    const dump = db
      .prepare(
        `SELECT unit.id AS seq, uci, serial, product.name AS product, station.name AS station, issued_at, void_at,
           scrapped_at, labels, last_seq
         FROM unit JOIN product ON product.id = unit.product LEFT JOIN station ON station.id = unit.station ORDER BY unit.id`,
      )
      .all() as Record<string, string | number | null>[];
    db.close();
    const asText = (name: string, value: string | number | null): string => {
      if (value === null) return '';
      return name.endsWith('_at') ? new Date(value).toISOString() : String(value);
    };
    const plain = dump.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asText(name, value)])),
    );
    const names = Object.keys(plain[0] ?? {});
    expect(told.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])))).toEqual(plain);
  });

  it('a client that reads slowly does not delay the ledger, and gets the complete file', async () => {
    const wal = join(service.data, 'ledger.db-wal');
    const slow = await ask(service, 'jsonl?of=events');
    const reader = (slow.body as ReadableStream<Uint8Array>).getReader();
    const hash = createHash('sha256');
    let bytes = 0;
    for (let parts = 0; parts < 3; parts++) {
      const { value = new Uint8Array() } = await reader.read();
      hash.update(value);
      bytes += value.length;
      for (let i = 0; i < 20; i++) await attempt(service.port, '{"product":"DEMO"}');
      // Slowly is the subject.
      await pause(100);
    }
    expect(bytes).toBeLessThan(Number(slow.headers.get('content-length')));
    // A reader of the ledger, however old, would keep this from being done: `busy` would be 1.
    const db = new Database(join(service.data, 'ledger.db'), { timeout: 5000 });
    expect(statSync(wal).size).toBeGreaterThan(0);
    expect(db.pragma('wal_checkpoint(TRUNCATE)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }]);
    expect(statSync(wal).size).toBe(0);
    db.close();
    for (let part = await reader.read(); !part.done; part = await reader.read()) hash.update(part.value);
    expect(slow.headers.get('repr-digest')).toBe(`sha-256=:${hash.digest('base64')}:`);
  });

  it('who leaves early leaves nothing behind, and no event says that something left', async () => {
    const exported = (): number =>
      audit(service.data).lines.filter((line) => line.includes('"type":"bulk-read"')).length;
    const before = exported();
    const leaving = new AbortController();
    const asked = fetch(`${service.url}/v1/ledger.zip?ref=leaving`, { headers, signal: leaving.signal });
    const underWay = async (): Promise<unknown[]> =>
      (await api<{ exports: unknown[] }>(service, 'GET', '/v1/ledger/exports')).body.exports;
    await until(async () => (await underWay()).length > 0);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await until(async () => (await underWay()).length === 0);
    expect(exported()).toBe(before);
  });
});

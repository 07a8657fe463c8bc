import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenGroup } from '../../src/sqlite/ledger-file.ts';
import { connect } from '../../src/postgres/connect.ts';
import { moveLedger } from '../../src/postgres/migrate-ledger.ts';
import { leafAt, rowsBehind, snapshotHead, wasAppended } from '../../src/postgres/shared-ledger.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { makeBusyLedger } from '../support/busy-ledger.ts';
import { openServer, type Server } from '../support/postgres-server.ts';
import { tempFolder } from '../support/service.ts';

/*
 * PostgreSQL must find the rows of each statement by an index. With `enable_seqscan = off`, the planner reads a table
 * from its beginning to its end only if no index serves the statement.
 */

/** The tables that have a row for each event or request. */
const GROWING = ['event', 'side'];

const sent = new Set<string>();
let server: Server;
let client: pg.Client;

beforeAll(async () => {
  server = await openServer();
  const { file } = makeBusyLedger(tempFolder(), 2000, 7);
  const url = await server.database();
  const query: unknown = Reflect.get(pg.Client.prototype, 'query');
  if (typeof query !== 'function') throw new Error('pg.Client has no query');
  // Statements are recorded as they are sent, and sent as always.
  Reflect.set(pg.Client.prototype, 'query', function (this: pg.Client, ...args: unknown[]): unknown {
    if (typeof args[0] === 'string') for (const sql of args[0].split(';')) sent.add(plain(sql));
    return Reflect.apply(query, this, args);
  });
  await moveLedger(file, url, () => {});
  client = await connect(url);
  await snapshotHead(client);
  await rowsBehind(client, 0).next();
  const leaf = await leafAt(client, 1);
  await client.query('COMMIT');
  const group: OpenGroup = { outcomes: [], events: [], rows: [], size: 0, range: new Uint8Array() };
  await wasAppended(client, { ...group, events: [{ seq: 1, line: '', leaf: leaf ?? new Uint8Array() }] });
  await wasAppended(client, { ...group, rows: [{ subject: 'none', row: '' }] });
  Reflect.set(pg.Client.prototype, 'query', query);
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const plain = (sql: string): string => sql.replaceAll(/\s+/g, ' ').trim();

/**
 * The statements in the sources that name a growing table. Values in the text of a statement become `*`. A `?` marks a
 * statement for the SQLite file of a move.
 */
function written(): string[] {
  const folder = join(packageRoot, 'src', 'postgres');
  const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const texts = sources.flatMap((source) => [...source.matchAll(/`([^`]*)`/g)].map(([, text = '']) => plain(text)));
  return texts
    .filter((text) => !text.includes('?'))
    .filter((text) => GROWING.some((table) => new RegExp(`(FROM|INTO|UPDATE) ${table}\\b`).test(text)))
    .map((text) => text.replaceAll(/\$\{[^}]*\}/g, '*'));
}

const matches = (text: string): boolean => {
  const parts = text.split('*').map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  return [...sent].some((sql) => new RegExp(`^${parts.join('.*')}$`).test(sql));
};

const scansOf = async (sql: string): Promise<string[]> => {
  const count = Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
  const values = count === 0 ? '' : `(${Array.from({ length: count }, () => 'NULL').join(', ')})`;
  await client.query(`PREPARE one AS ${sql}`);
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE one${values}`);
  await client.query('DEALLOCATE one');
  return rows.map((row) => row['QUERY PLAN'].trim()).filter((line) => line.includes('Seq Scan'));
};

describe('the statements of a shared ledger', () => {
  it('are all recorded', () => {
    expect(written().length).toBeGreaterThan(4);
    expect(written().filter((text) => !matches(text))).toEqual([]);
  });

  it('read no growing table from its beginning to its end', async () => {
    await client.query(`SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan`);
    const found: string[] = [];
    for (const sql of sent) {
      if (!/^(SELECT|WITH|INSERT|UPDATE|DELETE)/.test(sql)) continue;
      const scans = (await scansOf(sql)).filter((scan) => GROWING.some((table) => scan.includes(`on ${table}`)));
      found.push(...scans.map((scan) => `${scan}: ${sql}`));
    }
    expect(found).toEqual([]);
  });

  it('would be found if a statement read a growing table from its beginning to its end', async () => {
    expect(await scansOf(`SELECT seq FROM event WHERE line = $1`)).toEqual([expect.stringContaining('on event')]);
  });
});

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ask, start, type Service } from '../harness/service.ts';
import { compare, spread, type Figure } from './figure.ts';
import { newServer } from './postgres.ts';

/*
 * Measures several processes that share one PostgreSQL ledger. The rate of these processes is compared with the rate of
 * one process on SQLite. Also counts the Claim IDs that were lost and those that were issued twice.
 */

const STATIONS = 50;
const PROCESSES = 3;
const KILL_EVERY_MS = 10_000;

/** All processes that share a ledger use this signing key. */
const SIGNING_KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/**
 * Each of the two comparison runs makes this fraction of the units. A fraction is enough, because the rates of these
 * runs do not depend on the number of units.
 */
const COMPARED = 0.1;

export async function benchScale(folder: string, units: number, say: (text: string) => void): Promise<Figure[]> {
  // The operating system's user that runs PostgreSQL must be able to enter the folder.
  const place = mkdtempSync(join(tmpdir(), 'claimstamp-postgres-'));
  const own = await newServer(place);
  await own.server.initialise();
  await own.server.start();
  const database = async (): Promise<string> => {
    const name = `bench_${randomUUID().replaceAll('-', '')}`;
    await query(own.url, `CREATE DATABASE ${name}`);
    return own.url.replace(/\/postgres$/, `/${name}`);
  };
  const sharing = (url: string): Record<string, string> => ({
    CLAIMSTAMP_LEDGER: url,
    CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
  });
  try {
    say('scale: one process on SQLite');
    const alone = await run([join(folder, 'sqlite')], {}, units * COMPARED, false, say);
    say('scale: one process on PostgreSQL');
    const one = await run([join(folder, 'one')], sharing(await database()), units * COMPARED, false, say);
    say(`scale: ${PROCESSES} processes on PostgreSQL`);
    const url = await database();
    const folders = Array.from({ length: PROCESSES }, (_one, n) => join(folder, `of-three-${n}`));
    const three = await run(folders, sharing(url), units, true, say);
    const held = new Set(
      (await query<{ uci: string }>(url, `SELECT line::json ->> 'uci' AS uci FROM event`)).map(({ uci }) => uci),
    );
    const gone = [...three.answered].filter((uci) => !held.has(uci)).length;
    const what = `issues, ${STATIONS} stations`;
    const against = { what: 'one process on SQLite', values: [alone.perSecond] };
    const count = units.toLocaleString('en-US');
    return [
      compare(`${what}, one process on PostgreSQL`, '/s', [one.perSecond], against),
      compare(`${what}, ${PROCESSES} processes on PostgreSQL, one killed every 10 s`, '/s', [three.perSecond], against),
      head(`one transaction, one process on SQLite`, alone),
      head(`lock time of the tree head, one process`, one),
      head(`lock time of the tree head, ${PROCESSES} processes`, three),
      { what: `kills while ${count} units were issued`, unit: '×', value: spread([three.kills]) },
      {
        what: `lost, of ${count} delivered Claim IDs`,
        unit: '×',
        value: spread([gone]),
        budget: { of: 'value', bound: 0 },
      },
      {
        what: `issued twice, of ${count} delivered Claim IDs`,
        unit: '×',
        value: spread([three.twice]),
        budget: { of: 'value', bound: 0 },
      },
    ];
  } finally {
    await own.server.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

function head(what: string, { commitMs }: Shift): Figure {
  return { what, unit: 'ms', value: spread(commitMs) };
}

interface Shift {
  perSecond: number;
  answered: Set<string>;
  twice: number;
  kills: number;
  /** For each process, the mean duration of its transactions in ms. */
  commitMs: number[];
}

async function run(
  folders: string[],
  env: Record<string, string>,
  units: number,
  killing: boolean,
  say: (text: string) => void,
): Promise<Shift> {
  const services: Service[] = [];
  for (const data of folders) services.push(await start(data, { env }));
  const answered = new Set<string>();
  let twice = 0;
  let kills = 0;
  let next = units / 10;
  const begun = performance.now();
  const station = async (n: number): Promise<void> => {
    for (let tries = 0; answered.size < units; tries++) {
      const { id } = await ask((services[(n + tries) % services.length] as Service).port, {});
      if (id === undefined) continue;
      if (answered.has(id)) twice++;
      answered.add(id);
      if (answered.size < next) continue;
      say(`scale: ${answered.size.toLocaleString('en-US')} of ${units.toLocaleString('en-US')}`);
      next += units / 10;
    }
  };
  const over = new AbortController();
  const killer = (async () => {
    while (!over.signal.aborted) {
      await pause(KILL_EVERY_MS, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted || !killing) return;
      const n = kills++ % services.length;
      await services[n]?.end('SIGKILL');
      services[n] = await start(folders[n] as string, { env });
    }
  })();
  await Promise.all(Array.from({ length: STATIONS }, (_one, n) => station(n)));
  const perSecond = (units / (performance.now() - begun)) * 1000;
  over.abort();
  await killer;
  const commitMs: number[] = [];
  for (const service of services) {
    commitMs.push(await meanCommit(service));
    await service.end('SIGTERM');
  }
  return { perSecond, answered, twice, kills, commitMs };
}

async function meanCommit({ api }: Service): Promise<number> {
  const metrics = (await api<string>('GET', '/metrics')).body;
  const of = (name: string): number => Number(new RegExp(`^claimstamp_ledger_${name} (.+)$`, 'm').exec(metrics)?.[1]);
  return (of('commit_seconds_total') / of('commits_total')) * 1000;
}

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { startGenerator, startServer } from './children.ts';
import { compare, type Figure } from './figure.ts';
import { newServer } from './postgres.ts';

/*
 * Compares the service with inserts into PostgreSQL. The program `pgbench` inserts the same event line and the same
 * unit as the service does, both in one transaction. PostgreSQL has its default settings, so each transaction is on
 * disk before pgbench gets the answer.
 */

/** For each number of clients, the lowest allowed ratio of the service's rate to the rate of pgbench. */
const CLIENTS: [number, number][] = [
  [1, 0.8],
  [8, 1],
  [32, 1.3],
];

/** How long, in ms, pgbench runs. This includes the time for opening connections: a second on a busy machine. */
const MEASURE_MS = 4000;

const DEBIAN = '/usr/lib/postgresql';

export interface PeerEffort {
  rounds: number;
  warmMs: number;
}

/** Returns the `bin` folder of Debian's newest PostgreSQL version that includes `pgbench`. */
function installed(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(DEBIAN, version, 'bin')).find((bin) => existsSync(join(bin, 'pgbench')));
}

export async function benchPeer(folder: string, effort: PeerEffort, say: (text: string) => void): Promise<Figure[]> {
  const programs = installed();
  if (programs === undefined) {
    say(`peer: not measured, because there is no pgbench in ${DEBIAN}: apt-get install postgresql`);
    return [];
  }
  // The folder is on the same disk as the ledger. The user that runs PostgreSQL must be able to enter the folder.
  chmodSync(dirname(folder), 0o711);
  const own = await newServer(join(folder, 'postgres'), [], undefined, programs);
  await own.server.initialise();
  await own.server.start();
  const service = await startServer('claimstamp', join(folder, 'service'));
  const generator = startGenerator();
  try {
    const script = join(folder, 'insert.sql');
    writeFileSync(script, INSERT);
    await makeTables(own.url);
    const insert = (clients: number, ms: number): Promise<number> =>
      insertsPerSecond(join(programs, 'pgbench'), own.url, script, clients, ms);
    const issue = (connections: number, measureMs: number): Promise<number> =>
      generator.carryOut({ url: service.url, connections, reconnect: false, warmMs: 100, measureMs });
    await issue(32, effort.warmMs);
    await insert(32, MEASURE_MS);
    const figures: Figure[] = [];
    for (const [clients, bound] of CLIENTS) {
      const rates: { service: number[]; inserts: number[] } = { service: [], inserts: [] };
      for (let round = 0; round < effort.rounds; round++) {
        say(`peer: ${clients} clients, ${round + 1} of ${effort.rounds}`);
        rates.service.push(await issue(clients, MEASURE_MS));
        rates.inserts.push(await insert(clients, MEASURE_MS));
      }
      const what = `issues, ${clients} connection${clients === 1 ? '' : 's'}, kept alive`;
      figures.push(compare(what, '/s', rates.service, { what: 'pgbench, inserts', values: rates.inserts }, bound));
    }
    return figures;
  } finally {
    await generator.stop();
    await service.stop();
    await own.server.stop();
  }
}

/** Makes tables with the columns and unique constraints that issuing a Claim ID needs. */
async function makeTables(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(`CREATE TABLE event (seq BIGSERIAL PRIMARY KEY, line TEXT NOT NULL, leaf BYTEA NOT NULL, prev BIGINT);
      CREATE TABLE unit (id BIGINT PRIMARY KEY REFERENCES event, uci TEXT NOT NULL UNIQUE, product INTEGER NOT NULL,
        serial TEXT NOT NULL, station INTEGER NOT NULL, issued_at BIGINT NOT NULL, last_seq BIGINT NOT NULL,
        UNIQUE (product, serial))`);
  } finally {
    await client.end();
  }
}

/** pgbench chooses the unit's number at random. The range is so large that practically no number occurs twice. */
const INSERT = String.raw`\set n random(1000000000000, 9000000000000)
WITH made AS (
  INSERT INTO event (line, leaf) VALUES (
    '{"seq":' || :n::text || ',"at":"2026-11-28T12:00:00.000Z","type":"issued","uci":"' || :n::text || '","actor":"agent:127.0.0.1","station":"default","data":{"serial":"' || :n::text || '","attributes":{"product":"01H4R15D3478JD26YDYK408XE6","name":"Demo","description":"Demo App","model":"Demo-01"}}}',
    decode('00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff', 'hex'))
  RETURNING seq)
INSERT INTO unit (id, uci, product, serial, station, issued_at, last_seq)
  SELECT seq, :n::text, 1, :n::text, 1, 1790000000000, seq FROM made;
`;

/** Returns the transactions per second, without the time for opening connections. */
async function insertsPerSecond(
  pgbench: string,
  url: string,
  script: string,
  clients: number,
  ms: number,
): Promise<number> {
  const { port, password, username, hostname } = new URL(url);
  const seconds = String(Math.ceil(ms / 1000));
  const args = ['-n', '-M', 'prepared', '-f', script, '-c', String(clients), '-j', '1', '-T', seconds];
  const child = spawn(pgbench, [...args, '-h', hostname, '-p', port, '-U', username, 'postgres'], {
    env: { PATH: process.env['PATH'] ?? '', PGPASSWORD: password },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const [, perSecond] = /^tps = ([\d.]+) \(without initial connection time\)/m.exec(said) ?? [];
  if (code !== 0 || perSecond === undefined) throw new Error(`pgbench failed: ${said}`);
  return Number(perSecond);
}

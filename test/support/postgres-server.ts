import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { newServer, type OwnServer } from '../../bench/postgres.ts';
import { secrets, tempFolder } from './service.ts';
import { until } from './until.ts';

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

secrets.add(...SIGNING_KEY.split('\n').slice(1, -2));

export async function openServer(): Promise<Server> {
  const given = process.env['CLAIMSTAMP_TEST_POSTGRES'];
  if (given !== undefined) return over(given, async () => {});
  const own = await newServer(tempFolder());
  secrets.add(new URL(own.url).password);
  await own.server.initialise();
  await own.server.start();
  return over(own.url, () => own.server.stop());
}

/** A primary with a standby that has every commit before it is answered, and what fails over from one to the other. */
export interface Pair {
  /** Of the address that both are behind. */
  database: () => Promise<string>;
  /** The primary dies as in a power cut; the standby takes its place, and the address leads to it. */
  failOver: () => Promise<void>;
  /** The standby stands still, and goes on. */
  hold: () => void;
  release: () => void;
  ask: Server['ask'];
  stop: () => Promise<void>;
}

export async function openPair(): Promise<Pair> {
  const password = randomUUID();
  const primary = await newServer(tempFolder(), ['-c', 'wal_level=replica', '-c', 'max_wal_senders=4'], password);
  await primary.server.initialise();
  await primary.server.start();
  const standby = await standbyOf(primary, password);
  const door = await openDoor('127.0.0.1', primary.port);
  const admin = over(primary.url, async () => {});
  await admin.ask(primary.url, `ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await admin.ask(primary.url, `SELECT pg_reload_conf()`);
  return {
    async database() {
      const database = new URL(await admin.database());
      database.port = String(door.port);
      return database.href;
    },
    async failOver() {
      process.kill(pidOf(primary), 'SIGQUIT');
      door.lead(standby.port);
      await admin.ask(standby.url, `SELECT pg_promote()`);
    },
    hold: () => signalAll(standby, 'SIGSTOP'),
    release: () => signalAll(standby, 'SIGCONT'),
    ask: admin.ask,
    async stop() {
      door.close();
      // The primary is gone already, or goes with its standby's last word.
      for (const own of [standby, primary]) {
        try {
          process.kill(pidOf(own), 'SIGQUIT');
        } catch {
          // It is.
        }
      }
    },
  };
}

function pidOf({ folder }: OwnServer): number {
  return Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function signalAll(own: OwnServer, signal: NodeJS.Signals): void {
  const pid = pidOf(own);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  for (const one of [pid, ...children]) process.kill(one, signal);
}

/** As an operator makes one with the low-level backup functions: a copy of the folder, and where to go on from. */
async function standbyOf(primary: OwnServer, password: string): Promise<OwnServer> {
  const client = new pg.Client(primary.url);
  await client.connect();
  await client.query(`SELECT pg_backup_start('standby', true)`);
  const standby = await newServer(tempFolder(), [], password);
  spawnSync('cp', ['-a', primary.folder, standby.folder]);
  rmSync(join(standby.folder, 'postmaster.pid'), { force: true });
  const { rows } = await client.query<{ labelfile: string }>(`SELECT labelfile FROM pg_backup_stop(false)`);
  await client.end();
  writeFileSync(join(standby.folder, 'backup_label'), rows[0]?.labelfile ?? '');
  writeFileSync(join(standby.folder, 'standby.signal'), '');
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${password}`;
  appendFileSync(join(standby.folder, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  spawnSync('chown', ['-R', '--reference', primary.folder, standby.folder]);
  // A standby accepts read-only connections, which is less than what `start` waits for.
  void standby.server.start().catch(() => {});
  await until(() =>
    over(standby.url, async () => {})
      .ask(standby.url, 'SELECT 1')
      .catch(() => undefined),
  );
  return standby;
}

/** An address in front of a server, as a proxy or a network is: it may lead elsewhere, or swallow what is said. */
export interface Door {
  port: number;
  lead: (port: number) => void;
  /**
   * The next connection on which a service says this goes silent, and stays open. What was said is passed on, with no
   * answer to it, or is not.
   */
  silence: (said: string, passed: boolean) => void;
  /** Connections that went silent. */
  silent: () => number;
  close: () => void;
}

export async function openDoor(host: string, first: number): Promise<Door> {
  let target = first;
  let silencing: { said: string; passed: boolean } | undefined;
  let silent = 0;
  const sockets = new Set<Socket>();
  const door = createServer((socket) => {
    const onward = connect(target, host);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(end);
          socket.destroy();
          onward.destroy();
        });
    }
    onward.pipe(socket);
    const pass = (bytes: Buffer): void => {
      if (silencing === undefined || !bytes.includes(silencing.said)) return void onward.write(bytes);
      if (silencing.passed) onward.write(bytes);
      onward.unpipe(socket).resume();
      socket.off('data', pass).resume();
      silencing = undefined;
      silent++;
    };
    socket.on('data', pass);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (door.address() as AddressInfo).port,
    lead(port) {
      target = port;
      drop();
    },
    silence: (said, passed) => (silencing = { said, passed }),
    silent: () => silent,
    close() {
      door.close();
      drop();
    },
  };
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

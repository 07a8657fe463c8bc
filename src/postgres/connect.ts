import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { ClaimstampError } from '../platform/error.ts';
import { migrationsFolder } from '../platform/package-root.ts';

/** Connections to the shared ledger, and the requirements for its server. */

/**
 * A PostgreSQL server in the same building answers in milliseconds. While another server takes over (failover),
 * connecting may take five seconds.
 */
const CONNECT_MS = 5000;

/**
 * A statement takes a few milliseconds. A statement that has to wait for another process takes a few dozen
 * milliseconds.
 */
const STATEMENT_MS = 10_000;

/**
 * The longest time between two statements of a transaction, in ms. A process that has lost its connection cannot keep
 * the tree head locked for longer than this.
 */
const IDLE_MS = 5000;

/**
 * If there is no answer after this time (ms), the server or the network is down. This limit is longer than the time
 * limits that the server itself has.
 */
const SILENT_MS = 12_000;

/**
 * How often (in ms) the client and the server test a connection while it is idle. The server must notice that a client
 * is gone, so that the server releases the client's locks.
 */
const ASK_EVERY_MS = 5000;

/** PostgreSQL 15. The PostgreSQL project supports it until November 2027. Support for older versions ends sooner. */
const OLDEST = 150_000;

/** The process that holds the lock with this number migrates the schema. The number is arbitrary. */
const MIGRATION_LOCK = 4_354_420;

interface Connect {
  /**
   * If a statement gets no answer within this time (ms), it fails, and the connection is closed. 0 means that there is
   * no limit.
   */
  silentMs?: number;
  /** A statement that is run directly after connecting. */
  first?: string;
}

export async function connect(url: string, { silentMs = SILENT_MS, first }: Connect = {}): Promise<pg.Client> {
  // Only a service with a shared ledger loads the driver.
  const { default: driver } = await import('pg');
  const client = new driver.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: silentMs,
    application_name: 'claimstamp',
    keepAlive: true,
  });
  // Without a listener, an error between two statements would end the process. The error can be ignored here, because
  // the next statement reports it.
  client.on('error', () => {});
  await client.connect();
  try {
    // The server must not answer a commit before the commit is on disk. `SET` has precedence over the settings of the
    // server, the database and the role.
    await client.query(
      `SET synchronous_commit = on; SET lock_timeout = ${STATEMENT_MS}; SET idle_in_transaction_session_timeout = ${IDLE_MS}`,
    );
    // If a computer loses power, its connections are not closed. By default, the server would keep the locks of such a
    // connection for two hours.
    await client.query(
      `SET tcp_keepalives_idle = ${ASK_EVERY_MS / 1000}; SET tcp_keepalives_interval = ${ASK_EVERY_MS / 1000}; SET tcp_keepalives_count = 3; SET tcp_user_timeout = ${4 * ASK_EVERY_MS}`,
    );
    if (first !== undefined) await client.query(first);
  } catch (error) {
    await hangUp(client);
    throw error;
  }
  return client;
}

/**
 * Resolves when the connection is closed or no longer answers. This function keeps sending queries, because a silent
 * connection may be dead.
 */
export async function untilGone(client: pg.Client): Promise<void> {
  const gone = new AbortController();
  const end = (): void => gone.abort();
  client.once('end', end).once('error', end);
  try {
    for (;;) {
      await pause(ASK_EVERY_MS, undefined, { signal: gone.signal, ref: false });
      await client.query('SELECT 1');
    }
  } catch {
    // The connection is closed or no longer answers.
  }
}

/**
 * How long to wait at most for a connection to close, in ms. A server that can be reached closes the connection at
 * once.
 */
const FAREWELL_MS = 500;

/** Closes connections. Waits for each of them, but for at most `FAREWELL_MS`. */
export async function hangUp(...clients: (pg.Client | undefined)[]): Promise<void> {
  await Promise.race([Promise.allSettled(clients.map(async (client) => client?.end())), pause(FAREWELL_MS)]);
}

/** The refusal if the server is a standby server. During a failover, a proxy may connect to a standby server. */
const STANDBY = 'the server is a standby: name the primary server, or a proxy that finds the primary server';

export function isStandby(error: unknown): boolean {
  return error instanceof ClaimstampError && error.message.endsWith(STANDBY);
}

/** Throws `ledger-unavailable` if the server does not fulfil the requirements. */
export async function refuseUnfit(client: pg.Client): Promise<void> {
  const setting = async (name: string): Promise<string> => {
    const { rows } = await client.query<{ setting: string }>(`SELECT current_setting($1) AS setting`, [name]);
    return rows[0]?.setting ?? '';
  };
  const version = Number(await setting('server_version_num'));
  if (version < OLDEST)
    throw unfit(`the server is PostgreSQL ${await setting('server_version')}: Claimstamp needs PostgreSQL 15 or newer`);
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    const value = await setting(name);
    if (value !== 'on') throw unfit(`the server has the setting ${name} = ${value}: set it to on`);
  }
  const { rows } = await client.query<{ standby: boolean }>(`SELECT pg_is_in_recovery() AS standby`);
  if (rows[0]?.standby) throw unfit(STANDBY);
}

function unfit(why: string): ClaimstampError {
  return new ClaimstampError('ledger-unavailable', `the PostgreSQL ledger cannot be used: ${why}`);
}

/**
 * Migrates the schema. Only one process at a time can do this. If the schema is newer than this program, throws an
 * error and leaves the schema unchanged.
 */
export async function migrate(client: pg.Client): Promise<void> {
  await client.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
  try {
    await client.query(
      `CREATE TABLE IF NOT EXISTS migration (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
    );
    const { rows } = await client.query<{ version: number }>(
      `SELECT coalesce(max(version), 0) AS version FROM migration`,
    );
    const done = rows[0]?.version ?? 0;
    const known = migrations();
    const newest = known.at(-1)?.version ?? 0;
    if (done > newest)
      throw unfit(
        `a newer version wrote it (schema ${done}, but this version supports ${newest}): start the newer version, or restore a backup of the database that was made before the update (docs/admin.md)`,
      );
    for (const { version, name, sql } of known.filter((one) => one.version > done)) {
      await client.query('BEGIN');
      await client.query(sql);
      await client.query(`INSERT INTO migration (version, name, applied_at) VALUES ($1, $2, now())`, [version, name]);
      await client.query('COMMIT');
    }
  } finally {
    await client.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`).catch(() => {});
  }
}

/** The newest migration that this code knows, like `SCHEMA` in src/sqlite/open.ts. */
const SCHEMA = 1;

function migrations(): { version: number; name: string; sql: string }[] {
  const folder = join(migrationsFolder, 'postgres');
  return readdirSync(folder)
    .filter((name) => /^\d{4}_.*\.sql$/.test(name) && Number(name.slice(0, 4)) <= SCHEMA)
    .toSorted()
    .map((name) => ({ version: Number(name.slice(0, 4)), name, sql: readFileSync(join(folder, name), 'utf8') }));
}

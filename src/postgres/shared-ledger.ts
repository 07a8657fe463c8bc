import type pg from 'pg';
import type { Appended, OpenGroup } from '../sqlite/ledger-file.ts';
import type { SharedRow } from '../sqlite/shared-rows.ts';

/* The queries of the ledger in PostgreSQL. Each query takes one round trip to the server. */

/** Processes use this channel to notify each other of new events. */
export const CHANNEL = 'claimstamp';

export interface Head {
  size: number;
  /** The number of the last change to a row that is not made from events. */
  changes: number;
}

/** Begins a transaction and locks the tree head, so that no other process can append events at the same time. */
export function lockHead(client: pg.Client): Promise<Head> {
  return begin(client, 'BEGIN', 'FOR UPDATE');
}

/** Begins a snapshot. The events of other processes are read from this snapshot. */
export function snapshotHead(client: pg.Client): Promise<Head> {
  return begin(client, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', '');
}

/** Sends the `BEGIN` and the query for the tree head in one round trip. */
async function begin(client: pg.Client, how: string, lock: string): Promise<Head> {
  const select = `SELECT size, side AS changes FROM tree_head WHERE one = 1 ${lock}`;
  // If there are several statements, the library pg returns a list of results.
  const results: HeadResult | HeadResult[] = await client.query<{ size: string; changes: string }>(`${how}; ${select}`);
  const [row] = (Array.isArray(results) ? results.at(-1) : results)?.rows ?? [];
  return { size: Number(row?.size), changes: Number(row?.changes) };
}

type HeadResult = pg.QueryResult<{ size: string; changes: string }>;

/** How many events are read at a time. These events take up a few megabytes. */
const PAGE = 5000;

/** Yields the events after event `size`, page by page. */
export async function* eventsBehind(client: pg.Client, size: number): AsyncGenerator<Appended[]> {
  for (let after = size; ;) {
    const { rows } = await client.query<{ seq: string; line: string; leaf: Buffer }>(
      `SELECT seq, line, leaf FROM event WHERE seq > $1 ORDER BY seq LIMIT ${PAGE}`,
      [after],
    );
    if (rows.length === 0) return;
    yield rows.map(({ seq, line, leaf }) => ({ seq: Number(seq), line, leaf }));
    after = Number(rows.at(-1)?.seq);
  }
}

/**
 * Yields rows that are not made from events and that were changed after change number `n`. The oldest changes come
 * first, page by page.
 */
export async function* rowsBehind(client: pg.Client, n: number): AsyncGenerator<SharedRow[]> {
  for (let after = n; ;) {
    const { rows } = await client.query<SharedRow & { n: string }>(
      `SELECT subject, n, row FROM side WHERE n > $1 ORDER BY n LIMIT ${PAGE}`,
      [after],
    );
    if (rows.length === 0) return;
    yield rows;
    after = Number(rows.at(-1)?.n);
  }
}

/** Returns the hash of an event, or undefined if there is no such event. */
export async function leafAt(client: pg.Client, seq: number): Promise<Buffer | undefined> {
  return (await client.query<{ leaf: Buffer }>(`SELECT leaf FROM event WHERE seq = $1`, [seq])).rows[0]?.leaf;
}

/** One statement that stores all results of a group of commands. */
const APPEND = `
  WITH events AS (
    INSERT INTO event (seq, line, leaf) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])),
  sides AS (
    INSERT INTO side (subject, n, row) SELECT * FROM unnest($4::text[], $5::bigint[], $6::text[])
    ON CONFLICT (subject) DO UPDATE SET n = excluded.n, row = excluded.row),
  head AS (
    UPDATE tree_head SET size = $7, range = $8, side = $9 WHERE one = 1)
  SELECT pg_notify('${CHANNEL}', $10)`;

export async function append(
  client: pg.Client,
  { events, rows, size, range }: OpenGroup,
  changes: number,
  name: string,
): Promise<Head> {
  // If there are several rows with the same subject, only the newest is sent, because one statement may change a row
  // only once.
  const newest = [...new Map(rows.map((one) => [one.subject, one.row]))];
  const head = { size, changes: changes + newest.length };
  await client.query(APPEND, [
    events.map(({ seq }) => seq),
    events.map(({ line }) => line),
    events.map(({ leaf }) => Buffer.from(leaf)),
    newest.map(([subject]) => subject),
    newest.map((_one, i) => changes + 1 + i),
    newest.map(([, row]) => row),
    size,
    Buffer.from(range),
    head.changes,
    name,
  ]);
  return head;
}

/**
 * Returns true if a commit succeeded although its answer was lost. The transaction may still be waiting for a standby
 * server, and still hold the lock on the tree head. So this function first waits for this lock. An event may become
 * visible before it has reached the standby server. So this function then commits one more row, and this commit also
 * waits for the standby server.
 */
export async function wasAppended(client: pg.Client, opened: OpenGroup): Promise<boolean> {
  await lockHead(client);
  const there = await hasAll(client, opened);
  await touch(client);
  await client.query('COMMIT');
  return there;
}

/** Makes a test write to the database. No data of the ledger is changed. */
export async function touch(client: pg.Client): Promise<void> {
  await client.query(`INSERT INTO probe (one, at) VALUES (1, now()) ON CONFLICT (one) DO UPDATE SET at = excluded.at`);
}

/** It is enough to check the hash of the last event. The last event of another process would have a different hash. */
async function hasAll(client: pg.Client, { events, rows: beside }: OpenGroup): Promise<boolean> {
  const last = events.at(-1);
  if (last !== undefined) {
    return (await leafAt(client, last.seq))?.equals(last.leaf) ?? false;
  }
  const row = beside.at(-1);
  const { rows } = await client.query<{ row: string }>(`SELECT row FROM side WHERE subject = $1`, [row?.subject]);
  return rows[0]?.row === row?.row;
}

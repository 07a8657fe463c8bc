import type Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';
import { openForReading } from '../sqlite/open.ts';
import { toShared, type BesideRow } from '../sqlite/shared-rows.ts';
import type { Appended } from '../sqlite/ledger-file.ts';
import { SELECT_HEAD, type HeadRow } from '../sqlite/tree-head.ts';
import type { Once } from '../decide/command.ts';
import type { Kept } from '../decide/seen.ts';
import type { KeptCheckpoint } from '../proof/checkpoint.ts';
import { openRenderSets } from '../sqlite/render-sets.ts';
import { openSnoozeRows } from '../sqlite/snooze-rows.ts';
import { openImportRows } from '../sqlite/import-rows.ts';
import { openSourceRows } from '../sqlite/source-rows.ts';
import { openCredentials } from '../sqlite/credentials.ts';
import { append as appendLeaf, packRange, rootOf, unpackRange, type CompactRange } from '../proof/tree.ts';
import { connect, migrate, refuseUnfit } from './connect.ts';
import { append, eventsBehind, lockHead } from './shared-ledger.ts';

/** The maximum number of events in one statement. This many events take up a few megabytes. */
const PAGE = 5000;

export interface Moved {
  size: number;
  /** The root of both ledgers, in hexadecimal. */
  root: string;
}

/**
 * Copies a ledger file into an empty PostgreSQL ledger, in one transaction. Then builds the tree from the copied hashes
 * and compares it with the tree in the file. If the two trees differ, throws, and PostgreSQL remains unchanged.
 */
export async function moveLedger(
  file: string,
  url: string,
  onProgress: (done: number, total: number) => void,
): Promise<Moved> {
  const db = openForReading(file);
  // No agent waits for this connection, so its statements need no time limit.
  const client = await connect(url, { silentMs: 0 });
  try {
    await refuseUnfit(client);
    await migrate(client);
    await client.query(`SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0`);
    const head = await lockHead(client);
    if (head.size > 0 || head.changes > 0)
      throw new ClaimstampError(
        'invalid',
        `the PostgreSQL ledger already has ${head.size} events: use an empty database`,
      );
    const { size, range } = headOf(db);
    let grown: CompactRange = { size: 0, hashes: [] };
    for (let after = 0; after < size; after += PAGE) {
      const events = linesOf(db, after);
      const to = Math.min(after + PAGE, size);
      for (const { leaf } of events) grown = appendLeaf(grown, leaf);
      await append(client, { outcomes: [], events, rows: [], size: to, range: packRange(grown) }, 0, '');
      onProgress(to, size);
    }
    await append(
      client,
      { outcomes: [], events: [], rows: rowsBeside(db).map(toShared), size, range: packRange(range) },
      0,
      '',
    );
    let there: CompactRange = { size: 0, hashes: [] };
    for await (const events of eventsBehind(client, 0)) for (const { leaf } of events) there = appendLeaf(there, leaf);
    const root = hex(rootOf(range));
    if (there.size !== size || hex(rootOf(there)) !== root)
      throw new ClaimstampError(
        'ledger-unavailable',
        'the copied events differ from the events in the file: nothing was moved',
      );
    await client.query('COMMIT');
    return { size, root };
  } finally {
    db.close();
    await client.end();
  }
}

function headOf(db: Database.Database): { size: number; range: CompactRange } {
  const { size = 0, range = new Uint8Array() } = db.prepare<[], HeadRow>(SELECT_HEAD).get() ?? {};
  return { size, range: unpackRange(size, range) };
}

function linesOf(db: Database.Database, after: number): Appended[] {
  return db
    .prepare<[number], Appended>(`SELECT seq, line, leaf FROM event WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`)
    .all(after);
}

/** Returns all rows of the ledger that are not made from events. */
function rowsBeside(db: Database.Database): BesideRow[] {
  const kept: Kept[] = [
    ...openCredentials(db).seen.access(),
    ...db
      .prepare<[], KeptCheckpoint>(`SELECT size, note, at FROM checkpoint`)
      .all()
      .map((checkpoint) => ({ table: 'checkpoint' as const, checkpoint })),
    ...openRenderSets(db).contents(),
    ...openSnoozeRows(db)
      .all()
      .map((snooze) => ({ table: 'snooze' as const, snooze })),
  ];
  const once = db.prepare<[], Once & { answer: string; at: number }>(`SELECT key, fingerprint, answer, at FROM once`);
  const repeats = db.prepare<[], { repeat: number; count: number; lastAt: number }>(
    `SELECT unit AS repeat, count, last_at AS lastAt FROM repeat`,
  );
  return [
    ...[...kept, ...openSourceRows(db).all(), ...openImportRows(db).all()].map((row) => ({ kept: row })),
    ...once.all().map(({ answer, at, ...key }) => ({ once: key, answer: JSON.parse(answer), at })),
    ...repeats.all(),
  ];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

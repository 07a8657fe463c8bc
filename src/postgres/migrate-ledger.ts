import type Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';
import { openForReading } from '../sqlite/open.ts';
import { keptSide, onceSide, repeatSide, type Side } from '../sqlite/shared-rows.ts';
import { openCredentials } from '../sqlite/credentials.ts';
import { append as appendLeaf, packRange, rootOf, unpackRange, type CompactRange } from '../proof/tree.ts';
import { connect, migrate, refuseUnfit } from './connect.ts';
import { append, eventsBehind, lockHead } from './shared-ledger.ts';

/** Events in one statement: some megabytes. */
const PAGE = 5000;

export interface Moved {
  size: number;
  /** Of both, in hex. */
  root: string;
}

/**
 * Copies a ledger file into an empty PostgreSQL ledger, in one transaction, and holds the two against each other: the tree
 * over what is there now, built anew from its hashes, must be the file's. Throws, and leaves PostgreSQL as it was, otherwise.
 */
export async function moveLedger(
  file: string,
  url: string,
  onProgress: (done: number, total: number) => void,
): Promise<Moved> {
  const db = openForReading(file);
  // Nobody waits for this one: its statements may be long.
  const client = await connect(url, { silentMs: 0 });
  try {
    await refuseUnfit(client);
    await migrate(client);
    await client.query(`SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0`);
    const head = await lockHead(client);
    if (head.size > 0 || head.side > 0)
      throw new ClaimstampError(
        'invalid',
        `the PostgreSQL ledger has ${head.size} events already: move into an empty database`,
      );
    const { size, range } = headOf(db);
    let grown: CompactRange = { size: 0, hashes: [] };
    for (let after = 0; after < size; after += PAGE) {
      const events = linesOf(db, after);
      const to = Math.min(after + PAGE, size);
      for (const { leaf } of events) grown = appendLeaf(grown, leaf);
      await append(client, { outcomes: [], events, sides: [], size: to, range: packRange(grown) }, 0, '');
      onProgress(to, size);
    }
    await append(client, { outcomes: [], events: [], sides: sidesOf(db), size, range: packRange(range) }, 0, '');
    let there: CompactRange = { size: 0, hashes: [] };
    for await (const events of eventsBehind(client, 0)) for (const { leaf } of events) there = appendLeaf(there, leaf);
    const root = hex(rootOf(range));
    if (there.size !== size || hex(rootOf(there)) !== root)
      throw new ClaimstampError(
        'ledger-unavailable',
        'what PostgreSQL has is not what the file has: nothing was moved',
      );
    await client.query('COMMIT');
    return { size, root };
  } finally {
    db.close();
    await client.end();
  }
}

function headOf(db: Database.Database): { size: number; range: CompactRange } {
  const { size, range } = db.prepare(`SELECT size, range FROM tree_head WHERE one = 1`).get() as {
    size: number;
    range: Uint8Array;
  };
  return { size, range: unpackRange(size, range) };
}

function linesOf(db: Database.Database, after: number): { seq: number; line: string; leaf: Uint8Array }[] {
  const select = db.prepare(`SELECT seq, line, leaf FROM event WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`);
  return select.all(after) as { seq: number; line: string; leaf: Uint8Array }[];
}

/** All that stands beside the events. */
function sidesOf(db: Database.Database): Side[] {
  const credentials = openCredentials(db);
  const kinds = ['station-key', 'token', 'session', 'link'] as const;
  const checkpoints = db.prepare(`SELECT size, note, at FROM checkpoint`).all() as {
    size: number;
    note: string;
    at: number;
  }[];
  const once = db.prepare(`SELECT key, fingerprint, answer, at FROM once`).all() as {
    key: Uint8Array;
    fingerprint: Uint8Array;
    answer: string;
    at: number;
  }[];
  const repeats = db.prepare(`SELECT unit, count, last_at AS lastAt FROM repeat`).all() as {
    unit: number;
    count: number;
    lastAt: number;
  }[];
  return [
    ...kinds
      .flatMap((kind) => credentials.list(kind))
      .map((credential) => keptSide({ table: 'credential', credential })),
    ...credentials.seen.people().map((person) => keptSide({ table: 'person', person })),
    ...checkpoints.map((checkpoint) => keptSide({ table: 'checkpoint', checkpoint })),
    ...once.map(({ key, fingerprint, answer, at }) => onceSide({ key, fingerprint }, JSON.parse(answer), at)),
    ...repeats.map(({ unit, count, lastAt }) => repeatSide(unit, count, lastAt)),
  ];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

import { existing } from './existing.ts';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';
import { built } from '../platform/package-root.ts';
import { openFindings, type Findings } from '../proof/verification.ts';
import { migrate, migrations, openForReading, openForWriting, refuseStrange, schemaVersion } from './open.ts';
import { rootOf, unpackRange } from '../proof/tree.ts';
import type { AccessChecked } from './compare-access.ts';
import { replay } from './replay.ts';
import { KEPT_LEAVES, openSubtrees } from './subtrees.ts';
import { checkAside, type Aside } from './verify-integrity.ts';
import type { Hashed, HashOrder } from './verify-hashes.ts';

/** The result of checking that a ledger file is consistent. */
export interface Checked {
  size: number;
  /** The root over all stored events, hexadecimal; undefined when events are missing. */
  root?: string;
  /** For each requested size, the root in hexadecimal. */
  roots: Map<number, string>;
  /** The stored checkpoints, by size. */
  kept: { size: number; note: string }[];
  /** Undefined if the file is damaged. */
  access?: AccessChecked;
}

/** Returns whether an earlier version wrote the file. If so, migrate a copy to check it. Throws like `checkLedger`. */
export function isOlder(file: string): boolean {
  let db: Database.Database | undefined;
  try {
    refuseStrange(file);
    db = openForReading(file);
    if (schemaVersion(db) === migrations().at(-1)?.version) return false;
    // The copy is migrated, so a view or a trigger of a stranger would run with the statements of the migration.
    const foreign = foreignObjects(db);
    if (foreign.length === 0) return true;
    throw new ClaimstampError(
      'ledger-unavailable',
      `${file} has tables, views or triggers that do not belong in a ledger (${foreign.join(', ')}): it cannot be checked`,
    );
  } catch (error) {
    // A damaged file: `checkLedger` reports what is wrong with it.
    if (error instanceof Database.SqliteError) return false;
    throw error;
  } finally {
    db?.close();
  }
}

/** Migrates a copy as the first start of this version would. Never use it on a file in use or on evidence. */
export function bringUpToDate(copy: string): void {
  const db = openForWriting(copy);
  try {
    const size = existing(db.prepare<[], number>(`SELECT size FROM tree_head`).pluck().get());
    openSubtrees(db).catchUp(size);
  } finally {
    db.close();
  }
}

/** Returns the checkpoints that are stored in a ledger file. */
export function checkpointsIn(file: string): Checked['kept'] {
  const db = openForReading(file);
  try {
    return db.prepare<[], Checked['kept'][number]>(SELECT_CHECKPOINTS).all();
  } finally {
    db.close();
  }
}

const SELECT_CHECKPOINTS = `SELECT size, note FROM checkpoint ORDER BY size`;

export interface CheckLedger {
  file: string;
  /** Sizes for which to return the root, in addition to the sizes of the stored checkpoints. */
  sizes: number[];
  findings: Findings;
  onProgress: (done: number, total: number) => void;
}

/**
 * Checks a ledger file in one snapshot, while its writer may be running. This thread replays the events; a second one
 * hashes the lines and runs SQLite's own check. Throws `ledger-unavailable` when the file is not a ledger or has a
 * newer schema.
 */
export async function checkLedger({ file, sizes, findings, onProgress }: CheckLedger): Promise<Checked> {
  let db: Database.Database | undefined;
  try {
    refuseStrange(file);
    db = openForReading(file);
    // The transaction is deferred: its snapshot begins with the first read, and it never locks the file for writing.
    db.exec('BEGIN');
    // A view in place of a table can make a statement run for ever, so nothing is read from such a file.
    const foreign = foreignObjects(db).filter((name) => !name.startsWith('trigger'));
    for (const name of foreign) findings.add({ what: `the ${name} does not belong in a ledger, or was changed` });
    if (foreign.length > 0) return { size: 0, roots: new Map(), kept: [] };
    return await checkSnapshot(db, { file, sizes, findings, onProgress });
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    findings.add({ what: `the file is damaged: SQLite says ${error.code}` });
    return { size: 0, roots: new Map(), kept: [] };
  } finally {
    db?.close();
  }
}

async function checkSnapshot(db: Database.Database, order: CheckLedger): Promise<Checked> {
  const { file, findings, onProgress } = order;
  const size = existing(db.prepare<[], number>(`SELECT coalesce(max(seq), 0) FROM event`).pluck().get());
  const kept = db.prepare<[], Checked['kept'][number]>(SELECT_CHECKPOINTS).all();
  const sizes = [...new Set([...order.sizes, ...kept.map((one) => one.size)])];
  const beside = runAside({ file, size, sizes });
  const follows = openFindings(true);
  compareEnds(db, size, follows);
  const access = replay(db, size, follows, (done) => onProgress(done, size));

  // Faults in events come first, because they may cause wrong rows.
  compareSchema(db, findings);

  const { hashed: found, problems } = await beside;
  const hashed = typeof found === 'string' ? { findings: [], found: 0, roots: [] } : found;
  findings.addAll(hashed);
  for (const problem of typeof found === 'string' ? [found, ...problems] : problems) {
    findings.add({ what: `the file is damaged: ${problem}` });
  }
  const root = compareHead(db, hashed, size, findings);
  findings.addAll({ findings: follows.list(), found: follows.count() });
  return { size, roots: new Map(hashed.roots), kept, access, ...(root === undefined ? {} : { root }) };
}

/** From this many events, a second thread is used. Starting a thread takes as long as hashing this many events. */
const THREAD_FROM = 20_000;

/** Hashes the lines and checks the file. A large ledger uses a second thread. If that does not answer, it failed. */
function runAside(order: HashOrder): Promise<Aside> {
  if (order.size < THREAD_FROM) return Promise.resolve(checkAside(order));
  return new Promise((resolve) => {
    const thread = new Worker(built('sqlite/verify-thread.js'), { workerData: order });
    thread.once('message', resolve);
    thread.once('error', (error) => resolve({ hashed: String(error), problems: [] }));
    thread.once('exit', (code) => resolve({ hashed: `a thread ended with ${code}`, problems: [] }));
  });
}

interface SchemaRow {
  name: string;
  sql: string | null;
}

type Schema = Map<string, string | null>;

function schemaOf(db: Database.Database): Schema {
  const rows = db.prepare<[], SchemaRow>(`SELECT type || ' ' || name AS name, sql FROM sqlite_schema`).all();
  return new Map(rows.map(({ name, sql }) => [name, sql]));
}

/** The schema of a ledger that has the first migrations, up to this version. */
function schemaAt(version: number): Schema {
  const fresh = new Database(':memory:');
  try {
    const known = migrations().filter((migration) => migration.version <= version);
    migrate(fresh, known);
    return schemaOf(fresh);
  } finally {
    fresh.close();
  }
}

/** Returns tables, views and triggers that no ledger of the file's version has. Reads no table of the file. */
function foreignObjects(db: Database.Database): string[] {
  const expected = schemaAt(schemaVersion(db));
  const stored = [...schemaOf(db)].filter(([name]) => !name.startsWith('index') && !name.startsWith('table sqlite_'));
  return stored.filter(([name, sql]) => expected.get(name) !== sql).map(([name]) => name);
}

/** Compares tables, indexes and triggers with those of this version. Triggers protect the ledger from changes. */
function compareSchema(db: Database.Database, findings: Findings): void {
  const [stored, expected] = [schemaOf(db), schemaAt(Infinity)];
  for (const name of new Set([...expected.keys(), ...stored.keys()])) {
    if (!stored.has(name)) findings.add({ what: `the ${name} is missing` });
    else if (!expected.has(name)) findings.add({ what: `the ${name} does not belong in a ledger` });
    else if (stored.get(name) !== expected.get(name)) findings.add({ what: `the ${name} was changed` });
  }
}

/** Finds rows that no event can have made, and checks the number of rows in tables where it is known. */
function compareEnds(db: Database.Database, size: number, findings: Findings): void {
  const beyond: [string, string][] = [
    ['event', 'seq'],
    ['unit', 'id'],
    ['identity', 'unit'],
    ['print_job', 'id'],
    ['subtree', 'last'],
  ];
  for (const [table, column] of beyond) {
    const rows = db.prepare(`SELECT count(*) FROM ${table} WHERE ${column} < 1 OR ${column} > ?`).pluck().get(size);
    if (rows !== 0) findings.add({ what: `${table} has ${String(rows)} rows that no event made`, table });
  }
  let subtrees = 0;
  for (let leaves = KEPT_LEAVES; leaves <= size; leaves *= 2) subtrees += Math.floor(size / leaves);
  const kept = db.prepare(`SELECT count(*) FROM subtree`).pluck().get();
  if (kept !== subtrees)
    findings.add({ what: `subtree has ${String(kept)} rows, ${size} events have ${subtrees}`, table: 'subtree' });
}

/** Returns the root of the tree head, after checking that it matches the events. */
function compareHead(
  db: Database.Database,
  { range }: Pick<Hashed, 'range'>,
  size: number,
  findings: Findings,
): string | undefined {
  const heads = db
    .prepare<[], { one: number; size: number; range: Buffer }>(`SELECT one, size, range FROM tree_head`)
    .all();
  const [head] = heads;
  const about = { table: 'tree_head' };
  // The store reads only the first row.
  if (head?.one !== 1 || heads.length > 1)
    findings.add({ what: 'the tree head is missing, or there is more than one', ...about });
  else if (head.size !== size)
    findings.add({ what: `the tree covers ${head.size} events, but the ledger has ${size}`, ...about, column: 'size' });
  else if (range !== undefined && !head.range.equals(range))
    findings.add({ what: 'the tree head does not match the events', ...about, column: 'range' });
  return range === undefined ? undefined : Buffer.from(rootOf(unpackRange(size, range))).toString('hex');
}

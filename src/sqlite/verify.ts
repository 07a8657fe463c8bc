import { existing } from './existing.ts';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { ClaimstampError } from '../platform/error.ts';
import { built } from '../platform/package-root.ts';
import { openFindings, type Findings } from '../proof/verification.ts';
import { migrate, migrations, openForReading, openForWriting, refuseStrange, schemaVersion } from './open.ts';
import { rootOf, unpackRange } from '../proof/tree.ts';
import type { AccessChecked } from './compare-access.ts';
import type { SetsChecked } from '../contract/printed.ts';
import { checkContents } from './render-sets.ts';
import { wrongFormer } from './former-identity.ts';
import { wrongSpellings } from './identity-key.ts';
import { replay } from './replay.ts';
import { KEPT_LEAVES, openSubtrees } from './subtrees.ts';
import { checkAside, type Aside } from './verify-integrity.ts';
import type { Hashed, HashOrder } from './verify-hashes.ts';

/** The result of checking whether a ledger file is consistent. */
export interface Checked {
  size: number;
  /** The root over all stored events, in hexadecimal. Undefined if events are missing. */
  root?: string;
  /** For each requested tree size, the root in hexadecimal. */
  roots: Map<number, string>;
  /** The stored checkpoints, by size. */
  kept: { size: number; note: string }[];
  /** Undefined if the file is damaged. */
  access?: AccessChecked;
  /** The result of checking the render sets. Undefined if the file is damaged. */
  sets?: SetsChecked;
}

/**
 * True if an earlier version of the program wrote the file. To check such a file, a copy of it must be migrated first.
 * Throws the same errors as `checkLedger`.
 */
export function isOlder(file: string): boolean {
  let db: Database.Database | undefined;
  try {
    refuseStrange(file);
    db = openForReading(file);
    if (schemaVersion(db) === migrations().at(-1)?.version) return false;
    // If someone has added a view or trigger to the file, migrating the copy would run it.
    const foreign = foreignObjects(db);
    if (foreign.length === 0) return true;
    throw new ClaimstampError(
      'ledger-unavailable',
      `${file} has tables, views or triggers that do not belong in a ledger (${foreign.join(', ')}): it cannot be checked`,
    );
  } catch (error) {
    // If the file is damaged, the error is ignored here. `checkLedger` reports the damage.
    if (error instanceof Database.SqliteError) return false;
    throw error;
  } finally {
    db?.close();
  }
}

/**
 * Migrates a copy, just as the first start of this version migrates a ledger. Must never be called for a file that is
 * in use, or for a file that must remain unchanged as evidence.
 */
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

/** Counts the events after `seq` in a ledger file by type, most frequent type first. */
export function typesAfter(file: string, seq: number): { type: string; count: number }[] {
  const db = openForReading(file);
  try {
    return db.prepare<[number], { type: string; count: number }>(COUNT_TYPES).all(seq);
  } finally {
    db.close();
  }
}

const COUNT_TYPES = `SELECT line ->> 'type' AS type, count(*) AS count FROM event WHERE seq > ?
  GROUP BY 1 ORDER BY count DESC, type`;

const SELECT_CHECKPOINTS = `SELECT size, note FROM checkpoint ORDER BY size`;

export interface CheckLedger {
  file: string;
  /** The check returns the root at each of these sizes, and at the sizes of the stored checkpoints. */
  sizes: number[];
  findings: Findings;
  onProgress: (done: number, total: number) => void;
}

/**
 * Checks a ledger file in one snapshot, while its writer may be running. This thread replays the events. A second
 * thread hashes the lines and runs SQLite's own check. Throws `ledger-unavailable` if the file is not a ledger, or if
 * its schema is newer than this program.
 */
export async function checkLedger({ file, sizes, findings, onProgress }: CheckLedger): Promise<Checked> {
  let db: Database.Database | undefined;
  try {
    refuseStrange(file);
    db = openForReading(file);
    // This transaction never locks the file for writing. The transaction's snapshot begins with the first read.
    db.exec('BEGIN');
    // If the file has a view in place of a table, a statement might run forever. So nothing is read from a file with
    // foreign tables or views.
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
  const sets = checkSets(db, follows);

  // Faults in events are reported first, because they may be the cause of wrong rows.
  compareSchema(db, findings);

  const { hashed: found, problems } = await beside;
  const hashed = typeof found === 'string' ? { findings: [], found: 0, roots: [] } : found;
  findings.addAll(hashed);
  for (const problem of typeof found === 'string' ? [found, ...problems] : problems) {
    findings.add({ what: `the file is damaged: ${problem}` });
  }
  const root = compareHead(db, hashed, size, findings);
  findings.addAll({ findings: follows.list(), found: follows.count() });
  return {
    size,
    roots: new Map(hashed.roots),
    kept,
    access,
    ...(sets && { sets }),
    ...(root === undefined ? {} : { root }),
  };
}

/** If the events of the sets were changed, the replay has already reported them. */
function checkSets(db: Database.Database, findings: Findings): SetsChecked | undefined {
  try {
    return checkContents(db, findings);
  } catch (error) {
    if (error instanceof Database.SqliteError) throw error;
    return undefined;
  }
}

/**
 * A second thread is used to check a ledger that has at least this many events. Starting a thread takes as long as
 * hashing this many events.
 */
const THREAD_FROM = 20_000;

/**
 * Hashes the lines and checks the file. For a large ledger, a second thread does this. If a thread exits without an
 * answer, it has failed.
 */
function runAside(order: HashOrder): Promise<Aside> {
  if (order.size < THREAD_FROM) return Promise.resolve(checkAside(order));
  return new Promise((resolve) => {
    const thread = new Worker(built('sqlite/verify-thread.js'), { workerData: order });
    thread.once('message', resolve);
    thread.once('error', (error) => resolve({ hashed: String(error), problems: [] }));
    thread.once('exit', (code) =>
      resolve({ hashed: `the thread that checks the hashes ended with code ${code}`, problems: [] }),
    );
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

/** Returns the schema that a ledger has after all migrations up to this version. */
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

/**
 * Returns the tables, views and triggers that do not belong in a ledger of the file's version. No table of the file is
 * read for this.
 */
function foreignObjects(db: Database.Database): string[] {
  const expected = schemaAt(schemaVersion(db));
  const stored = [...schemaOf(db)].filter(([name]) => !name.startsWith('index') && !name.startsWith('table sqlite_'));
  return stored.filter(([name, sql]) => expected.get(name) !== sql).map(([name]) => name);
}

/**
 * Compares the tables, indexes and triggers with the schema that this version makes. The triggers matter, because they
 * protect the ledger from changes.
 */
function compareSchema(db: Database.Database, findings: Findings): void {
  const [stored, expected] = [schemaOf(db), schemaAt(Infinity)];
  for (const name of new Set([...expected.keys(), ...stored.keys()])) {
    if (!stored.has(name)) findings.add({ what: `the ${name} is missing` });
    else if (!expected.has(name)) findings.add({ what: `the ${name} does not belong in a ledger` });
    else if (stored.get(name) !== expected.get(name)) findings.add({ what: `the ${name} was changed` });
  }
}

/**
 * Finds rows that cannot have been made by an event. Also checks how many rows each table has, if the correct number is
 * known.
 */
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
  const wrong = wrongSpellings(db);
  if (wrong !== 0)
    findings.add({
      what: `identity_spelling has ${wrong} rows that differ from the identities`,
      table: 'identity_spelling',
    });
  const formers = wrongFormer(db);
  if (formers !== 0)
    findings.add({
      what: `former_identity has ${formers} rows that differ from the events of void units`,
      table: 'former_identity',
    });
  let subtrees = 0;
  for (let leaves = KEPT_LEAVES; leaves <= size; leaves *= 2) subtrees += Math.floor(size / leaves);
  const kept = db.prepare(`SELECT count(*) FROM subtree`).pluck().get();
  if (kept !== subtrees)
    findings.add({
      what: `the table subtree has ${String(kept)} rows, but ${size} events have ${subtrees} subtrees`,
      table: 'subtree',
    });
}

/** Checks that the root in the tree head matches the events, and then returns it. */
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
  // The service reads only the first row of the table `tree_head`, so there must be no others.
  if (head?.one !== 1 || heads.length > 1)
    findings.add({ what: 'the tree head is missing, or there is more than one tree head', ...about });
  else if (head.size !== size)
    findings.add({ what: `the tree covers ${head.size} events, but the ledger has ${size}`, ...about, column: 'size' });
  else if (range !== undefined && !head.range.equals(range))
    findings.add({ what: 'the tree head does not match the events', ...about, column: 'range' });
  return range === undefined ? undefined : Buffer.from(rootOf(unpackRange(size, range))).toString('hex');
}

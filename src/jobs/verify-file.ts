import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCheckpoint } from '../checkpoint.ts';
import { ClaimstampError } from '../error.ts';
import { judge, readOutsideKey, type Outside } from '../judge.ts';
import { canRead } from '../sqlite/open.ts';
import { checkLedger } from '../sqlite/verify.ts';
import { openFindings, type Verification } from '../verification.ts';

export interface VerifyOptions {
  /** Texts of signed notes, and of public keys (PEM or verifier key), that were kept elsewhere. */
  checkpoints?: string[];
  keys?: string[];
  /** The same from beside the ledger, and so in the same hands: they find accidents. */
  beside?: { checkpoint?: string; key?: string };
  /** Whole Claim IDs in what is found. */
  showClaimIds?: boolean;
}

export type OnProgress = (done: number, total: number) => void;

/** Checks a ledger, a backup or a bundle, by what the file begins with. */
export async function verifyFile(
  file: string,
  options: VerifyOptions = {},
  onProgress: OnProgress = () => {},
): Promise<Verification> {
  const begin = beginOf(file);
  if (begin.startsWith('SQLite format 3\0')) return verifyLedger(file, options, onProgress);
  throw new ClaimstampError('invalid', `${file} is neither a ledger nor a bundle`);
}

/** Enough to tell one kind of file from another. */
const BEGIN_BYTES = 16;

function beginOf(file: string): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    throw new ClaimstampError('not-found', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const bytes = Buffer.alloc(BEGIN_BYTES);
    readSync(handle, bytes, 0, BEGIN_BYTES, 0);
    return bytes.toString('latin1');
  } finally {
    closeSync(handle);
  }
}

/** Checks a ledger or a backup of one, offline. Throws `invalid` or `ledger-unavailable` where there is nothing to check. */
export async function verifyLedger(
  file: string,
  options: VerifyOptions = {},
  onProgress: OnProgress = () => {},
): Promise<Verification> {
  const outside = readOutside(options);
  const findings = openFindings(options.showClaimIds);
  const { beside = {} } = options;
  const sizes = [...outside.checkpoints, ...(beside.checkpoint === undefined ? [] : [beside.checkpoint])].flatMap(
    (note) => sizeIn(note) ?? [],
  );
  const copy = readableCopy(file);
  try {
    const { size, root, roots, kept } = await checkLedger({ file: copy.file, sizes, findings, onProgress });
    const notes = [
      ...kept.map((one) => ({ ...one, what: `the checkpoint kept at ${one.size} events` })),
      ...(beside.checkpoint === undefined ? [] : [{ note: beside.checkpoint, what: 'the checkpoint beside it' }]),
    ];
    const keys = beside.key === undefined ? [] : [readOutsideKey(beside.key)];
    const { proven, unproven } = judge({ size, rootAt: (at) => roots.get(at), notes, keys }, outside, findings);
    const ok = findings.count() === 0;
    return {
      ok,
      file,
      of: 'ledger',
      size,
      ...(root === undefined ? {} : { root }),
      findings: findings.list(),
      found: findings.count(),
      proven: ok ? [...HOLDS, ...proven] : [],
      unproven,
    };
  } finally {
    copy.drop();
  }
}

const HOLDS = [
  'every event has its hash, and the hashes make the tree that the ledger names',
  'units, identities, counters, stations, products, work orders, printers and print jobs are what the events say',
];

function readOutside({ checkpoints = [], keys = [] }: VerifyOptions): Outside {
  if (checkpoints.some((note) => sizeIn(note) === undefined))
    throw new ClaimstampError('invalid', 'the checkpoint given is none: it is the signed note as it was kept');
  try {
    return { checkpoints, keys: keys.map(readOutsideKey) };
  } catch (error) {
    throw new ClaimstampError('invalid', `the key given ${(error as Error).message}`);
  }
}

function sizeIn(note: string): number | undefined {
  try {
    return parseCheckpoint(note).size;
  } catch {
    return undefined;
  }
}

/** The file itself, or where its folder takes no files (evidence on a read-only disk) a copy of it. */
function readableCopy(file: string): { file: string; drop: () => void } {
  if (canRead(file)) return { file, drop: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-verify-'));
  const copy = join(folder, 'ledger.db');
  copyFileSync(file, copy);
  // What was committed last may stand in the log beside it.
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  return { file: copy, drop: () => rmSync(folder, { recursive: true }) };
}

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
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
  /** Whole Claim IDs in what is found. */
  showClaimIds?: boolean;
}

export type OnProgress = (done: number, total: number) => void;

/** Checks a ledger or a backup of one, offline. Throws `invalid` or `ledger-unavailable` where there is nothing to check. */
export async function verifyLedger(
  file: string,
  options: VerifyOptions = {},
  onProgress: OnProgress = () => {},
): Promise<Verification> {
  const outside = readOutside(options);
  const findings = openFindings(options.showClaimIds);
  const sizes = outside.checkpoints.flatMap(sizeOf);
  const copy = readableCopy(file);
  try {
    const { size, root, roots, kept } = await checkLedger({ file: copy.file, sizes, findings, onProgress });
    const { proven, unproven } = judge({ size, kept, rootAt: (at) => roots.get(at) }, outside, findings);
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
  try {
    return { checkpoints, keys: keys.map(readOutsideKey) };
  } catch (error) {
    throw new ClaimstampError('invalid', `the key given ${(error as Error).message}`);
  }
}

function sizeOf(note: string): number[] {
  try {
    return [parseCheckpoint(note).size];
  } catch (error) {
    throw new ClaimstampError('invalid', `the checkpoint given ${(error as Error).message}`);
  }
}

/** The file itself, or where its folder takes no files (evidence on a read-only disk) a copy of it. */
function readableCopy(file: string): { file: string; drop: () => void } {
  if (!existsSync(file)) throw new ClaimstampError('not-found', `there is no file ${file}`);
  if (canRead(file)) return { file, drop: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-verify-'));
  const copy = join(folder, 'ledger.db');
  copyFileSync(file, copy);
  // What was committed last may stand in the log beside it.
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  return { file: copy, drop: () => rmSync(folder, { recursive: true }) };
}

import { closeSync, copyFileSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCheckpoint } from '../proof/checkpoint.ts';
import { ClaimstampError } from '../platform/error.ts';
import { checkBundle, type CheckedBundle } from '../export/check-bundle.ts';
import { assess, readOutsideKey, type Built, type Outside, type OutsideKey, type Verdict } from '../proof/verdict.ts';
import { canRead } from '../sqlite/open.ts';
import { bringUpToDate, checkLedger, isOlder } from '../sqlite/verify.ts';
import { openFindings, type Findings, type Verification } from '../proof/verification.ts';

export interface VerifyOptions {
  /** Signed notes, and public keys (PEM or verifier key), that were kept elsewhere; as text. */
  checkpoints?: string[];
  keys?: string[];
  /** The same, stored with the ledger: whoever changes the ledger can change them too, so they find accidents only. */
  beside?: { checkpoint?: string; key?: string };
  /** Findings show complete Claim IDs. */
  showClaimIds?: boolean;
}

export type OnProgress = (done: number, total: number) => void;

/** Throws `invalid`, `not-found` or `ledger-unavailable` where a file, checkpoint or key cannot be used. */
export type Verify = (file: string, options?: VerifyOptions, onProgress?: OnProgress) => Promise<Verification>;

/** Checks a ledger, a backup or a bundle; the first bytes say which it is. */
export const verifyFile: Verify = async (file, options, onProgress) => {
  const begin = beginOf(file);
  if (begin.startsWith('SQLite format 3\0')) return verifyLedger(file, options, onProgress);
  if (begin.startsWith('PK')) return verifyBundle(file, options, onProgress);
  throw new ClaimstampError('invalid', `${file} is neither a ledger nor a bundle`);
};

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

/** Checks a ledger or a backup of one. */
export const verifyLedger: Verify = async (file, options, onProgress) => {
  const { order, outside, beside } = prepared(options, onProgress);
  const copy = readableCopy(file);
  try {
    const { size, root, roots, kept } = await checkLedger({ ...order, file: copy.file });
    const notes = [
      ...kept.map((one) => ({ ...one, what: `the checkpoint kept at ${one.size} events` })),
      ...(beside.checkpoint === undefined ? [] : [{ note: beside.checkpoint, what: 'the checkpoint beside it' }]),
    ];
    const keys = beside.key === undefined ? [] : [readOutsideKey(beside.key)];
    const built: Built = { of: 'ledger', size, rootAt: (at) => roots.get(at), notes, keys };
    const { findings } = order;
    return concluded({ file, root, findings, built, holds: LEDGER_HOLDS }, assess(built, outside, findings));
  } finally {
    copy.drop();
  }
};

/** Checks an exported bundle. */
export const verifyBundle: Verify = async (file, options, onProgress) => {
  const { order, outside } = prepared(options, onProgress);
  const { findings } = order;
  const checked = await checkBundle({ ...order, file });
  const { size = 0, root, roots, checkpoint = '', publicKey = '' } = checked ?? {};
  const notes = checked === undefined ? [] : [{ what: 'the checkpoint in it', note: checkpoint }];
  const keys = checked === undefined ? [] : keyIn(publicKey, findings);
  const built: Built = { of: 'bundle', size, rootAt: (at) => roots?.get(at), notes, keys };
  const verdict = checked === undefined ? { proven: [], unproven: [] } : assess(built, outside, findings);
  const unproven = [...verdict.unproven, ...(checked === undefined ? [] : unprovenBy(checked))];
  const holds = checked?.of === 'units' ? [...BUNDLE_HOLDS, UNITS_HOLD] : BUNDLE_HOLDS;
  return concluded({ file, root, findings, built, holds }, { ...verdict, unproven });
};

interface Prepared {
  order: { sizes: number[]; findings: Findings; onProgress: OnProgress };
  outside: Outside;
  beside: NonNullable<VerifyOptions['beside']>;
}

function prepared(options: VerifyOptions = {}, onProgress: OnProgress = () => {}): Prepared {
  const { beside = {}, showClaimIds } = options;
  const outside = readOutside(options);
  const sizes = [...outside.checkpoints, beside.checkpoint ?? ''].flatMap(sizeIn);
  return { order: { sizes, findings: openFindings(showClaimIds), onProgress }, outside, beside };
}

interface Conclusion {
  file: string;
  root: string | undefined;
  findings: Findings;
  built: Built;
  /** Sentences that are proven where nothing was found. */
  holds: string[];
}

function concluded({ file, root, findings, built, holds }: Conclusion, { proven, unproven }: Verdict): Verification {
  const ok = findings.count() === 0;
  const { of, size } = built;
  return {
    ok,
    file,
    of,
    size,
    ...(root === undefined ? {} : { root }),
    findings: findings.list(),
    found: findings.count(),
    proven: ok ? [...holds, ...proven] : [],
    unproven,
  };
}

const LEDGER_HOLDS = [
  'every event has its hash, and the hashes make the tree that the ledger names',
  'units, identities, counters, stations, products, work orders, printers and print jobs are what the events say',
];

const BUNDLE_HOLDS = [
  'every file is the one that manifest.json names',
  'the hashes in leaves.txt make the root of the checkpoint, and every event has its hash among them, at its number',
];

const UNITS_HOLD = 'units.csv says of each unit what its events say';

function unprovenBy({ of, isWhole }: CheckedBundle): string[] {
  return [
    ...(isWhole ? [] : ['whether more fits the filter than is in it: the ledger would show that']),
    'when it was made and by which filter: manifest.json says so, and nothing signs it',
    ...(of === 'units'
      ? ["the columns lot, and name where the device said none: they are no part of the units' events"]
      : []),
  ];
}

function keyIn(pem: string, findings: Findings): OutsideKey[] {
  try {
    return [readOutsideKey(pem)];
  } catch (error) {
    findings.add({ what: `public-key.pem ${(error as Error).message}` });
    return [];
  }
}

function readOutside({ checkpoints = [], keys = [] }: VerifyOptions): Outside {
  if (checkpoints.some((note) => sizeIn(note).length === 0))
    throw new ClaimstampError('invalid', 'the checkpoint given is none: it is the signed note as it was kept');
  try {
    return { checkpoints, keys: keys.map(readOutsideKey) };
  } catch (error) {
    throw new ClaimstampError('invalid', `the key given ${(error as Error).message}`);
  }
}

/** Empty where the text is not a checkpoint. */
function sizeIn(note: string): number[] {
  try {
    return [parseCheckpoint(note).size];
  } catch {
    return [];
  }
}

/**
 * The file itself; or a copy, where its folder cannot be written (evidence on a read-only disk) or an earlier version
 * wrote it. The copy is migrated, the file stays unchanged.
 */
function readableCopy(file: string): { file: string; drop: () => void } {
  const readable = canRead(file);
  if (readable && !isOlder(file)) return { file, drop: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-verify-'));
  const drop = (): void => rmSync(folder, { recursive: true });
  const copy = join(folder, 'ledger.db');
  try {
    copyFileSync(file, copy);
    // The last commits may be in the write-ahead log beside it.
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    if (isOlder(copy)) bringUpToDate(copy);
    return { file: copy, drop };
  } catch (error) {
    drop();
    throw error;
  }
}

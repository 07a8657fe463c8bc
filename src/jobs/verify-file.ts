import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textOf } from '../model/access.ts';
import { parseCheckpoint } from '../proof/checkpoint.ts';
import { ClaimstampError, messageOf } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import { checkBundle, type CheckedBundle } from '../export/check-bundle.ts';
import { assess, readOutsideKey, type Built, type Outside, type OutsideKey, type Verdict } from '../proof/verdict.ts';
import type { AccessChecked } from '../sqlite/compare-access.ts';
import { canRead } from '../sqlite/open.ts';
import type { SetsChecked } from '../contract/printed.ts';
import { bringUpToDate, checkLedger, isOlder } from '../sqlite/verify.ts';
import { readPolicy } from '../proof/policy.ts';
import { parseTlogProof, rootOfProof, TLOG_PROOF, type TlogProof } from '../proof/tlog-proof.ts';
import { openFindings, type Findings, type Verification } from '../proof/verification.ts';

export interface VerifyOptions {
  /**
   * `checkpoints` are signed notes, and `keys` are public keys (in PEM, or as verifier keys). All these checkpoints and
   * keys were kept in another place than the ledger.
   */
  checkpoints?: string[];
  keys?: string[];
  /** The text of a policy (C2SP tlog-policy). The policy says which witnesses must have signed a checkpoint. */
  policy?: string;
  /**
   * Files next to the ledger. A person who changes the ledger can also change these files, so they reveal only
   * accidental changes.
   */
  beside?: { checkpoint?: string; keys?: string[] };
  /** If true, complete Claim IDs are shown in findings. */
  showClaimIds?: boolean;
}

export type OnProgress = (done: number, total: number) => void;

/** Throws `invalid`, `not-found` or `ledger-unavailable` if a file, checkpoint or key cannot be used. */
export type Verify = (file: string, options?: VerifyOptions, onProgress?: OnProgress) => Promise<Verification>;

/**
 * Checks a ledger, a backup, a bundle or the proof of one event. The first bytes of the file tell which of these it is.
 */
export const verifyFile: Verify = async (file, options, onProgress) => {
  const begin = beginOf(file);
  if (begin.startsWith(SQLITE_BEGIN)) return verifyLedger(file, options, onProgress);
  if (begin.startsWith('PK')) return verifyBundle(file, options, onProgress);
  if (TLOG_PROOF.startsWith(begin) && begin.length === SQLITE_BEGIN.length) return verifyProof(file, options);
  throw new ClaimstampError('invalid', `${file} is not a ledger, a bundle or a proof`);
};

const SQLITE_BEGIN = 'SQLite format 3\0';

function beginOf(file: string): string {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const bytes = Buffer.alloc(SQLITE_BEGIN.length);
    readSync(handle, bytes, 0, bytes.length, 0);
    return bytes.toString('latin1');
  } catch (error) {
    throw new ClaimstampError('not-found', `${file} cannot be read: ${fileError(error)}`);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

export const verifyLedger: Verify = async (file, options, onProgress) => {
  // The first bytes must be checked, because SQLite would accept an empty or very short file as a database without
  // tables.
  if (!beginOf(file).startsWith(SQLITE_BEGIN)) throw new ClaimstampError('invalid', `${file} is not a ledger`);
  const { order, outside, beside } = prepared(options, onProgress);
  const copy = readableCopy(file);
  try {
    const { size, root, roots, kept, access, sets } = await checkLedger({ ...order, file: copy.file });
    const notes = [
      ...kept.map((one) => ({ ...one, what: `the kept checkpoint of ${one.size} events` })),
      ...(beside.checkpoint === undefined ? [] : [{ note: beside.checkpoint, what: 'the checkpoint next to it' }]),
    ];
    const keys = (beside.keys ?? []).map(readOutsideKey);
    const built: Built = { of: 'ledger', size, rootAt: (at) => roots.get(at), notes, keys };
    const { findings } = order;
    const verdict = assess(built, outside, findings);
    const holds = [
      ...LEDGER_HOLDS,
      ...(access?.covered === undefined ? [] : [ACCESS_HOLDS]),
      ...(sets === undefined ? [] : setsHold(sets)),
    ];
    const unproven = [
      ...verdict.unproven,
      ...accessUnproven(access, provenSize(outside, kept)),
      ...(sets === undefined ? [] : setsUnproven(sets)),
    ];
    return concluded({ file, root, findings, built, holds }, { ...verdict, unproven });
  } finally {
    copy.drop();
  }
};

export const verifyBundle: Verify = async (file, options, onProgress) => {
  const { order, outside } = prepared(options, onProgress);
  const { findings } = order;
  const checked = await checkBundle({ ...order, file });
  const { size = 0, root, roots, checkpoint = '', publicKey = '' } = checked ?? {};
  const notes = checked === undefined ? [] : [{ what: 'the checkpoint in it', note: checkpoint }];
  const keys = checked === undefined ? [] : keyIn(publicKey, findings);
  const built: Built = { of: 'bundle', size, rootAt: (at) => roots?.get(at), notes, keys };
  const verdict = checked === undefined ? { proven: [], unproven: [] } : assess(built, outside, findings);
  const unproven = [
    ...verdict.unproven,
    ...(checked === undefined ? [] : unprovenBy(checked)),
    ...(checked?.sets === undefined ? [] : setsUnproven(checked.sets)),
  ];
  const holds = [
    ...BUNDLE_HOLDS,
    ...(checked?.of === 'units' ? [UNITS_HOLD] : []),
    ...(checked?.sets === undefined ? [] : setsHold(checked.sets)),
  ];
  return concluded({ file, root, findings, built, holds }, { ...verdict, unproven });
};

/** A proof contains one event, and an event is only a few kilobytes long. */
const MAX_PROOF_BYTES = 4 * 1024 * 1024;

export const verifyProof: Verify = async (file, options) => {
  const { order, outside } = prepared(options, undefined);
  const { findings } = order;
  if (statSync(file).size > MAX_PROOF_BYTES)
    throw new ClaimstampError('invalid', `${file} is larger than any proof of one event`);
  const built: Built = { of: 'proof', size: 0, rootAt: () => undefined, notes: [], keys: [] };
  let root: string | undefined;
  try {
    const proof = parseTlogProof(readFileSync(file, 'utf8'));
    const found = rootOfProof(proof);
    root = found.root;
    built.size = found.size;
    built.rootAt = (at) => (at === found.size ? found.root : undefined);
    built.notes = [{ what: 'the checkpoint in it', note: proof.checkpoint }];
    checkNumber(proof, findings);
  } catch (error) {
    findings.add({ what: `the file ${messageOf(error)}` });
  }
  // A proof contains the root for only one size of the tree. Checkpoints of other sizes can be compared only with the
  // ledger itself.
  const isSameSize = (note: string): boolean => sizeIn(note)[0] === built.size;
  const others = outside.checkpoints.filter((note) => !isSameSize(note));
  const checkpoints = outside.checkpoints.filter(isSameSize);
  const verdict =
    built.notes.length === 0 ? { proven: [], unproven: [] } : assess(built, { ...outside, checkpoints }, findings);
  const unproven = [
    ...verdict.unproven,
    ...others
      .flatMap(sizeIn)
      .map(
        (size) =>
          `whether the checkpoint of ${size} events matches: to check this, give the checkpoint together with the ledger`,
      ),
  ];
  return concluded({ file, root, findings, built, holds: PROOF_HOLDS }, { ...verdict, unproven });
};

const PROOF_HOLDS = ['the event in the file is in the ledger of the checkpoint, at the position that its number gives'];

/** Compares the event's number in its line, counted from 1, with the index in the proof, counted from 0. */
function checkNumber({ line, index }: TlogProof, findings: Findings): void {
  const [, seq] = /^\{"seq":(\d+),/.exec(line) ?? [];
  if (Number(seq) !== index + 1)
    findings.add({
      what: seq === undefined ? 'the event has no number' : `the event has the number ${seq}`,
      seq: index + 1,
    });
}

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
  /** Statements that are proven if the check finds no problem. */
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
  'every event matches its hash, and the hashes match the tree in the ledger',
  'units, identities, counters, stations, products, work orders, printers and print jobs match the events',
];

const ACCESS_HOLDS =
  'the rows of people, tokens, station keys, kiosks, sessions and links match the commitments in the events: no row was added, changed or removed in the file';

/**
 * Returns how many events are proven by what was kept elsewhere: by a checkpoint, or by the public key of a checkpoint
 * in the ledger. Returns undefined if the caller gave no checkpoint and no key.
 */
function provenSize({ checkpoints, keys }: Outside, kept: { size: number }[]): number | undefined {
  if (checkpoints.length === 0 && keys.length === 0) return undefined;
  const signed = keys.length === 0 ? [] : kept.map(({ size }) => size);
  return Math.max(0, ...checkpoints.flatMap(sizeIn), ...signed);
}

/** The maximum number of names that one sentence lists. */
const MAX_NAMED = 20;

function accessUnproven(access: AccessChecked | undefined, proven: number | undefined): string[] {
  if (access === undefined) return [];
  const { covered, older, committed } = access;
  const late = proven === undefined ? [] : committed.filter(({ seq }) => seq > proven);
  const names = late.slice(0, MAX_NAMED).map((one) => `${textOf(one)} (event ${one.seq})`);
  const more = late.length > MAX_NAMED ? [`${late.length - MAX_NAMED} more`] : [];
  return [
    ...(covered === undefined && older
      ? ['access not covered: an earlier version made this ledger, so a token, key or password may have been replaced']
      : []),
    ...(covered !== undefined && older
      ? [
          `access not covered before event ${covered}: a token, key or password may have been replaced before this event`,
        ]
      : []),
    ...(late.length > 0
      ? [`whether the service itself granted the access in newer events: ${[...names, ...more].join(', ')}`]
      : []),
  ];
}

function setsHold({ sets, incomplete }: SetsChecked): string[] {
  if (sets === 0) return [];
  return [`labels were printed with ${sets} render sets, and ${sets - incomplete.length} of them can be drawn again`];
}

function setsUnproven({ incomplete }: SetsChecked): string[] {
  if (incomplete.length === 0) return [];
  const more = incomplete.length > MAX_NAMED ? ', …' : '';
  return [
    `how labels with these render sets looked, because a template, font, logo or setting is missing: ${incomplete.slice(0, MAX_NAMED).join(', ')}${more}`,
  ];
}

const BUNDLE_HOLDS = [
  'every file matches manifest.json',
  'the hashes in leaves.txt match the root of the checkpoint, and every event matches its hash',
];

const UNITS_HOLD = 'units.csv matches the events of each unit';

function unprovenBy({ of, isWhole }: CheckedBundle): string[] {
  return [
    ...(isWhole ? [] : ['whether the bundle lacks rows that match the filter: only the ledger shows this']),
    'the time and the filter of the export: they are in manifest.json, which is not signed',
    ...(of === 'units'
      ? ['the column "lot", and the column "name" of devices that sent no name: the events do not contain these values']
      : []),
  ];
}

function keyIn(pem: string, findings: Findings): OutsideKey[] {
  try {
    return [readOutsideKey(pem)];
  } catch (error) {
    findings.add({ what: `public-key.pem ${messageOf(error)}` });
    return [];
  }
}

function readOutside({ checkpoints = [], keys = [], policy }: VerifyOptions): Outside {
  if (checkpoints.some((note) => sizeIn(note).length === 0))
    throw new ClaimstampError('invalid', 'not a checkpoint: pass the signed note exactly as it was saved');
  const given = { checkpoints, keys: readKeys(keys) };
  if (policy === undefined) return given;
  try {
    return { ...given, policy: readPolicy(policy) };
  } catch (error) {
    throw new ClaimstampError('invalid', `the given policy ${messageOf(error)}`);
  }
}

function readKeys(keys: string[]): OutsideKey[] {
  try {
    return keys.map(readOutsideKey);
  } catch (error) {
    throw new ClaimstampError('invalid', `the given key ${messageOf(error)}`);
  }
}

/** Returns a list with the size in a checkpoint, or an empty list if the text is not a checkpoint. */
function sizeIn(note: string): number[] {
  try {
    return [parseCheckpoint(note).size];
  } catch {
    return [];
  }
}

/**
 * Returns the path of the file, or of a copy. A copy is made if the folder is read-only (for example, evidence on a
 * disk) or if an earlier version wrote the file. The copy is brought up to the current schema. The file itself is never
 * changed.
 */
function readableCopy(file: string): { file: string; drop: () => void } {
  const readable = canRead(file);
  if (readable && !isOlder(file)) return { file, drop: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-verify-'));
  const drop = (): void => rmSync(folder, { recursive: true });
  const copy = join(folder, 'ledger.db');
  try {
    copyFileSync(file, copy);
    // The last commits may be only in the write-ahead log (-wal).
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    if (isOlder(copy)) bringUpToDate(copy);
    return { file: copy, drop };
  } catch (error) {
    drop();
    throw error;
  }
}

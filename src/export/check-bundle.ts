import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { checkedSets, type SetsChecked } from '../contract/printed.ts';
import { sha256, type KeptSet } from '../model/labels/render-set.ts';
import { parseCheckpoint } from '../proof/checkpoint.ts';
import { growTree } from '../proof/tree.ts';
import type { Findings } from '../proof/verification.ts';
import { checkEvents, openLeaves } from './check-lines.ts';
import { openUnitCheck, type UnitCells, type UnitCheck } from './check-units.ts';
import { UNIT_COLUMNS } from './columns.ts';
import { HISTORY_FILE } from './bundle.ts';
import { contentsFrom, LABELS_FILE } from './label-contents.ts';
import { openUnzip, textOf, type Reading, type Unzip } from './unzip.ts';
import { messageOf } from '../platform/error.ts';

/** The result of checking the files of a bundle against each other. */
export interface CheckedBundle {
  /** The number of events in the ledger at the time of the export. */
  size: number;
  /** The number of events in the bundle. */
  events: number;
  of: 'units' | 'events';
  isWhole: boolean;
  root?: string;
  roots: Map<number, string>;
  checkpoint: string;
  publicKey: string;
  /** How many render sets the bundle has, and which of them lack contents. Absent if the bundle has no render sets. */
  sets?: SetsChecked;
}

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const Manifest = z.object({
  format: z.literal('claimstamp-bundle/1'),
  made: z.string(),
  origin: z.string(),
  treeSize: z.int().min(0),
  root: Sha256,
  checkpoint: z.string(),
  of: z.enum(['units', 'events']),
  filter: z.record(z.string(), z.unknown()),
  files: z.array(
    z.object({ name: z.string(), bytes: z.int().min(0), sha256: Sha256, rows: z.int().min(0).optional() }),
  ),
});
type Manifest = z.infer<typeof Manifest>;

/** The maximum size of a manifest, a note or a key. A valid manifest, note or key is much smaller. */
const SMALL_BYTES = 1024 * 1024;

/** The maximum size of a row. The longest cell is the body of an agent's request, which has at most 16 KiB. */
const MAX_ROW_BYTES = 1024 * 1024;

/** For each kind of bundle, the names of its files except manifest.json. */
const NAMES: Record<Manifest['of'], string[]> = {
  units: ['units.csv', 'events.jsonl', 'leaves.txt', 'checkpoint', 'public-key.pem'],
  events: ['events.jsonl', 'leaves.txt', 'checkpoint', 'public-key.pem'],
};

interface CheckBundle {
  file: string;
  /** Sizes of the tree. The check also returns the root of the tree at each of these sizes. */
  sizes: number[];
  findings: Findings;
  onProgress: (done: number, total: number) => void;
}

/** Returns undefined if the bundle is too damaged to be checked. */
export async function checkBundle(order: CheckBundle): Promise<CheckedBundle | undefined> {
  const { file, findings } = order;
  let zip: Unzip;
  try {
    zip = await openUnzip(file);
  } catch (error) {
    findings.add({ what: `the zip file is broken: ${messageOf(error)}` });
    return undefined;
  }
  try {
    return await checkFiles(zip, order);
  } catch (error) {
    findings.add({ what: `the bundle is broken: ${messageOf(error)}` });
    return undefined;
  } finally {
    zip.close();
  }
}

async function checkFiles(zip: Unzip, order: CheckBundle): Promise<CheckedBundle | undefined> {
  const { sizes, findings } = order;
  const manifest = await readManifest(zip, findings);
  if (manifest === undefined) return undefined;
  const { treeSize: size, of, filter } = manifest;
  if (!compareNames(zip, manifest, findings)) return undefined;
  const files = openFiles(zip, manifest, findings);
  const checkpoint = await files.small('checkpoint');
  const publicKey = await files.small('public-key.pem');

  const tree = growTree([...sizes, size]);
  const leaves = openLeaves(files.read('leaves.txt'), (block) => tree.add(block));
  const units = of === 'units' ? openUnits(files.read('units.csv'), findings) : undefined;
  const sets: KeptSet[] = [];
  const onSet = (set: KeptSet): void => void sets.push(set);
  const events = await checkEvents(files.read('events.jsonl'), leaves, units?.check, { ...order, size, onSet });
  await leaves.upTo(Infinity);
  await units?.check.end();
  files.end('events.jsonl', events);
  files.end('leaves.txt', leaves.count());
  if (units) files.end('units.csv', units.rows());

  if (zip.names.includes(HISTORY_FILE)) await checkHistory(files);
  const contents = await checkContents(zip, files, findings);
  const isWhole = of === 'events' && Object.keys(filter).length === 0;
  if (isWhole && events !== size)
    findings.add({ what: `events.jsonl has ${events} events, but an export without a filter must have all ${size}` });
  const built = leaves.count() === size;
  if (!built) findings.add({ what: `leaves.txt has ${leaves.count()} hashes, but the ledger had ${size} events` });
  const roots = built ? tree.roots() : new Map<number, string>();
  const root = roots.get(size);
  compareManifest(manifest, checkpoint, root, findings);
  return {
    size,
    events,
    of,
    isWhole,
    roots,
    checkpoint,
    publicKey,
    ...labelled(sets, contents),
    ...(root === undefined ? {} : { root }),
  };
}

async function readManifest(zip: Unzip, findings: Findings): Promise<Manifest | undefined> {
  const read = Manifest.safeParse(JSON.parse(await textOf(zip.read('manifest.json'), SMALL_BYTES)));
  if (read.success) return read.data;
  const where = read.error.issues.map(({ path }) => path.join('.') || 'the entire file').join(', ');
  findings.add({ what: `manifest.json is not valid for claimstamp-bundle/1: ${where}` });
  return undefined;
}

/** Returns false if a required file is missing from the bundle. */
function compareNames({ names }: Unzip, { files, of }: Manifest, findings: Findings): boolean {
  const described = new Set(files.map(({ name }) => name));
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const name of new Set([...NAMES[of], ...described, ...names])) {
    const times = counts.get(name) ?? 0;
    if (times > 1) findings.add({ what: `${name} is in the zip file ${times} times` });
    if (times === 0) findings.add({ what: `${name} is missing` });
    if (name !== 'manifest.json' && !described.has(name)) findings.add({ what: `manifest.json does not name ${name}` });
  }
  return NAMES[of].every((name) => names.includes(name));
}

interface Files {
  small: (name: string) => Promise<string>;
  read: (name: string) => AsyncIterable<Buffer>;
  /** Compares the file with the manifest. Called after the entire file has been read. */
  end: (name: string, rows?: number) => void;
}

function openFiles(zip: Unzip, manifest: Manifest, findings: Findings): Files {
  const readings = new Map<string, Reading>();
  const read = (name: string): Reading => {
    const reading = zip.read(name);
    readings.set(name, reading);
    return reading;
  };
  const end = (name: string, rows?: number): void => {
    const described = manifest.files.find((file) => file.name === name);
    const said = readings.get(name)?.said();
    if (described === undefined || said === undefined) return;
    if (described.sha256 !== said.sha256 || described.bytes !== said.bytes)
      findings.add({ what: `${name} does not have the SHA-256 that manifest.json gives: ${said.sha256}` });
    if (described.rows !== rows)
      findings.add({ what: `${name} has ${rows ?? 'no'} rows, but manifest.json says ${described.rows ?? 'none'}` });
  };
  return {
    read: (name) => read(name).pieces,
    async small(name) {
      const text = await textOf(read(name), SMALL_BYTES);
      end(name);
      return text;
    },
    end,
  };
}

function labelled(sets: KeptSet[], contents: Set<string>): Pick<CheckedBundle, 'sets'> {
  return sets.length === 0 ? {} : { sets: checkedSets(sets, contents) };
}

/**
 * The page for people is compared only with the manifest. The page only repeats the events in words, and the events
 * themselves are checked.
 */
async function checkHistory(files: Files): Promise<void> {
  for await (const _ of files.read(HISTORY_FILE));
  files.end(HISTORY_FILE);
}

/** Returns the hashes of the label contents in the bundle. Bundles of earlier versions do not have this file. */
async function checkContents(zip: Unzip, files: Files, findings: Findings): Promise<Set<string>> {
  const kept = new Set<string>();
  if (!zip.names.includes(LABELS_FILE)) return kept;
  let rows = 0;
  for await (const { hash, bytes } of contentsFrom(files.read(LABELS_FILE))) {
    rows++;
    if (sha256(bytes) === hash) kept.add(hash);
    else findings.add({ what: `line ${rows} of ${LABELS_FILE} does not match its hash` });
  }
  files.end(LABELS_FILE, rows);
  return kept;
}

interface Units {
  check: UnitCheck;
  rows: () => number;
}

function openUnits(pieces: AsyncIterable<Buffer>, findings: Findings): Units {
  const names = UNIT_COLUMNS.map(({ name }) => name);
  const parser = parse({
    max_record_size: MAX_ROW_BYTES,
    columns: (head: string[]) => {
      // Later versions of the program add columns at the end, so bundles from earlier versions have fewer columns.
      if (head.some((name, i) => i < names.length && name !== names[i]))
        findings.add({ what: 'units.csv does not have the columns of an export' });
      return head;
    },
  });
  const source = Readable.from(pieces, { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  // The error is ignored here, because the code that reads the next row also receives it.
  parser.on('error', () => {});
  const rows: AsyncIterator<UnitCells> = source.pipe(parser)[Symbol.asyncIterator]();
  let count = 0;
  const next = async (): Promise<UnitCells | undefined> => {
    const { done, value } = await rows.next();
    if (done) return undefined;
    count++;
    return value;
  };
  return { check: openUnitCheck(next, findings), rows: () => count };
}

function compareManifest(manifest: Manifest, note: string, root: string | undefined, findings: Findings): void {
  if (note !== manifest.checkpoint)
    findings.add({ what: 'the file "checkpoint" differs from the checkpoint in manifest.json' });
  if (root !== undefined && root !== manifest.root)
    findings.add({ what: `the hashes in leaves.txt have the root ${root}, but manifest.json names ${manifest.root}` });
  try {
    const { origin, size } = parseCheckpoint(note);
    if (origin !== manifest.origin)
      findings.add({ what: `the checkpoint is from ${origin}, but manifest.json names ${manifest.origin}` });
    if (size !== manifest.treeSize)
      findings.add({ what: `the checkpoint covers ${size} events, but manifest.json names ${manifest.treeSize}` });
  } catch {
    // An invalid note is ignored here, because the check of its signature reports the problem.
  }
}

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openLedgerFile } from '../src/sqlite/ledger-file.ts';
import { openForWriting } from '../src/sqlite/open.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import { systemRandom } from '../src/model/claim-id.ts';
import { openRow, type Check, type Row } from './check.ts';
import { openDisk, WAYS, type Disk } from './disk.ts';
import { CALLS, readRecording, type Happened } from './recording.ts';
import { ask, start, type Service } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

/**
 * The number of clients that ask at the same time. With several clients, a commit contains several commands, so a power
 * cut can happen while several answers are still unsent.
 */
const CLIENTS = 8;

/**
 * Simulates power cuts at many moments of a recorded run. Builds disk images with unsynced writes lost, reordered or
 * torn, and checks each image. With synchronous=NORMAL, a run must lose some IDs. This shows that the check works.
 */
export const powerCut: Check = async ({ short, folder, say }) => {
  needStrace();
  const images = short ? 40 : 1000;
  const devices = short ? 150 : 1500;
  say('power cut: a run with synchronous=FULL');
  const full = await record(join(folder, 'full'), devices, {});
  const row = await cutAll(full, images, join(folder, 'image'), say, 'power cut: rebuilt disk images');
  say('power cut: a run with synchronous=NORMAL');
  const preload = join(packageRoot, 'dist', 'torture', 'preload', 'normal.js');
  const normal = await record(join(folder, 'normal'), devices, { NODE_OPTIONS: `--import=${preload}` });
  const { lost } = await cutAll(normal, short ? 20 : 100, join(folder, 'image'), say, '');
  const control = openRow('with synchronous=NORMAL, IDs are lost, and the check finds this');
  control.tried();
  if (lost === 0) control.fail('nothing was lost: the check does not work');
  return [row, control.row(`${lost} delivered IDs lost in ${short ? 20 : 100} images, as expected`)];
};

function needStrace(): void {
  if (spawnSync('strace', ['-V']).status !== 0)
    throw new Error(
      'the power cut needs strace: apt-get install strace (tracing must be allowed: run as root, or change ptrace_scope)',
    );
}

interface Recorded {
  before: { db: Buffer; wal: Buffer };
  happened: Happened[];
}

async function record(data: string, devices: number, env: Record<string, string>): Promise<Recorded> {
  const service = await start(data, { env });
  await ask(service.port, { mac: 'the first' });
  const file = join(data, 'strace.txt');
  const strace = await attach(service, file);
  const before = { db: bytesOf(ledgerIn(data)), wal: bytesOf(`${ledgerIn(data)}-wal`) };
  let next = 0;
  const client = async (): Promise<void> => {
    for (let n = next++; n < devices; n = next++) await ask(service.port, { mac: `device-${n}` });
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  // A large import makes the WAL long, so the writer moves its content into the ledger file.
  await grow(service);
  await ask(service.port, { mac: 'the last' });
  await service.end('SIGKILL');
  await strace.ended;
  const happened = await readRecording(file);
  rmSync(file);
  return { before, happened };
}

/** Resolves when strace is recording all threads. */
async function attach({ pid }: Service, file: string): Promise<{ ended: Promise<void> }> {
  const args = ['-f', '-y', '-xx', '-s', '1000000', '-e', `trace=${CALLS}`, '-o', file, '-p', String(pid)];
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => strace.once('close', () => resolve()));
  let said = '';
  strace.stderr.on('data', (text: Buffer) => (said += text.toString()));
  for (let waited = 0; !said.includes('attached'); waited += 50) {
    if (waited > 10_000 || strace.exitCode !== null) throw new Error(`strace did not attach: ${said}`);
    await pause(50);
  }
  // The time in ms that strace needs to attach to all threads, one after another.
  await pause(500);
  return { ended };
}

/**
 * The number of large units. While an import runs, the writer moves the WAL into the ledger file after a few parts
 * (src/sqlite/wal.ts). More units would leave fewer images for the time in which devices ask.
 */
const UNITS = 200;
const UNIT_BYTES = 16_000;

async function grow(service: Service): Promise<void> {
  const device = { product: 'TORTURE', note: 'x'.repeat(UNIT_BYTES) };
  const letters = (n: number): string => n.toString().padStart(10, '0');
  const units = Array.from({ length: UNITS }, (_one, n) => ({ place: `line ${n}`, uci: letters(n), device }));
  const { status } = await service.api('POST', '/v1/units/import', { units });
  if (status !== 201) throw new Error(`the import that makes the log longer was answered with ${status}`);
}

function bytesOf(file: string): Buffer {
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
}

async function cutAll(
  { before, happened }: Recorded,
  images: number,
  folder: string,
  say: (text: string) => void,
  fault: string,
): Promise<Row> {
  const row = openRow(fault);
  const disk = openDisk(before);
  const chance = dice(1);
  const answered = new Set<string>();
  // The power cuts are spread evenly over the run, and the kinds of loss alternate.
  const every = happened.length / images;
  let made = 0;
  for (const [seq, event] of happened.entries()) {
    disk.happen(event, seq);
    if (event.kind === 'answer') answered.add(event.uci);
    if (seq < Math.floor(made * every)) continue;
    if (fault !== '' && made % 100 === 0) say(`power cut: image ${made} of ${images}`);
    row.tried();
    await openImage(disk, made++, chance, folder, answered, row.fail);
  }
  return row.row(
    `${answered.size} delivered IDs, ${happened.filter(({ kind }) => kind === 'sync').length} syncs in the run`,
  );
}

/**
 * Opens an image as the service does after a power cut. SQLite recovers the image, and then every table and every hash
 * is checked.
 */
async function openImage(
  disk: Disk,
  n: number,
  chance: () => number,
  folder: string,
  answered: ReadonlySet<string>,
  fail: (what: string, lost?: number) => void,
): Promise<void> {
  const way = WAYS[n % WAYS.length] as (typeof WAYS)[number];
  const { db, wal } = disk.cut(way, chance);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const file = join(folder, 'ledger.db');
  writeFileSync(file, db);
  writeFileSync(`${file}-wal`, wal);
  try {
    const opened = openForWriting(file);
    openLedgerFile(opened, Date.now, systemRandom).check();
    opened.close();
    const { ucis, findings } = await contentsOf(file);
    const gone = [...answered].filter((uci) => ucis.get(uci) !== 1);
    if (gone.length > 0) fail(`image ${n} (${way}): ${gone.length} delivered IDs gone`, gone.length);
    if (findings.length > 0) fail(`image ${n} (${way}): ${findings[0]}`);
  } catch (error) {
    fail(`image ${n} (${way}): ${(error as Error).message}`);
  }
}

/** Makes repeatable random numbers with Marsaglia's xorshift32, so that each run makes the same images. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

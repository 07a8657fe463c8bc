import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdirSync, openSync, readFileSync, closeSync } from 'node:fs';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { ledgerFile } from '../src/sqlite/sqlite-ledger.ts';
import { agentsBeside, whileAsking, type Beside, type BesideEffort } from './beside.ts';
import { startServer } from './children.ts';
import { compare, type Figure } from './figure.ts';
import { manyLabels } from './label-service.ts';

/*
 * Exports a ledger over HTTP and with the sqlite3 shell, and compares the time and the rows. Also measures the memory
 * of an export, and the latency of agents during an export.
 */

/** SQL that makes the sqlite3 shell write the same rows as an export of units. */
const PLAIN = `SELECT unit.id AS seq, uci, serial, product.name AS product,
    coalesce(event.line ->> '$.data.attributes.name', product.settings ->> '$.name') AS name,
    event.line ->> '$.data.attributes.model' AS model, work_order.name AS work_order,
    work_order.settings ->> '$.lot' AS lot, station.name AS station, reservation.name AS reservation,
    CASE WHEN void_at IS NOT NULL THEN 'void' WHEN scrapped_at IS NOT NULL THEN 'scrapped'
      WHEN registered_at IS NOT NULL THEN 'registered' WHEN reported_at IS NOT NULL THEN 'reported'
      WHEN verified_at IS NOT NULL THEN 'verified' WHEN printed_at IS NOT NULL THEN 'printed'
      WHEN issued_at IS NOT NULL THEN 'issued' ELSE 'reserved' END AS status,
    ${['reserved', 'issued', 'printed', 'verified', 'reported', 'registered', 'void', 'scrapped']
      .map((fact) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${fact}_at / 1000.0, 'unixepoch') AS ${fact}_at`)
      .join(', ')},
    NULL AS end_reason, NULL AS end_note, alarm, outcome, labels,
    (SELECT nullif(json_group_object(property, value), '{}') FROM identity WHERE identity.unit = unit.id) AS identity,
    last_seq
  FROM unit JOIN product ON product.id = unit.product
    LEFT JOIN work_order ON work_order.id = unit.work_order LEFT JOIN station ON station.id = unit.station
    LEFT JOIN reservation ON reservation.id = unit.reservation LEFT JOIN event ON event.seq = unit.id + unit.issued_after
  ORDER BY unit.id`;

const FORMATS = ['csv', 'jsonl', 'xlsx', 'zip'] as const;
type Format = (typeof FORMATS)[number];

export async function benchExports(
  full: { data: string; units: number },
  folder: string,
  rounds: number,
  effort: BesideEffort,
  say: (text: string) => void,
): Promise<Figure[]> {
  mkdirSync(folder, { recursive: true });
  const server = await startServer('claimstamp', full.data);
  try {
    const { token, pid } = JSON.parse(readFileSync(join(full.data, 'serve.json'), 'utf8')) as ServeFile;
    const service: Service = { url: server.url, headers: { authorization: `Bearer ${token}` }, pid };
    const ours: Record<Format, number[]> = { csv: [], jsonl: [], xlsx: [], zip: [] };
    const shell: { csv: number[]; json: number[] } = { csv: [], json: [] };
    for (let round = 0; round < rounds; round++) {
      say(`exports: ${round + 1} of ${rounds}`);
      for (const format of FORMATS) ours[format].push((await save(service, format, '', folder)).ms);
      for (const mode of ['csv', 'json'] as const) shell[mode].push(await dump(full.data, mode, folder));
    }
    say('exports: row for row');
    const rows = await sameRows(join(folder, 'ours.csv'), join(folder, 'shell.csv'));
    // The exported file has a header line. The file may also contain units that were issued after the count. So the
    // number of lines must be higher than the count.
    if (rows <= full.units) throw new Error(`${rows} lines for ${full.units} units`);
    return [
      ...times(full.units, ours, shell),
      ...(await memory(service, full.units, folder, say)),
      await beside(service, full.units, effort, say),
    ];
  } finally {
    await server.stop();
  }
}

/** If the sqlite3 shell is missing, throws an error that names the package to install. */
export function needShell(): void {
  if (spawnSync('sqlite3', ['--version']).status !== 0)
    throw new Error(
      'exports are compared with the sqlite3 shell: apt-get install sqlite3, or leave them out with --only',
    );
}

interface ServeFile {
  token: string;
  pid: number;
}

interface Service {
  url: string;
  headers: Record<string, string>;
  pid: number;
}

function times(units: number, ours: Record<Format, number[]>, shell: { csv: number[]; json: number[] }): Figure[] {
  const count = units.toLocaleString('en-US');
  const csv = { what: 'sqlite3 -csv, the same rows', values: shell.csv };
  return [
    compare(`CSV of ${count} units over HTTP`, 'ms', ours.csv, csv, 1.5),
    compare(`JSONL of ${count} units over HTTP`, 'ms', ours.jsonl, { what: 'sqlite3 -json', values: shell.json }),
    compare(`XLSX of ${count} units over HTTP`, 'ms', ours.xlsx, csv),
    compare(`bundle of ${count} units over HTTP`, 'ms', ours.zip, csv),
  ];
}

interface Saved {
  ms: number;
  /** The peak memory, in bytes, of the child process that made the file, or 0 if unknown. */
  peak: number;
}

/** Measures the time from the request until the last byte is written to a file. */
async function save({ url, headers, pid }: Service, format: Format, query: string, folder: string): Promise<Saved> {
  const begun = performance.now();
  let peak = 0;
  const look = setInterval(() => (peak = Math.max(peak, peakOfChild(pid))), LOOK_EVERY_MS);
  try {
    const asked = get(`${url}/v1/ledger.${format}?${query}`, { headers });
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    if (answer.statusCode !== 200) throw new Error(`${format}: ${answer.statusCode}`);
    await pipeline(answer, createWriteStream(join(folder, `ours.${format}`)));
    return { ms: performance.now() - begun, peak };
  } finally {
    clearInterval(look);
  }
}

const LOOK_EVERY_MS = 20;

/** Returns the peak memory (`VmHWM`, in bytes) of the child process that makes an export. */
function peakOfChild(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const peaks = children.map((child) => {
      const status = readFileSync(`/proc/${child}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    });
    return Math.max(0, ...peaks);
  } catch {
    return 0; // The child has ended, or this is not Linux.
  }
}

async function dump(data: string, mode: 'csv' | 'json', folder: string): Promise<number> {
  const begun = performance.now();
  const out = openSync(join(folder, `shell.${mode}`), 'w');
  const shell = spawn('sqlite3', ['-readonly', `-${mode}`, '-header', ledgerFile(data), PLAIN], {
    stdio: ['ignore', out, 'inherit'],
  });
  const [code] = (await once(shell, 'exit')) as [number];
  closeSync(out);
  if (code !== 0) throw new Error(`sqlite3 ended with ${code}`);
  return performance.now() - begun;
}

/** Returns the number of lines, including the header. Throws at the first line that differs between the files. */
async function sameRows(ours: string, theirs: string): Promise<number> {
  const read = (file: string): AsyncIterator<string[]> => {
    const records = createReadStream(file).pipe(parse({ record_delimiter: ['\r\n', '\n'] }));
    return records[Symbol.asyncIterator]();
  };
  const [left, right] = [read(ours), read(theirs)];
  for (let rows = 0; ; rows++) {
    const [a, b] = [await left.next(), await right.next()];
    if (a.done && b.done) return rows;
    const same =
      !a.done && !b.done && a.value.length === b.value.length && a.value.every((cell, i) => cell === b.value[i]);
    if (!same) throw new Error(`row ${rows}: ${String(a.value)} is not ${String(b.value)}`);
  }
}

async function memory(service: Service, units: number, folder: string, say: (text: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  // In this benchmark, each unit has exactly one event, so the number of events equals the number of units.
  const tenth = Math.floor(units / 10);
  for (const format of FORMATS) {
    say(`exports: memory of .${format}`);
    const small = await save(service, format, `until=${tenth}`, folder);
    const large = await save(service, format, '', folder);
    if (large.peak === 0) return [];
    const mb = (bytes: number): number[] => [bytes / 1e6];
    const against = { what: `of ${tenth.toLocaleString('en-US')}`, values: mb(small.peak) };
    figures.push(
      compare(`memory, .${format} of ${units.toLocaleString('en-US')} units`, 'MB', mb(large.peak), against),
    );
  }
  return figures;
}

/** Measures the latency of agents while a CSV file and PDF files of labels are made at the same time. */
async function beside(
  { url, headers }: Service,
  units: number,
  effort: BesideEffort,
  say: (text: string) => void,
): Promise<Figure> {
  const labels = await manyLabels({ url, headers });
  const csv = { url: `${url}/v1/ledger.csv`, method: 'GET', headers } as const;
  const during: Beside['during'] = (act) => whileAsking([csv, labels.asked], act);
  const what = `CSV of ${units.toLocaleString('en-US')} units and ${labels.what}`;
  return agentsBeside(url, what, { than: 'idle', bound: 1.5, during }, effort, say);
}

import { createHash } from 'node:crypto';
import { createWriteStream, openSync } from 'node:fs';
import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { HISTORY_FILE, writeBundle, type Part } from '../export/bundle.ts';
import { EVENT_COLUMNS, UNIT_COLUMNS, type Form } from '../export/columns.ts';
import { csvForm, csvHead } from '../export/csv.ts';
import { EVENT_LINES, LEAF_LINES, unitLines } from '../export/jsonl.ts';
import { writeXlsx, xlsxForm } from '../export/xlsx.ts';
import { contentLine, LABELS_FILE } from '../export/label-contents.ts';
import { openZip } from '../export/zip.ts';
import { historyPage } from '../console/history-page.ts';
import { readEvent } from '../model/event-check.ts';
import { contentsOf } from '../model/labels/render-set.ts';
import { existing } from '../sqlite/existing.ts';
import type { ExportTask, Made } from '../contract/exports.ts';
import { beginningsIn, maskText } from '../model/masking.ts';
import { refusal } from '../platform/error.ts';
import { yieldProcessor, workInChild, type Parent } from '../platform/spool.ts';
import { openDump, type Batch, type Dump, type Source } from '../sqlite/export-reader.ts';

/* This child process makes one export. The child process reads one snapshot of the ledger and writes one file. */

/** The interval between progress messages, in ms. */
const TELL_EVERY_MS = 200;

workInChild(async (task: ExportTask, parent): Promise<Made> => {
  const dump = openDump(task.ledger);
  try {
    // The checkpoint is signed and stored before the first byte of the file is written. So each export can later be
    // compared with its checkpoint.
    const { note } = await parent.ask<{ note: string }>(dump.head);
    const hash = createHash('sha256');
    const hashed = new Transform({
      transform(bytes: Buffer, _encoding, done) {
        hash.update(bytes);
        done(null, bytes);
      },
    });
    const file = createWriteStream(task.out, { fd: openSync(task.out, 'wx', 0o600) });
    const [rows] = await Promise.all([write({ task, dump, note, parent }, hashed), pipeline(hashed, file)]);
    return { rows, treeSize: dump.head.size, sha256: hash.digest('hex') };
  } finally {
    dump.close();
  }
});

/** Excel reads a CSV file as UTF-8 only if the file begins with this mark. */
const BYTE_ORDER_MARK = '\ufeff';

interface Work {
  task: ExportTask;
  dump: Dump;
  /** The signed checkpoint of the snapshot. */
  note: string;
  parent: Parent;
}

/** Writes the export and then ends the stream `out`. Returns the number of units or events in the export. */
async function write(work: Work, out: Writable): Promise<number> {
  const { of, format } = work.task.job;
  const columns = of === 'units' ? UNIT_COLUMNS : EVENT_COLUMNS;
  const mask = maskFor(work);
  if (format === 'zip') return bundle(work, out);
  const look = openLook(work, 1);
  if (format === 'xlsx') {
    const zip = openZip(out);
    const rows = look(of, xlsxForm(columns));
    await writeXlsx(zip, of, columns, rows.batches);
    await zip.end();
    return rows.seen();
  }
  const csv = format === 'csv';
  const { separator, bom } = work.task.job;
  const sign = separator === 'semicolon' ? ';' : ',';
  const head = csv ? (bom ? BYTE_ORDER_MARK : '') + csvHead(columns, sign) : '';
  const rows = look(of, csv ? csvForm(columns, sign) : of === 'units' ? unitLines(columns) : EVENT_LINES);
  await pipeline(Readable.from(texts(rows.batches, head, mask), { objectMode: false }), out);
  return rows.seen();
}

async function bundle(work: Work, out: Writable): Promise<number> {
  const { task, dump, note } = work;
  const { of, filter } = task.job;
  const isOne = of === 'units' && filter.unit !== undefined;
  const look = openLook(work, (of === 'units' ? 3 : 2) + (isOne ? 1 : 0));
  const units = look('units', csvForm(UNIT_COLUMNS));
  const events = look(of === 'units' ? 'unit-events' : 'events', EVENT_LINES);
  const leaves = look('leaves', LEAF_LINES);
  const table: Part = { name: 'units.csv', pieces: texts(units.batches, csvHead(UNIT_COLUMNS)), rows: units.seen };
  const contents = contentsIn(work);
  const parts: Part[] = [
    ...(isOne ? [{ name: HISTORY_FILE, pieces: history(work, look('unit-events', EVENT_LINES)) }] : []),
    ...(of === 'units' ? [table] : []),
    { name: 'events.jsonl', pieces: texts(events.batches), rows: events.seen },
    { name: 'leaves.txt', pieces: texts(leaves.batches), rows: leaves.seen },
    ...(contents.length === 0 ? [] : [contentsPart(work, contents)]),
    { name: 'checkpoint', pieces: [note] },
    { name: 'public-key.pem', pieces: [task.publicKey] },
  ];
  const { size, root } = dump.head;
  const head = { treeSize: size, root: Buffer.from(root).toString('hex'), checkpoint: note };
  const zip = openZip(out);
  await writeBundle(zip, { made: task.made, origin: task.origin, ...head, of, filter }, parts);
  await zip.end();
  return of === 'units' ? units.seen() : events.seen();
}

/** Makes the page on which people can read a bundle of one unit without other programs. */
async function* history({ task }: Work, { batches }: Looked): AsyncGenerator<string> {
  let lines = '';
  for await (const { text } of batches) lines += text;
  const events = lines.split('\n').flatMap((line) => (line === '' ? [] : [readEvent(line)]));
  yield historyPage(events, task.job.language ?? 'en', { made: task.made, origin: task.origin });
}

/** Returns the hashes of the contents with which the labels in the bundle can be drawn again. */
function contentsIn({ task: { job }, dump }: Work): string[] {
  const { of, filter, auditor } = job;
  const isWhole = of === 'events' && Object.keys(filter).length === 0;
  if (of === 'events' && !isWhole) return [];
  const sets = dump.renderSets(isWhole ? 'all' : { ...filter, products: auditor?.products });
  return [...new Set(sets.flatMap(contentsOf))].filter((hash) => dump.labelContent(hash) !== undefined);
}

function contentsPart({ dump }: Work, hashes: string[]): Part {
  function* lines(): Generator<string> {
    for (const hash of hashes) yield contentLine(hash, existing(dump.labelContent(hash)));
  }
  return { name: LABELS_FILE, pieces: lines(), rows: () => hashes.length };
}

interface Looked {
  batches: AsyncGenerator<Batch>;
  /** Returns how many rows have been written so far. */
  seen: () => number;
}

/**
 * Reads a source in batches and reports progress. `times` is the number of times that this export reads the entire
 * ledger.
 */
function openLook({ task, dump, parent }: Work, times: number): (source: Source, form: Form) => Looked {
  const { size } = dump.head;
  const { filter, auditor } = task.job;
  let before = 0;
  let told = 0;
  return (source, form) => {
    let rows = 0;
    async function* batches(): AsyncGenerator<Batch> {
      for (const batch of dump.batches(source, { ...filter, products: auditor?.products }, form)) {
        rows += batch.rows;
        if (performance.now() - told > TELL_EVERY_MS) {
          told = performance.now();
          parent.tell({ done: before + batch.seq, total: size * times });
        }
        yieldProcessor();
        yield batch;
        // During the pauses, the process can handle messages from the service, and can notice that the service has
        // stopped.
        await turn();
      }
      before += size;
    }
    return { batches: batches(), seen: () => rows };
  };
}

async function* texts(batches: AsyncIterable<Batch>, head = '', mask = unchanged): AsyncGenerator<string> {
  if (head !== '') yield head;
  for await (const { text } of batches) if (text !== '') yield mask(text);
}

function unchanged(text: string): string {
  return text;
}

/** For an auditor, masks every Claim ID in the rows of a CSV file. Auditors cannot get an export in another format. */
function maskFor({ task, dump }: Work): (text: string) => string {
  const { auditor, format } = task.job;
  if (auditor === undefined) return unchanged;
  if (format !== 'csv') throw refusal('not-for-auditors', 'format');
  return (text) => maskText(text, dump.unitNumbers(beginningsIn(text), auditor.products));
}

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../contract/exports.ts';
import { ENDS, FACTS } from '../../model/unit.ts';
import type { Api } from '../api.ts';
import { intoFile } from '../draft.ts';
import { openProgress, type Progress } from '../progress.ts';
import { hint, print, withApi } from '../run.ts';
import { PERCENT, save } from '../save.ts';

interface Options {
  of: 'units' | 'events';
  product?: string;
  workOrder?: string;
  lot?: string;
  unit?: string;
  rma?: string;
  station?: string;
  status?: string;
  from?: string;
  to?: string;
  since?: string;
  until?: string;
  separator?: string;
  bom?: 'true';
  json?: true;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('write the ledger, or a part of it, to a file; prints its SHA-256')
    .argument('<file>', 'such as units.csv, units.xlsx, units.jsonl, or units.zip with proofs')
    .addOption(
      new Option('--of <what>', 'units in their current state, or events')
        .choices(['units', 'events'])
        .default('units'),
    )
    .option('--product <id>', 'units of this product, or their events')
    .option('--work-order <id>', 'units of this work order, or their events')
    .option('--lot <lot>', 'units of work orders with this lot, or their events')
    .option('--unit <id>', 'the unit with this Claim ID, S/N or identity, or its events')
    .option('--rma <number>', 'units that were returned under this RMA, or their events')
    .option('--station <name>', 'units whose last station is this station, or events at this station')
    .addOption(new Option('--status <status>', 'units with this status, or their events').choices([...FACTS, ...ENDS]))
    .option('--from <time>', 'a day such as 2026-11-25 or a time such as 2026-11-25T12:00:00Z: issued then or later')
    .option('--to <time>', 'issued before this time, or by the end of this day in the time zone of the service (TZ)')
    .option('--since <seq>', 'only changes after this event, such as the last event of the previous export')
    .option('--until <seq>', 'only changes up to this event')
    .addOption(
      new Option(
        '--separator <sign>',
        'for .csv: the separator between cells; in most of Europe, Excel expects semicolons',
      ).choices(['comma', 'semicolon']),
    )
    .addOption(
      new Option('--bom', 'for .csv: begin with a byte order mark, so that Excel recognizes UTF-8').preset('true'),
    )
    .option('--json', 'a summary of the file as JSON')
    .action((file: string, options: Options) => withApi((api) => exportTo(api, file, options)));
}

async function exportTo(api: Api, out: string, { json, ...asked }: Options): Promise<void> {
  const format = EXPORT_FORMATS.find((one) => extname(out) === `.${one}`);
  if (format === undefined)
    throw new ClaimstampError('invalid', `${out}: name a file that ends with .${EXPORT_FORMATS.join(', .')}`);
  if (existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
  const saved = await intoFile(out, async (file) => save(await made(api, out, format, asked), out, file));
  const { sha256, rows, treeSize } = saved;
  print(json ? JSON.stringify({ file: out, of: asked.of, ...saved }) : `${sha256}  ${out}`);
  hint(`${rows} ${asked.of} in ${out}, up to event ${treeSize}; for later changes: --since ${treeSize}`);
}

/**
 * Waits for the answer of the service, and shows the progress meanwhile. The service answers when the file is complete.
 */
async function made(api: Api, out: string, format: ExportFormat, query: Omit<Options, 'json'>): Promise<Response> {
  const ref = randomUUID();
  const asking = api.file(`GET /v1/ledger.${format}`, { query: { ...query, ref } });
  const over = new AbortController();
  const progress = openProgress(`making ${out}`, 100);
  try {
    const watching = watch(api, ref, progress, over.signal);
    const answer = await asking.finally(() => over.abort());
    await watching;
    progress.set(100, PERCENT);
    return answer;
  } finally {
    progress.end();
  }
}

const LOOK_EVERY_MS = 500;

async function watch(api: Api, ref: string, progress: Progress, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    // The progress is shown only if the service reports it. The request for the progress fails if the caller lacks the
    // permission or the service is busy.
    const { exports } = await api.call('GET /v1/ledger/exports').catch(() => ({ exports: [] }));
    const own = exports.find((one) => one.ref === ref);
    if (own === undefined || signal.aborted) continue;
    if (own.total === 0) progress.set(0, '% (waiting for its turn)');
    else progress.set(Math.floor((100 * own.done) / own.total), PERCENT);
  }
}

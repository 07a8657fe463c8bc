import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { printsOf, readPrinted, type UnitPrint } from '../../contract/printed.ts';
import { parse } from '../../model/claim-id.ts';
import type { KeptSet, RenderDifference } from '../../model/labels/render-set.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { when } from '../../report/words.ts';
import { download } from '../download.ts';
import { hint, print, wholeNumber, withApi } from '../run.ts';

interface Options {
  job?: number;
  out?: string;
  bundle?: string;
  json?: true;
}

/** The command `label printed` draws a label again as it was printed. */
export function printedCommand(): Command {
  return new Command('printed')
    .description('show what a label was printed with, and draw it again; with --bundle, no service is needed')
    .argument('<claim-id>')
    .option('--job <number>', 'print job (default: the last label of the unit)', wholeNumber)
    .option('--out <file.png>', 'write the dots of the label to this new file')
    .option('--bundle <file>', 'read the unit from an exported bundle .zip')
    .option('--json', 'as JSON')
    .action(async (uci: string, options: Options) => {
      const { out } = options;
      if (out !== undefined && existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
      const shown = options.bundle === undefined ? await fromService(uci, options) : await fromBundle(uci, options);
      print(options.json ? JSON.stringify(shown) : text(shown));
      if (shown.differences.length > 0) hint('the dots may differ from those of the print');
    });
}

interface Shown {
  print: Omit<UnitPrint, 'set' | 'at'> & { at: string };
  set: Omit<KeptSet, 'at' | 'template' | 'order' | 'sample' | 'stationName'> & {
    template: { name: string; hash: string; revision?: number | undefined };
  };
  dots: string;
  differences: RenderDifference[];
}

async function fromService(uci: string, { job, out }: Options): Promise<Shown> {
  let shown: Shown | undefined;
  await withApi(async (api) => {
    const { prints } = await api.call('GET /v1/units/{uci}/prints', { params: { uci } });
    const number = job ?? prints.at(-1)?.job;
    if (number === undefined) throw noPrint(uci);
    const params = { uci, job: number };
    const drawn = await api.call('GET /v1/units/{uci}/prints/{job}', { params });
    const { set, ...one } = drawn.print;
    if (set === undefined) throw noPrint(uci);
    shown = { print: one, set, dots: drawn.dots, differences: drawn.differences };
    if (out !== undefined)
      await download(out, () => api.file('GET /v1/units/{uci}/prints/{job}/label.png', { params }));
  });
  if (shown === undefined) throw noPrint(uci);
  return shown;
}

function noPrint(uci: string): ClaimstampError {
  return new ClaimstampError('not-found', `no label of ${uci} was printed`);
}

async function fromBundle(typed: string, { job, out, bundle = '' }: Options): Promise<Shown> {
  // Imported only when it is needed, because the drawing libraries are as large as all other commands together.
  const { openBundlePrints } = await import('../../export/bundle-prints.ts');
  const { redraw } = await import('../../label/redraw.ts');
  const prints = await openBundlePrints(bundle, parse(typed) ?? typed);
  if (prints.lines.length === 0) throw new ClaimstampError('not-found', `${bundle} has no events of ${typed}`);
  if (printsOf(prints.lines).length === 0) throw noPrint(typed);
  const { print: one, set, label } = await readPrinted(prints, prints.lines, job);
  const { png, dots, differences } = await redraw(label);
  if (out !== undefined) writeFileSync(out, png, { flag: 'wx' });
  const { set: _set, at, ...rest } = one;
  return { print: { ...rest, at: new Date(at).toISOString() }, set, dots, differences };
}

function text({ print: one, set, dots, differences }: Shown): string {
  const { template, product, fonts, files, renderer, dpi } = set;
  const revision = template.revision === undefined ? 'a file' : `revision ${template.revision}`;
  const rows: [string, string][] = [
    ['Print job', String(one.job)],
    ['Printed', when(one.at)],
    ['Printer', one.printer],
    ['Role', one.role ?? set.role],
    ['Render set', String(set.number)],
    ['Template', `${template.name}, ${revision}, ${template.hash}`],
    ['Product', `${product.id}, ${product.hash}`],
    ...Object.entries({ ...fonts, ...files }).map(([name, hash]): [string, string] => [name, hash]),
    ['Renderer', String(renderer)],
    ['Resolution', `${dpi} dpi`],
    ['Dots', dots],
    ['Differences', differences.length === 0 ? 'none: the dots are the same as the printed ones' : ''],
    ...differences.map(({ part, before, now }): [string, string] => [
      `  ${part}`,
      `${before || 'none'} when printed, ${now || 'none'} now`,
    ]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(WIDTH)}${value}`.trimEnd()).join('\n');
}

/** The width of the column of names. File names may be longer. */
const WIDTH = 14;

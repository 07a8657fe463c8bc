import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import {
  DEFAULT_TEMPLATE,
  MAX_OFFSET_MM,
  type LabelData,
  type Labelled,
  type LabelJob,
  type SavedSource,
} from '../../contract/labels.ts';
import type { Answer } from '../../http/client.ts';
import type { Api } from '../api.ts';
import { DEVICE, labelWithRole } from '../../model/labels/label-set.ts';
import { intoFile } from '../draft.ts';
import { loadSheet } from '../../label/sheet.ts';
import { openProgress } from '../progress.ts';
import { wholeNumber, withApi } from '../run.ts';
import { counted } from '../counted.ts';

interface Options {
  out: string;
  workOrder?: string;
  reservation?: string;
  product?: string;
  station?: string;
  status?: string;
  template?: string;
  role?: string;
  sheet?: string;
  start?: number;
  offsetX?: number;
  offsetY?: number;
  copies: number;
  dpi?: string;
}

/** The command `label make` gets the units from the service, but draws the labels in its own process. */
export function makeCommand(): Command {
  return new Command('make')
    .description('write the labels of units to one PDF, ZPL or TSPL file; void and scrapped units have no label')
    .argument('[claim-id...]', 'units in print order; or select them with options')
    .requiredOption('--out <file>', 'such as labels.pdf, labels.zpl or labels.tspl')
    .option('--work-order <id>', 'units of this work order')
    .option('--reservation <name>', 'units of this reservation')
    .option('--product <id>', 'units of this product')
    .option('--station <name>', 'units whose last station is this station')
    .option('--status <status>', 'units with this status, such as reserved')
    .option('--template <name>', "template, instead of the product's template")
    .option('--role <role>', 'role of the labels, such as box (default: the label of the device)')
    .option('--sheet <name>', 'print on sheets such as L7160, instead of one label per page')
    .option('--start <n>', 'first free label of the first sheet', wholeNumber)
    .option('--offset-x <mm>', 'move the labels of a sheet to the right', millimetres)
    .option('--offset-y <mm>', 'move the labels of a sheet down', millimetres)
    .option('--copies <n>', 'copies of each label', wholeNumber, 1)
    .addOption(new Option('--dpi <n>', "printer resolution, instead of the template's").choices(['203', '300', '600']))
    .action((ucis: string[], options: Options) => withApi((api) => make(api, ucis, options)));
}

async function make(api: Api, ucis: string[], options: Options): Promise<void> {
  const { out, workOrder, reservation, product, station, status, template, role, sheet, copies, dpi } = options;
  const filter = { workOrder, reservation, product, station, status };
  if (Object.values(filter).every((value) => value === undefined) === (ucis.length === 0))
    throw new ClaimstampError(
      'invalid',
      'select units either by Claim IDs or by --work-order, --reservation, --product, --station and --status',
    );
  const { start, offsetX, offsetY } = options;
  if (sheet === undefined && [start, offsetX, offsetY].some((given) => given !== undefined))
    throw new ClaimstampError('invalid', '--start, --offset-x and --offset-y need a --sheet');
  if (copies < 1 || copies > MAX_COPIES) throw new ClaimstampError('invalid', `--copies: 1 to ${MAX_COPIES}`);
  if (existsSync(out)) throw new ClaimstampError('invalid', `${out} exists: name a new file`);
  const job: Omit<LabelJob, 'selection'> = {
    format: (['zpl', 'tspl'] as const).find((one) => out.endsWith(`.${one}`)) ?? 'pdf',
    copies,
    ...(template === undefined ? {} : { template }),
    ...(role === undefined ? {} : { role }),
    ...(sheet === undefined
      ? {}
      : { sheet: { name: sheet, start: start ?? 1, offset: { x: offsetX ?? 0, y: offsetY ?? 0 } } }),
    ...(dpi === undefined ? {} : { dpi: Number(dpi) }),
  };
  const labels = ucis.length > 0 ? await named(api, ucis, role) : await collect(api, filter, role);
  if (labels.length === 0) throw new ClaimstampError('not-found', 'no unit matches: no label was drawn');
  await draw(labels, job, out, await savedFor(api, labels, job));
  process.stderr.write(`${counted(labels.length, 'label')} in ${out}\n`);
}

function millimetres(text: string): number {
  const mm = /^[+-]?\d{1,2}(\.\d{1,3})?$/.test(text) ? Number(text) : Infinity;
  if (Math.abs(mm) <= MAX_OFFSET_MM) return mm;
  throw new InvalidArgumentError(`give -${MAX_OFFSET_MM} to ${MAX_OFFSET_MM} mm, such as 0.5.`);
}

/** The maximum number of copies, which is the same as for POST /v1/labels. */
const MAX_COPIES = 100;
const PAGE = 500;

/** Reads the units with these Claim IDs. Throws if one of these units has no label. */
async function named(api: Api, ucis: string[], role: string | undefined): Promise<Labelled[]> {
  const labels: Labelled[] = [];
  for (const uci of ucis)
    labels.push(labelled(await api.call('GET /v1/units/{uci}/label.json', { params: { uci }, query: { role } }), role));
  return labels;
}

type Filter = { [name in 'workOrder' | 'reservation' | 'product' | 'station' | 'status']: string | undefined };

/**
 * Collects all units before the first label is drawn, because the progress bar needs to know how many there are. Each
 * collected unit needs a few hundred bytes of memory.
 */
async function collect(api: Api, filter: Filter, role: string | undefined): Promise<Labelled[]> {
  const labels: Labelled[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: Answer<'GET /v1/labels/data'> = await api.call('GET /v1/labels/data', {
      query: { ...filter, role, after, limit: PAGE },
    });
    labels.push(...page.labels.map((one) => labelled(one, role)));
    after = page.next;
  }
  return labels;
}

/** Adds the type of the label's fields, because the API's description does not contain this type. */
function labelled({ product, data }: Answer<'GET /v1/units/{uci}/label.json'>, role = DEVICE): Labelled {
  const isPublic = !labelWithRole(product, role).secret;
  return {
    product,
    data: data as Record<string, unknown> & LabelData,
    ...(role === DEVICE ? {} : { role }),
    ...(isPublic ? { isPublic } : {}),
  };
}

/** Reads the templates that are saved in the ledger. All other templates are files. */
async function savedFor(
  api: Api,
  labels: Labelled[],
  { template, role, sheet }: Omit<LabelJob, 'selection'>,
): Promise<SavedSource[]> {
  const always = template ?? (sheet === undefined || role !== undefined ? undefined : loadSheet(sheet.name).template);
  const saved: SavedSource[] = [];
  const seen = new Set<string>();
  for (const { product } of labels) {
    const [name, isApproved] = [always ?? product.label ?? DEFAULT_TEMPLATE, product.approval === true];
    if (seen.has(`${isApproved} ${name}`)) continue;
    seen.add(`${isApproved} ${name}`);
    const query = isApproved ? { approved: 'true' as const } : {};
    const { origin, source } = await api.call('GET /v1/label-templates/{name}/source', { params: { name }, query });
    if (origin === 'ledger') saved.push({ name, source, ...(isApproved ? { approved: true } : {}) });
  }
  return saved;
}

async function draw(
  labels: Labelled[],
  job: Omit<LabelJob, 'selection'>,
  out: string,
  saved: SavedSource[],
): Promise<void> {
  const progress = openProgress('labels', labels.length);
  const { renderMany } = await import('../../label/render.ts');
  const drawn = intoFile(out, async (file) => {
    const savedOf = (name: string, isApproved: boolean) =>
      saved.find((one) => one.name === name && (one.approved === true) === isApproved);
    await renderMany(each(labels), job, file, (done) => progress.set(done), savedOf);
  });
  await drawn.finally(progress.end);
}

async function* each(labels: Labelled[]): AsyncGenerator<Labelled> {
  for (const label of labels) yield label;
}

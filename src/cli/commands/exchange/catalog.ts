import { existsSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import {
  CATALOG_FORMAT,
  CatalogFile,
  differing,
  dividedCatalog,
  entriesToApply,
  LISTS,
  MAX_AT_ONCE,
  MAX_CATALOG_BYTES,
  PARTS,
  StationEntry,
  withoutPools,
  type Difference,
  type Part,
} from '../../../model/exchange/catalog.ts';
import { ClaimstampError } from '../../../platform/error.ts';
import { parseJson5 } from '../../../platform/json5.ts';
import { check } from '../../../platform/validation-words.ts';
import type { Api } from '../../api.ts';
import { readText } from '../../read-text.ts';
import { hint, print, withApi } from '../../run.ts';

/* Commands that bring the catalogue of one site to another. */

export function catalogCommand(): Command {
  const command = new Command('catalog').description(
    'products, label templates, pictures, stations and reasons: take them from one site to another',
  );
  command
    .command('export')
    .description('write the catalogue as JSON, without secrets')
    .option('--out <file>', 'a new file (default: standard output)')
    .addOption(new Option('--only <part...>', 'only these parts').choices(PARTS))
    .action(({ out, only }: { out?: string; only?: Part[] }) =>
      withApi(async (api) => {
        if (out !== undefined && existsSync(out))
          throw new ClaimstampError('invalid', `${out} exists: name a new file`);
        const text = JSON.stringify(await catalogOf(api, only ?? PARTS), null, 2);
        if (out === undefined) print(text);
        else writeFileSync(out, `${text}\n`, { flag: 'wx' });
      }),
    );
  command
    .command('diff')
    .description('list how the service differs from a catalogue file; exits with 1 if anything differs')
    .argument('<file>', 'a file of `catalog export`; - for standard input')
    .option('--json', 'as JSON')
    .action((file: string, { json }: { json?: true }) =>
      withApi(async (api) => {
        const theirs = readCatalog(file);
        const found = differences(await catalogOf(api, partsOf(theirs)), theirs);
        print(json ? JSON.stringify(found) : textOf(found));
        if (found.length > 0) process.exitCode = 1;
      }),
    );
  command
    .command('apply')
    .description('change the service so that it has everything in a catalogue file; entries that the file lacks stay')
    .argument('<file>', 'a file of `catalog export`; - for standard input')
    .option('--check', 'say what would change, and change nothing; exits with 1 if anything would change')
    .option('--in-parts', 'if one transaction cannot hold all changes, use several transactions')
    .action((file: string, how: { check?: boolean; inParts?: boolean }) =>
      withApi((api) => apply(api, readCatalog(file), how)),
    );
  return command;
}

async function apply(
  api: Api,
  catalog: CatalogFile,
  { check: isCheck = false, inParts = false }: { check?: boolean; inParts?: boolean },
): Promise<void> {
  const here = await catalogOf(api, partsOf(catalog));
  const parts = dividedCatalog(entriesToApply(here, catalog));
  if (parts.length > 1 && !inParts) throw tooMuch(parts.length);
  // Entries in a part may refer to entries in earlier parts. Because a check adds nothing, the service would not find
  // those.
  if (parts.length > 1 && isCheck) {
    const found = differences(here, catalog).filter(({ part, only }) => part !== 'reasons' && only !== 'service');
    for (const { part, name, settings } of found) print(changeLine(part, name, settings));
    hint(`these changes need ${parts.length} transactions. Each one is checked when it is applied`);
    process.exitCode = 1;
    return;
  }
  const changes: Difference[] = [];
  const warnings: string[] = [];
  for (const body of parts) {
    const made = await api.call('POST /v1/catalog', { body: { ...body, check: isCheck } });
    for (const { part, name, settings } of made.changes) print(changeLine(part, name, settings));
    changes.push(...made.changes);
    warnings.push(...(made.warnings ?? []));
  }
  if (changes.length === 0) print('nothing to change');
  for (const warning of warnings) hint(warning);
  if (isCheck && changes.length > 0) process.exitCode = 1;
  for (const line of reasonLines(here, catalog))
    hint(`${line}. Reasons are settings of the service: change them there`);
}

function changeLine(part: string, name: string, settings: string[] | undefined): string {
  return `${settings === undefined ? 'add' : 'change'} ${part} ${name}${settings ? `: ${settings.join(', ')}` : ''}`;
}

function tooMuch(count: number): ClaimstampError {
  const most = LISTS.map((list) => `${MAX_AT_ONCE[list]} ${list}`).join(', ');
  return new ClaimstampError(
    'invalid',
    `the file changes more than one transaction can hold (${most}, and ${MAX_CATALOG_BYTES / 2 ** 20} MiB), so nothing was changed: apply it with --in-parts, which uses ${count} transactions. If the service refuses one of them, those before it stay: correct the file, and apply it again`,
  );
}

export function readCatalog(file: string): CatalogFile {
  const text = readText(file === '-' ? 0 : file, file === '-' ? 'standard input' : file);
  let value: unknown;
  try {
    value = parseJson5(text);
  } catch (error) {
    throw new ClaimstampError('invalid', `${file} is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const { format } =
    typeof value === 'object' && value !== null ? { format: undefined, ...value } : { format: undefined };
  if (format !== CATALOG_FORMAT)
    throw new ClaimstampError('invalid', `${file} is not a file from \`claimstamp catalog export\` of this version`);
  try {
    return check(CatalogFile, value);
  } catch (error) {
    throw error instanceof ClaimstampError ? new ClaimstampError(error.code, `${file}: ${error.message}`) : error;
  }
}

function partsOf(catalog: CatalogFile): Part[] {
  return PARTS.filter((part) => catalog[part] !== undefined);
}

async function catalogOf(api: Api, parts: readonly Part[]): Promise<CatalogFile> {
  const has = (part: Part): boolean => parts.includes(part);
  const byName = <T extends { name: string }>(entries: T[]): T[] =>
    entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const catalog: CatalogFile = { format: CATALOG_FORMAT };
  if (has('products')) {
    const { products } = await api.call('GET /v1/products');
    catalog.products = products.map(withoutPools).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }
  if (has('templates')) {
    const { saved } = await api.call('GET /v1/label-templates', {});
    const sources = [];
    for (const { name } of saved)
      sources.push(await api.call('GET /v1/label-templates/{name}/source', { params: { name }, query: {} }));
    catalog.templates = byName(sources.map(({ name, source, needs }) => ({ name, source, needs })));
  }
  if (has('pictures')) {
    const { logos } = await api.call('GET /v1/label-logos');
    const pictures = [];
    for (const { name } of logos.filter(({ origin }) => origin === 'ledger')) {
      const file = await api.file('GET /v1/label-logos/{name}', { params: { name } });
      pictures.push({ name, png: Buffer.from(await file.arrayBuffer()).toString('base64') });
    }
    catalog.pictures = byName(pictures);
  }
  if (has('stations')) {
    const { stations } = await api.call('GET /v1/stations', { query: {} });
    catalog.stations = byName(stations.map(entryOf));
  }
  if (has('reasons')) catalog.reasons = await api.call('GET /v1/reasons');
  return catalog;
}

/**
 * Returns the settings of a station that belong into a catalogue, and not those that change with the shift, such as the
 * open unit and the work orders.
 */
function entryOf(station: object): StationEntry {
  const kept = Object.entries(station).filter(([name]) => Object.hasOwn(StationEntry.shape, name));
  return StationEntry.parse(Object.fromEntries(kept));
}

interface Found extends Omit<Difference, 'part'> {
  part: Difference['part'] | 'reasons';
  /** The side that has the entry, if only one side has it. */
  only?: 'file' | 'service';
  /** The values of each setting that differs. */
  values?: { setting: string; service?: unknown; file?: unknown }[];
}

/** Returns the entries and settings in which the service and the file differ. */
export function differences(service: CatalogFile, file: CatalogFile): Found[] {
  const named = (entries: { name: string }[] = []) => new Map(entries.map((entry) => [entry.name, entry]));
  const byId = (entries: { id: string }[] = []) => new Map(entries.map((entry) => [entry.id, entry]));
  const reasons = ({ reasons: codes }: CatalogFile) => new Map(codes === undefined ? [] : [['void and scrap', codes]]);
  return [
    ...between('product', byId(service.products), byId(file.products)),
    ...between('template', named(service.templates), named(file.templates)),
    ...between('picture', named(service.pictures), named(file.pictures)),
    ...between('station', named(service.stations), named(file.stations)),
    ...between('reasons', reasons(service), reasons(file)),
  ];
}

function between(
  part: Found['part'],
  service: ReadonlyMap<string, object>,
  file: ReadonlyMap<string, object>,
): Found[] {
  const names = [...new Set([...service.keys(), ...file.keys()])].toSorted();
  return names.flatMap((name): Found[] => {
    const [here, there] = [service.get(name), file.get(name)];
    if (here === undefined || there === undefined)
      return [{ part, name, only: here === undefined ? 'file' : 'service' }];
    const settings = differing(here, there);
    if (settings.length === 0) return [];
    const [ours, theirs] = [new Map(Object.entries(here)), new Map(Object.entries(there))];
    const values = settings.map((setting) => ({ setting, service: ours.get(setting), file: theirs.get(setting) }));
    return [{ part, name, settings, values }];
  });
}

function reasonLines(service: CatalogFile, file: CatalogFile): string[] {
  return differences(
    { format: service.format, reasons: service.reasons },
    { format: file.format, reasons: file.reasons },
  )
    .filter(({ part }) => part === 'reasons')
    .flatMap(({ values = [] }) => values.map((one) => `reasons for ${valueLine(one)}`));
}

function textOf(found: Found[]): string {
  if (found.length === 0) return 'no differences';
  return found
    .flatMap(({ part, name, only, values = [] }) =>
      only === undefined
        ? [`~ ${part} ${name}`, ...values.map((one) => `    ${valueLine(one)}`)]
        : [`${only === 'file' ? '+' : '-'} ${part} ${name}: only in the ${only}`],
    )
    .join('\n');
}

function valueLine({ setting, service, file }: { setting: string; service?: unknown; file?: unknown }): string {
  return `${setting}: service ${shown(service)}, file ${shown(file)}`;
}

/** Longer values, such as the source of a template, are cut off after this many characters. */
const SHOWN_LETTERS = 60;

function shown(value: unknown): string {
  if (value === undefined) return '(not set)';
  const text = JSON.stringify(value);
  return text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}… (${text.length} characters)` : text;
}

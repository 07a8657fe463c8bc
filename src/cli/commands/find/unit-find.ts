import type { Command } from 'commander';
import { ClaimstampError, isCode } from '../../../platform/error.ts';
import type { Answer } from '../../../http/client.ts';
import { when } from '../../../report/words.ts';
import type { Api } from '../../api.ts';
import { hint, print, table, withApi } from '../../run.ts';
import { own } from '../../../platform/own.ts';

type Page = Answer<'GET /v1/units'>;
type UnitPrint = Answer<'GET /v1/units/{uci}/prints'>['prints'][number];

interface Options {
  serial?: string;
  identity?: string;
  prefix?: string;
  from?: string;
  to?: string;
  product?: string;
  station?: string;
  workOrder?: string;
  status?: string;
  json?: true;
}

/** The maximum number of units that a search returns. Exports contain the complete lists. */
const MAX_FOUND = 1000;

/** Adds the commands `unit find` and `unit show`. */
export function addFinding(command: Command): void {
  command
    .command('find')
    .description(
      'find units by a complete Claim ID, S/N or identity, by part of an S/N or identity, or by the first or last characters of a Claim ID',
    )
    .argument('[text]')
    .option('--serial <s/n>', 'by S/N, including void units')
    .option('--identity <value>', 'by the value of an identity property')
    .option('--prefix <letters>', 'by the first characters of the Claim ID')
    .option('--from <time>', 'issued on this day or at this time, or later')
    .option('--to <time>', 'issued before this time, or by the end of this day')
    .option('--product <id>')
    .option('--station <name>', 'units whose last station is this station')
    .option('--work-order <id>')
    .option('--status <status>')
    .option('--json', 'as JSON')
    .action((text: string | undefined, options: Options) => withApi((api) => find(api, text, options)));
  command
    .command('show')
    .description('show a unit and its history')
    .argument('<code>', 'Claim ID, S/N or identity of the unit')
    .option('--json', 'as JSON')
    .action((code: string, { json }: { json?: true }) =>
      withApi((api) => withUnit(api, code, (uci) => show(api, uci, json === true))),
    );
}

async function find(api: Api, text: string | undefined, { json, ...filter }: Options): Promise<void> {
  const asked = { find: text, ...filter };
  if (Object.values(asked).every((value) => value === undefined))
    throw new ClaimstampError('invalid', 'give a search text or one of the options');
  const units: Page['units'] = [];
  let matched: Page['matched'];
  for (let after: number | null = 0; after !== null && units.length < MAX_FOUND;) {
    const page: Page = await api.call('GET /v1/units', { query: { ...asked, after } });
    units.push(...page.units);
    matched ??= page.matched;
    after = page.next;
  }
  if (json) return print(JSON.stringify(units));
  if (units.length === 0) throw new ClaimstampError('not-found', 'no unit matches');
  const rows = units.map(({ uci, serial = '', status, station = '', workOrder = '', product, facts }) => {
    const at = facts['issued'] ?? facts['reserved'];
    return [uci, serial, status, at === undefined ? '' : when(at), station, workOrder, product];
  });
  print(table(['CLAIM ID', 'S/N', 'STATUS', 'ISSUED', 'STATION', 'WORK ORDER', 'PRODUCT'], rows));
  if (matched !== undefined) hint(`found as ${own(WORDS, matched) ?? matched}`);
  if (units.length >= MAX_FOUND)
    hint(`only the first ${units.length} are shown; for complete lists, use claimstamp export`);
}

const WORDS: Record<string, string> = {
  uci: 'a Claim ID',
  serial: 'an S/N',
  identity: 'an identity',
  prefix: 'the beginning of a Claim ID',
  contains: 'a part of an S/N or of an identity',
  ending: 'the end of a Claim ID',
};

/**
 * Calls `act` with the code. If no unit has this Claim ID, searches for the code as an S/N or identity value, and calls
 * `act` with the Claim ID of the only unit that has it. Searches only then, because the ledger records every search.
 */
export async function withUnit<T>(api: Api, code: string, act: (uci: string) => Promise<T>): Promise<T> {
  try {
    return await act(code);
  } catch (error) {
    if (!isCode(error, 'not-found') && !isCode(error, 'invalid')) throw error;
    const { units, matched } = await api.call('GET /v1/units', { query: { find: code, after: 0 } }).catch((refused) => {
      throw isCode(refused, 'forbidden') ? error : refused;
    });
    const [only, ...others] = units;
    const isNamed = matched === 'uci' || matched === 'serial' || matched === 'identity';
    if (only === undefined || others.length > 0 || !isNamed || only.uci === code) throw error;
    return act(only.uci);
  }
}

async function show(api: Api, uci: string, json: boolean): Promise<void> {
  const params = { uci };
  const unit = await api.call('GET /v1/units/{uci}', { params });
  const { events } = await api.call('GET /v1/units/{uci}/events', { params });
  const { prints } = await api.call('GET /v1/units/{uci}/prints', { params });
  if (json) return print(JSON.stringify({ ...unit, prints, events }));
  const lines = [
    ['Claim ID', unit.uci],
    ['S/N', unit.serial],
    ['Status', unit.status],
    ['Product', [unit.product, unit.name, unit.model].filter(Boolean).join(', ')],
    ['Work order', unit.workOrder],
    ['Purpose', unit.purpose],
    ['Sample', unit.releasedSample && `released: ${unit.releasedSample.reason}`],
    ['Reference', unit.reference && (unit.reference.note ?? 'yes')],
    ['Station', unit.station],
    [
      'Identity',
      Object.entries(unit.identity)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    [
      'Labels',
      [unit.labels, ...Object.entries(unit.roleLabels ?? {}).map(([role, count]) => `${role} ${count}`)].join(', '),
    ],
    ...prints.map((one) => ['Printed', printSaid(one)]),
    ['Registration', unit.outcome],
    ['Alarm', unit.alarm],
    [
      'Asked again',
      unit.repeats.count === 0 ? '' : `${unit.repeats.count} times, last ${when(unit.repeats.lastAt ?? '')}`,
    ],
  ].filter(([, value]) => value !== undefined && value !== '');
  print(lines.map(([label = '', value = '']) => `${label.padEnd(14)}${value}`).join('\n'));
  print('');
  print(
    table(
      ['EVENT', 'AT', 'WHAT', 'STATION', 'WHO', ''],
      events.map(({ seq, at, type, station = '', actor, data }) => [
        String(seq),
        when(at),
        type,
        station,
        actor,
        told(data),
      ]),
    ),
  );
}

function printSaid({ job, at, printer, set }: UnitPrint): string {
  const said = `${when(at)} on ${printer}, print job ${job}`;
  if (set === undefined) return `${said}: by an earlier version`;
  const { template, number, dpi, renderer } = set;
  const revision =
    template.revision === undefined ? `file ${template.hash.slice(0, HASH_DIGITS)}` : `revision ${template.revision}`;
  return `${said}: render set ${number}, template ${template.name} (${revision}), ${dpi} dpi, renderer ${renderer}`;
}

/** How many digits of a hash are shown: enough to tell files apart. */
const HASH_DIGITS = 12;

/** Returns the data of an event as text, without the body that the device sent. */
function told({ attributes: _attributes, product: _product, ...data }: Record<string, unknown>): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

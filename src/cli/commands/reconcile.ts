import { Command } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import type { Report } from '../../decide/report.ts';
import { backSaid, balanceOf, figureRows, laterSaid, printTable, sinceSaid, todaySaid } from '../../report/words.ts';
import type { Api } from '../api.ts';
import { download } from '../download.ts';
import { hint, print, withApi } from '../run.ts';

/** The maximum number of units of each list that are shown in a terminal. Report files contain the complete lists. */
export const LISTED = 1000;

interface Options {
  day?: string;
  roll?: string;
  out?: string;
  json?: true;
}

/** Adds the command that reconciles a day or a roll. A work order is reconciled with `work-order reconcile`. */
export function reconcileCommand(): Command {
  return new Command('reconcile')
    .description('reconcile the units of a day or the labels of a roll; counts each unit once')
    .option('--day <date>', 'day of issue, such as 2026-11-25, in the time zone of the service')
    .option('--roll <name>', 'name of the reservation')
    .option('--out <file>', 'write the complete lists to a file: .pdf to sign, or .json')
    .option('--json', 'as JSON')
    .action((options: Options) => withApi((api) => reconcile(api, options)));
}

async function reconcile(api: Api, { day, roll, out, json }: Options): Promise<void> {
  if ((day === undefined) === (roll === undefined))
    throw new ClaimstampError('invalid', 'name a --day or a --roll; for a work order: claimstamp work-order reconcile');
  const params = { name: roll ?? '' };
  const query = { day: day ?? '' };
  if (out !== undefined) {
    const format = out.endsWith('.json') ? 'json' : 'pdf';
    await download(out, () =>
      roll === undefined
        ? api.file(`GET /v1/reconciliation/report.${format}`, { query })
        : api.file(`GET /v1/reservations/{name}/report.${format}`, { params }),
    );
    hint(`the report of ${day ?? roll} is in ${out}`);
    return;
  }
  const report =
    roll === undefined
      ? await api.call('GET /v1/reconciliation', { query: { ...query, limit: LISTED } })
      : await api.call('GET /v1/reservations/{name}', { params, query: { limit: LISTED } });
  print(json ? JSON.stringify(report) : told(report));
}

/** Formats a report for a terminal: first the figures, then the lists of units. */
export function told(report: Report): string {
  const { lists, cut, since } = report;
  const lines = [
    ...figureRows(report),
    [report.roll ? 'Reserved' : 'Issued', balanceOf(report)],
    ...printTable(report).map(([label, value, note]) => [label, note === '' ? value : `${value}  ${note}`]),
  ].map(([label = '', value = '']) => `${label.padEnd(32)}${value}`);
  const said = sinceSaid(report);
  if (said !== undefined && since !== undefined) {
    const [today, sum] = todaySaid(since);
    lines.push(`${'Since the closing'.padEnd(32)}${said}`, `${today.padEnd(32)}${sum}`);
    const back = backSaid(since);
    if (back !== undefined) lines.push(back);
    for (const unit of since.units)
      lines.push(`${unit.status.padEnd(32)}${unit.uci}  ${unit.serial ?? ''}  ${unit.at}  ${laterSaid(unit)}`);
  }
  for (const part of ['unaccounted', 'left', 'void', 'scrapped'] as const)
    for (const { uci, serial = '', station = '', reason = '' } of lists[part] ?? [])
      lines.push(`${part.padEnd(32)}${uci}  ${serial}  ${station}  ${reason}`.trimEnd());
  if (cut) lines.push('not all units are shown here: for complete lists, use work-order report or reconcile --out');
  return lines.join('\n');
}

import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { ClaimstampError } from '../error.ts';
import { CSV_HEAD, csvLine } from './files.ts';
import { makeUnits } from './issue.ts';
import { print, wholeNumber, withApi } from './run.ts';

interface Options {
  product: string;
  count: number;
  out?: string;
}

export function reserveCommand(): Command {
  return new Command('reserve')
    .description('reserve units for a pre-printed roll; a device gets one when its label is scanned at a station')
    .argument('<name>', 'name of the reservation')
    .requiredOption('--product <id>', "the vendor's product id")
    .requiredOption('--count <n>', 'labels on the roll', wholeNumber)
    .option('--out <file.csv>', 'write uci,serial,product here instead of standard output')
    .action((name: string, { product, count, out }: Options) =>
      withApi(async (api) => {
        if (out !== undefined && existsSync(out))
          throw new ClaimstampError('invalid', `${out} exists: name a new file; nothing was reserved`);
        const draft = out === undefined ? undefined : `${out}.partial`;
        if (draft !== undefined) writeFileSync(draft, `${CSV_HEAD}\r\n`, { mode: 0o600, flag: 'wx' });
        else print(CSV_HEAD);
        await makeUnits(api, '/v1/reservations', { name, product }, count, (units) => {
          const lines = units.map((unit) => csvLine({ ...unit, product }));
          if (draft === undefined) print(lines.join('\n'));
          else writeFileSync(draft, `${lines.join('\r\n')}\r\n`, { flag: 'a' });
        });
        if (draft !== undefined && out !== undefined) renameSync(draft, out);
      }),
    );
}

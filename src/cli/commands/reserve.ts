import { Command } from 'commander';
import { openSheet } from '../files.ts';
import { makeUnits } from './issue.ts';
import { wholeNumber, withApi } from '../run.ts';

interface Options {
  product: string;
  count: number;
  out?: string;
}

export function reserveCommand(): Command {
  return new Command('reserve')
    .description(
      "reserve units for a pre-printed roll; when a unit's label is scanned at a station, the next device gets the unit",
    )
    .argument('<name>', 'name of the reservation')
    .requiredOption('--product <id>', "the vendor's product id")
    .requiredOption('--count <n>', 'labels on the roll', wholeNumber)
    .option('--out <file.csv>', 'write uci,serial,product to this file, not to standard output')
    .action((name: string, { product, count, out }: Options) =>
      withApi(async (api) => {
        const sheet = openSheet(out);
        try {
          await makeUnits(
            (part) => api.call('POST /v1/reservations', { body: { name, product, ...part } }),
            count,
            (units) => sheet.add(units.map((unit) => ({ ...unit, product }))),
          );
        } catch (error) {
          throw sheet.abandon(error);
        }
        sheet.finish();
      }),
    );
}

import { Command } from 'commander';
import { ClaimstampError } from '../../platform/error.ts';
import type { Answer } from '../../http/client.ts';
import { openStack } from '../files.ts';
import { openProgress } from '../progress.ts';
import { print, wholeNumber, withApi } from '../run.ts';
import { counted } from '../counted.ts';

type Made = Answer<'POST /v1/units'>;

/**
 * The number of units in one request. The ledger needs only a few ms for such a request, so agents hardly have to wait.
 */
const CHUNK = 500;

interface Options {
  product: string;
  count: number;
  out?: string;
  workOrder?: string;
  serial?: string;
  json?: true;
}

export function issueCommand(): Command {
  return new Command('issue')
    .description('issue Claim IDs manually, or write unique device.json5 files for firmware')
    .requiredOption('--product <id>', "the vendor's product id")
    .option('--count <n>', 'number of units', wholeNumber, 1)
    .option('--out <dir>', 'write <dir>/<Claim ID>/device.json5 for each unit, and <dir>/units.csv')
    .option('--work-order <id>', 'work order that the units belong to')
    .option('--serial <sn>', 'S/N of a single unit, instead of the next S/N of the pattern')
    .option('--json', 'one JSON object per line')
    .action((options: Options) =>
      withApi(async (api) => {
        const stack = options.out === undefined ? undefined : openStack(options.out);
        const { count, product, workOrder, serial } = options;
        const make = (part: { count: number; of: number }): Promise<Made> =>
          api.call('POST /v1/units', { body: { product, workOrder, serial, ...part } });
        if (stack === undefined) {
          await makeUnits(make, count, (units) => {
            for (const unit of units) print(options.json ? JSON.stringify(unit) : unit.uci);
          });
          return;
        }
        try {
          await makeUnits(make, count, (units) => stack.add(units.map((unit) => ({ ...unit, product }))));
        } catch (error) {
          throw stack.abandon(error);
        }
        stack.finish();
        process.stderr.write(`${counted(count, 'unit')} in ${options.out}\n`);
      }),
    );
}

/**
 * Makes `count` units in several requests. When a request has been answered, its units are durable in the ledger. After
 * each answer, `each` is called with the units in this answer.
 */
export async function makeUnits(
  make: (part: { count: number; of: number }) => Promise<Made>,
  count: number,
  each: (units: Made['units']) => void,
): Promise<void> {
  if (count < 1) throw new ClaimstampError('invalid', '--count must be at least 1');
  const progress = count > CHUNK ? openProgress('units', count) : undefined;
  let over: number | undefined;
  try {
    for (let done = 0; done < count; done += CHUNK) {
      const made = await make({ count: Math.min(CHUNK, count - done), of: count - done });
      each(made.units);
      progress?.set(Math.min(done + CHUNK, count));
      over = made.over;
    }
  } finally {
    progress?.end();
  }
  if (over !== undefined) process.stderr.write(`claimstamp: ${over} units over the planned quantity\n`);
}

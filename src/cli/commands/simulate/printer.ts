import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Command, Option } from 'commander';
import { Loaded } from '../../../model/printing/setup.ts';
import { ClaimstampError } from '../../../platform/error.ts';
import { defined } from '../../../platform/own.ts';
import { throwDice } from '../../../simulate/dice.ts';
import { openZebra, type Trouble, type Zebra, type ZebraOptions } from '../../../simulate/zebra/zebra.ts';
import { print, wholeNumber } from '../../run.ts';
import { counted } from '../../counted.ts';

interface Options {
  port: number;
  host: string;
  dpi: string;
  media: string;
  folder?: string;
  labelMs: number;
  memory: number;
  paper?: number;
  answers: ZebraOptions['answers'];
  trouble: number;
  repairMs: number;
  seed?: number;
}

const DPI = [203, 300, 600] as const;

/** The words that a person can type while the printer is running. */
const TYPED = ['paper', 'jam', 'open', 'pause', 'reboot', 'help'] as const;
const TROUBLES: Trouble[] = ['paperOut', 'jam', 'open', 'pause', 'reboot'];

export function simulatePrinterCommand(): Command {
  return new Command('simulate-printer')
    .description(
      `simulate a Zebra: read ZPL on a port, answer questions, draw the labels; words to type while it runs: ${TYPED.join(', ')}`,
    )
    .option('--port <n>', 'TCP port; 0 chooses a free port', wholeNumber, 9100)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(new Option('--dpi <dpi>', 'resolution').choices(DPI.map(String)).default('203'))
    .option('--media <mm>', "size of the printer's labels", '62x40')
    .option('--folder <path>', 'draw the labels as PNG files in this folder')
    .option('--label-ms <ms>', 'time for one label', wholeNumber, 500)
    .option('--memory <n>', 'number of labels that the printer can receive before it prints them', wholeNumber, 50)
    .option('--paper <n>', 'labels on a roll (default: an endless roll)', wholeNumber)
    .addOption(
      new Option('--answers <how>', 'reaction of the printer to ~HS: answer, stay silent, or print the command as text')
        .choices(['zebra', 'silent', 'text'])
        .default('zebra'),
    )
    .option('--trouble <percent>', 'percentage of labels for which a fault occurs', wholeNumber, 0)
    .option('--repair-ms <ms>', 'time until someone clears a fault', wholeNumber, 3000)
    .option(
      '--seed <n>',
      'the same seed gives the same faults (default: a random seed, which is shown with --trouble)',
      wholeNumber,
    )
    .action(simulate);
}

async function simulate(options: Options): Promise<void> {
  const { trouble, repairMs, seed = randomInt(1_000_000), paper = Number.MAX_SAFE_INTEGER, folder } = options;
  const [width = 0, height = 0] = check(options.media).split('x').map(Number);
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const dice = throwDice(seed, 0);
  const zebra = await openZebra({
    ...options,
    dpi: defined(DPI.find((dpi) => String(dpi) === options.dpi)),
    media: { width, height },
    paper,
    trouble: () => {
      const happens = dice() * 100 < trouble ? TROUBLES[Math.floor(dice() * TROUBLES.length)] : undefined;
      if (happens === undefined) return undefined;
      print(`trouble: ${happens}`);
      if (happens !== 'reboot') setTimeout(() => zebra.help(paper), repairMs);
      return happens;
    },
  });
  print(`a simulated Zebra listens on ${options.host}:${zebra.port}${trouble > 0 ? `; seed ${seed}` : ''}`);
  const typed = createInterface({ input: process.stdin });
  typed.on('line', (line) => act(zebra, line.trim(), paper));
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  typed.close();
  await zebra.close();
  print(`${counted(zebra.labels.length, 'label')} printed, ${zebra.spoiled.length} spoiled`);
}

function check(media: string): string {
  const { success, data } = Loaded.safeParse(media);
  if (!success)
    throw new ClaimstampError('invalid', `--media ${media}: must be a width and a height in mm, such as 62x40`);
  return data;
}

function act(zebra: Zebra, word: string, paper: number): void {
  if (word === 'help') zebra.help(paper);
  else if (word === 'paper') zebra.happens('paperOut');
  else if (word === 'jam' || word === 'open' || word === 'pause' || word === 'reboot') zebra.happens(word);
  else print(`type one of ${TYPED.join(', ')}`);
}

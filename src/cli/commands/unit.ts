import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { ClaimstampError, messageOf } from '../../platform/error.ts';
import { print, withApi } from '../run.ts';
import { addFinding } from './unit-find.ts';

interface Options {
  reason: string;
  note?: string;
  file?: string;
}

export function unitCommand(): Command {
  const command = new Command('unit').description('units: find, show, void, scrap');
  addFinding(command);
  const ends = {
    void: 'retire Claim IDs for ever, and free their identities; all of a list or none',
    scrap: 'the devices are destroyed; all of a list or none',
  };
  for (const kind of ['void', 'scrap'] as const) {
    command
      .command(kind)
      .description(ends[kind])
      .argument('[claim-id...]')
      .requiredOption('--reason <code>', 'one of the codes in the settings')
      .option('--note <text>', 'in words')
      .option('--file <file>', 'Claim IDs, one a line; - for standard input')
      .action((ucis: string[], options: Options) =>
        withApi(async (api) => {
          const { reason, note, file } = options;
          const units = [...ucis, ...(file === undefined ? [] : readList(file))];
          if (units.length === 0) throw new ClaimstampError('invalid', 'name Claim IDs, or a --file with them');
          const { ended } = await api.call(`POST /v1/units/${kind}`, { body: { units, reason, note } });
          print(`${ended} ${ended === 1 ? 'unit is' : 'units are'} ${kind === 'void' ? 'void' : 'scrapped'}`);
        }),
      );
  }
  return command;
}

/** Letters of a file's name that a message repeats. */
const NAME_LETTERS = 60;

/** Each with its line, counted as an editor does: empty ones may stand between them. */
function readList(file: string): { uci: string; place: string }[] {
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    const name = file === '-' ? '' : `${basename(file).slice(0, NAME_LETTERS)} `;
    return text
      .split(/\r?\n/)
      .map((line, index) => ({ uci: line.trim(), place: `${name}line ${index + 1}` }))
      .filter(({ uci }) => uci !== '');
  } catch (error) {
    throw new ClaimstampError('invalid', `${file} cannot be read (${messageOf(error)})`);
  }
}

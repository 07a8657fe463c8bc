import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { ClaimstampError } from '../error.ts';
import { print, withApi } from './run.ts';

interface Options {
  reason: string;
  note?: string;
  file?: string;
}

export function unitCommand(): Command {
  const command = new Command('unit').description('units, one or many');
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
          const body = { units, reason, ...(note === undefined ? {} : { note }) };
          const { ended } = await api.request<{ ended: number }>('POST', `/v1/units/${kind}`, body);
          print(`${ended} ${ended === 1 ? 'unit is' : 'units are'} ${kind === 'void' ? 'void' : 'scrapped'}`);
        }),
      );
  }
  return command;
}

function readList(file: string): string[] {
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    return text.split(/\r?\n/).filter((line) => line.trim() !== '');
  } catch (error) {
    throw new ClaimstampError('invalid', `${file} cannot be read (${(error as Error).message})`);
  }
}

import { basename } from 'node:path';
import { Argument, Command } from 'commander';
import { TEST_OUTCOMES, type TestOutcome } from '../../model/shipping/test-result.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { readText } from '../read-text.ts';
import { print, withApi } from '../run.ts';
import { addFinding } from './find/unit-find.ts';

interface Options {
  reason: string;
  note?: string;
  file?: string;
}

export function unitCommand(): Command {
  const command = new Command('unit').description(
    'units: find, show, void, scrap, record test results, release samples, mark reference devices',
  );
  addFinding(command);
  const ends = {
    void: 'void Claim IDs permanently and free their identities; if one Claim ID is refused, no unit is changed',
    scrap: 'record that devices were destroyed; if one Claim ID is refused, no unit is changed',
  };
  for (const kind of ['void', 'scrap'] as const) {
    command
      .command(kind)
      .description(ends[kind])
      .argument('[claim-id...]')
      .requiredOption('--reason <code>', 'a reason code from the settings')
      .option('--note <text>', 'an explanation')
      .option('--file <file>', 'file of Claim IDs, one per line; - for standard input')
      .action((ucis: string[], options: Options) =>
        withApi(async (api) => {
          const { reason, note, file } = options;
          const units = [...ucis, ...(file === undefined ? [] : readList(file))];
          if (units.length === 0) throw new ClaimstampError('invalid', 'name Claim IDs, or a --file that lists them');
          const { ended } = await api.call(`POST /v1/units/${kind}`, { body: { units, reason, note } });
          print(`${ended} ${ended === 1 ? 'unit is' : 'units are'} ${kind === 'void' ? 'void' : 'scrapped'}`);
        }),
      );
  }
  addResult(command);
  addPurpose(command);
  return command;
}

interface ResultOptions {
  at?: string;
  station?: string;
  operator?: string;
  firmware?: string;
  sha256?: string;
  reference?: string;
}

function addResult(command: Command): void {
  command
    .command('result')
    .description('record the result of a test; the latest result of each procedure counts')
    .argument('<code>', 'Claim ID, S/N or identity of the unit')
    .argument('<procedure>', 'such as functional-test')
    .addArgument(new Argument('<outcome>').choices(TEST_OUTCOMES))
    .option('--at <time>', 'time of the test by the clock of the tester, such as 2026-11-30T12:00:00Z')
    .option('--station <name>', 'test station')
    .option('--operator <name>', 'person who ran the test')
    .option('--firmware <version>', 'firmware that was tested')
    .option('--sha256 <digits>', 'SHA-256 of the image of the firmware')
    .option('--reference <text>', 'where the complete test result is stored')
    .action((uci: string, procedure: string, outcome: TestOutcome, options: ResultOptions) =>
      withApi(async (api) => {
        const { firmware: version, sha256, ...rest } = options;
        if (sha256 !== undefined && version === undefined)
          throw new ClaimstampError('invalid', '--sha256 needs --firmware, the version of the image');
        const firmware = version === undefined ? undefined : { version, ...(sha256 === undefined ? {} : { sha256 }) };
        const body = { procedure, outcome, ...rest, ...(firmware === undefined ? {} : { firmware }) };
        const said = await api.call('POST /v1/units/{uci}/results', { params: { uci }, body });
        print(`${said.uci}: ${procedure} ${outcome}`);
      }),
    );
}

function addPurpose(command: Command): void {
  command
    .command('release-sample')
    .description('release a sample: it may be sold, and its labels no longer say NOT FOR SALE')
    .argument('<claim-id>')
    .requiredOption('--reason <text>', 'why the sample may be sold')
    .action((uci: string, { reason }: { reason: string }) =>
      withApi(async (api) => {
        const released = await api.call('POST /v1/units/{uci}/release-sample', { params: { uci }, body: { reason } });
        print(`${released.uci} is released`);
      }),
    );
  command
    .command('reference')
    .description('mark the device as a reference device, which checks the line and is not counted in figures')
    .argument('<claim-id>')
    .option('--note <text>', 'a note, for example the name of the device')
    .option('--end', 'the device is no longer a reference device')
    .action((uci: string, { note, end }: { note?: string; end?: true }) =>
      withApi(async (api) => {
        const body = { reference: end === undefined, note };
        const set = await api.call('PUT /v1/units/{uci}/reference', { params: { uci }, body });
        print(`${set.uci} is ${set.reference ? 'a' : 'no longer a'} reference device`);
      }),
    );
}

/** The maximum number of characters of a file name that are shown in a message. */
const NAME_LETTERS = 60;

/**
 * Returns each Claim ID together with the number of its line. Empty lines are also counted, so that the numbers are the
 * same as in an editor.
 */
function readList(file: string): { uci: string; place: string }[] {
  const name = file === '-' ? '' : `${basename(file).slice(0, NAME_LETTERS)} `;
  return readText(file === '-' ? 0 : file, file)
    .split(/\r?\n/)
    .map((line, index) => ({ uci: line.trim(), place: `${name}line ${index + 1}` }))
    .filter(({ uci }) => uci !== '');
}

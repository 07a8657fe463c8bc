import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readConfig, type Config } from '../../config.ts';
import { readServeFile } from '../../jobs/data-folder.ts';
import { OWN_PLACE } from '../../jobs/training/training.ts';
import { DRILL_OUTCOMES, type DrillKind } from '../../model/event-data.ts';
import { ClaimstampError, messageOf } from '../../platform/error.ts';
import { intoFile } from '../draft.ts';
import { addList, hint, print, wholeNumber, withApi } from '../run.ts';
import { save } from '../save.ts';
import { openCoach, type Coach } from './coach.ts';
import { networkDrill } from './network.ts';
import { printerDrill } from './printer.ts';
import { serverDrill } from './server.ts';
import { openTrainingLine, type Source } from './training-line.ts';
import { openStation, type Drill } from './training-station.ts';

const DRILL_LIST: Drill[] = [serverDrill, printerDrill, networkDrill];

interface Options {
  host: string;
  port: number;
  key?: string;
  people?: string;
  note?: string;
  play?: true;
}

export function drillCommand(): Command {
  const command = new Command('drill').description(
    'practise, with a copy of the ledger, what to do if the server, a printer or the network fails (docs/backup.md)',
  );
  for (const drill of DRILL_LIST)
    command
      .command(drill.kind)
      .description(drill.about[0] ?? '')
      .option('--host <address>', 'address of the copy', OWN_PLACE.host)
      .option('--port <n>', 'port of the copy; 0 chooses a free port', wholeNumber, OWN_PLACE.port)
      .option('--key <file|key>', "a copy of the ledger's public key, kept elsewhere")
      .option('--people <names>', 'who takes part')
      .option('--note <text>', 'what went wrong, and what you will change')
      .option('--play', 'let the command do all steps itself, to try out the drill')
      .action((options: Options) => hold(drill, options));
  addRecord(command);
  addList(
    command,
    ['DRILL', 'HELD', 'OUTCOME', 'SECONDS', 'BY', 'PEOPLE', 'NOTE'],
    async (api) => (await api.call('GET /v1/drills')).drills,
    (one) => [one.drill, one.at, one.outcome, String(one.seconds), one.actor, one.people ?? '', one.note ?? ''],
  );
  return command;
}

async function hold(drill: Drill, options: Options): Promise<void> {
  const config = readConfig(process.env);
  refuseLine(config, options);
  const coach = openCoach(options.play === true);
  try {
    print(`TRAINING: drill "${drill.kind}". The drill runs on a copy, and the line continues.`);
    for (const line of drill.about) print(line);
    await runDrill(drill, coach, config, options);
    const seconds = coach.seconds();
    const outcome = coach.skipped.length === 0 ? 'passed' : 'failed';
    print(`\nThe drill ${outcome === 'passed' ? 'passed' : `failed: ${coach.skipped.join('; ')}`}, ${seconds} seconds`);
    const people = options.people ?? (await coach.ask('Who took part? (names, then Enter)'));
    const note = options.note ?? (await coach.ask('What went wrong, and what will you change? (text, then Enter)'));
    await record({
      drill: drill.kind,
      outcome,
      seconds,
      ...(people === undefined ? {} : { people }),
      ...(note === undefined ? {} : { note }),
    });
    if (outcome === 'failed') process.exitCode = 1;
  } finally {
    coach.close();
  }
}

/** Refuses the service's port for the copy. The line's devices know this port, so the copy could answer them. */
function refuseLine(config: Config, { port }: Options): void {
  const running = readServeFile(config.data);
  const ports = [config.port, ...(running === undefined ? [] : [Number(new URL(running.url).port)])];
  if (port !== 0 && ports.includes(port))
    throw new ClaimstampError('invalid', `--port ${port} is the port of the line: choose another port for the copy`);
}

async function runDrill(drill: Drill, coach: Coach, config: Config, { host, port, key }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-drill-'));
  try {
    const path = (await drill.before?.({ coach, config })) ?? (await backupNow(join(folder, 'copy.db')));
    const source: Source = { path, ...(key === undefined ? {} : { publicKey: key }) };
    const line = await openTrainingLine(config, source, { host, port });
    try {
      await drill.steps({ coach, line: await openStation(line) });
    } finally {
      await line.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function backupNow(file: string): Promise<string> {
  await withApi(async (api) => {
    const answer = await api.file('GET /v1/ledger/backup');
    await intoFile(file, (out) => save(answer, file, out));
  });
  return file;
}

interface Held {
  drill: DrillKind;
  outcome: string;
  seconds: number;
  people?: string;
  note?: string;
}

/** Records the drill in the line's ledger. */
async function record(held: Held): Promise<void> {
  try {
    await withApi(async (api) => {
      await api.call('POST /v1/drills', { body: held });
      hint("The drill is recorded in the line's ledger");
    });
  } catch (error) {
    const { drill, outcome, seconds } = held;
    throw new ClaimstampError(
      'ledger-unavailable',
      `the drill was not recorded: ${messageOf(error)}. Record it later: claimstamp drill record ${drill} ${outcome} --seconds ${seconds}`,
    );
  }
}

function addRecord(command: Command): void {
  command
    .command('record')
    .description('record a drill that you have held')
    .argument('<drill>', DRILL_LIST.map(({ kind }) => kind).join(', '))
    .argument('<outcome>', DRILL_OUTCOMES.join(' or '))
    .addOption(new Option('--seconds <n>', 'how long it took').argParser(wholeNumber).makeOptionMandatory())
    .option('--people <names>', 'who took part')
    .option('--note <text>', 'what went wrong, and what you will change')
    .action((drill: DrillKind, outcome: string, rest: Pick<Held, 'seconds' | 'people' | 'note'>) =>
      record({ drill, outcome, ...rest }),
    );
}

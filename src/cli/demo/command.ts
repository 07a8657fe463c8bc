import { setMaxListeners } from 'node:events';
import { Command, Option } from 'commander';
import { readConfig } from '../../config.ts';
import { readServeFile } from '../../jobs/data-folder.ts';
import { startService } from '../../main.ts';
import { generate, systemRandom } from '../../model/claim-id.ts';
import { ClaimstampError, messageOf } from '../../platform/error.ts';
import { openLog } from '../../platform/log.ts';
import { defined } from '../../platform/own.ts';
import { openDemoFolder, removeLeftDemos } from './folder.ts';
import { FILLED, fillLedger, keepRunning } from './line.ts';
import { signUp } from './person.ts';
import { openProgress } from '../progress.ts';
import { hint, print } from '../run.ts';
import { decimal, reachService } from '../commands/simulate/line.ts';

interface Options {
  port: string;
  rate: number;
}

/** One device every three seconds, so that a person can follow the screen of a station. */
const RATE_PER_S = 1 / 3;

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'show a filled ledger and a running line with simulated devices, operators and printers; when the command ends, it removes everything',
    )
    .option('--port <n>', 'port of the console; 0 chooses a free port', '0')
    .addOption(
      new Option('--rate <per second>', 'devices started per second')
        .default(RATE_PER_S, 'one every three seconds')
        .argParser(decimal),
    )
    .action(demo);
}

/** Runs a service with a folder of its own, so no settings and no ledger of this machine are used. */
async function demo({ port, rate }: Options): Promise<void> {
  if (!(rate > 0)) throw new ClaimstampError('invalid', '--rate must be more than 0');
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  const stopped = untilStopped().then(() => over.abort());
  const left = removeLeftDemos();
  if (left > 0) hint(`the data of ${left === 1 ? 'a demo that was' : `${left} demos that were`} killed is removed`);
  const config = (data: string) => readConfig({ PORT: port, CLAIMSTAMP_DATA: data, ...SETTINGS });
  const { data, drop } = openDemoFolder();
  try {
    const service = await startService(config(data), openLog('silent'));
    try {
      await Promise.race([stopped, show(service, { data, rate, signal: over.signal })]);
    } finally {
      over.abort();
      await service.stop();
    }
  } finally {
    drop();
  }
  print('the demo is over, and its data is removed');
  // Simulated people may still be waiting for something, which would keep the process running.
  process.exit(0);
}

const SETTINGS = {
  CLAIMSTAMP_BUILDER_LOCAL: 'accept',
  CLAIMSTAMP_SITE_NAME: 'Demo',
};

interface Shown {
  data: string;
  rate: number;
  signal: AbortSignal;
}

type Started = Awaited<ReturnType<typeof startService>>;

async function show({ url, firstLink }: Started, { data, rate, signal }: Shown): Promise<void> {
  const service = reachService(url, defined(readServeFile(data)).token);
  const password = (generate(16, systemRandom).match(/.{4}/g) ?? []).join('-').toLowerCase();
  await signUp(defined(firstLink).link, 'demo', password);
  const progress = openProgress('devices', FILLED);
  try {
    await fillLedger(service, signal, (done) => progress.set(done));
  } finally {
    progress.end();
  }
  if (signal.aborted) return;
  print(
    [
      '',
      `  Console:       ${url}`,
      `  Name:          demo`,
      `  Password:      ${password}`,
      `  A station:     ${url}/stations/sim-001`,
      `  As a device:   curl -X POST ${url}/ioto/serialize -d '{"product":"DEMO"}'`,
      '',
      '  The line runs with simulated devices, operators and printers. Ctrl-C ends the demo and removes its data.',
      '',
    ].join('\n'),
  );
  await keepRunning(service, rate, signal).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw new ClaimstampError('ledger-unavailable', `the simulated line stopped: ${messageOf(error)}`);
  });
}

/** Resolves when a signal tells the command to stop. SIGHUP comes if the terminal is closed. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readConfig } from '../../../config.ts';
import { ClaimstampError } from '../../../platform/error.ts';
import { built } from '../../../platform/package-root.ts';
import { openLog } from '../../../platform/log.ts';
import { startService } from '../../../main.ts';
import { readServeFile } from '../../../jobs/data-folder.ts';
import { runLine, type Moment } from '../../../simulate/line.ts';
import { checkOptions, DEFAULTS, MAX_DEVICES, type LineOptions } from '../../../simulate/options.ts';
import type { Report } from '../../../simulate/report.ts';
import { inOwnNetwork, whyNoSegment } from '../../../simulate/segment.ts';
import type { Service } from '../../../simulate/stations.ts';
import { describe } from '../../../simulate/words.ts';
import { openRequests } from '../../api.ts';
import { openProgress } from '../../progress.ts';
import { print, wholeNumber } from '../../run.ts';

interface Options extends Omit<LineOptions, 'devices' | 'durationMs' | 'ratePerS' | 'maxAttempts'> {
  devices?: number;
  duration: number;
  rate: number;
  url?: string;
  keep?: true;
  json?: true;
}

/** How many simulated devices start per second. The rate is slow enough for a person to watch the devices. */
const RATE = 20;

export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'simulate a production line with a temporary service; exits with 1 if the ledger and the devices disagree',
    )
    .addOption(choice('--mode <mode>', ['open', 'slot', 'armed', 'shift'], 'what the operators do', DEFAULTS.mode))
    .addOption(
      choice(
        '--identity <kind>',
        ['none', 'serial', 'mac', 'link'],
        'identity that devices send; link: none, but the service sees their link addresses on a network segment (Linux, root)',
        DEFAULTS.identity,
      ),
    )
    .option('--stations <n>', 'nests, one device each', wholeNumber, DEFAULTS.stations)
    .option('--panel <n>', 'nests that are loaded and powered together', wholeNumber, DEFAULTS.panel)
    .option('--devices <n>', 'number of devices (default: 100, or as many as start within --duration)', wholeNumber)
    .option('--duration <s>', 'stop starting devices after this time; 0: no limit', decimal, 0)
    .option('--rate <per second>', 'devices started per second; 0: as fast as the stations allow', decimal, RATE)
    .option('--shared-address', 'all stations behind one address, each with a key in its URL', false)
    .option('--lose <share>', 'fraction of replies that are lost, such as 0.1', decimal, DEFAULTS.lose)
    .option('--reboot <share>', 'fraction of boots that end before the Claim ID is saved', decimal, DEFAULTS.reboot)
    .option('--reboot-after-pass <share>', 'fraction of devices rebooted after PASS', decimal, DEFAULTS.rebootAfterPass)
    .option('--swap <share>', 'fraction of labels stuck on the wrong device before the scan', decimal, DEFAULTS.swap)
    .option('--register', 'devices reboot after a PASS, and then register', false)
    .option(
      '--change-overs <n>',
      'number of times each station of a shift changes over to the next work order',
      wholeNumber,
      0,
    )
    .option(
      '--reference <n>',
      'run a reference device at each station of a shift, at the beginning and then after every n devices; 0: none',
      wholeNumber,
      0,
    )
    .option(
      '--returns <share>',
      'fraction of the passed units of a shift that are returned after their work order is closed',
      decimal,
      0,
    )
    .option(
      '--gate',
      'at the end, scan all labels of a shift at a gate, including labels of units that must not be shipped',
      false,
    )
    .option('--tester', 'a tester reports the results: some devices fail, some results come late or never', false)
    .option('--pool', 'each unit of a shift gets a MAC from a pool of its product; the MAC is also on its label', false)
    .option('--stock', 'the unmodified agent program, which never saves its Claim ID and asks at every boot', false)
    .option('--product <id>', 'product in the request bodies', DEFAULTS.product)
    .option(
      '--seed <n>',
      'the same seed gives the same devices and mishaps (default: a random seed, which is shown)',
      wholeNumber,
    )
    .option('--retry-ms <ms>', "agents' pause after a failure", wholeNumber, DEFAULTS.retryMs)
    .option('--timeout-ms <ms>', "agents' timeout for each attempt", wholeNumber, DEFAULTS.timeoutMs)
    .option(
      '--url <url>',
      'use this test service; CLAIMSTAMP_ADMIN_TOKEN must contain its token, and the units stay in its ledger',
    )
    .option('--keep', 'keep the data folder of the temporary service')
    .option('--json', 'the report as JSON')
    .action(simulate);
}

async function simulate({ url, keep, json, ...options }: Options): Promise<void> {
  const line = lineOptions(options);
  if (url !== undefined && keep)
    throw new ClaimstampError('invalid', '--keep is for the temporary service: leave out --url');
  checkOptions(line, url ?? 'http://127.0.0.1');
  const report = await (line.identity === 'link'
    ? simulateInside({ line, keep: keep === true }, url)
    : url === undefined
      ? simulateHere({ line, keep: keep === true })
      : watched(reachService(url, adminToken()), line));
  if (report === undefined) return;
  print(json ? JSON.stringify(report) : describe(report));
  if (!report.ok) process.exitCode = 1;
}

/** A simulation with a temporary service. */
export interface Simulation {
  line: LineOptions;
  keep: boolean;
}

export function simulateHere({ line, keep }: Simulation): Promise<Report> {
  return withThrowaway(keep, line, (service) => watched(service, line));
}

/**
 * Runs the simulation and its service in a separate network namespace. Returns undefined if the simulation failed. In
 * that case, the simulation has already printed why.
 */
async function simulateInside(simulation: Simulation, url: string | undefined): Promise<Report | undefined> {
  if (url !== undefined)
    throw new ClaimstampError(
      'invalid',
      '--identity link: the devices and the temporary service are on a network segment of their own, leave out --url',
    );
  const why = whyNoSegment();
  if (why !== undefined) throw new ClaimstampError('invalid', `--identity link: ${why}`);
  const [command = '', ...args] = inOwnNetwork;
  const inside = [process.execPath, built('cli/simulate-inside.js'), JSON.stringify(simulation)];
  const child = spawn(command, [...args, ...inside], { stdio: ['ignore', 'pipe', 'inherit'] });
  // Ctrl-C in a terminal also reaches the child process. Ctrl-C ends the simulation early, but the report is still
  // printed.
  const pass = (signal: NodeJS.Signals): void => void (signal === 'SIGTERM' && child.kill(signal));
  for (const signal of STOPS) process.on(signal, pass);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (said += part));
  const [code] = await once(child, 'close');
  for (const signal of STOPS) process.removeListener(signal, pass);
  if (code === 0) return JSON.parse(said);
  process.exitCode = 1;
  return undefined;
}

function lineOptions({ devices, duration, rate, seed, ...same }: Omit<Options, 'url' | 'keep' | 'json'>): LineOptions {
  return {
    ...DEFAULTS,
    ...same,
    devices: devices ?? (duration > 0 ? MAX_DEVICES : DEFAULTS.devices),
    durationMs: duration * 1000,
    ratePerS: rate,
    seed: seed ?? randomInt(1_000_000),
  };
}

function adminToken(): string {
  const { adminToken } = readConfig(process.env);
  if (adminToken !== undefined) return adminToken;
  throw new ClaimstampError('unauthorized', '--url needs CLAIMSTAMP_ADMIN_TOKEN, the token of that service');
}

/**
 * Simulated devices start faster than people can put devices into a line. So the limits for one address do not apply to
 * these devices.
 */
const ON_SEGMENT = {
  HOST: '0.0.0.0',
  CLAIMSTAMP_AGENT_ACCESS: 'open',
  CLAIMSTAMP_ADDRESS_RATE: 'off',
  CLAIMSTAMP_STATION_RATE: 'off',
  CLAIMSTAMP_HOURLY_CAP: 'off',
  CLAIMSTAMP_SOURCE_CAP: 'off',
};

/** Runs a temporary service that ignores the settings in the environment. So no real ledger is changed. */
async function withThrowaway(
  keep: boolean,
  { register, identity }: LineOptions,
  run: (service: Service) => Promise<Report>,
): Promise<Report> {
  const data = mkdtempSync(join(tmpdir(), 'claimstamp-simulate-'));
  const token = randomBytes(24).toString('base64url');
  try {
    const config = readConfig({
      PORT: '0',
      CLAIMSTAMP_DATA: data,
      CLAIMSTAMP_ADMIN_TOKEN: token,
      ...(register ? { CLAIMSTAMP_BUILDER_LOCAL: 'accept' } : {}),
      ...(identity === 'link' ? ON_SEGMENT : {}),
    });
    // The report on standard output lists all refusals. The service logs nothing, because its log lines would appear
    // between the lines of the report.
    const service = await startService(config, openLog('silent'));
    try {
      // Many stations share this token, so wrong scans must not count towards the token's limit on look-ups.
      return await run(reachService(service.url, readServeFile(data)?.token ?? token));
    } finally {
      await service.stop();
    }
  } finally {
    if (keep) process.stderr.write(`the ledger is in ${data}: CLAIMSTAMP_DATA=${data} claimstamp serve\n`);
    else rmSync(data, { recursive: true, force: true });
  }
}

const STOPS = ['SIGINT', 'SIGTERM'] as const;

/** Runs the simulation and shows its progress. Ctrl-C ends the simulation early, but the report is still printed. */
async function watched(service: Service, line: LineOptions): Promise<Report> {
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  const timed = line.devices === MAX_DEVICES && line.durationMs > 0;
  const progress = openProgress(
    timed ? 'seconds' : 'devices',
    timed ? Math.ceil(line.durationMs / 1000) : line.devices,
  );
  const onMoment = ({ done, refused, elapsedMs }: Moment): void => {
    const elapsedS = Math.floor(elapsedMs / 1000);
    const note = refused === 0 ? '' : `, ${refused} attempts refused`;
    progress.set(timed ? elapsedS : done, timed ? `${done} devices${note}` : `${elapsedS} s${note}`);
  };
  for (const signal of STOPS) process.once(signal, interrupted);
  try {
    return await runLine(service, line, { signal: stop.signal, onMoment });
  } finally {
    for (const signal of STOPS) process.removeListener(signal, interrupted);
    progress.end();
  }
}

/** Returns the functions that `runLine` uses to reach a running service. */
export function reachService(url: string, token: string): Service {
  const base = url.replace(/\/$/, '');
  return {
    url: base,
    request: openRequests(base, token),
    async repeats() {
      const answer = await fetch(`${base}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      return Number(/^claimstamp_repeats_total (\d+)$/m.exec(await answer.text())?.[1] ?? 0);
    },
  };
}

function choice(flags: string, values: string[], description: string, preset: string): Option {
  return new Option(flags, description).choices(values).default(preset);
}

export function decimal(text: string): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text))
    throw new ClaimstampError('invalid', `"${text}" must be a number, for example 0.1`);
  return Number(text);
}

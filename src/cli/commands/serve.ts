import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readConfig, type Config } from '../../config.ts';
import { unusedSettings } from '../../jobs/unused-settings.ts';
import { openLog, written, type Log } from '../../platform/log.ts';
import { startService, type Service } from '../../main.ts';
import { isColoured, logFormat } from '../log-format.ts';
import { openSupervisor, type Supervisor } from '../notify-systemd.ts';

export function serveCommand(): Command {
  return new Command('serve').description('run the service').action(serve);
}

export async function serve(): Promise<void> {
  const config = readConfig(process.env);
  const log = openLog(config.logLevel, 'stdout', logFormat(config, process.stdout));
  const supervisor = openSupervisor(process.env, log);
  for (const unused of unusedSettings(config)) log.warn(unused);
  const starting = startService(config, log);
  stopOnSignal(starting, supervisor, log);
  const service = await starting;
  log.info(
    {
      url: service.url,
      urls: service.urls,
      data: config.data,
      agentAccess: config.agentAccess,
      products: config.products,
    },
    'listening',
  );
  supervisor.ready(`answers agents at ${service.url}`, service.answers);
  if (process.stdout.isTTY) await greet(service, config);
}

/**
 * Signals are handled from the start, because a supervisor may stop the process while it is still opening the ledger.
 */
function stopOnSignal(starting: Promise<Service>, supervisor: Supervisor, log: Log): void {
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    supervisor.stopping();
    const service = await starting.catch(() => undefined);
    // If the service could not start, the error of `starting` already ends the process.
    if (service === undefined) return;
    await service.stop();
    log.info('stopped');
    await written();
    process.exit(0);
  };
  // If a signal ends npm, npm does not pass the signal on. However, this process then gets another parent process,
  // which shows that npm has ended.
  if (process.env['npm_lifecycle_event'] === 'start') whenOrphaned(() => void stop('npm ended'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  // The signal SIGHUP means that the terminal was closed. By convention, SIGHUP also means that a service should reread
  // its files.
  process.on('SIGHUP', () => {
    if (process.stdout.isTTY && terminalIsGone()) void stop('SIGHUP');
    else void starting.then(({ reload }) => reload()).catch(() => {});
  });
}

function terminalIsGone(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

const LOOK_FOR_PARENT_MS = 250;

function whenOrphaned(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, LOOK_FOR_PARENT_MS);
  timer.unref();
}

async function greet(service: Service, { publicUrl, data, agentAccess }: Config): Promise<void> {
  // Only a terminal needs the library that makes QR codes.
  const { greeting, terminalOf } = await import('../welcome/greeting.ts');
  const { urls, fingerprint, firstLink } = service;
  const greeted = {
    urls,
    publicUrl,
    firstLink: firstLink?.link,
    fingerprint,
    data: resolve(data),
    agentAccess,
    isForeground: true,
  };
  process.stdout.write(greeting(greeted, terminalOf(process.stdout, isColoured(process.stdout))));
}

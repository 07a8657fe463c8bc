import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { examineConfig, type Config } from '../../config.ts';
import { messageOf } from '../../platform/error.ts';
import { fileError } from '../../platform/file-error.ts';
import { listenProblem } from '../../http/listeners.ts';
import { speak } from '../../http/words.ts';
import { version } from '../../platform/package-root.ts';
import { readServeFile } from '../../jobs/data-folder.ts';
import { RELEASED_AT } from '../../model/clock.ts';
import { ownData } from '../../sqlite/data-lock.ts';
import { ledgerFile } from '../../sqlite/sqlite-ledger.ts';
import type { Api } from '../api.ts';
import { pathProblems } from '../path-problems.ts';
import { withApi } from '../run.ts';
import { certificateFindings } from './certificate.ts';
import { measureDisk, unsafeDisk, type DiskSpeed } from './disk.ts';
import type { Finding } from './finding.ts';
import { HEALTH } from '../../../words/console/health.ts';
import { issuerFindings, localAdminFindings } from './sign-on.ts';

const say = speak('en');

const ok = (check: string, text: string): Finding => ({ check, state: 'ok', text });
const warning = (check: string, text: string): Finding => ({ check, state: 'warning', text });
const problem = (check: string, text: string): Finding => ({ check, state: 'problem', text });

/** Finds what is wrong with the installation and, if the service is running, with the service. */
export async function examine(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { config, problems, sound } = examineConfig(env);
  const paths = pathProblems(sound);
  const found = [
    ok('program', `Claimstamp ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`),
    ...listed('settings', problems, 'all settings are valid'),
    ...listed('folders', paths, 'all folders and files can be used'),
    clockFinding(Date.now()),
    ...certificateFindings(sound, Date.now()),
  ];
  // Without the data folder, the ledger cannot be checked. Problems with other folders do not prevent this check.
  if (config === undefined || paths.some((text) => text.startsWith('CLAIMSTAMP_DATA'))) return found;
  const isRemote = config.url !== undefined;
  return [
    ...found,
    ...(isRemote ? [] : [...diskFindings(config.data), await portFinding(config)]),
    ...(await serviceFindings(config)),
    ...(await issuerFindings(config)),
  ];
}

function listed(check: string, problems: readonly string[], fine: string): Finding[] {
  return problems.length === 0 ? [ok(check, fine)] : problems.map((text) => problem(check, text));
}

/**
 * If a write to the disk takes longer than this (ms), devices have to wait too long: an answer may take at most 100 ms.
 */
const SLOW_MS = 20;

function diskFindings(folder: string): Finding[] {
  if (!existsSync(folder))
    return [ok('disk', `the first start makes ${folder}; the speed of its disk is not known yet`)];
  const unsafe = unsafeDisk(folder);
  return [speedFinding(folder), ...(unsafe === undefined ? [] : [warning('disk', `${folder} is ${unsafe}`)])];
}

function speedFinding(folder: string): Finding {
  const speed = measured(folder);
  if (typeof speed === 'string') return problem('disk', speed);
  const { p50, p99 } = speed;
  const rate = Math.floor(1000 / p50);
  const text = `a synced write takes ${p50.toFixed(2)} ms (p50) and ${p99.toFixed(2)} ms (p99) in ${folder}: devices that ask one after another get at most ${rate.toLocaleString('en-US')} Claim IDs a second; devices that ask at the same time share a write`;
  return p99 > SLOW_MS ? warning('disk', `${text}. Use a disk whose p99 is below ${SLOW_MS} ms`) : ok('disk', text);
}

function measured(folder: string): DiskSpeed | string {
  try {
    return measureDisk(folder);
  } catch (error) {
    return `${folder} cannot be written: ${fileError(error)}`;
  }
}

function clockFinding(now: number): Finding {
  const shown = new Date(now).toISOString();
  return now < RELEASED_AT
    ? problem('clock', `the clock shows ${shown}, which is before the release of this version: set the clock`)
    : ok('clock', `the clock says ${shown}`);
}

/** Checks whether this port is free or is used by the service itself. */
async function portFinding({ data, host, port }: Config): Promise<Finding> {
  if (isServing(data)) return ok('port', 'the running service listens on this port');
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    return ok('port', `port ${port} of ${host} is free`);
  } catch (error) {
    return problem('port', listenProblem(error, { host, port }));
  } finally {
    server.close();
  }
}

/**
 * True if a service uses this data folder. The file `serve.json` is not enough: if a service was killed, the file still
 * exists, but no process owns the folder.
 */
function isServing(data: string): boolean {
  if (readServeFile(data) === undefined) return false;
  const own = ownData(data);
  own?.close();
  return own === undefined;
}

/**
 * Asks the running service. If no service is running, this process opens the ledger. Opening the ledger also checks the
 * end of the ledger.
 */
async function serviceFindings(config: Config): Promise<Finding[]> {
  const isRunning = config.url !== undefined || isServing(config.data);
  if (!isRunning && config.ledger === undefined && !existsSync(ledgerFile(config.data)))
    return [warning('service', 'no service is running, and there is no ledger yet: start the service')];
  const found = isRunning ? [] : [warning('service', 'no service is running: devices get no Claim IDs')];
  try {
    await withApi(
      async (api) => void found.push(...(await askService(api)), ...(await localAdminFindings(config, api))),
    );
  } catch (error) {
    found.push(problem('service', messageOf(error)));
  }
  return found;
}

async function askService(api: Api): Promise<Finding[]> {
  const health = await api.call('GET /v1/health');
  const { printers } = await api.call('GET /v1/printers');
  const { forecasts } = await api.call('GET /v1/forecasts');
  const { backups } = health;
  const broken = printers.flatMap(({ name, trouble }) =>
    trouble === undefined ? [] : [trouble.includes(name) ? trouble : `${name}: ${trouble}`],
  );
  return [
    ...listed('ledger', health.problems, 'the ledger answers'),
    ...(health.held ? [problem('ledger', 'nothing is issued until an admin accepts the restored ledger')] : []),
    ...health.alarms.map(({ code, subject }) => problem('alarm', say(HEALTH, `alarm.${code}`, { subject }))),
    ...(broken.length > 0
      ? broken.map((text) => warning('printer', text))
      : [ok('printer', `printers without a fault: ${printers.length}`)]),
    backupFinding(backups),
    ...(forecasts.length === 0 ? [ok('forecast', 'nothing will run out soon')] : []),
    ...forecasts.map(({ level, text }) => (level === 'critical' ? problem : warning)('forecast', text)),
  ];
}

function backupFinding(
  backups: { folder: string; lastAt?: string; problem?: string; sameDisk?: boolean } | undefined,
): Finding {
  if (backups === undefined) return warning('backup', 'no backups are made: set CLAIMSTAMP_BACKUP_FOLDER');
  if (backups.problem !== undefined) return problem('backup', backups.problem);
  if (backups.lastAt === undefined) return warning('backup', `${backups.folder} has no backup yet`);
  const text = `the last good backup in ${backups.folder} was made at ${backups.lastAt}`;
  return backups.sameDisk === true
    ? warning('backup', `${text}, on the disk of the ledger: use another disk`)
    : ok('backup', text);
}

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that contains package.json, no matter whether this file runs from `src/` or from `dist/src/`. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/**
 * The migrations that belong to the running program. The build has its own copy, because there may be newer source
 * files next to an older build. A program that runs from `src/` uses the folder in the repository.
 */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

export const version: string = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version;

/**
 * Returns the time at which this copy of the program was written to this disk, by the machine's clock (ms since 1970).
 * Programs that unpack or copy files can set the `mtime` of a file, but not this time (`ctime`).
 */
export function installedAt(): number {
  return Math.floor(statSync(fileURLToPath(import.meta.url)).ctimeMs);
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json not found above this file');
  return findRoot(parent);
}

/**
 * Returns the path of a file in `dist/src/`. Threads and child processes always run built files, even if the service
 * itself runs from `src/`.
 */
export function built(path: string): string {
  return join(packageRoot, 'dist', 'src', path);
}

/** How the program was started. */
export interface Start {
  /** True if the data folder is a training copy (jobs/training/). */
  training?: true;
  /** Where the value of each setting comes from. The service shows this together with the settings. */
  sources?: Record<string, string>;
  /** The path of the configuration file. */
  file?: string | undefined;
  /** True if a developer runs the service. The console then has a page that shows all its components. */
  isDevelopment?: boolean;
  /** The program that started the service. From this, the console knows how the service can be restarted. */
  startedBy?: 'systemd' | 'container' | 'npm' | 'shell';
}

export function startOf(env: Record<string, string | undefined>): Start {
  const isDevelopment = env['NODE_ENV'] === 'development';
  return { file: env['CLAIMSTAMP_CONFIG'], isDevelopment, startedBy: starterIn(env) };
}

/** The systemd unit has Type=notify. */
function starterIn(env: Record<string, string | undefined>): NonNullable<Start['startedBy']> {
  if (env['NOTIFY_SOCKET'] !== undefined) return 'systemd';
  if (isContainer()) return 'container';
  return env['npm_lifecycle_event'] === undefined ? 'shell' : 'npm';
}

/**
 * In each container, Docker makes the file /.dockerenv, and Podman makes the file /run/.containerenv. If the command of
 * the container is not Claimstamp, a person has started the service from a shell in the container.
 */
function isContainer(): boolean {
  const isInside = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return isInside && (process.pid === 1 || firstProcess().includes('claimstamp'));
}

function firstProcess(): string {
  try {
    return readFileSync('/proc/1/cmdline', 'utf8');
  } catch {
    return '';
  }
}

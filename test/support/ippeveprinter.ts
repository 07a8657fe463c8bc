import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/*
 * A real IPP printer: CUPS' ippeveprinter. It speaks to a D-Bus daemon before it does anything, even with DNS-SD off
 * (`-r off`), so each gets a private one; without Avahi on that bus it goes on. It ends when the bus does.
 */

export interface EvePrinter {
  /** ipp://… and, at the same port, ipps://… with a certificate of its own making. */
  url: string;
  secureUrl: string;
  /** What it received: the bytes of each job, in order. */
  received: () => Buffer[];
  stop: () => Promise<void>;
}

interface Options {
  /** Shell script that "prints": its exit status is the job's end, `STATE: +media-empty` on its stderr a state reason. */
  command?: string;
  formats?: string;
}

const START_MS = 10_000;

export async function startEvePrinter({
  command = 'exit 0',
  formats = 'application/pdf',
}: Options): Promise<EvePrinter> {
  const [eve, dbus] = [find('ippeveprinter'), find('dbus-daemon')];
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-eve-'));
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(kill));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const bus = join(folder, 'bus');
    writeFileSync(join(folder, 'bus.conf'), busConfig(bus));
    children.push(start(dbus, [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--nopidfile'], {}));
    await until(() => existsSync(bus), START_MS);
    writeFileSync(join(folder, 'print.sh'), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    const port = await freePort();
    children.push(
      start(
        eve,
        // prettier-ignore
        ['-d', folder, '-k', '-K', folder, '-f', formats, '-p', String(port), '-n', 'localhost', '-r', 'off',
          '-c', join(folder, 'print.sh'), 'Claimstamp test'],
        { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${bus}` },
      ),
    );
    await until(() => answers(port), START_MS);
    // Beside each lies what the command wrote to its standard output.
    const jobs = (): string[] => readdirSync(folder).filter((file) => /^\d+-.*\.pdf$/.test(file));
    return {
      url: `ipp://localhost:${port}/ipp/print`,
      secureUrl: `ipps://localhost:${port}/ipp/print`,
      received: () =>
        jobs()
          .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
          .map((file) => readFileSync(join(folder, file))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Debian keeps ippeveprinter in /usr/sbin, which is not on everybody's PATH. */
function find(program: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`${program} is missing: install cups-ipp-utils and dbus: apt-get install cups-ipp-utils dbus`);
  }
  return found;
}

function busConfig(socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`;
}

/** In a process group of its own, so that the printer's command ends with it. */
function start(program: string, args: string[], env: Record<string, string>): ChildProcess {
  return spawn(program, args, { stdio: 'ignore', detached: true, env: { ...process.env, ...env } });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
  await gone;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, 'localhost');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** The program `ip` of iproute2, which is needed because Linux does not list its IPv6 neighbours in any file. */
export interface IpProgram {
  /** Reads the current IPv6 neighbours. Call this only after the previous read has finished. */
  read: () => Promise<string>;
  close: () => void;
}

/** After a failure, `ip` is not restarted for this long (in ms), because each start of a program takes milliseconds. */
const RETRY_MS = 10_000;

/** 16,384 neighbours take 1.5 MB. */
const MAX_CHARS = 4 * 1024 * 1024;

/**
 * The answer to the second command marks the end of the answer to the first. The second command asks about the
 * interface `lo`, which exists in every network namespace.
 */
const ASK = 'neigh show\nlink show dev lo\n';
const END = /^\d+: lo: .*\n/m;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/**
 * A single `ip` process runs as long as the service does, and reads commands from a pipe. So a look-up does not have to
 * start a program.
 */
export function openIpProgram(clock: () => number, timeoutMs: number): IpProgram {
  let child: Child | undefined;
  let failedAt = -Infinity;
  let waiting: { text: string; done: (text: string) => void; fail: (error: Error) => void } | undefined;

  const fail = (error: Error): void => {
    failedAt = clock();
    child?.kill('SIGKILL');
    child = undefined;
    waiting?.fail(error);
    waiting = undefined;
  };
  const start = (): Child => {
    // The service's environment may contain secrets, so `ip` gets only the path, which is all that it needs.
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
    const started = spawn('ip', ['-6', '-o', '-batch', '-'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const failOwn = (error: Error): void => {
      if (child === started) fail(error);
    };
    started.on('error', failOwn);
    started.on('exit', () => failOwn(new Error('the program ip ended')));
    started.stdin.on('error', failOwn);
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (waiting === undefined || child !== started) return;
      waiting.text += text;
      if (waiting.text.length > MAX_CHARS) return fail(new Error('the program ip lists too many neighbours'));
      if (!END.test(waiting.text)) return;
      const { done, text: all } = waiting;
      waiting = undefined;
      done(all.replace(END, ''));
    });
    started.unref();
    return started;
  };
  return {
    read: () =>
      new Promise((resolve, reject) => {
        if (child === undefined && clock() - failedAt < RETRY_MS)
          return reject(new Error('the program ip cannot be run: install iproute2'));
        const late = setTimeout(() => fail(new Error('the program ip does not answer')), timeoutMs);
        const settled = <T>(settle: (value: T) => void) => {
          return (value: T): void => {
            clearTimeout(late);
            settle(value);
          };
        };
        waiting = { text: '', done: settled(resolve), fail: settled(reject) };
        child ??= start();
        child.stdin.write(ASK);
      }),
    close() {
      const ending = child;
      child = undefined;
      ending?.kill();
    },
  };
}

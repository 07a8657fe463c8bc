import { spawn } from 'node:child_process';
import { own } from '../../platform/own.ts';
import type { AlarmCode } from '../../decide/forecasts/alarms.ts';

/*
 * Runs the command of CLAIMSTAMP_ON_ALARM: a program without arguments and without a shell. The facts of the alarm are
 * passed in environment variables, so text from a printer can never become part of a command line.
 */

export interface AlarmProgram {
  /** The absolute path of the program. */
  command: string;
  /** The environment of the service. Only a few variables of the environment are passed to the program. */
  environment: Record<string, string | undefined>;
}

export interface AlarmCall {
  code: AlarmCode;
  subject: string;
  state: 'begin' | 'end';
  /** The sentence of the alarm in English. */
  text: string;
  /** The time when the alarm began, in ms since 1970. */
  beganAt: number;
}

/** How long the program may run, in ms. A program that sends a mail or a message needs only seconds. */
const MOST_MS = 30_000;

/** The maximum number of characters of the program's error output that are logged. */
const MAX_ERROR = 500;

/** The variables that programs usually need. These variables contain no secrets of the service. */
const PASSED = ['PATH', 'HOME', 'LANG', 'TZ'];

/**
 * Returns why the command failed, or undefined if it succeeded. Never throws. If `signal` aborts, the command is
 * killed.
 */
export function runOnAlarm(
  { command, environment }: AlarmProgram,
  { code, subject, state, text, beganAt }: AlarmCall,
  signal: AbortSignal,
  mostMs = MOST_MS,
): Promise<string | undefined> {
  const passed = PASSED.flatMap((name) => {
    const value = own(environment, name);
    return value === undefined ? [] : [[name, value]];
  });
  const env: Record<string, string> = {
    ...Object.fromEntries(passed),
    CLAIMSTAMP_ALARM_CODE: code,
    CLAIMSTAMP_ALARM_STATE: state,
    CLAIMSTAMP_ALARM_SUBJECT: plain(subject),
    CLAIMSTAMP_ALARM_TEXT: plain(text),
    CLAIMSTAMP_ALARM_SINCE: new Date(beganAt).toISOString(),
  };
  return new Promise((resolve) => {
    // The command has its own process group, so that the programs started by the command are killed with it.
    const child = spawn(command, [], { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let said = '';
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The command has already exited.
      }
    };
    const late = setTimeout(() => {
      kill();
      end(`was killed after ${mostMs / 1000} seconds`);
    }, mostMs);
    const end = (why: string | undefined): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', kill);
      child.stderr.destroy();
      resolve(why);
    };
    signal.addEventListener('abort', kill);
    child.stderr.setEncoding('utf8').on('data', (part: string) => (said = (said + part).slice(-MAX_ERROR)));
    child.once('error', (error) => end(error.message));
    child.once('exit', (status, by) => {
      if (status === 0) end(undefined);
      else end(`ended with ${by ?? `exit status ${status}`}${said === '' ? '' : `: ${said.trim()}`}`);
    });
  });
}

/**
 * Replaces control characters with spaces. A variable cannot contain a NUL character, and a line break would damage the
 * header of a mail.
 */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

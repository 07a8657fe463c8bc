import { execFile } from 'node:child_process';
import { messageOf } from '../platform/error.ts';
import type { Log } from '../platform/log.ts';

/*
 * Tells systemd about the state of the service: sd_notify(3). Node has no Unix datagram sockets, so the program
 * `systemd-notify` sends the messages. For this, the systemd unit needs NotifyAccess=all.
 */

export interface Supervisor {
  /**
   * Tells systemd that the service is ready for agents. From then on, messages are sent to systemd's watchdog as long
   * as the ledger's writer answers.
   */
  ready: (status: string, answers: () => Promise<unknown>) => void;
  stopping: () => void;
}

/**
 * Returns functions that report to systemd. If systemd did not start this process, they do nothing. `env` is the
 * environment that systemd sets.
 */
export function openSupervisor(env: NodeJS.ProcessEnv, log: Log): Supervisor {
  if (env['NOTIFY_SOCKET'] === undefined) return { ready() {}, stopping() {} };
  let timer: NodeJS.Timeout | undefined;
  let told = false;
  const notify = (...words: string[]): void => {
    execFile('systemd-notify', words, { timeout: SEND_MS }, (error) => {
      // When systemd stops the service, it also ends a `systemd-notify` that the service has just started. This is no
      // problem to report.
      if (error === null || (error.signal === 'SIGTERM' && error.killed !== true) || told) return;
      told = true;
      log.warn({ detail: messageOf(error) }, 'systemd could not be notified: is systemd-notify installed?');
    });
  };
  return {
    ready(status, answers) {
      notify('--ready', `--status=${status}`);
      const every = watchdogMs(env);
      if (every === undefined) return;
      // A new check begins only after the previous check was answered. So a writer that hangs gets no more checks.
      const look = async (): Promise<void> => {
        // An error also counts as an answer, because a restart would not help. For example, the disk may be full.
        await answers().catch(() => {});
        notify('WATCHDOG=1');
        timer = setTimeout(() => void look(), every / 2);
      };
      void look();
    },
    stopping() {
      clearTimeout(timer);
      notify('STOPPING=1');
    },
  };
}

const SEND_MS = 10_000;

/** The time limit of the watchdog (ms), if the watchdog is meant for this process: sd_watchdog_enabled(3). */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  const limit = Number(WATCHDOG_USEC) / 1000;
  const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
  return limit > 0 && isOurs ? limit : undefined;
}

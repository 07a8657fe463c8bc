import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Standard input, standard output and standard error. */
const STANDARD = [0, 1, 2];

/**
 * At its end, Node resets the terminal that it started in, and aborts if the terminal is gone, as after a closed ssh
 * session. Node does not reset a terminal whose descriptor is closed.
 */
export function surviveClosedTerminal(): void {
  const terminals = STANDARD.filter((fd) => isatty(fd));
  process.on('exit', () => {
    for (const fd of terminals) if (!isatty(fd)) close(fd);
  });
}

function close(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It is closed already.
  }
}

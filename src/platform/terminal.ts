import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Standard input, standard output and standard error. */
const STANDARD = [0, 1, 2];

/**
 * When Node ends, it resets the terminal that it started in, and aborts if that terminal is gone, for example after an
 * ssh session was closed. Node does not reset a terminal whose file descriptor is closed.
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

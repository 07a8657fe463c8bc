import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** The file descriptors of standard input, standard output and standard error. */
const STANDARD = [0, 1, 2];

/**
 * When Node exits, it resets the terminal in which it was started. If this terminal is gone (for example because an ssh
 * session was closed), Node aborts. Node does not abort if the file descriptor of the terminal is closed, so this
 * function closes that file descriptor.
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
    // The file descriptor is already closed.
  }
}

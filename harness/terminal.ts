/**
 * A Python program that gets a command as its arguments and runs it in a terminal (pty), as an ssh session does.
 * Nothing reads the terminal's output. A line on standard input closes the terminal.
 */
export const TERMINAL = `
import os, pty, subprocess, sys
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
os.close(slave)
print(child.pid, flush=True)
sys.stdin.readline()
os.close(master)
sys.exit(child.wait() % 256)
`;

/** The log lines of this many requests, about 150 bytes each, fill any pipe (64 KiB on Linux) or terminal. */
export const FILLING_REQUESTS = 800;

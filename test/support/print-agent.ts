import { spawn, type ChildProcess } from 'node:child_process';
import { atFileEnd } from './file-end.ts';
import { built } from '../../src/platform/package-root.ts';
import { secrets } from './service.ts';

/* `claimstamp print-agent` as a process of its own, as on the PC of a station. */

export interface Agent {
  /** What it has said so far. */
  log: () => string;
  /** Resolves with the exit code once the process is gone. */
  end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<number | null>;
  ended: Promise<number | null>;
}

const agents = new Set<ChildProcess>();
atFileEnd(() => {
  for (const agent of agents) agent.kill('SIGKILL');
  agents.clear();
});

export interface AgentSettings {
  url: string;
  token: string;
  to: string;
  /** The folder in which the agent remembers. */
  state: string;
  more?: string[];
  env?: Record<string, string>;
}

export function startAgent({ url, token, to, state, more = [], env = {} }: AgentSettings): Agent {
  secrets.add(token);
  const args = ['print-agent', '--url', url, '--to', to, '--state', state, ...more];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [built('cli/claimstamp.js'), ...args], {
    env: { PATH, HOME, CLAIMSTAMP_PRINT_TOKEN: token, ...env },
  });
  agents.add(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => void (log += text));
  secrets.listen(() => log);
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      agents.delete(child);
      resolve(code);
    }),
  );
  return {
    log: () => log,
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

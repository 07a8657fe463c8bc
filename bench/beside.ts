import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lowestPriority } from '../src/platform/spool.ts';
import { timeAgents } from '../harness/agent.ts';
import { compareP99, type Figure } from './figure.ts';

/* Measures the latency of agents while the service does other work. */

export interface BesideEffort {
  rounds: number;
  measureMs: number;
}

export interface Beside {
  /** The baseline with which the figure is compared. */
  than: string;
  /**
   * The largest allowed ratio of two 99th percentiles: the one during the other work, divided by the one of the
   * baseline.
   */
  bound: number;
  during: (act: () => Promise<number[]>) => Promise<number[]>;
}

/** After this many ms, the other work has ended, and its connections and files are closed. */
const SETTLE_MS = 3000;

/** Warms up the service. Then measures agents twice in each round: first alone, then during the other work. */
export async function agentsBeside(
  url: string,
  what: string,
  { than, bound, during }: Beside,
  { rounds, measureMs }: BesideEffort,
  say: (text: string) => void,
): Promise<Figure> {
  const alone: number[][] = [];
  const beside: number[][] = [];
  const ask = (): Promise<number[]> => timeAgents(url, measureMs);
  await ask();
  for (let round = 1; round <= rounds; round++) {
    say(`agents beside ${what}, ${round} of ${rounds}`);
    alone.push(await ask());
    beside.push(await during(ask));
    await pause(SETTLE_MS);
  }
  return compareP99(`agent p99 beside ${what}`, beside, { what: than, rounds: alone }, bound);
}

/** A request that gives the service other work than agents. */
export interface Asked {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: object;
}

/**
 * Repeats all these requests at the same time, while `act` runs. In production, another machine sends the requests and
 * reads the answers. Here, a process of the lowest priority does so.
 */
export async function whileAsking<T>(asked: Asked[], act: () => Promise<T>): Promise<T> {
  const child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], ...lowestPriority() });
  const exited = once(child, 'exit');
  child.send(asked);
  try {
    return await act();
  } finally {
    child.disconnect();
    await exited;
  }
}

async function askForEver({ url, body, method, headers }: Asked): Promise<void> {
  for (;;) {
    const asked = request(url, { method, headers, agent: false });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`);
    await once(answer.resume(), 'end');
  }
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] === script && process.send) {
  process.once('message', (all: Asked[]) => all.forEach((asked) => void askForEver(asked)));
  process.once('disconnect', () => process.exit(0));
}

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
   * The largest allowed ratio: the 99th percentile during the other work, divided by the 99th percentile of the
   * baseline.
   */
  bound: number;
  during: (act: () => Promise<number[]>) => Promise<number[]>;
}

/** The other work needs this many ms to end, including its connections and files. */
const SETTLE_MS = 3000;

/** Warms up the service. Then each round measures agents twice: first alone, then during the other work. */
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

/** A request that gives work to the service. */
export interface Asked {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: object;
}

/**
 * Repeats all these requests, concurrently, while `act` runs. A process of the lowest priority sends the requests and
 * reads the answers, because another machine does this in production.
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

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { lowestPriority } from '../src/platform/spool.ts';
import { timeAgents } from '../harness/agent.ts';
import { compareP99, type Figure } from './figure.ts';

/* Latency of agents while the service does other work. */

export interface BesideEffort {
  rounds: number;
  measureMs: number;
}

export interface Beside {
  /** What it is compared with. */
  than: string;
  /** So many times as long the 99th percentile may be. */
  bound: number;
  during: (act: () => Promise<number[]>) => Promise<number[]>;
}

/** After this the other work has ended, connections and files included. ms */
const SETTLE_MS = 3000;

/** One with it after one without it, and again. A service that has just been started is slower: it is warmed up first. */
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

/** A request to a running service that takes it long. */
export interface Asked {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: object;
}

/**
 * Repeats all these requests, concurrently, as long as `act` takes. A process of lowest priority sends them and reads the
 * answers: on a line that would be another machine.
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

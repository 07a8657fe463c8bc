import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { lowestPriority } from '../src/platform/spool.ts';
import { timeAgents } from '../harness/agent.ts';
import { compareP99, type Figure } from './figure.ts';
import { built } from '../src/platform/package-root.ts';

/** The build may put this code into another file, so `import.meta.url` is not always the address of this program. */
const script = built('../bench/beside.js');

/* Measures the latency of agents' requests while the service does other work. */

export interface BesideEffort {
  rounds: number;
  measureMs: number;
}

export interface Beside {
  /** The baseline that the figure is compared with. */
  than: string;
  /** The highest allowed ratio of the 99th percentile during the other work to that of the baseline. */
  bound: number;
  during: (act: () => Promise<number[]>) => Promise<number[]>;
}

/** How long, in ms, to wait until the other work has stopped and has closed its connections and files. */
const SETTLE_MS = 3000;

/** Warms up the service. Each round measures agents twice: first without other work, then during the other work. */
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

/** A request that gives the service other work while agents send their requests. */
export interface Asked {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: object;
  /** The bodies for requests that cannot be repeated unchanged, such as imports. Each repetition uses the next body. */
  bodies?: object[];
  /** A second request, which is sent after each repetition of this request. */
  after?: Asked;
}

/**
 * Repeats all requests in `asked` concurrently while `act` runs. In production, such requests come from other
 * machines. In this benchmark, a process with the lowest priority sends these requests.
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

/** Stops the repetition when the benchmark is done. If a request has an `after`, the `after` request is still sent. */
const ends = new AbortController();

async function askForEver(first: Asked): Promise<void> {
  const bodies = first.bodies?.map((body) => JSON.stringify(body));
  const times = bodies?.length ?? Infinity;
  for (let n = 0; n < times && !ends.signal.aborted; n++) {
    for (let asked: Asked | undefined = first; asked !== undefined; asked = asked.after)
      await askOnce(asked, bodies?.[n]);
  }
}

async function askOnce({ url, body, method, headers }: Asked, text = body && JSON.stringify(body)): Promise<void> {
  const asked = request(url, { method, headers, agent: false });
  asked.end(text);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200 && answer.statusCode !== 201) throw new Error(`${url}: ${answer.statusCode}`);
  await once(answer.resume(), 'end');
}

if (process.argv[1] === script && process.send) {
  process.once('message', (all: Asked[]) => {
    const ended = Promise.all(all.map(askForEver));
    process.once('disconnect', () => {
      ends.abort();
      // The service completes an import even if its client has gone, so the next round would begin during the import.
      if (all.some(({ after, bodies }) => after !== undefined || bodies !== undefined))
        void ended.then(() => process.exit(0));
      else process.exit(0);
    });
  });
}

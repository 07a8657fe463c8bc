import { askOn, target } from '../harness/agent.ts';

/*
 * The load generator is a separate process. The process receives a task from its parent process, sends the requests,
 * and returns the rate.
 */

export interface Order {
  url: string;
  connections: number;
  /** True if each request uses a new connection, as agents do. */
  reconnect: boolean;
  /** Requests are sent for `warmMs` before the measurement. The measurement itself takes `measureMs`. */
  warmMs: number;
  measureMs: number;
}

export type Carried = { perSecond: number } | { failed: string };

/**
 * The Claim IDs in the answers of all servers. Each server has its own ledger, but because a
 * Claim ID has 50 random bits, two equal Claim IDs are very unlikely even across servers.
 */
const received = new Set<string>();

async function carryOut({ url, connections, reconnect, warmMs, measureMs }: Order): Promise<number> {
  const to = target(url);
  const ucis: string[] = [];
  let first = 0;
  let last = Infinity;
  const start = performance.now() + warmMs;
  const end = start + measureMs;
  const answered = (uci: string): boolean => {
    const now = performance.now();
    ucis.push(uci);
    if (now < start) first = ucis.length;
    if (now >= end) last = Math.min(last, ucis.length - 1);
    return now < end;
  };
  await Promise.all(Array.from({ length: connections }, () => askOn(to, reconnect, answered)));
  refuseTwice(ucis);
  return (last - first) / (measureMs / 1000);
}

/**
 * Throws if a Claim ID occurs twice. The check runs after the measurement, because it would slow down the server during
 * the measurement.
 */
function refuseTwice(ucis: string[]): void {
  for (const uci of ucis) {
    if (received.has(uci)) throw new Error(`Claim ID ${uci} was issued twice`);
    received.add(uci);
  }
}

process.on('message', (order: Order) => {
  carryOut(order)
    .then((perSecond): Carried => ({ perSecond }))
    .catch((error: unknown): Carried => ({ failed: String(error) }))
    .then((carried) => process.send?.(carried))
    .catch(() => process.exit(1));
});
process.once('disconnect', () => process.exit(0));

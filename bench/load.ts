import { askOn, target } from '../harness/agent.ts';

/* The load generator, a separate process. It carries out an order from its parent and returns the rate. */

export interface Order {
  url: string;
  connections: number;
  /** Whether to open a new connection for each request, as agents do. */
  reconnect: boolean;
  /** For how many ms requests are sent before the measurement, and during it. */
  warmMs: number;
  measureMs: number;
}

export type Carried = { perSecond: number } | { failed: string };

/** Claim IDs from all servers. Each server has its own ledger, but equal IDs of 50 bits are very unlikely. */
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

/** Runs after the measurement, because it would slow down the server. */
function refuseTwice(ucis: string[]): void {
  for (const uci of ucis) {
    if (received.has(uci)) throw new Error(`Claim ID ${uci} was given out twice`);
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

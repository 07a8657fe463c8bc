import { join } from 'node:path';
import { startGenerator, startServer, type Generator, type Running } from './children.ts';
import { compare, type Figure } from './figure.ts';
import type { Variant } from './server.ts';

interface Load {
  connections: number;
  reconnect: boolean;
  /**
   * The lowest allowed ratios of the service's rate to the rates of two other servers. One has no ledger (`noLedger`),
   * and the other uses one transaction per request (`onePerRequest`).
   */
  noLedger?: number;
  onePerRequest?: number;
  /** If true, a server whose writer thread records nothing is also measured. */
  bareThread?: true;
}

const LOADS: Load[] = [
  { connections: 1, reconnect: false },
  { connections: 32, reconnect: false, noLedger: 0.5, onePerRequest: 3 },
  { connections: 128, reconnect: false, noLedger: 0.5, onePerRequest: 3 },
  { connections: 1, reconnect: true },
  { connections: 8, reconnect: true, noLedger: 0.75, bareThread: true },
  { connections: 32, reconnect: true, noLedger: 0.75 },
  { connections: 128, reconnect: true },
];

export interface Effort {
  rounds: number;
  /** How long, in ms, a new server is warmed up with requests before its first measurement. */
  warmMs: number;
  measureMs: number;
}

/** How long, in ms, requests are sent before each measurement, so that all connections are open. */
const RAMP_MS = 100;

/**
 * Measures how many Claim IDs are issued per second at each load, for three servers: the service, a service without a
 * ledger, and a service with one transaction per request.
 */
export async function benchIssues(data: string, effort: Effort, say: (text: string) => void): Promise<Figure[]> {
  const generator = startGenerator();
  const figures: Figure[] = [];
  try {
    for (const [i, load] of LOADS.entries()) {
      say(`issues: ${name(load)}`);
      figures.push(...(await benchLoad(join(data, String(i)), generator, load, effort)));
    }
  } finally {
    await generator.stop();
  }
  return figures;
}

const COMPARED: Variant[] = ['claimstamp', 'no-ledger', 'one-per-request'];

async function benchLoad(data: string, generator: Generator, load: Load, effort: Effort): Promise<Figure[]> {
  const servers = new Map<Variant, Running>();
  const rates: Record<Variant, number[]> = {
    claimstamp: [],
    'no-ledger': [],
    'one-per-request': [],
    'bare-thread': [],
  };
  const { connections, reconnect, bareThread } = load;
  const variants: Variant[] = bareThread ? [...COMPARED, 'bare-thread'] : COMPARED;
  const run = (variant: Variant, warmMs: number, measureMs: number): Promise<number> => {
    const { url } = servers.get(variant) as Running;
    return generator.carryOut({ url, connections, reconnect, warmMs, measureMs });
  };
  try {
    for (const variant of variants) servers.set(variant, await startServer(variant, join(data, variant)));
    for (const variant of variants) await run(variant, effort.warmMs, 1);
    // In each round, the variants are measured one after another, so that other work on the machine affects all
    // variants equally.
    for (let round = 0; round < effort.rounds; round++) {
      for (const variant of variants) rates[variant].push(await run(variant, RAMP_MS, effort.measureMs));
    }
  } finally {
    for (const server of servers.values()) await server.stop();
  }
  const noLedger = { what: 'no ledger', values: rates['no-ledger'] };
  return [
    ...(bareThread
      ? [compare(`${name(load)}, nothing recorded by the writer`, '/s', rates['bare-thread'], noLedger)]
      : []),
    compare(name(load), '/s', rates.claimstamp, noLedger, load.noLedger),
    compare(
      name(load),
      '/s',
      rates.claimstamp,
      { what: 'one transaction per request', values: rates['one-per-request'] },
      load.onePerRequest,
    ),
  ];
}

function name({ connections, reconnect }: Load): string {
  if (reconnect) return `issues, ${connections} client${connections === 1 ? '' : 's'}, a connection per request`;
  return `issues, ${connections} connection${connections === 1 ? '' : 's'}, kept alive`;
}

import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { built, packageRoot } from '../src/platform/package-root.ts';
import { askOn, PRODUCT, target } from '../harness/agent.ts';
import type { Carried, Order } from './load.ts';
import type { Variant } from './server.ts';

/** The default S/N pattern allows 9,999,999 units a week. A benchmark makes more. */
const SERIAL_PATTERN = '{yy}{ww}{seq:8}';
export const PRODUCT_SETTINGS = { id: PRODUCT, serialPattern: SERIAL_PATTERN };

/**
 * Returns the environment of a service that only this machine can reach. The caller's own environment is not passed on.
 */
function settings(data: string): Record<string, string> {
  mkdirSync(data, { recursive: true });
  const config = join(data, 'bench.json5');
  writeFileSync(config, JSON.stringify({ catalog: { products: [PRODUCT_SETTINGS] } }));
  return { PATH: process.env['PATH'] ?? '', PORT: '0', CLAIMSTAMP_DATA: data, CLAIMSTAMP_CONFIG: config };
}

export interface Running {
  url: string;
  stop: () => Promise<void>;
}

export async function startServer(variant: Variant, data: string, env: Record<string, string> = {}): Promise<Running> {
  const child = forkBench('server.js', [variant], { ...settings(data), ...env });
  return { url: (await answerOf(child)) as string, stop: () => letGo(child) };
}

/**
 * Accepts a ledger that the benchmark filled without a service. The service holds such a ledger, because it has events
 * but no checkpoint.
 */
export async function acceptLedger(url: string, data: string, size: number): Promise<void> {
  const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/v1/ledger/accept`, { method: 'POST', headers, body: JSON.stringify({ size }) });
  if (!answer.ok) throw new Error(`the ledger was not accepted: ${answer.status} ${await answer.text()}`);
}

export interface Generator {
  carryOut: (order: Order) => Promise<number>;
  stop: () => Promise<void>;
}

export function startGenerator(): Generator {
  const child = forkBench('load.js', [], {});
  const carryOut = async (order: Order): Promise<number> => {
    const answer = answerOf(child);
    child.send(order);
    const carried = (await answer) as Carried;
    if ('failed' in carried) throw new Error(`${order.url}: ${carried.failed}`);
    return carried.perSecond;
  };
  return { carryOut, stop: () => letGo(child) };
}

/** Returns the milliseconds from the start of the process to its first Claim ID. */
export async function timeStart(data: string): Promise<number> {
  const env = settings(data);
  const begun = performance.now();
  const child = spawn(process.execPath, [built('cli/claimstamp.js'), 'serve'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { url } = JSON.parse(line) as { url?: string };
      if (url === undefined) continue;
      await askOn(target(url), true, () => false);
      return performance.now() - begun;
    }
    throw new Error('the service did not start');
  } finally {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    if (child.exitCode === null) await exited;
  }
}

function forkBench(file: string, args: string[], env: Record<string, string>): ChildProcess {
  // The log of the server is not needed, so standard output is ignored.
  return fork(join(packageRoot, 'dist', 'bench', file), args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null): void => reject(new Error(`a child process ended with ${code}`));
    child.once('exit', died);
    child.once('message', (message) => {
      child.off('exit', died);
      resolve(message);
    });
  });
}

async function letGo(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openRow, type Check } from './check.ts';
import { ask, start } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

const CLIENTS = 16;

/** After a kill, the service must be ready within this time, in ms. Agents ask every two seconds. */
const READY_MS = 2000;

/**
 * Ends the service with kill -9 under load, many times on the same ledger. After each kill, the service must restart,
 * and each Claim ID must be in the ledger exactly once.
 */
export const kills: Check = async ({ short, folder, say }) => {
  const times = short ? 6 : 200;
  const data = join(folder, 'kills');
  const row = openRow(`kill -9 under ${CLIENTS} clients`);
  const ready = openRow(`ready again within ${READY_MS / 1000} s of a kill`);
  const answered = new Map<string, string>();
  const readyMs: number[] = [];
  for (let round = 0; round < times; round++) {
    if (round % 20 === 0) say(`kill: ${round} of ${times}`);
    const service = await start(data);
    row.tried();
    ready.tried();
    readyMs.push(service.readyMs);
    // Only the full run checks times, because the machine may be busy during the tests.
    if (!short && service.readyMs > READY_MS) ready.fail(`${Math.round(service.readyMs)} ms`);
    const killed = new AbortController();
    const client = async (n: number): Promise<void> => {
      for (let device = 0; !killed.signal.aborted; device++) {
        const mac = `device-${round}-${n}-${device}`;
        const { id } = await ask(service.port, { mac });
        if (id !== undefined) answered.set(mac, id);
      }
    };
    const clients = Array.from({ length: CLIENTS }, (_one, n) => client(n));
    // The time until the kill is different in each round, so that commits and checkpoints are interrupted at different
    // points.
    await pause(150 + ((round * 37) % 300));
    await service.end('SIGKILL');
    killed.abort();
    await Promise.all(clients);
    // Reading the ledger after every kill would take longer than the kills themselves. The ledger contains the events
    // of all rounds so far. So it is enough to read the ledger after every tenth kill and at the end.
    if (round % 10 === 9 || round === times - 1) await look(round);
  }
  async function look(round: number): Promise<void> {
    const { ucis, macs, findings } = await contentsOf(ledgerIn(data));
    const gone = [...answered].filter(([mac, id]) => macs.get(mac) !== id || ucis.get(id) !== 1);
    if (gone.length > 0) row.fail(`${gone.length} delivered IDs were lost by kill ${round}`, gone.length);
    if (new Set(answered.values()).size !== answered.size) row.fail('an ID was issued twice');
    if (findings.length > 0) row.fail(findings[0] as string);
  }
  const sorted = readyMs.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] as number;
  return [
    row.row(`${answered.size.toLocaleString('en-US')} delivered IDs, all present once`),
    ready.row(`median ${Math.round(middle)} ms, slowest ${Math.round(sorted.at(-1) as number)} ms`),
  ];
};

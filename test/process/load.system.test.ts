import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { agentBytes, attempt, idOf, Wire } from '../support/agent-wire.ts';
import { api, expectQuiet, startService, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

const CLIENTS = 64;
const REQUESTS = 50_000;

/** A week's units: five digits would be too few. */
const SETTINGS = { serialPattern: '{yy}{ww}{seq:7}' };

describe('the service under load', () => {
  it('64 concurrent clients, 50,000 requests: no ID twice, every answer in the ledger', async () => {
    const service = await startService(tempFolder(), { CLAIMSTAMP_LOG_LEVEL: 'info' });
    await api(service, 'PUT', '/v1/products/LOAD', SETTINGS);
    const request = agentBytes('{"product":"LOAD"}');
    const answered: string[] = [];
    let left = REQUESTS;
    const client = async (): Promise<void> => {
      const wire = new Wire(service.port);
      while (left-- > 0) {
        wire.send(request);
        answered.push(idOf(await wire.answer()));
      }
      wire.close();
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));

    expect(answered.length).toBe(REQUESTS);
    expect(new Set(answered).size).toBe(REQUESTS);
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const { ucis, lines } = audit(service.data);
    expect(new Set(ucis)).toEqual(new Set(answered));
    expect(lines.filter((line) => line.includes('"type":"issued"')).length).toBe(REQUESTS);
    expectQuiet(service.log(), answered);
  });

  it('SIGTERM under load finishes what was accepted, empties the WAL and exits with 0 within ten seconds', async () => {
    const service = await startService(tempFolder());
    await api(service, 'PUT', '/v1/products/LOAD', SETTINGS);
    const answered: string[] = [];
    const broken: string[] = [];
    const stopping = new AbortController();
    /** Keeps its connection and asks again at once, until the service is gone. */
    const client = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        const wire = new Wire(service.port);
        try {
          for (let open = true; open;) {
            wire.send(agentBytes('{"product":"LOAD"}'));
            const answer = await wire.answer();
            answered.push(idOf(answer));
            open = answer.headers['connection'] !== 'close';
          }
        } catch (error) {
          if (!stopping.signal.aborted) broken.push(String(error));
        } finally {
          wire.close();
        }
      }
    };
    const clients = Array.from({ length: 16 }, client);
    await until(async () => (answered.length > 500 ? true : undefined));
    const asked = Date.now();
    stopping.abort();
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(Date.now() - asked).toBeLessThan(10_000);
    await Promise.all(clients);

    expect(broken).toEqual([]);
    const wal = join(service.data, 'ledger.db-wal');
    expect(existsSync(wal) ? statSync(wal).size : 0).toBe(0);
    const { ucis } = audit(service.data);
    const recorded = new Set(ucis);
    expect(answered.filter((uci) => !recorded.has(uci))).toEqual([]);
    expect(new Set(answered).size).toBe(answered.length);
    // What was accepted was finished: each unit in the ledger was answered to somebody.
    expect(recorded.size).toBe(answered.length);
    expectQuiet(service.log(), answered);
  });

  it('kill -9 under load, ten times: every answered ID is there, and the service is ready again', async () => {
    const data = tempFolder();
    const answered: string[] = [];
    for (let kill = 0; kill < 10; kill++) {
      const service = await startService(data);
      const ready = await fetch(`${service.url}/readyz`);
      expect(await ready.json()).toMatchObject({ status: 'ready', problems: [] });
      const { ucis, identity } = audit(data);
      const recorded = new Set(ucis);
      expect(answered.filter((uci) => !recorded.has(uci))).toEqual([]);
      await askUntilKilled(service.port, kill, identity, answered, () => service.end('SIGKILL'));
      expectQuiet(service.log(), answered);
    }
    const service = await startService(data);
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const recorded = new Set(audit(data).ucis);
    expect(answered.filter((uci) => !recorded.has(uci))).toEqual([]);
    expect(new Set(answered).size).toBe(answered.length);
  });
});

/**
 * Sixteen devices after another, each with a MAC of its own, and the process killed somewhere in the middle. Devices
 * whose reply was lost in the round before ask again first: what the ledger kept for them is what they get.
 */
async function askUntilKilled(
  port: number,
  round: number,
  kept: Map<string, string>,
  answered: string[],
  kill: () => Promise<unknown>,
): Promise<void> {
  const known = new Set(answered);
  for (const [name, uci] of kept) {
    if (known.has(uci)) continue;
    const mac = name.replace('mac ', '');
    expect(idOf(await attempt(port, JSON.stringify({ product: 'KILL', mac })))).toBe(uci);
    answered.push(uci);
  }
  const killed = new AbortController();
  let devices = 0;
  const before = answered.length;
  const client = async (): Promise<void> => {
    while (!killed.signal.aborted) {
      const mac = `${round}-${devices++}`;
      const answer = await attempt(port, JSON.stringify({ product: 'KILL', mac })).catch(() => undefined);
      if (answer) answered.push(idOf(answer));
    }
  };
  const clients = Array.from({ length: 16 }, client);
  // Each round another moment, so that commits and checkpoints are met in different places.
  await until(async () => (answered.length - before > 100 + 37 * round ? true : undefined));
  await kill();
  killed.abort();
  await Promise.all(clients);
}

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openPair, SIGNING_KEY, type Pair } from '../support/postgres-server.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.stop());

it('an answer waits for the standby, also when its connection is ended meanwhile', async () => {
  const url = await pair.database();
  const service = await startService(tempFolder(), {
    CLAIMSTAMP_LEDGER: url,
    CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY,
  });
  pair.hold();
  let answered = false;
  const asked = attempt(service.port, JSON.stringify({ product: 'DEMO' })).finally(() => (answered = true));
  try {
    // The server has it, and waits: to end that makes it visible, and no safer.
    await until(async () => {
      const ended = await pair.ask(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query = 'COMMIT'`,
      );
      return ended.length > 0 ? true : undefined;
    });
    // Longer than anything that could answer without the standby takes.
    await pause(3000);
    expect(answered).toBe(false);
  } finally {
    pair.release();
  }
  const uci = idOf(await asked);
  const rows = await pair.ask<{ line: string }>(url, `SELECT line FROM event WHERE line LIKE '%"type":"issued"%'`);
  expect(rows.map(({ line }) => (JSON.parse(line) as { uci: string }).uci)).toEqual([uci]);
  await service.end('SIGTERM');
});

it('the primary dies in the middle of a shift: the standby has every answer, and the line goes on by itself', async () => {
  const url = await pair.database();
  const env = { CLAIMSTAMP_LEDGER: url, CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY };
  const services: Service[] = [await startService(tempFolder(), env), await startService(tempFolder(), env)];
  const answered = new Map<string, string>();
  const stop = new AbortController();
  const clients = services.flatMap(({ port }, s) =>
    Array.from({ length: 4 }, async (_one, c) => {
      for (let n = 0; !stop.signal.aborted; n++) {
        const mac = `${s}-${c}-${n}-mac`;
        const answer = await attempt(port, JSON.stringify({ product: 'DEMO', mac })).catch(() => undefined);
        if (answer?.status === 200) answered.set(mac, idOf(answer));
      }
    }),
  );
  await until(async () => (answered.size > 100 ? true : undefined));
  await pair.failOver();
  const before = answered.size;
  await until(async () => (answered.size > before + 100 ? true : undefined), 40_000);
  stop.abort();
  await Promise.all(clients);
  expect(new Set(answered.values()).size).toBe(answered.size);
  const rows = await pair.ask<{ line: string }>(url, `SELECT line FROM event`);
  const held = new Map(
    rows
      .map(({ line }) => JSON.parse(line) as { uci?: string; data: { attributes?: { mac?: string } } })
      .map(({ uci, data }) => [data.attributes?.mac, uci]),
  );
  expect([...answered].filter(([mac, uci]) => held.get(mac) !== uci)).toEqual([]);
  for (const service of services) {
    await until(async () => ((await fetch(`${service.url}/readyz`)).status === 200 ? true : undefined));
    await service.end('SIGTERM');
  }
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFailio, type Failio } from '../../torture/failio.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openServer, SIGNING_KEY, type Server } from '../support/postgres-server.ts';

describe.runIf(process.platform === 'linux')('when the disk of the copy fails', () => {
  let server: Server;
  let failio: Failio;
  let service: Service;
  let other: Service;
  const answered = new Map<string, string>();
  const ask = async (mac: string): Promise<number> => {
    const answer = await attempt(service.port, JSON.stringify({ product: 'DEMO', mac }));
    if (answer.status === 200) answered.set(mac, idOf(answer));
    return answer.status;
  };
  beforeAll(async () => {
    server = await openServer();
    const env = { CLAIMSTAMP_LEDGER: await server.database(), CLAIMSTAMP_SIGNING_KEY: SIGNING_KEY };
    failio = compileFailio(tempFolder());
    service = await startService(tempFolder(), { ...env, ...failio.env });
    other = await startService(tempFolder(), env);
  });
  afterAll(async () => {
    failio.disarm();
    for (const one of [service, other]) await one.end('SIGTERM');
    await server.stop();
  });

  it.each([
    ['is full', 'write -wal 1 ENOSPC fail always'],
    ['cuts a write short', 'write -wal 4 EIO half once'],
    ['fails for long', 'write -wal 2 EIO fail always'],
  ])('and %s: what PostgreSQL has is answered, and the line goes on by itself', async (what, rule) => {
    expect(await ask(`before ${what}`)).toBe(200);
    // What others recorded, a checkpoint say, may come first and meet the fault instead: then once more.
    await until(async () => {
      failio.arm(rule);
      if ((await ask(what)) === 200) return true;
      failio.disarm();
      await until(async () => ((await ask(`before ${what}`)) === 200 ? true : undefined));
      return undefined;
    });
    for (let n = 0; n < 3; n++) expect([200, 503, 507]).toContain(await ask(`${what} ${n}`));
    expect(failio.made()).toBe(true);
    failio.disarm();
    await until(async () => ((await ask(`after ${what}`)) === 200 ? true : undefined));
    for (const [mac, uci] of answered) {
      expect(idOf(await attempt(service.port, JSON.stringify({ product: 'DEMO', mac })))).toBe(uci);
      expect(idOf(await attempt(other.port, JSON.stringify({ product: 'DEMO', mac })))).toBe(uci);
    }
    expect(new Set(answered.values()).size).toBe(answered.size);
  });
});

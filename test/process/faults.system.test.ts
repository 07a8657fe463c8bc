import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generate, systemRandom } from '../../src/model/claim-id.ts';
import { audit } from '../support/audit.ts';
import { compileFailio, type Failio } from '../../torture/failio.ts';
import { agentBytes, attempt, idOf, Wire, type Answer } from '../support/agent-wire.ts';
import { api, expectQuiet, startService, tempFolder, type Problem, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/*
 * Each step of issue → commit → answer, failed and failed but persisted, made to happen to the real process. Whatever
 * the step: no 200 for what the ledger does not hold, and asking again is safe.
 */

interface Fault {
  step: string;
  /** For failio.c. */
  rule: string;
  /** What the agent is told, 0 for nothing. */
  status: 0 | 200 | 503 | 507;
  /** After a kill and a new start, the ledger holds the unit all the same. */
  persisted: boolean;
  /** Met while the WAL is moved into the ledger file, so a WAL is made that is due. */
  checkpoint?: true;
}

const FAULTS: Fault[] = [
  { step: 'the first write of the WAL fails', rule: 'write -wal 1 EIO fail once', status: 503, persisted: false },
  { step: 'a write of the WAL is cut short', rule: 'write -wal 4 EIO half once', status: 503, persisted: false },
  { step: 'a write of the WAL fails but was done', rule: 'write -wal 4 EIO done once', status: 503, persisted: false },
  { step: 'the sync of the WAL loses it', rule: 'sync -wal 1 EIO lose once', status: 503, persisted: false },
  { step: 'the sync of the WAL fails', rule: 'sync -wal 1 EIO fail once', status: 503, persisted: true },
  { step: 'the sync of the WAL fails but was done', rule: 'sync -wal 1 EIO done once', status: 503, persisted: true },
  { step: 'the disk fails for long', rule: 'sync -wal 1 EIO lose always', status: 503, persisted: false },
  { step: 'the disk is full', rule: 'write -wal 1 ENOSPC fail always', status: 507, persisted: false },
  { step: 'the disk fills up inside a write', rule: 'write -wal 2 ENOSPC half always', status: 507, persisted: false },
  {
    step: 'a write of the checkpoint fails',
    rule: 'write /ledger.db 1 EIO fail always',
    status: 503,
    persisted: false,
    checkpoint: true,
  },
  {
    step: 'a write of the checkpoint is cut short',
    rule: 'write /ledger.db 5 EIO half always',
    status: 503,
    persisted: false,
    checkpoint: true,
  },
  {
    step: 'the sync of the checkpoint fails',
    rule: 'sync /ledger.db 1 EIO fail always',
    status: 503,
    persisted: false,
    checkpoint: true,
  },
  {
    step: 'the sync of the checkpoint fails but was done',
    rule: 'sync /ledger.db 1 EIO done always',
    status: 503,
    persisted: false,
    checkpoint: true,
  },
  {
    step: 'the disk is full for the checkpoint, the WAL has room',
    rule: 'write /ledger.db 1 ENOSPC fail always',
    status: 200,
    persisted: true,
    checkpoint: true,
  },
];

const KILLS: Omit<Fault, 'status'>[] = [
  { step: 'before the first write of the WAL', rule: 'write -wal 1 EIO kill once', persisted: false },
  { step: 'between two writes of the WAL', rule: 'write -wal 4 EIO kill once', persisted: false },
  { step: 'before the sync of the WAL', rule: 'sync -wal 1 EIO kill once', persisted: true },
  { step: 'after the commit, before the answer', rule: 'sync -wal 1 EIO done-kill once', persisted: true },
  { step: 'before the checkpoint', rule: 'write /ledger.db 1 EIO kill once', persisted: false, checkpoint: true },
  { step: 'inside the checkpoint', rule: 'write /ledger.db 9 EIO kill once', persisted: false, checkpoint: true },
  {
    step: 'before the sync of the checkpoint',
    rule: 'sync /ledger.db 1 EIO kill once',
    persisted: false,
    checkpoint: true,
  },
];

/** Who asks /readyz within a second of another gets the same answer. */
const READYZ_LASTS_MS = 1100;

/** Units of this many bytes that fill more than the 4000 pages of 4 KiB of WAL after which a checkpoint is due. */
const ENOUGH_FOR_A_CHECKPOINT = 1100;
const UNIT_BYTES = 16_000;
/** An import of up to this many units is one command. */
const ONE_COMMAND = 100;

const SETTINGS = { serialPattern: '{yy}{ww}{seq:7}' };

describe.runIf(process.platform === 'linux')('when a step of issue, commit and answer fails', () => {
  let failio: Failio;
  beforeAll(() => {
    failio = compileFailio(tempFolder());
  });
  afterEach(() => failio.disarm());

  describe('the service recovers by itself', () => {
    let service: Service;
    const answered = new Map<string, string>();
    const imported: string[] = [];
    beforeAll(async () => {
      service = await startService(tempFolder(), failio.env);
      await api(service, 'PUT', '/v1/products/FAULT', SETTINGS);
    });

    it.each(FAULTS)('$step', async ({ step, rule, status, checkpoint }) => {
      const before = idOf(await ask(service, `before ${step}`));
      failio.arm(rule);
      const filled = checkpoint ? await fillWal(service) : [];
      const answer = await ask(service, step);
      expect(answer.status).toBe(status);
      expect(failio.made()).toBe(true);
      if (status !== 200) {
        expectProblem(answer, status);
        await expectReadsGoOn(service, before);
      }
      if (status !== 200 && rule.endsWith('always')) {
        // Longer than the writer waits before it looks again.
        await new Promise((resolve) => setTimeout(resolve, 1500));
        expect((await ask(service, step)).status).toBe(status);
        expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
      }
      failio.disarm();

      const id = idOf(await untilAnswered(service, step));
      expect(idOf(await ask(service, step))).toBe(id);
      expect(idOf(await ask(service, `before ${step}`))).toBe(before);
      await until(async () => ((await fetch(`${service.url}/readyz`)).status === 200 ? true : undefined));
      answered.set(step, id).set(`before ${step}`, before);
      imported.push(...filled);
    });

    it('and the ledger holds every answer once', async () => {
      expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
      const { identity, ucis } = audit(service.data);
      expect(answered.size).toBe(2 * FAULTS.length);
      for (const [name, uci] of answered) expect(identity.get(`mac ${name}`)).toBe(uci);
      expectHeld(ucis, imported);
      expectQuiet(service.log(), ucis);
    });
  });

  describe('then the process is killed and started again', () => {
    it.each(FAULTS)('$step', async (fault) => {
      const service = await startService(tempFolder(), failio.env);
      await api(service, 'PUT', '/v1/products/FAULT', SETTINGS);
      // Lasting, so that the writer cannot mend anything before the kill.
      failio.arm(fault.rule.replace('once', 'always'));
      const filled = fault.checkpoint ? await fillWal(service) : [];
      const answer = await ask(service, 'device');
      expect(answer.status).toBe(fault.status);
      expect(failio.made()).toBe(true);
      await service.end('SIGKILL');
      await expectSafeToAskAgain(service.data, fault, filled, answer);
    });

    it.each(KILLS)('killed $step', async ({ rule, checkpoint, ...fault }) => {
      const service = await startService(tempFolder(), failio.env);
      await api(service, 'PUT', '/v1/products/FAULT', SETTINGS);
      failio.arm(rule);
      const filled = checkpoint ? await fillWal(service) : [];
      if (!checkpoint) await expect(ask(service, 'device')).rejects.toThrow();
      expect(await service.ended).toEqual({ code: null, signal: 'SIGKILL' });
      expect(failio.made()).toBe(true);
      await expectSafeToAskAgain(service.data, fault, filled);
    });
  });

  it('a disk that fails while the ledger is made loses nothing that was answered', async () => {
    const data = tempFolder();
    failio.arm('write /ledger.db 1 EIO fail once');
    const service = await startService(data, failio.env);
    expect(failio.made()).toBe(true);
    const id = idOf(await ask(service, 'device'));
    await service.end('SIGKILL');
    await expectSafeToAskAgain(data, { persisted: true }, [id]);
  });

  it('/readyz says when the disk is nearly full, before it is, and agents are still answered', async () => {
    const data = tempFolder();
    const service = await startService(data, failio.env);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await sleep(READYZ_LASTS_MS);
    failio.arm(`statfs ${data.slice(-20)} 1 EIO fail always`);
    const answer = await fetch(`${service.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status: 'not ready', problems: ["0 MiB free on the ledger's disk"] });
    idOf(await ask(service, 'device'));
    failio.disarm();
    await sleep(READYZ_LASTS_MS);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.end('SIGTERM');
  });

  it('a device that resets its connection before the answer gets the same unit when it asks again', async () => {
    const service = await startService(tempFolder(), failio.env);
    const known = idOf(await ask(service, 'another'));
    failio.arm('sync -wal 1 EIO slow once');
    const wire = new Wire(service.port);
    wire.send(agentBytes(JSON.stringify({ product: 'FAULT', mac: 'device' })));
    await until(async () => (failio.made() ? true : undefined));
    wire.socket.resetAndDestroy();
    const { identity } = await until(async () => {
      const found = audit(service.data);
      return found.identity.has('mac device') ? found : undefined;
    });
    expect(idOf(await ask(service, 'device'))).toBe(identity.get('mac device'));
    expect(idOf(await ask(service, 'another'))).toBe(known);
    await service.end('SIGTERM');
    expect(audit(service.data).ucis.length).toBe(2);
  });

  /** What the agent was told, what the ledger holds, and what the agent is told next are one story. */
  async function expectSafeToAskAgain(
    data: string,
    { persisted }: Pick<Fault, 'persisted'>,
    filled: string[],
    answer?: Answer,
  ): Promise<void> {
    failio.disarm();
    const service = await startService(data);
    const { identity, ucis } = audit(data);
    expectHeld(ucis, filled);
    expect(identity.has('mac device')).toBe(persisted);
    const id = idOf(await ask(service, 'device'));
    if (persisted) expect(id).toBe(identity.get('mac device'));
    if (answer?.status === 200) expect(idOf(answer)).toBe(id);
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(audit(data).identity.get('mac device')).toBe(id);
  }
});

function ask(service: Service, mac: string): Promise<Answer> {
  return attempt(service.port, JSON.stringify({ product: 'FAULT', mac }));
}

/** A transaction large enough that a checkpoint is due after it. Gives the Claim IDs that the service says it has. */
async function fillWal(service: Service): Promise<string[]> {
  const device = { product: 'FAULT', note: 'x'.repeat(UNIT_BYTES) };
  const units = Array.from({ length: ENOUGH_FOR_A_CHECKPOINT }, (_, i) => {
    return { place: `line ${i}`, uci: generate(10, systemRandom), device };
  });
  const filled: string[] = [];
  for (let at = 0; at < units.length; at += ONE_COMMAND) {
    const part = units.slice(at, at + ONE_COMMAND);
    // Killed right behind its answer, the process may not have sent it. After a fault, the next part is refused.
    const made = await api(service, 'POST', '/v1/units/import', { units: part }).catch(() => undefined);
    if (made?.status !== 201) break;
    filled.push(...part.map(({ uci }) => uci));
  }
  return filled;
}

function expectHeld(ucis: string[], answered: string[]): void {
  const held = new Set(ucis);
  expect(answered.filter((uci) => !held.has(uci))).toEqual([]);
}

/** As an agent does, only sooner. */
function untilAnswered(service: Service, mac: string): Promise<Answer> {
  return until(async () => {
    const answer = await ask(service, mac);
    return answer.status === 200 ? answer : undefined;
  });
}

function expectProblem(answer: Answer, status: number): void {
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers['retry-after']).toBe('2');
  const problem = JSON.parse(answer.body) as Problem;
  expect(problem.status).toBe(status);
  expect(problem.type).toBe(`urn:claimstamp:problem:${status === 507 ? 'disk-full' : 'ledger-unavailable'}`);
  expect(problem.detail).toMatch(status === 507 ? /free some space/ : /nothing is issued until/);
}

async function expectReadsGoOn(service: Service, uci: string): Promise<void> {
  const unit = await api<{ uci: string }>(service, 'GET', `/v1/units/${uci}`);
  expect(unit.status).toBe(200);
  expect(unit.body.uci).toBe(uci);
}

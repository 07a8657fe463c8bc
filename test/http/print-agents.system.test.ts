import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { openDesk, secrets, type Desk, type Problem, type Reply } from '../support/service.ts';
import { until } from '../support/until.ts';

/* The operations for print agents. The agent's own side is in test/print/print-agent.system.test.ts. */

interface Next extends Problem {
  printer: string;
  format: string;
  offer?: { claim: string; id: string; name: string; format: string; copies: number };
}

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
  desk.house.startPrinting();
});

async function printer(name: string, settings: object = {}): Promise<string> {
  const set = { kind: 'agent', format: 'zpl', connectMs: 1000, ...settings };
  expect((await desk.ask('PUT', `/v1/printers/${name}`, set)).status).toBe(200);
  return tokenOf(name);
}

async function tokenOf(name: string): Promise<string> {
  const { status, body } = await desk.ask<{ token: string }>('POST', `/v1/printers/${name}/token`, {});
  expect(status).toBe(201);
  secrets.add(body.token);
  return body.token;
}

/** An agent that does only what the test says. */
function agentOf(token: string, agent: string = randomUUID()) {
  const post = async <T>(path: string, body: object, run: number): Promise<Reply<T & Problem>> => {
    const init = {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ agent, run, host: 'PC-7', ...body }),
    };
    const answer = await desk.app.request(`/v1/print-agent/${path}`, init);
    return { status: answer.status, body: (await answer.json()) as T & Problem, headers: answer.headers };
  };
  const next = (more: object = {}, run = 1) => post<Next>('next', { takes: 'zpl', waitMs: 0, ...more }, run);
  return {
    next,
    offered: async (): Promise<string> => until(async () => (await next({ waitMs: 1000 })).body.offer?.claim),
    take: (claim: string, run = 1) => post<{ bytes: string; silentMs: number }>('take', { claim }, run),
    report: (claim: string, report: object, run = 1) => post<{ claim: string }>('report', { claim, ...report }, run),
  };
}

async function label(name: string): Promise<number> {
  const made = await desk.ask<{ units: { uci: string }[] }>('POST', '/v1/units', { product: 'DEMO', count: 1 });
  const path = `/v1/units/${made.body.units[0]?.uci}/print`;
  return (await desk.ask<{ job: number }>('POST', path, { printer: name })).body.job;
}

interface Job {
  state: string;
  reason?: string;
}

const job = async (id: number): Promise<Job> => (await desk.ask<Job>('GET', `/v1/print-jobs/${id}`)).body;
const reaches = (id: number, state: string): Promise<Job> =>
  until(async () => {
    const found = await job(id);
    return found.state === state ? found : undefined;
  });

function statesOf(id: number): string[] {
  const events = audit(desk.data).lines.map(
    (line) => JSON.parse(line) as { type: string; data: { job?: number; state?: string } },
  );
  return events.filter(({ data }) => data.job === id).map(({ type, data }) => data.state ?? type);
}

describe('the token of a printer', () => {
  it('is shown once, may do nothing else, and is known to the ledger by its printer alone', async () => {
    const token = await printer('alone');
    expect(token).toMatch(/^csp_[A-Za-z0-9_-]{43}$/);
    const lines = audit(desk.data).lines.join('\n');
    expect(lines).toContain('"type":"printer-token-set"');
    for (const written of [lines, desk.log()]) expect(written).not.toContain(token.slice(4));
    const { paths } = (await desk.ask<{ paths: Record<string, Record<string, object>> }>('GET', '/openapi.json')).body;
    const open = (operation: object): boolean =>
      'security' in operation && Array.isArray(operation.security) && operation.security.length === 0;
    const asked = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => !open(operation))
        .map(([method]) => `${method} ${path}`),
    );
    const tried = asked.filter((one) => !/ \/v1\/print-agent\//.test(one));
    expect(tried.length).toBeGreaterThan(80);
    for (const one of tried) {
      const [method = '', path = ''] = one.split(' ');
      const answer = await desk.app.request(path.replace(/\{\w+\}/g, 'x'), {
        method: method.toUpperCase(),
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status, one).toBe(403);
    }
  });

  it('is needed: other callers get 403, whatever they may', async () => {
    const answer = await desk.ask<Problem>('POST', '/v1/print-agent/next', {});
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toMatch(/admin is not the print agent of a printer/);
  });

  it('is only for a printer with an agent, and ends no later than the token of its maker', async () => {
    await desk.ask('PUT', '/v1/printers/other', { kind: 'raw9100', host: '192.0.2.7' });
    expect((await desk.ask<Problem>('POST', '/v1/printers/other/token', {})).body.detail).toMatch(
      /not of the kind "agent"/,
    );
    expect((await desk.ask('POST', '/v1/printers/nowhere/token', {})).status).toBe(404);
    await printer('ends');
    const maker = await desk.ask<{ token: string }>('POST', '/v1/tokens', {
      name: 'maker',
      role: 'admin',
      expiresInDays: 7,
    });
    const make = (body: object): Response | Promise<Response> =>
      desk.app.request('/v1/printers/ends/token', {
        method: 'POST',
        headers: { authorization: `Bearer ${maker.body.token}` },
        body: JSON.stringify(body),
      });
    expect((await make({})).status).toBe(403);
    const expiresAt = new Date(Date.now() + 6 * 24 * 60 * 60 * 1000).toISOString();
    const made = await make({ expiresAt });
    expect(made.status).toBe(201);
    secrets.add(((await made.json()) as { token: string }).token);
    const lines = audit(desk.data).lines.join('\n');
    expect(lines).toContain(`"expires":"${expiresAt}"`);
  });

  it('is withdrawn at once, and a new one replaces it', async () => {
    const former = await printer('replaced');
    const later = await tokenOf('replaced');
    expect((await agentOf(former).next()).status).toBe(401);
    const agent = agentOf(later);
    expect((await agent.next()).status).toBe(200);
    const waiting = agent.next({ waitMs: 20_000 });
    const since = performance.now();
    await desk.ask('DELETE', '/v1/printers/replaced/token');
    expect((await waiting).status).toBe(401);
    expect(performance.now() - since).toBeLessThan(1000);
    await desk.ask('DELETE', '/v1/printers/replaced/token');
    const set = audit(desk.data).lines.filter((line) => line.includes('"printer":"replaced","withdrawn":true'));
    expect(set).toHaveLength(1);
  });
});

describe('a label for an agent', () => {
  it('is on disk as sending before its bytes leave, and is taken once', async () => {
    const agent = agentOf(await printer('once'));
    const id = await label('once');
    const claim = await agent.offered();
    expect(statesOf(id)).toEqual([]);
    const taken = await agent.take(claim);
    expect(Buffer.from(taken.body.bytes, 'base64').toString()).toContain('^XA');
    expect(statesOf(id)).toEqual(['sending']);
    expect((await agent.take(claim)).body.type).toMatch(/print-claim-over/);
    expect((await agent.next()).body.offer).toBeUndefined();
    await agent.report(claim, { state: 'done' });
    await reaches(id, 'done');
    expect((await agent.report(claim, { state: 'done' })).status).toBe(409);
    expect(statesOf(id)).toEqual(['sending', 'printed']);
  });

  it('that is cancelled after the offer is not handed out', async () => {
    const agent = agentOf(await printer('cancelled'));
    const id = await label('cancelled');
    const claim = await agent.offered();
    await desk.ask('POST', `/v1/print-jobs/${id}/cancel`);
    expect((await agent.take(claim)).status).toBe(409);
    expect(statesOf(id)).toEqual(['cancelled']);
  });

  it('waits again, with the reason, if the printer of the agent takes none', async () => {
    const agent = agentOf(await printer('waits'));
    const id = await label('waits');
    const reason = 'it is out\u0007 of labels';
    await agent.report(await agent.offered(), { state: 'queued', what: 'noLabels', reason });
    const trouble = async (): Promise<string | undefined> =>
      (await desk.ask<{ printers: { name: string; trouble?: string }[] }>('GET', '/v1/printers')).body.printers.find(
        ({ name }) => name === 'waits',
      )?.trouble;
    await until(async () => (await trouble()) === 'printer waits: it is out  of labels');
    expect(statesOf(id)).toEqual([]);
    const claim = await agent.offered();
    await agent.take(claim);
    await agent.report(claim, { state: 'printing', stopped: { what: 'open', said: 'its lid is open' } });
    await until(async () => (await trouble()) === 'printer waits: its lid is open');
    await agent.report(claim, { state: 'printing' });
    await until(async () => (await trouble()) === undefined);
    await agent.report(claim, { state: 'sent' });
    await reaches(id, 'sent');
  });

  it('that a restarted agent never began waits again; one that it began does not', async () => {
    const agent = agentOf(await printer('restarted'));
    const id = await label('restarted');
    const first = await agent.offered();
    await agent.take(first);
    // A question of the same start that arrives late knows nothing.
    await agent.next({ begun: [] });
    expect((await job(id)).state).toBe('sending');
    await agent.next({ begun: [first] }, 2);
    expect((await job(id)).state).toBe('sending');
    await agent.next({ begun: [] }, 3);
    await until(async () => statesOf(id).at(-1) === 'queued');
    const second = await until(async () => (await agent.next({ waitMs: 1000 }, 3)).body.offer?.claim);
    expect(second).not.toBe(first);
    await agent.take(second, 3);
    await agent.report(second, { state: 'unknown', reason: 'the agent ended' }, 3);
    expect((await reaches(id, 'unknown')).reason).toMatch(/the agent ended; the label may have been printed/);
    expect(statesOf(id)).toEqual(['sending', 'queued', 'sending', 'unknown']);
  });

  it('is unknown if its agent is silent, and stays with it as long as it speaks', async () => {
    const agent = agentOf(await printer('silent', { silentMs: 700 }));
    const id = await label('silent');
    const claim = await agent.offered();
    expect((await agent.take(claim)).body.silentMs).toBe(700);
    for (const end = performance.now() + 1500; performance.now() < end;)
      expect((await agent.report(claim, { state: 'printing' })).status).toBe(200);
    expect((await job(id)).state).toBe('sending');
    expect((await reaches(id, 'unknown')).reason).toMatch(/took the label, and then reported nothing for 0.7 s/);
  });

  it('is not for a second agent, also while the first one prints', async () => {
    const token = await printer('second');
    const [first, second] = [agentOf(token), agentOf(token)];
    const id = await label('second');
    const claim = await first.offered();
    const refused = await second.next();
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toMatch(/a print agent on PC-7 already serves printer second: stop that print agent/);
    expect((await second.take(claim)).status).toBe(409);
    await first.take(claim);
    expect((await second.report(claim, { state: 'done' })).status).toBe(409);
    await first.report(claim, { state: 'sent' });
    await reaches(id, 'sent');
  });

  it('waits its turn: a test label does not reach an agent that prints', async () => {
    const agent = agentOf(await printer('turn'));
    const id = await label('turn');
    const claim = await agent.offered();
    await agent.take(claim);
    const test = await desk.ask<{ state: string; reason: string }>('POST', '/v1/printers/turn/test');
    expect(test.body).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/is printing another label/) as string,
    });
    await agent.report(claim, { state: 'failed', reason: 'torn', mayHaveLeft: true });
    await reaches(id, 'failed');
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint, readVerifierKey, type Verifier } from '../../src/proof/checkpoint.ts';
import { leafHash } from '../../src/proof/tree.ts';
import { provesConsistency, provesInclusion } from '../support/proofs.ts';
import { audit } from '../support/audit.ts';
import { token } from '../support/askers.ts';
import { ADMIN_TOKEN, openDesk, type Desk, type Problem } from '../support/service.ts';

interface UnitProof {
  size: number;
  root: string;
  checkpoint: string;
  events: { seq: number; line: string; leaf: string; proof: string[] }[];
  next: number | null;
}

interface Consistency {
  from: { size: number; root: string };
  to: { size: number; root: string };
  proof: string[];
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('proofs', () => {
  let desk: Desk;
  let verifier: Verifier;
  let uci: string;
  /** Of a ledger that had a few hundred events less. */
  let early: { size: number; root: Uint8Array };

  const checkpoint = async (query = ''): Promise<string> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    return (await desk.app.request(`/v1/ledger/checkpoint${query}`, { headers })).text();
  };
  const proofOf = async (path: string): Promise<UnitProof> =>
    (await desk.ask<UnitProof>('GET', `/v1/ledger/proof/${path}`)).body;
  const consistency = async (query: string): Promise<Consistency> =>
    (await desk.ask<Consistency>('GET', `/v1/ledger/consistency${query}`)).body;

  function expectProven({ size, root, checkpoint: note, events }: UnitProof): void {
    const signed = openCheckpoint(note, verifier);
    expect([signed.size, Buffer.from(signed.root).toString('hex')]).toEqual([size, root]);
    for (const { seq, line, leaf, proof } of events) {
      expect(leafHash(line).toString('hex')).toBe(leaf);
      expect(provesInclusion({ index: seq - 1, size, root: signed.root }, bytes(leaf), proof.map(bytes))).toBe(true);
    }
  }

  beforeAll(async () => {
    desk = await openDesk();
    const { body } = await desk.ask<{ verifierKey: string }>('GET', '/v1/ledger/key');
    verifier = readVerifierKey(body.verifierKey);
    await desk.ask('PUT', '/v1/stations/NEST', { mode: 'slot', sources: ['10.0.8.1'] });
    uci = (await desk.agent({ product: 'DEMO', mac: 'm' }, '10.0.8.1')).body.id;
    early = openCheckpoint(await checkpoint(), verifier);
    for (let i = 0; i < 3; i++) {
      await desk.ask('POST', '/v1/units', { product: 'DEMO', count: 700 });
      await desk.ask('POST', '/v1/stations/NEST/verify', { label: i === 1 ? 'NOBODY' : uci });
    }
  });

  it('of inclusion lead from each event of a unit to the root of a signed checkpoint', async () => {
    const proof = await proofOf(uci);
    expect(proof.size).toBe(await desk.size());
    expect(proof.size).toBeGreaterThan(2048);
    const { body: history } = await desk.ask<{ events: { seq: number }[] }>('GET', `/v1/units/${uci}/events`);
    expect(proof.events.map(({ seq }) => seq)).toEqual(history.events.map(({ seq }) => seq));
    expect(proof.events.length).toBeGreaterThan(1);
    expect(proof.events[0]?.proof.length).toBeGreaterThan(10);
    expectProven(proof);
    expect(proof.next).toBeNull();
  });

  it('of inclusion may be against a checkpoint that was kept, and come a page at a time', async () => {
    const then = await proofOf(`${uci}?size=${early.size}`);
    expectProven(then);
    expect(then.size).toBe(early.size);
    expect(then.events).toHaveLength(1);
    const seqs: number[] = [];
    for (let after: number | null = 0; after !== null;) {
      const page: UnitProof = await proofOf(`${uci.toLowerCase()}?limit=1&after=${after}`);
      expectProven(page);
      seqs.push(...page.events.map(({ seq }) => seq));
      after = page.next;
    }
    expect(seqs).toEqual((await proofOf(uci)).events.map(({ seq }) => seq));
    expect((await desk.ask('GET', `/v1/ledger/proof/${uci}?size=${early.size + 1}`)).status).toBe(400);
    expect((await desk.ask('GET', `/v1/ledger/proof/${uci}?limit=11`)).status).toBe(400);
  });

  it('of consistency lead from any size to any later one', async () => {
    const { size, root } = openCheckpoint(await checkpoint(), verifier);
    for (const from of [1, early.size, 1023, 1024, 1025, 2047, size - 1, size]) {
      for (const to of new Set([Math.max(from, 1024), size])) {
        const proof = await consistency(`?from=${from}&to=${to}`);
        const [older, newer] = [proof.from, proof.to].map((tree) => ({ size: tree.size, root: bytes(tree.root) }));
        expect([older?.size, newer?.size]).toEqual([from, to]);
        expect(provesConsistency(older!, newer!, proof.proof.map(bytes)), `${from} to ${to}`).toBe(true);
      }
    }
    const whole = await consistency(`?from=${early.size}`);
    expect(whole.from.root).toBe(Buffer.from(early.root).toString('hex'));
    expect(whole.to).toEqual({ size, root: Buffer.from(root).toString('hex') });
    expect(await consistency('')).toMatchObject({ from: { size: 0 }, to: { size }, proof: [] });
  });

  it.each(['?from=9999999', '?from=5&to=4', '?from=1&to=9999999', '?from=-1', '?from=x'])(
    'of consistency %s are refused',
    async (query) => {
      const { status, body } = await desk.ask<Problem>('GET', `/v1/ledger/consistency${query}`);
      expect([status, body.type]).toEqual([400, 'urn:claimstamp:problem:invalid']);
    },
  );

  it('of a unit that is not there are answered as any look-up, and slowed down like one', async () => {
    const one = await openDesk();
    await one.ask('PUT', '/v1/products/DEMO', {});
    const guess = (i: number): string => `/v1/ledger/proof/0000000${String(i).padStart(3, '0')}`;
    const first = await one.ask<Problem>('GET', guess(1));
    expect(first.status).toBe(404);
    const unit = await one.ask<Problem>('GET', '/v1/units/0000000001');
    expect(first.body).toEqual({ ...unit.body, requestId: (first.body as Problem & { requestId: string }).requestId });
    for (let i = 2; i < 19; i++) await one.ask('GET', guess(i));
    const statuses = [await one.ask('GET', guess(50)), await one.ask('GET', guess(51))].map(({ status }) => status);
    expect(statuses).toContain(429);
    expect((await one.ask('GET', '/v1/units/0000000001')).status).toBe(429);
  });

  it('follow from what an auditor reads in the file', async () => {
    const { events } = await proofOf(uci);
    const { lines } = audit(desk.data);
    for (const { seq, line } of events) expect(lines[seq - 1]).toBe(line);
  });
});

it('a caller that may not read the ledger gets no checkpoint for accepting a ledger that is not held', async () => {
  const desk = await openDesk();
  const asked = async (name: string, scopes: ('ledger:resume' | 'ledger:read')[]): Promise<unknown> => {
    const headers = await token(desk, name, 'service', scopes);
    const body = JSON.stringify({ size: 1, code: 'not-a-code' });
    const answer = await desk.app.request('/v1/ledger/accept', { method: 'POST', headers, body });
    return { status: answer.status, body: await answer.json() };
  };
  expect(await asked('resumes', ['ledger:resume'])).toEqual({ status: 200, body: {} });
  expect(await asked('reads', ['ledger:resume', 'ledger:read'])).toEqual({
    status: 200,
    body: { checkpoint: expect.stringContaining('\n— ') },
  });
});

import { describe, expect, it } from 'vitest';
import { drawSecret, secretHash } from '../../src/http/secret.ts';
import type { Headers } from '../support/askers.ts';
import { secrets, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

/* A token that ends makes nothing that outlives it; what it made goes on when it is revoked. */

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

type Body = Problem & { key: string; link: string; expiresAt: string; screenUntil: string; keyUntil: string };
interface Line extends Desk {
  later: (ms: number) => void;
  /** When the token of `maker` ends. */
  end: string;
  make: (path: string, body?: object) => Promise<{ status: number; body: Body }>;
}

async function openLine(): Promise<Line> {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const desk = await openDesk({ CLAIMSTAMP_AGENT_ACCESS: 'key' }, tempFolder(), now);
  await desk.ask('PUT', '/v1/stations/line-1', {});
  const secret = drawSecret();
  const expiresAt = Date.now() + 10 * DAY_MS;
  const made = { kind: 'create-token', name: 'mes', role: 'admin', hash: secretHash(secret), actor: 'test' } as const;
  await desk.house.ledger.record({ ...made, expiresAt });
  const headers: Headers = { authorization: `Bearer ${secret}` };
  const make: Line['make'] = async (path, body) => {
    const answer = await desk.app.request(path, { method: 'POST', headers, body: JSON.stringify(body ?? {}) });
    const said = (await answer.json()) as Body;
    secrets.read(said);
    return { status: answer.status, body: said };
  };
  return { ...desk, later: (ms) => void (ahead += ms), end: new Date(expiresAt).toISOString(), make };
}

const after = (end: string, ms: number): string => new Date(Date.parse(end) + ms).toISOString();
const station = async ({ ask }: Line): Promise<Body> => (await ask<Body>('GET', '/v1/stations/line-1')).body;

describe('a token that ends', () => {
  it.each(['/v1/stations/line-1/key', '/v1/stations/line-1/kiosk'])(
    'makes nothing without an end, or with a later one, at %s',
    async (path) => {
      const line = await openLine();
      const size = await line.size();
      for (const body of [{}, { expiresAt: after(line.end, 1) }]) {
        const refused = await line.make(path, body);
        expect(refused.status).toBe(403);
        expect(refused.body.type).toBe('urn:claimstamp:problem:beyond-own-rights');
        expect(refused.body.detail).toContain(line.end);
      }
      expect((await line.make(path, { expiresAt: after(line.end, -11 * DAY_MS) })).status).toBe(400);
      expect(await line.size()).toBe(size);
      expect((await line.make(path, { expiresAt: line.end })).status).toBe(201);
    },
  );

  it('makes a station key that goes on when the token is revoked, and that ends when it says', async () => {
    const line = await openLine();
    const { body } = await line.make('/v1/stations/line-1/key', { expiresAt: line.end });
    expect(body.expiresAt).toBe(line.end);
    expect((await station(line)).keyUntil).toBe(line.end);
    await line.ask('DELETE', '/v1/tokens/mes');
    const issue = async (): Promise<number> =>
      (await line.agent({ product: 'DEMO', mac: 'a' }, '10.0.0.1', `/ioto/serialize/${body.key}`)).status;
    expect(await issue()).toBe(200);
    line.later(10 * DAY_MS);
    expect(await issue()).toBe(404);
  });

  it('makes a screen that goes on when the token is revoked, and that ends when it says', async () => {
    const line = await openLine();
    const { body } = await line.make('/v1/stations/line-1/kiosk', { expiresAt: line.end });
    expect(body.screenUntil).toBe(line.end);
    await line.ask('DELETE', '/v1/tokens/mes');
    const hash = secretHash(new URL(body.link).pathname.split('/').at(-1) as string);
    const cookie = secretHash(drawSecret());
    await line.house.ledger.record({
      kind: 'use-link',
      hash,
      session: { hash: cookie, expiresAt: Date.now() + 366 * DAY_MS },
    });
    expect((await line.house.ledger.credential(cookie))?.expiresAt).toBe(Date.parse(line.end));
    expect((await station(line)).screenUntil).toBe(line.end);
  });

  it('makes links that end before the token does', async () => {
    const line = await openLine();
    await line.ask('PUT', '/v1/people/olga', { role: 'operator' });
    line.later(10 * DAY_MS - HOUR_MS / 2);
    const { status, body } = await line.make('/v1/people/olga/link');
    expect({ status, expiresAt: body.expiresAt }).toEqual({ status: 201, expiresAt: line.end });
    const screen = await line.make('/v1/stations/line-1/kiosk', { expiresAt: line.end });
    expect(screen.body.expiresAt).toBe(line.end);
  });
});

it('a caller that does not end makes keys without an end, and a key with an end is announced', async () => {
  const line = await openLine();
  await line.ask('POST', '/v1/stations/line-1/key', {});
  expect((await station(line)).keyUntil).toBeUndefined();
  await line.ask('POST', '/v1/stations/line-1/key', { overlapHours: 0, expiresAt: line.end });
  expect((await station(line)).keyUntil).toBe(line.end);
});

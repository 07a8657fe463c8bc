import { afterEach, describe, expect, it } from 'vitest';
import { drawSecret, secretHash } from '../../src/http/secret.ts';
import { kiosk, person, signIn, token, type Headers } from '../support/askers.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A stream of a station's events ends with the access of the caller that opened it. */

const HOUR_MS = 60 * 60 * 1000;
const ADMIN: Headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

interface Followed {
  status: number;
  /** Everything that was received so far. */
  received: () => string;
  ended: () => boolean;
  leave: () => Promise<void>;
}

const followed: Followed[] = [];
afterEach(async () => {
  await Promise.all(followed.splice(0).map(({ leave }) => leave()));
});

async function follow({ app }: Desk, headers: Headers, station = 'line-1'): Promise<Followed> {
  const answer = await app.request(`/v1/stations/${station}/events`, { headers });
  const reader = answer.body?.getReader();
  let text = '';
  let done = false;
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
      text += decoder.decode(piece.value);
    done = true;
  };
  void read();
  const leave = async (): Promise<void> => {
    await reader?.cancel();
  };
  const stream = { status: answer.status, received: () => text, ended: () => done, leave };
  followed.push(stream);
  return stream;
}

const states = ({ received }: Followed): number => received().split('event: state').length - 1;

/** A service whose clock a test can move, with one station. */
async function openLine(): Promise<Desk & { later: (ms: number) => void; change: () => Promise<unknown> }> {
  let ahead = 0;
  const desk = await openDesk({}, tempFolder(), () => Date.now() + ahead);
  await desk.ask('PUT', '/v1/stations/line-1', { mode: 'slot' });
  const change = (): Promise<unknown> => desk.ask('POST', '/v1/stations/line-1/next');
  return { ...desk, later: (ms) => void (ahead += ms), change };
}

async function expiring({ house }: Desk, ms: number): Promise<Headers> {
  const secret = drawSecret();
  const made = {
    kind: 'create-token',
    name: 'short',
    role: 'operator',
    hash: secretHash(secret),
    actor: 'test',
  } as const;
  await house.ledger.record({ ...made, expiresAt: Date.now() + ms });
  return { authorization: `Bearer ${secret}` };
}

type Line = Awaited<ReturnType<typeof openLine>>;

/** How the access of each caller ends. */
const ENDS: [string, (line: Line) => Promise<{ caller: Headers; end: () => unknown }>][] = [
  [
    'a token is revoked',
    async (line) => ({
      caller: await token(line, 'board', 'operator'),
      end: () => line.ask('DELETE', '/v1/tokens/board'),
    }),
  ],
  ['a token expires', async (line) => ({ caller: await expiring(line, HOUR_MS), end: () => line.later(HOUR_MS) })],
  [
    'a person is removed',
    async (line) => ({
      caller: await person(line, 'Olga', 'operator'),
      end: () => line.ask('DELETE', '/v1/people/Olga'),
    }),
  ],
  [
    'a person signs out',
    async (line) => {
      const caller = await person(line, 'Olga', 'operator');
      const [session] = await line.house.ledger.credentials('session');
      return { caller, end: () => line.house.ledger.record({ kind: 'sign-out', hash: session?.hash as Uint8Array }) };
    },
  ],
  [
    'a person changes the password at another place',
    async (line) => {
      const caller = await person(line, 'Olga', 'operator');
      const { password = '' } = (await line.house.ledger.person('Olga')) ?? {};
      const session = { hash: secretHash(drawSecret()), expiresAt: Date.now() + HOUR_MS };
      const change = { kind: 'change-password', name: 'Olga', former: password, password: 'another', session } as const;
      return { caller, end: () => line.house.ledger.record(change) };
    },
  ],
  [
    'a person does nothing for an hour',
    async (line) => {
      const caller = await person(line, 'Olga', 'operator');
      return { caller, end: () => line.later(HOUR_MS) };
    },
  ],
  [
    'a kiosk is closed',
    async (line) => ({
      caller: await kiosk(line, 'line-1'),
      end: () => line.ask('DELETE', '/v1/stations/line-1/kiosk'),
    }),
  ],
];

describe('a stream of station events', () => {
  it.each(ENDS)('ends, and sends nothing more, when %s', async (_, prepare) => {
    const line = await openLine();
    const { caller, end } = await prepare(line);
    const [stream, other] = [await follow(line, caller), await follow(line, ADMIN)];
    await until(() => states(stream) === 1 && states(other) === 1);
    await end();
    await line.change();
    await until(() => stream.ended());
    expect(states(stream)).toBe(1);
    expect(other.ended()).toBe(false);
    expect((await follow(line, caller)).status).toBe(401);
  });

  it('goes on after a change to a role that may see stations, but shows only what the new role may see', async () => {
    const line = await openLine();
    const stream = await follow(line, await person(line, 'Olga', 'admin'));
    await line.ask('PATCH', '/v1/stations/line-1', { sources: ['10.0.8.1'] });
    const issue = async (mac: string): Promise<string> =>
      (await line.agent({ product: 'DEMO', mac }, '10.0.8.1')).body.id;
    const before = await issue('b');
    await until(() => stream.received().includes(before));
    await line.ask('PUT', '/v1/people/Olga', { role: 'qa' });
    await line.change();
    const after = await issue('c');
    await until(() => stream.received().includes(`********${after.slice(-2)}`));
    expect(stream.received()).not.toContain(after);
    expect(stream.ended()).toBe(false);
  });

  it('goes on at a kiosk that no one uses for a day', async () => {
    const line = await openLine();
    const stream = await follow(line, await kiosk(line, 'line-1'));
    await until(() => states(stream) === 1);
    line.later(24 * HOUR_MS);
    await line.change();
    await until(() => states(stream) > 1);
    expect(stream.ended()).toBe(false);
  });

  it('does not count as activity, and neither does what a page fetches by itself', async () => {
    const line = await openLine();
    const caller = await person(line, 'Olga', 'operator');
    line.later(HOUR_MS / 2);
    const stream = await follow(line, caller);
    await until(() => states(stream) === 1);
    expect((await line.app.request('/stations/line-1/now', { headers: caller })).status).toBe(200);
    line.later(HOUR_MS / 2);
    await until(() => stream.ended());
    expect((await line.app.request('/stations/line-1/now', { headers: caller })).status).toBe(401);
  });

  it('is one of at most eight of a session: a ninth ends the oldest', async () => {
    const line = await openLine();
    const caller = await kiosk(line, 'line-1');
    const other = await follow(line, await kiosk(line, 'line-1'));
    const streams: Followed[] = [];
    for (let opened = 0; opened < 9; opened++) streams.push(await follow(line, caller));
    await until(() => streams[0]?.ended() === true);
    expect(streams.map(({ ended }) => ended())).toEqual([true, ...Array<boolean>(8).fill(false)]);
    expect(other.ended()).toBe(false);
  });

  it('is there for everyone, however many sessions one person opens', async () => {
    const line = await openLine();
    const screen = await follow(line, await kiosk(line, 'line-1'));
    const flood: Followed[] = [];
    const cookie = await person(line, 'Greedy', 'operator');
    for (let session = 0; session < 33; session++) {
      const headers = session === 0 ? cookie : await signIn(line, 'Greedy');
      for (let opened = 0; opened < 8; opened++) flood.push(await follow(line, headers));
    }
    const late = await follow(line, await kiosk(line, 'line-1'));
    expect(late.status).toBe(200);
    await until(() => states(late) === 1);
    expect(screen.ended()).toBe(false);
    expect(flood.at(-1)?.status).toBe(503);
  });
});

import { beforeEach, expect, it } from 'vitest';
import { makeExceptions, type Excepted } from '../support/exceptions.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

interface Counts {
  kinds: { kind: string; count: number; more: boolean; oldestAt?: string }[];
  files: { count: number }[];
  rolls: { name: string; count: number }[];
}

let desk: Desk;
let made: Excepted;
beforeEach(async () => {
  const data = tempFolder();
  made = makeExceptions(data);
  desk = await openDesk({}, data);
  expect((await desk.ask('POST', '/v1/ledger/accept', { size: made.size })).status).toBe(200);
});

const counts = async (): Promise<Record<string, number>> => {
  const { kinds } = (await desk.ask<Counts>('GET', '/v1/exceptions')).body;
  return Object.fromEntries(kinds.map(({ kind, count }) => [kind, count]));
};
const close = (uci: string, kind: string, note = 'looked at') =>
  desk.ask<Problem>('POST', `/v1/units/${uci}/exceptions/close`, { kind, note });
const listed = async (exception: string): Promise<string[]> =>
  (await desk.ask<{ units: { uci: string }[] }>('GET', `/v1/units?exception=${exception}`)).body.units.map(
    ({ uci }) => uci,
  );

it('counts the exceptions of each kind, and apart from them what waits and needs no one', async () => {
  const { body } = await desk.ask<Counts>('GET', '/v1/exceptions');
  expect(body.kinds.map(({ kind, count, more }) => [kind, count, more])).toEqual([
    ['wrong-id', 1, false],
    ['no-label', 3, false],
    ['not-scanned', 4, false],
  ]);
  const age = Date.now() - Date.parse(body.kinds[1]?.oldestAt ?? '');
  expect(Math.floor(age / 60_000)).toBe(90);
  expect(body.files.map(({ count }) => count)).toEqual([3]);
  expect(body.rolls.map(({ name, count }) => [name, count])).toEqual([['roll-7', 4]]);
  expect(await listed('no-label')).toEqual(made.noLabel);
  expect(await listed('not-scanned')).toEqual(made.notScanned);
  expect(await listed('wrong-id')).toEqual([made.wrongId]);
});

it('does not count a unit that is still at its station', async () => {
  await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:03:01' });
  expect((await counts())['no-label']).toBe(3);
});

it('lists what was closed in this shift, with masked Claim IDs, and exports what is open', async () => {
  const [uci = ''] = made.noLabel;
  await close(uci, 'no-label', 'printed by hand');
  const { body } = await desk.ask<{ closed: object[]; more: boolean }>('GET', '/v1/exceptions/closed');
  expect(body.more).toBe(false);
  expect(body.closed).toMatchObject([{ kind: 'no-label', note: 'printed by hand' }]);
  expect(JSON.stringify(body)).not.toContain(uci);
  const tomorrow = new Date(Date.now() + 2 * 24 * 3600 * 1000).toISOString();
  expect((await desk.ask('GET', `/v1/exceptions/closed?from=${tomorrow}`)).body).toMatchObject({ closed: [] });

  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const lines = (await (await desk.app.request('/v1/exceptions.csv', { headers })).text()).trim().split('\r\n');
  expect(lines[0]).toContain('exception,claim_id,sn,status');
  expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual([
    '"wrong-id"',
    '"no-label"',
    '"no-label"',
    ...Array.from({ length: 4 }, () => '"not-scanned"'),
  ]);
  const { entries } = (await desk.ask<{ entries: object[] }>('GET', '/v1/audit?kind=exported')).body;
  expect(entries).toMatchObject([{ details: { what: 'export', of: 'exceptions', count: 7 } }]);
});

it('a closed exception leaves the lists and the counts, and its note stays in the history of the unit', async () => {
  const [uci = ''] = made.noLabel;
  expect((await close(uci, 'no-label', 'printed by hand')).status).toBe(200);
  expect((await close(made.wrongId, 'wrong-id', 'erased')).status).toBe(200);
  expect(await counts()).toEqual({ 'wrong-id': 0, 'no-label': 2, 'not-scanned': 4 });
  expect(await listed('no-label')).toEqual(made.noLabel.slice(1));
  const { events } = (await desk.ask<{ events: { type: string; data: object }[] }>('GET', `/v1/units/${uci}/events`))
    .body;
  expect(events.at(-1)).toMatchObject({
    type: 'exception-closed',
    data: { kind: 'no-label', note: 'printed by hand' },
  });
  const again = await close(uci, 'no-label');
  expect([again.status, again.body.type]).toEqual([409, 'urn:claimstamp:problem:no-exception']);
});

it('a closing needs a note, and a kind that exists', async () => {
  const [uci = ''] = made.noLabel;
  expect((await close(uci, 'no-label', ' ')).status).toBe(400);
  expect((await close(uci, 'other')).status).toBe(400);
  expect((await counts())['no-label']).toBe(3);
});

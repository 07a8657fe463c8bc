import { afterAll, expect, it } from 'vitest';
import { openDesk } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { openReceiver, type Doing } from '../../support/webhook-receiver.ts';
import { BEGUN, dice, openRig } from '../../support/webhook-rig.ts';

const EVENTS = 100_000;
const HOUR_MS = 60 * 60 * 1000;
/** What this test may take on a busy machine. */
const PATIENCE_MS = 15 * 60 * 1000;

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

it(
  'a hundred thousand events reach a receiver that fails at random and is down for an hour: all, in order, none missing',
  async () => {
    const desk = await openDesk();
    const receiver = await openReceiver();
    const rig = openRig(desk.data);
    closing.push(
      () => desk.close(),
      () => receiver.close(),
      () => rig.senders.close(),
    );
    for (let made = 0; made < EVENTS; made += 1000)
      await desk.ask('POST', '/v1/reservations', { name: `roll-${made}`, product: 'DEMO', count: 1000 });
    const roll = dice(7);
    let downFrom: number | undefined;
    receiver.does((): Doing => {
      if (receiver.stored.length === EVENTS / 2) downFrom ??= rig.at;
      if (downFrom !== undefined && rig.at < downFrom + HOUR_MS) return 'drop';
      const one = roll();
      if (one < 0.05) return 'lose';
      if (one < 0.08) return 'drop';
      return one < 0.1 ? 503 : 'accept';
    });
    await rig.add(receiver);
    const size = await desk.size();
    expect(size).toBeGreaterThanOrEqual(EVENTS);
    await until(async () => (await rig.status()).delivered === size, PATIENCE_MS);
    expect(receiver.wrong()).toEqual([]);
    expect(receiver.stored.length).toBe(size);
    expect(receiver.stored.findIndex(({ data }, at) => data.seq !== at + 1)).toBe(-1);
    expect(receiver.repeated()).toBeGreaterThan(EVENTS / 50);
    expect(rig.at - BEGUN).toBeGreaterThanOrEqual(HOUR_MS);
    expect((await rig.status()).state).toBe('running');
  },
  PATIENCE_MS,
);

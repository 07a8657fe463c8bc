import { expect, test } from 'vitest';
import { openTurns } from '../../src/platform/turns.ts';

const WORKS = 4;
const STEPS = 20;

/** Keeps the thread busy for longer than a turn. */
function step(): void {
  for (const end = performance.now() + 1.5; performance.now() < end;);
}

test('of several long works, one step at most runs before other requests are served', async () => {
  let [before, ticks, most, done] = [0, 0, 0, false];
  const tick = (): void => {
    most = Math.max(most, before);
    before = 0;
    ticks++;
    if (!done) setImmediate(tick);
  };
  const work = async (): Promise<void> => {
    const turns = openTurns();
    for (let n = 0; n < STEPS; n++) {
      step();
      await turns();
      before++;
    }
  };
  setImmediate(tick);
  await Promise.all(Array.from({ length: WORKS }, work));
  done = true;
  expect(most).toBe(1);
  expect(ticks).toBeGreaterThan(WORKS * STEPS);
});

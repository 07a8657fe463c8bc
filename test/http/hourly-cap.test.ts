import { describe, expect, it } from 'vitest';
import { openHourlyCap } from '../../src/http/hourly-cap.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;

describe('the count of an hour', () => {
  const open = (most: number, now = 59_999) => {
    const cap = openHourlyCap(most, () => now);
    const make = (times: number): number => {
      let made = 0;
      for (let n = 0; n < times; n++) {
        if (!cap.reserve()) continue;
        cap.settle(true);
        made++;
      }
      return made;
    };
    return { ...cap, make, pass: (ms: number) => void (now += ms) };
  };

  it('never lets more than the cap into any sixty minutes, wherever they begin', () => {
    const cap = open(100, 0);
    const times: number[] = [];
    for (let second = 0; second < 4 * 3600; second += 7) {
      if (cap.make(1) === 1) times.push(second);
      cap.pass(7000);
    }
    const most = times.map((from) => times.filter((at) => at >= from && at < from + 3600).length);
    expect(Math.max(...most)).toBe(100);
    expect(times.length).toBeGreaterThanOrEqual(390);
  });

  it('holds no place for what was refused, and one for what is under way', () => {
    const cap = open(2);
    expect([cap.reserve(), cap.reserve(), cap.reserve()]).toEqual([true, true, false]);
    expect(cap.waitMs()).toBe(1000);
    cap.settle(false);
    expect([cap.reserve(), cap.reserve()]).toEqual([true, false]);
    cap.settle(true);
    cap.settle(true);
    expect(cap.reserve()).toBe(false);
  });

  it('says when there is room, to the ms', () => {
    const cap = open(5);
    cap.make(2);
    cap.pass(10 * MINUTE_MS);
    expect(cap.make(10)).toBe(3);
    const waitMs = cap.waitMs();
    expect(waitMs).toBeGreaterThanOrEqual(50 * MINUTE_MS);
    expect(waitMs).toBeLessThanOrEqual(51 * MINUTE_MS);
    cap.pass(waitMs - 1);
    expect(cap.make(10)).toBe(0);
    cap.pass(1);
    expect(cap.make(10)).toBe(2);
  });

  it('begins anew after a clock that jumped a year ahead', () => {
    const cap = open(5);
    expect(cap.make(10)).toBe(5);
    cap.pass(YEAR_MS);
    expect(cap.make(10)).toBe(5);
    expect(cap.waitMs()).toBeLessThanOrEqual(HOUR_MS + MINUTE_MS);
  });
});

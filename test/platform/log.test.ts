import { pino } from 'pino';
import { expect, it } from 'vitest';
import { openFaultLog } from '../../src/platform/log.ts';

it('the same fault is logged once a minute, with how often it came meanwhile', () => {
  const lines: { fault: string; times: number }[] = [];
  const log = pino({}, { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) });
  let now = 0;
  const onFault = openFaultLog(log, () => now, 'failed');
  for (now = 0; now < 60_000; now += 1000) onFault('one');
  expect(lines).toHaveLength(1);
  onFault('one');
  expect(lines.map(({ times }) => times)).toEqual([1, 60]);
  onFault('another');
  expect(lines).toHaveLength(3);
});

import { expect, test } from 'vitest';
import { logText } from '../../src/platform/terminal/log-text.ts';

const line = (values: object): string => JSON.stringify({ level: 30, time: '2026-11-30T08:09:10.123Z', ...values });
const text = (values: object): string => logText(line(values), false).replace(/^\d\d:\d\d:\d\d /, '');

test('a line has the time, the level, the message and the values', () => {
  expect(logText(line({ msg: 'x' }), false)).toMatch(/^\d\d:\d\d:10 INFO {2}x\n$/);
  expect(
    text({ url: 'http://127.0.0.1:4100', port: 4100, names: ['a', 'b'], why: 'two words', msg: 'listening' }),
  ).toBe('INFO  listening url=http://127.0.0.1:4100 port=4100 names=["a","b"] why="two words"\n');
  expect(text({ level: 50, err: { message: 'no', stack: 'Error: no\n    at a.ts' }, msg: 'failed' })).toBe(
    'ERROR failed\n  Error: no\n      at a.ts\n',
  );
});

test('colours are used only if they are wanted', () => {
  expect(logText(line({ msg: 'x', a: 1 }), true)).toContain('\u001B[32mINFO \u001B[0m');
  expect(logText(line({ msg: 'x', a: 1 }), false)).not.toContain('\u001B');
});

test('no value of a request can control the terminal', () => {
  const hostile = '\u001B[2J\u009B2J\u0007\u202Eabc\r\nINFO  forged';
  for (const values of [{ product: hostile }, { nested: { hostile } }, { msg: hostile }, { err: { stack: hostile } }])
    expect(text(values).replaceAll('\n  ', '').trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ignoreEmptyZone } from '../../src/platform/time-zone.ts';

test.each([
  ['', undefined],
  [':', undefined],
  ['Europe/Berlin', 'Europe/Berlin'],
])('TZ=%s is used as %s', (given, used) => {
  const env: NodeJS.ProcessEnv = { TZ: given };
  ignoreEmptyZone(env);
  expect(env['TZ']).toBe(used);
});

test('Node reads the zone of the system again when an empty TZ is removed', () => {
  const show = 'Intl.DateTimeFormat().resolvedOptions().timeZone';
  const zoneOf = (script: string, env: NodeJS.ProcessEnv): string =>
    spawnSync(process.execPath, ['-p', script], { env, encoding: 'utf8' }).stdout.trim();
  const { TZ: _zone, ...unset } = process.env;
  expect(zoneOf(`delete process.env.TZ; ${show}`, { ...process.env, TZ: '' })).toBe(zoneOf(show, unset));
});

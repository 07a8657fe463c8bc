import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { isPassed, type Row } from '../../torture/check.ts';
import { tempFolder } from '../support/service.ts';

/* `npm run torture -- --short`: the same faults as in the half hour of the whole, a few of each. */

/** Most of the time, these checks wait for processes and timers, so several of them run at once. */
const BESIDE = [
  'backups',
  'power-cut',
  'lost-server',
  'torn',
  'kill',
  'moved',
  'printers',
  'log',
  'failing-disk',
  'full-disk',
  'clock',
  'migrations',
  'upgrade',
  'random',
];

/** These checks compare rates or fill the machine, so each of them runs alone. */
const ALONE = ['storm', 'swaps', 'neighbours', 'hostile', 'long-run'];

const TIME_LIMIT_MS = 600_000;

async function expectPassed(name: string): Promise<void> {
  const args = [join(packageRoot, 'dist', 'torture', 'run.js'), '--short', '--json', '--only', name];
  const child = spawn(process.execPath, [...args, '--data', tempFolder()]);
  let [said, why] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (why += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(said, why).toMatch(/^\[/);
  const rows = JSON.parse(said) as Row[];
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter((row) => !isPassed(row))).toEqual([]);
  expect(code).toBe(0);
}

describe.runIf(process.platform === 'linux')('faults made on purpose: nothing is lost, nothing is there twice', () => {
  it.concurrent.each(BESIDE)('%s', expectPassed, TIME_LIMIT_MS);
  it.each(ALONE)('%s', expectPassed, TIME_LIMIT_MS);
});

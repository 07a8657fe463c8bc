import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { isPassed, type Row } from '../../torture/check.ts';
import { tempFolder } from '../support/service.ts';

/** `npm run torture -- --short`: the same faults as in the half hour of the whole, a few of each. */
const CHECKS = [
  'power-cut',
  'kill',
  'failing-disk',
  'full-disk',
  'moved',
  'log',
  'backups',
  'lost-server',
  'torn',
  'clock',
  'storm',
  'swaps',
  'neighbours',
  'hostile',
  'printers',
  'migrations',
  'upgrade',
  'random',
  'long-run',
];

describe.runIf(process.platform === 'linux')('faults made on purpose', () => {
  it.each(CHECKS)(
    '%s: nothing is lost, nothing is there twice',
    async (name) => {
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
    },
    300_000,
  );
});

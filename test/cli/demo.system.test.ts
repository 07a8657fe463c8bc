import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { built } from '../../src/platform/package-root.ts';
import { openBrowser } from '../support/form-client.ts';
import { tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A demo as a newcomer starts it. Its folders are in a temporary folder of the test. */

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

interface Demo {
  child: ChildProcess;
  out: () => string;
  ended: Promise<number | null>;
}

function startDemo(folder: string): Demo {
  const env = { PATH: process.env['PATH'], TMPDIR: folder };
  const child = spawn(process.execPath, [built('cli/claimstamp.js'), 'demo'], { env, cwd: folder });
  children.add(child);
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (out += part.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, out: () => out, ended };
}

const foldersIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('claimstamp-demo-'));

it('shows a filled ledger and a running line, and leaves nothing', async () => {
  const folder = tempFolder();
  const demo = startDemo(folder);
  await until(() => demo.out().includes('Ctrl-C'), 120_000);
  const [url = '', password = ''] = [/Console: +(\S+)/, /Password: +(\S+)/].map(
    (one) => one.exec(demo.out())?.[1] ?? '',
  );
  const app = {
    request: (path: string, init: RequestInit) => fetch(url + path, { ...init, redirect: 'manual' }),
  };
  const browser = openBrowser(app);
  await browser.get('/sign-in');
  expect((await browser.send('/sign-in', { name: 'demo', password })).status).toBe(303);
  const page = await browser.get('/products');
  expect([page.status, page.text.includes('Power meter PM-2')]).toEqual([200, true]);
  demo.child.kill('SIGINT');
  expect(await demo.ended).toBe(0);
  expect(foldersIn(folder)).toEqual([]);
});

it('after a kill, the next demo removes what was left, and nothing else', async () => {
  const folder = tempFolder();
  const killed = startDemo(folder);
  await until(
    () => foldersIn(folder).length === 1 && existsSync(join(folder, foldersIn(folder)[0] ?? '', 'ledger.db')),
  );
  killed.child.kill('SIGKILL');
  await killed.ended;
  const [left = ''] = foldersIn(folder);
  const running = `claimstamp-demo-${process.pid}-abcdef`;
  const other = tempFolder();
  mkdirSync(join(folder, running));
  symlinkSync(other, join(folder, `claimstamp-demo-${killed.child.pid}-linked`));
  const next = startDemo(folder);
  await until(() => next.out().includes('is removed'));
  expect(foldersIn(folder)).not.toContain(left);
  expect([existsSync(join(folder, running)), existsSync(other)]).toEqual([true, true]);
  next.child.kill('SIGTERM');
  expect(await next.ended).toBe(0);
  expect(foldersIn(folder)).toHaveLength(2);
});

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import type { ServeFile } from '../../src/jobs/data-folder.ts';
import { startRawPrinter } from '../support/raw-printer.ts';
import { ADMIN_TOKEN, environment, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/* The built program on each Node that a release supports: it starts, issues a Claim ID and prints its label. */

/** Fetching a Node and compiling the driver for it. */
const PREPARE_MS = 600_000;

interface Prepared {
  program: string;
  driver: string;
}

function prepare(major: string): Prepared {
  const script = join(packageRoot, 'scripts', 'bundle', 'prepared.mjs');
  return JSON.parse(execFileSync(process.execPath, [script, major], { encoding: 'utf8' })) as Prepared;
}

const DRIVER = join('build', 'Release', 'better_sqlite3.node');

/** A folder with the built program, and with this driver. */
function releaseWith(compiled: string): string {
  const folder = tempFolder();
  for (const name of ['package.json', 'CHANGELOG.md', 'labels', 'assets', 'passwords', 'docs'])
    symlinkSync(join(packageRoot, name), join(folder, name));
  cpSync(join(packageRoot, 'dist'), join(folder, 'dist'), { recursive: true });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(packageRoot, 'node_modules')))
    if (name !== 'better-sqlite3' && !name.startsWith('.'))
      symlinkSync(join(packageRoot, 'node_modules', name), join(modules, name));
  const driver = join(modules, 'better-sqlite3');
  for (const name of ['package.json', 'lib'])
    cpSync(join(packageRoot, 'node_modules', 'better-sqlite3', name), join(driver, name), { recursive: true });
  mkdirSync(join(driver, dirname(DRIVER)), { recursive: true });
  cpSync(compiled, join(driver, DRIVER));
  return folder;
}

it.each(['20', '22', '24'])(
  'starts, issues and prints on Node %s',
  async (major) => {
    const { program, driver } = prepare(major);
    const release = releaseWith(driver);
    const data = tempFolder();
    const child = spawn(program, [join(release, 'dist', 'src', 'cli', 'claimstamp.js'), 'serve'], {
      env: environment(data, { CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN }),
    });
    const ended = new Promise((done) => child.once('exit', done));
    try {
      let log = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (log += part.toString()));
      await until(() => existsSync(join(data, 'serve.json')) || (child.exitCode !== null && expect.fail(log)));
      const { url } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as ServeFile;
      const ask = (method: string, path: string, body: object): Promise<Response> =>
        fetch(url + path, {
          method,
          headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      const answer = await ask('POST', '/ioto/serialize', { product: 'METER' });
      const { id } = (await answer.json()) as { id: string };
      expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
      const printer = await startRawPrinter();
      await ask('PUT', '/v1/printers/zebra', { kind: 'raw9100', host: '127.0.0.1', port: printer.port });
      expect((await ask('POST', `/v1/units/${id}/print`, { printer: 'zebra' })).status).toBeLessThan(300);
      await until(() => printer.received().some((zpl) => zpl.includes('^XZ')));
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  },
  PREPARE_MS,
);

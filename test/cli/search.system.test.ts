import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { run, startService, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/** A file system may give the number of a removed file to the next one, so the time of its making counts as well. */
function whichFile(file: string): string {
  const { ino, birthtimeNs } = statSync(file, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

it('the file of the search is filled by the service, and by a command with and without a service', async () => {
  const service = await startService(tempFolder());
  const { data } = service;
  const uci = idOf(await attempt(service.port, JSON.stringify({ product: 'DEMO', mac: 'A4:C1:38:12:34:56' })));
  const file = join(data, 'search.db');
  await until(() => existsSync(file));
  const before = whichFile(file);
  expect(await run('claimstamp', ['search', 'rebuild'], data)).toMatchObject({ code: 0 });
  expect(whichFile(file)).not.toBe(before);
  const found = await run('claimstamp', ['unit', 'find', '38-12-34'], data);
  expect(found.stdout).toContain(uci);
  expect(found.stderr).toContain('found as a part of an S/N or of an identity');
  expect((await run('claimstamp', ['search'], data)).stdout).toMatch(/^ready: \d+ of \d+ events$/m);
  await service.end('SIGTERM');
  expect(existsSync(`${file}-wal`), 'it is closed').toBe(false);

  rmSync(file);
  expect((await run('claimstamp', ['unit', 'find', '38-12-34'], data)).code, 'not filled yet').toBe(1);
  expect(await run('claimstamp', ['search', 'rebuild'], data)).toMatchObject({ code: 0 });
  expect((await run('claimstamp', ['unit', 'find', '38-12-34'], data)).stdout).toContain(uci);
  const off = await run('claimstamp', ['search', 'rebuild'], data, { CLAIMSTAMP_SEARCH: 'off' });
  expect(off).toMatchObject({ code: 1 });
  expect(off.stderr).toContain('CLAIMSTAMP_SEARCH');
});

it('a service that is killed leaves no process of the search', async () => {
  const service = await startService(tempFolder());
  await until(() => existsSync(join(service.data, 'search.db')));
  await service.end('SIGKILL');
  const again = await startService(service.data);
  const { stdout } = await run('claimstamp', ['search', '--json'], again.data);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'ready' });
  await again.end('SIGTERM');
});

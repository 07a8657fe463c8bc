import { chmodSync, cpSync, lchownSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { damage, type Damage } from '../../harness/damage.ts';
import { run, runWithPermissions, secrets, startService, tempFolder } from '../support/service.ts';

/*
 * A power cut can leave an empty file, a bad disk garbage, and a person a folder with the name of a file. None of them
 * may give a stack, a process that hangs, or a service whose pages fail.
 */

let sound: string;
beforeAll(async () => {
  sound = tempFolder();
  await (await startService(sound)).end('SIGTERM');
});

/** A copy of a data folder that was in use, in which one file is damaged. */
function damaged(name: string, how: Damage): string {
  const data = tempFolder();
  cpSync(sound, data, { recursive: true });
  damage(join(data, name), how);
  return data;
}

const FORMER = 'former-0123456789abcdef.pem';

describe('a start of the service', () => {
  it.each(['empty', 'garbage'] as const)('makes a session key that is %s anew, and says so', async (how) => {
    const data = damaged('session.key', how);
    const service = await startService(data);
    expect((await fetch(`${service.url}/sign-in`)).status).toBe(200);
    const key = readFileSync(join(data, 'session.key'), 'utf8');
    expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
    secrets.add(key);
    expect(statSync(join(data, 'session.key')).mode & 0o777).toBe(0o600);
    expect(service.log()).toContain('everyone must sign in again');
    await service.end('SIGTERM');
  });

  it.each([
    ['session.key', 'folder'],
    ['sign-in.txt', 'folder'],
    ['serve.json', 'folder'],
    ['signing-key.pem', 'empty'],
    ['signing-key.pem', 'folder'],
    ['signing-key.next.pem', 'empty'],
    ['signing-key.next.pem', 'folder'],
    ['lock.db', 'garbage'],
    ['lock.db', 'folder'],
    ['ledger.db', 'garbage'],
    ['ledger.db', 'folder'],
    ['unproven', 'empty'],
    ['unproven', 'garbage'],
    ['unproven', 'folder'],
    ['alarms.json', 'folder'],
    ['other-disks.txt', 'folder'],
    ['search.db', 'folder'],
    ['search.db-wal', 'folder'],
    ['webhooks.db', 'folder'],
    ['ledger.db-wal', 'folder'],
  ] as const)('with %s damaged (%s) ends with one sentence that names the file', async (name, how) => {
    const data = damaged(name, how);
    const { code, stderr } = await run('claimstamp', ['serve'], data);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^claimstamp: [^\n]+\n$/);
    expect(stderr).toContain(join(data, name));
    expect(stderr).toMatch(/: (move|restore|delete|set|stop) /);
    expect(stderr).not.toMatch(/E[A-Z]{4,}|SQLITE|JSON|genpkey/);
  });

  it('with a file that it cannot use leaves nothing open, so the next start works', async () => {
    const data = damaged('sign-in.txt', 'folder');
    expect((await run('claimstamp', ['serve'], data)).code).toBe(1);
    rmSync(join(data, 'sign-in.txt'), { recursive: true });
    const service = await startService(data);
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it.each(['spool', 'serve.json', 'sign-in.txt'])('replaces %s, which it needs no longer', async (name) => {
    const service = await startService(damaged(name, 'garbage'));
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

describe('claimstamp verify', () => {
  it.each([
    ['checkpoint', 'folder'],
    [FORMER, 'empty'],
    [FORMER, 'garbage'],
    [FORMER, 'folder'],
    ['signing-key.pem', 'folder'],
  ] as const)('with %s damaged (%s) prints one sentence that names the file', async (name, how) => {
    const data = damaged(name, how);
    const { code, stdout, stderr } = await run('claimstamp', ['verify'], data);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^claimstamp: [^\n]+\n$/);
    expect(stderr).toContain(join(data, name));
    expect(stderr).toMatch(/: (move|restore) /);
  });
});

/** Changes a copy of a data folder, and returns the path to give as CLAIMSTAMP_DATA and the path to be named. */
type Change = (data: string) => { data?: string; named?: string };

const mode =
  (name: string, bits: number): Change =>
  (data) => {
    chmodSync(join(data, name), bits);
    return { named: join(data, name) };
  };

const UNUSABLE: [string, Change][] = [
  ['that is read-only', (data) => mode('.', 0o555)(data)],
  ['that this user may not enter', (data) => mode('.', 0)(data)],
  ['that is a file', (data) => ({ data: join(data, 'checkpoint') })],
  ['in a file', (data) => ({ data: join(data, 'checkpoint', 'data') })],
  [
    'that is a symbolic link to nothing',
    (data) => {
      symlinkSync(join(data, 'missing'), join(data, 'link'));
      return { data: join(data, 'link') };
    },
  ],
  [
    'in a read-only folder',
    (data) => {
      chmodSync(data, 0o555);
      return { data: join(data, 'a', 'b') };
    },
  ],
  ['with a lock that this user may not write', mode('lock.db', 0o400)],
  ['with a ledger that this user may not write', mode('ledger.db', 0o400)],
  ['with a ledger that this user may not read', mode('ledger.db', 0)],
  ['with a key that this user may not read', mode('signing-key.pem', 0)],
  ['with a session key that this user may not read', mode('session.key', 0)],
];

describe('a data folder', () => {
  it.each(UNUSABLE)('%s is refused with one sentence: what, why, and what to do', async (_what, change) => {
    const copy = damaged('serve.json', 'empty');
    writeFileSync(join(copy, 'sign-in.txt'), '');
    const { data = copy, named = data } = change(copy);
    const { code, stdout, stderr } = await runWithPermissions(['serve'], data);
    chmodSync(copy, 0o700);
    expect(code).toBe(1);
    expect(stdout).not.toContain('    at ');
    expect(stderr).toMatch(/^claimstamp: [^\n]+\n$/);
    expect(stderr.replaceAll('/.', '')).toContain(named.replace(/\/\.$/, ''));
    expect(stderr).toMatch(/: (give|move|set|run|make) |chmod|chown/);
    expect(stderr).not.toMatch(/\bE[A-Z]{4,}|SQLITE|JSON/);
  });

  it('of another user is refused with the names of both users', async () => {
    const data = tempFolder();
    const owner = process.getuid?.() === 0 ? 65_534 : 0;
    if (owner !== 0) lchownSync(data, owner, owner);
    const { code, stderr } = await runWithPermissions(['serve'], owner === 0 ? '/' : data);
    expect(code).toBe(1);
    expect(stderr).toContain(`belongs to user ${owner} and this process runs as user ${process.getuid?.()}`);
  });

  it('whose parents are missing is made with them', async () => {
    const service = await startService(join(tempFolder(), 'a', 'b'));
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

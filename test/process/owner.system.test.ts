import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { ADMIN_TOKEN, api, expectQuiet, run, startService, tempFolder, type Problem } from '../support/service.ts';
import { until } from '../support/until.ts';

describe('the data folder', () => {
  it('belongs to one service: a second is refused with a sentence while the first goes on', async () => {
    const first = await startService(tempFolder());
    const second = await run('claimstamp', ['serve'], first.data);
    expect(second.code).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toBe(
      `claimstamp: another Claimstamp process uses the data folder ${first.data}: stop it, or set CLAIMSTAMP_DATA to another folder\n`,
    );
    idOf(await attempt(first.port, '{"product":"DEMO"}'));
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(audit(first.data).ucis.length).toBe(1);
  });

  it('has the same owner after someone deleted the lock and serve.json, and commands find the service again', async () => {
    const service = await startService(tempFolder());
    const id = idOf(await attempt(service.port, '{"product":"DEMO","mac":"m-1"}'));
    rmSync(join(service.data, 'lock.db'));
    expect((await run('claimstamp', ['serve'], service.data)).stderr).toMatch(/another Claimstamp process uses/);
    rmSync(join(service.data, 'serve.json'));
    await until(() => existsSync(join(service.data, 'serve.json')));
    expect((await run('claimstamp', ['unit', 'find', 'm-1'], service.data)).stdout).toContain(id);
    expect(idOf(await attempt(service.port, '{"product":"DEMO","mac":"m-1"}'))).toBe(id);
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(existsSync(join(service.data, 'serve.json'))).toBe(false);
  });

  it('left behind by kill -9 is taken over at once', async () => {
    const data = tempFolder();
    const killed = await startService(data);
    const id = idOf(await attempt(killed.port, '{"product":"DEMO","mac":"m-1"}'));
    expect(await killed.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    expect(existsSync(join(data, 'serve.json'))).toBe(true);

    // Its serve.json is still there: a command must not ask a service that is gone.
    const issued = await run('claimstamp', ['issue', '--product', 'DEMO'], data);
    expect(issued).toMatchObject({ code: 0, stderr: '' });
    const again = await startService(data);
    expect(idOf(await attempt(again.port, '{"product":"DEMO","mac":"m-1"}'))).toBe(id);
    await again.end('SIGTERM');
    expect(audit(data).ucis).toEqual([id, issued.stdout.trim()]);
  });

  it('is for its owner only, and so is the token in it, which is gone with the service', async () => {
    const data = join(tempFolder(), 'made', 'here');
    const service = await startService(data);
    for (const name of ['.', 'serve.json', 'ledger.db', 'ledger.db-wal', 'lock.db']) {
      expect(statSync(join(data, name)).mode & 0o077, name).toBe(0);
    }
    const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
    const { id } = JSON.parse((await attempt(service.port, '{"product":"DEMO"}')).body) as { id: string };
    await service.end('SIGTERM');
    expect(existsSync(join(data, 'serve.json'))).toBe(false);
    expectQuiet(service.log(), [id], [token]);
  });

  it('takes two commands at once, one after the other', async () => {
    const data = tempFolder();
    await (await startService(data)).end('SIGTERM');
    const outputs = await Promise.all(
      Array.from({ length: 4 }, () => run('claimstamp', ['issue', '--product', 'DEMO'], data)),
    );
    for (const { code, stderr } of outputs) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(audit(data).ucis.toSorted()).toEqual(outputs.map(({ stdout }) => stdout.trim()).toSorted());
  });
});

describe('the service process', () => {
  it('says what is wrong with its settings, all of it at once, and exits with 1', async () => {
    const { code, stdout, stderr } = await run('claimstamp', ['serve'], tempFolder(), {
      HOST: '0.0.0.0',
      CLAIMSTAMP_ADMIN_TOKEN: 'short',
      CLAIMSTAMP_COLOUR: 'red',
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/CLAIMSTAMP_ADMIN_TOKEN: must be at least 32 printable ASCII characters/);
    expect(stderr).toMatch(/CLAIMSTAMP_COLOUR: there is no such setting/);
    expect(stderr).not.toContain('short');
  });

  it('says so when its port is taken, and lets go of the data folder', async () => {
    const first = await startService(tempFolder());
    const data = tempFolder();
    const second = await run('claimstamp', ['serve'], data, { PORT: String(first.port) });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`port ${first.port} is in use: stop the program that uses it, or set PORT`);
    await first.end('SIGTERM');
    const third = await startService(data);
    expect(await third.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('stopped while it is stopping still ends with 0', async () => {
    const service = await startService(tempFolder());
    void service.end('SIGTERM');
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('answers 401 on /v1 when no admin token was set, but to the token of this machine', async () => {
    const service = await startService(tempFolder(), { CLAIMSTAMP_ADMIN_TOKEN: '' });
    const refused = await api<Problem>(service, 'GET', '/v1/units');
    expect(refused.status).toBe(401);
    const listed = await run('claimstamp', ['product', 'list', '--json'], service.data);
    expect(listed).toMatchObject({ code: 0, stdout: '[]\n' });
    await service.end('SIGTERM');
    expect(service.log()).not.toContain(ADMIN_TOKEN);
  });
});

import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCheckpoint } from '../../src/proof/checkpoint.ts';
import type { Verification } from '../../src/proof/verification.ts';
import { tamper } from '../support/tamper.ts';
import { api, run, startService, tempFolder, type Output, type Service } from '../support/service.ts';

describe('claimstamp verify', () => {
  let service: Service;
  let folder: string;
  const verify = (...args: string[]): Promise<Output> => run('claimstamp', ['verify', ...args], service.data);
  const checkpoint = async (...args: string[]): Promise<string> =>
    (await run('claimstamp', ['checkpoint', ...args], service.data)).stdout;
  const inFolder = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = tempFolder();
    service = await startService(tempFolder());
    await api(service, 'POST', '/v1/units', { product: 'DEMO', count: 50 });
    writeFileSync(inFolder('kept'), await checkpoint());
    writeFileSync(inFolder('key.pem'), await checkpoint('key', '--pem'));
    await api(service, 'POST', '/v1/units', { product: 'DEMO', count: 50 });
    for (const args of [
      ['backup', inFolder('backup.db')],
      ['export', inFolder('units.zip')],
    ])
      expect((await run('claimstamp', args, service.data)).code).toBe(0);
  });

  it('checks the ledger of the data folder beside the running service, and leaves the service its files', async () => {
    const { code, stdout, stderr } = await verify();
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('claimstamp:')]);
    expect(stdout).toContain('No problem found:');
    expect(stdout).toContain('--checkpoint');
    expect((await api(service, 'POST', '/v1/units', { product: 'DEMO', count: 1 })).status).toBe(201);
    expect((await api<{ status: string }>(service, 'GET', '/readyz')).body.status).toBe('ready');
  });

  it('checks a backup and a bundle with what was kept elsewhere, the key in either form', async () => {
    const vkey = (await checkpoint('key')).trim();
    expect(JSON.parse(await checkpoint('key', '--json'))).toMatchObject({
      verifierKey: vkey,
      publicKey: readFileSync(inFolder('key.pem'), 'utf8'),
    });
    writeFileSync(inFolder('vkey'), `${vkey}\n`);
    for (const key of ['key.pem', 'vkey'].map(inFolder).concat(vkey)) {
      for (const file of ['backup.db', 'units.zip'].map(inFolder)) {
        const { code, stdout } = await verify(file, '--checkpoint', inFolder('kept'), '--key', key, '--json');
        const { size } = parseCheckpoint(readFileSync(inFolder('kept'), 'utf8'));
        expect(JSON.parse(stdout) as Verification).toMatchObject({ ok: true, file, findings: [] });
        expect(stdout).toContain(`the given checkpoint signs the first ${size} events`);
        expect(code).toBe(0);
      }
    }
  });

  it('ends with 1 where something does not hold, and says what', async () => {
    const changed = inFolder('changed.db');
    copyFileSync(inFolder('backup.db'), changed);
    tamper(changed, (db) => db.exec(`UPDATE unit SET labels = 7 WHERE id = 40`));
    const { code, stdout } = await verify(changed, '--key', inFolder('key.pem'));
    expect(code).toBe(1);
    expect(stdout).toContain('NOT VALID: 1 problem:');
    expect(stdout).toMatch(/unit 40: labels differs from its events \(unit\.labels, Claim ID \*{8}[0-9A-Z]{2}\)/);
    const shown = JSON.parse((await verify(changed, '--claim-ids', '--json')).stdout) as Verification;
    expect(shown.findings[0]?.uci).toMatch(/^[0-9A-Z]{10}$/);
  });

  it('ends with 1 where the key is another one', async () => {
    const { code, stdout } = await verify(inFolder('backup.db'), '--key', 'elsewhere+00000000+AAAA');
    expect([code, stdout]).toEqual([1, '']);
    const other = await startService(tempFolder());
    const key = (await run('claimstamp', ['checkpoint', 'key'], other.data)).stdout.trim();
    await other.end('SIGTERM');
    const found = await verify(inFolder('backup.db'), '--key', key);
    expect(found.code).toBe(1);
    expect(found.stdout).toContain('is not signed by the key');
  });

  it('takes a data folder for the ledger in it', async () => {
    const { code, stdout } = await verify(service.data);
    expect([code, stdout]).toEqual([0, expect.stringContaining('No problem found:')]);
  });

  it('ends with 1, and one sentence, where there is nothing to check', async () => {
    for (const [args, said] of [
      [['/nowhere/ledger.db'], 'cannot be read: there is no such file'],
      [[folder], 'is a folder without a ledger.db'],
      [['--checkpoint', folder], 'cannot be read: the path is a folder, not a file'],
      [['--key', folder], 'cannot be read: the path is a folder, not a file'],
      [[inFolder('kept')], 'is not a ledger, a bundle or a proof'],
      [['--checkpoint', '/nowhere/kept'], '--checkpoint /nowhere/kept cannot be read: there is no such file'],
      [['--key', '/nowhere/key'], '--key /nowhere/key cannot be read: there is no such file'],
      [['--checkpoint', inFolder('key.pem')], 'not a checkpoint: pass the signed note'],
    ] as const) {
      const { code, stdout, stderr } = await verify(...args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^claimstamp: [^\n]+\n$/);
      expect(stderr).toContain(said);
    }
    const empty = await run('claimstamp', ['verify'], tempFolder());
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('has no ledger')]);
    const data = inFolder('kept');
    const inFile = await run('claimstamp', ['restore', inFolder('backup.db')], data);
    expect([inFile.code, inFile.stderr]).toEqual([
      1,
      `claimstamp: CLAIMSTAMP_DATA=${data}: ${data} is a file, but must be a folder: move the file, or name another folder\n`,
    ]);
  });

  it('finds an older ledger in the data folder, which gives nothing out until it is accepted', async () => {
    const before = parseCheckpoint(await checkpoint()).size;
    await service.end('SIGTERM');
    for (const ending of ['', '-wal', '-shm']) rmSync(join(service.data, `ledger.db${ending}`), { force: true });
    copyFileSync(inFolder('backup.db'), join(service.data, 'ledger.db'));
    const { code, stdout } = await verify();
    expect([code, stdout]).toEqual([1, expect.stringContaining('the end was cut off, or an older copy was restored')]);
    const issue = (): Promise<Output> => run('claimstamp', ['issue', '--product', 'DEMO'], service.data);
    const refused = await issue();
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(`claimstamp checkpoint accept ${before}`),
    ]);
    const accepted = await run('claimstamp', ['checkpoint', 'accept', String(before)], service.data);
    expect(accepted.code, accepted.stderr).toBe(0);
    expect((await issue()).code).toBe(0);
    expect((await verify()).code).toBe(0);
  });
});

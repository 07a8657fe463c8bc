import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { openIssuer } from '../support/issuer.ts';
import { ADMIN_TOKEN, run, startService, tempFolder } from '../support/service.ts';

interface Examined {
  code: number | null;
  findings: Finding[];
}

async function doctor(data: string, env: Record<string, string> = {}): Promise<Examined> {
  const { code, stdout, stderr } = await run('claimstamp', ['doctor', '--json'], data, env);
  expect(stderr).toBe('');
  return { code, findings: JSON.parse(stdout) as Finding[] };
}

const stateOf = ({ findings }: Examined, check: string): string[] =>
  findings.filter((finding) => finding.check === check).map(({ state }) => state);

describe('claimstamp doctor', () => {
  it('before the first start, finds nothing that would prevent it', async () => {
    const examined = await doctor(tempFolder());
    expect(examined.findings.filter(({ state }) => state === 'problem')).toEqual([]);
    expect(stateOf(examined, 'disk')).toHaveLength(1);
    expect(stateOf(examined, 'service')).toEqual(['warning']);
    expect(examined.code).toBe(1);
  });

  it('examines a data folder that does not exist yet', async () => {
    const examined = await doctor(join(tempFolder(), 'not-yet'));
    expect([examined.code, stateOf(examined, 'disk')]).toEqual([1, ['ok']]);
  });

  it('asks the running service, and says what is missing', async () => {
    const data = tempFolder();
    const service = await startService(data);
    const examined = await doctor(data);
    expect(stateOf(examined, 'ledger')).toEqual(['ok']);
    expect(stateOf(examined, 'backup')).toEqual(['warning']);
    expect(stateOf(examined, 'port')).toEqual(['ok']);
    const far = await doctor(tempFolder(), { CLAIMSTAMP_URL: service.url, CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN });
    expect([stateOf(far, 'ledger'), stateOf(far, 'disk')]).toEqual([['ok'], []]);
    await service.end('SIGKILL');
    const ended = await doctor(data);
    expect([stateOf(ended, 'service'), stateOf(ended, 'ledger')]).toEqual([['warning'], ['ok']]);
  });

  it('asks the issuer of the accounts, and looks for a local admin', async () => {
    const issuer = await openIssuer();
    const data = tempFolder();
    const env = issuer.env();
    const service = await startService(data, env);
    const texts = async (): Promise<string[]> =>
      (await doctor(data, env)).findings.filter(({ check }) => check === 'sign-on').map(({ text }) => text);
    expect(await texts()).toEqual([expect.stringContaining('no admin has a password'), `${issuer.url} answers`]);
    await issuer.close();
    expect((await texts())[1]).toContain(`${issuer.url} does not answer`);
    await service.end('SIGTERM');
  });

  it('names settings, folders and ports that cannot be used, and exits with 2', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    const taken = await doctor(tempFolder(), { PORT: String(port) });
    expect([taken.code, stateOf(taken, 'port')]).toEqual([2, ['problem']]);
    server.close();

    const backups = join(tempFolder(), 'none');
    const missing = await doctor(tempFolder(), { CLAIMSTAMP_BACKUP_FOLDER: backups });
    expect([stateOf(missing, 'folders'), stateOf(missing, 'port')]).toEqual([['problem'], ['ok']]);

    const wrong = await doctor(tempFolder(), { PORT: 'x', CLAIMSTAMP_LOG_LEVEL: 'loud' });
    expect([wrong.code, stateOf(wrong, 'settings')]).toEqual([2, ['problem', 'problem']]);

    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    const folder = await doctor(file);
    expect([folder.code, stateOf(folder, 'folders')]).toEqual([2, ['problem']]);
  });

  it('says what to do about an address that this machine does not have', async () => {
    const far = await doctor(tempFolder(), { HOST: '192.0.2.77', CLAIMSTAMP_AGENT_ACCESS: 'open' });
    expect(far.findings.find(({ check }) => check === 'port')?.text).toContain('does not have this address: set HOST');
  });

  it('prints a table for people', async () => {
    const data = tempFolder();
    mkdirSync(data, { recursive: true });
    chmodSync(data, 0o700);
    const { stdout } = await run('claimstamp', ['doctor'], data);
    expect(stdout).toMatch(/^check +state +finding/);
    expect(stdout).toMatch(/^disk +ok|^disk +warning/m);
  });
});

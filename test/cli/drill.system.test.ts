import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, api, run, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A drill on a copy of a running line. With --play, the command does what the person would do. */

interface Held {
  last: Record<string, { outcome: string; people?: string; actor: string; at: string }>;
  drills: { drill: string; outcome: string }[];
}

const heldIn = async (service: Service): Promise<Held> => (await api<Held>(service, 'GET', '/v1/drills')).body;

async function openLine(): Promise<{ service: Service; env: { CLAIMSTAMP_BACKUP_FOLDER: string } }> {
  const env = { CLAIMSTAMP_BACKUP_FOLDER: tempFolder() };
  const service = await startService(tempFolder(), env);
  await until(() => readdirSync(env.CLAIMSTAMP_BACKUP_FOLDER).some((name) => name.endsWith('.db')), 60_000);
  return { service, env };
}

describe('claimstamp drill', () => {
  it.each(['printer', 'network', 'server'])(
    '%s runs on a copy, leaves one event in the ledger of the line, and nothing else',
    async (drill) => {
      const { service, env } = await openLine();
      const held = await run('claimstamp', ['drill', drill, '--play', '--people', 'Ann, Lin'], service.data, env);
      expect(held, held.stdout + held.stderr).toMatchObject({ code: 0 });
      expect(held.stdout).toMatch(/TRAINING: drill/);
      expect(held.stdout).toMatch(/The drill passed, \d+ seconds/);
      const { last, drills } = await heldIn(service);
      expect(drills).toHaveLength(1);
      expect(last[drill]).toMatchObject({ outcome: 'passed', people: 'Ann, Lin', actor: 'local' });
      const listed = await run('claimstamp', ['drill', 'list'], service.data);
      expect(listed.stdout).toMatch(new RegExp(`${drill} +\\S+ +passed`));
      await service.end('SIGTERM');
      const { ucis, lines } = audit(service.data);
      expect(ucis, 'no unit of a drill is in the ledger of the line').toEqual([]);
      expect(lines.filter((line) => line.includes('TRAINING'))).toEqual([]);
    },
    120_000,
  );

  it('refuses the port of the line, and records a drill that was held without the command', async () => {
    const { service } = await openLine();
    const refused = await run('claimstamp', ['drill', 'printer', '--port', String(service.port)], service.data);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('is the port of the line');
    const args = ['drill', 'record', 'network', 'failed', '--seconds', '900', '--note', 'no labels were reserved'];
    expect(await run('claimstamp', args, service.data)).toMatchObject({ code: 0 });
    expect((await heldIn(service)).last['network']).toMatchObject({ outcome: 'failed' });
    const asked = await fetch(`${service.url}/v1/ledger.csv?of=events&type=drill-held`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(await asked.text()).toMatch(/drill-held.*no labels were reserved/);
  });
});

describe('a data folder for training', () => {
  it('serves only this machine with a banner, whatever the settings say, and writes nothing for the line', async () => {
    const { service, env } = await openLine();
    expect(await (await fetch(`${service.url}/sign-in`)).text()).not.toContain('TRAINING');
    // From here on, only the copy could write to the folder of backups.
    await service.end('SIGTERM');
    const data = tempFolder();
    const copied = await run('claimstamp', ['restore', env.CLAIMSTAMP_BACKUP_FOLDER, '--copy'], data, env);
    expect(copied, copied.stderr).toMatchObject({ code: 0 });
    const before = readdirSync(env.CLAIMSTAMP_BACKUP_FOLDER);
    const settings = { ...env, HOST: '0.0.0.0', PORT: String(service.port), CLAIMSTAMP_AGENT_ACCESS: 'open' };
    const copy = await startService(data, settings);
    expect(new URL(copy.url)).toMatchObject({ hostname: '127.0.0.1' });
    expect(copy.port).not.toBe(service.port);
    const page = await (await fetch(`${copy.url}/sign-in`)).text();
    for (const words of ['TRAINING: this is a copy', 'PRÁCTICA', '演练']) expect(page).toContain(words);
    await api(copy, 'PUT', '/v1/printers/zebra', { kind: 'raw9100', host: '192.0.2.1' });
    expect(await api(copy, 'POST', '/v1/printers/zebra/test')).toMatchObject({ status: 200 });
    const [label = ''] = readdirSync(join(data, 'print', 'zebra'));
    expect(readFileSync(join(data, 'print', 'zebra', label), 'utf8')).toContain('^XA');
    await copy.end('SIGTERM');
    expect(readdirSync(env.CLAIMSTAMP_BACKUP_FOLDER)).toEqual(before);
    const again = await run('claimstamp', ['restore', env.CLAIMSTAMP_BACKUP_FOLDER, '--take-over'], data, env);
    expect(again.stderr).toContain('contains a copy');
  });
});

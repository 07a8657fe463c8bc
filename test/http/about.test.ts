import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseLine } from '../../src/model/event.ts';
import { packageRoot, version } from '../../src/platform/package-root.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, openDesk, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

/** What `/v1/health` and `/v1/settings` say of a service, and a backup that a person asks for. */

interface Health {
  attention: boolean;
  problems: string[];
  alarms: { code: string }[];
  backups?: { making: boolean; lastAt?: string; nextAt?: string; failures: number; problem?: string };
  checkpoint?: { size: number; root: string };
  key: { fingerprint: string; verifierKey: string };
  version: string;
  data: { folder: string };
}

interface Setting {
  name: string;
  variable: string;
  value?: string;
  set: boolean;
  source: string;
}

test('a service that needs nobody says so, with its newest checkpoint and the fingerprint of its key', async () => {
  const { app, ask, data } = await openDesk();
  const note = await app.request('/v1/ledger/checkpoint', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  expect(note.status).toBe(200);
  const { body } = await ask<Health>('GET', '/v1/health');
  expect(body).toMatchObject({ attention: false, problems: [], alarms: [], version, data: { folder: data } });
  expect(body.backups).toBeUndefined();
  expect(body.checkpoint?.root).toMatch(/^[0-9a-f]{64}$/);
  // The usual name of a ledger is its fingerprint, and begins the verifier key.
  expect(body.key.verifierKey.startsWith(`claimstamp/${body.key.fingerprint}+`)).toBe(true);
});

test('without a folder for backups, no backup is made', async () => {
  const { ask } = await openDesk();
  const { status, body } = await ask<{ detail: string }>('POST', '/v1/backups');
  expect(status).toBe(404);
  expect(body.detail).toContain('CLAIMSTAMP_BACKUP_FOLDER');
});

test('a backup that a person asks for is in the folder, and the ledger says who asked', async () => {
  const folder = tempFolder();
  const { ask, agent, data } = await openDesk({ CLAIMSTAMP_BACKUP_FOLDER: folder, CLAIMSTAMP_BACKUP_EVERY: '24' });
  await agent({ product: 'DEMO' });
  const { status, body } = await ask<Health['backups'] & object>('POST', '/v1/backups');
  expect(status).toBe(202);
  expect(body.making).toBe(true);
  const backups = async (): Promise<Health['backups']> => (await ask<Health>('GET', '/v1/health')).body.backups;
  await until(async () => (await backups())?.making === false);
  const after = await backups();
  expect(after).toMatchObject({ failures: 0 });
  expect(Date.parse(after?.nextAt ?? '') - Date.parse(after?.lastAt ?? '')).toBe(24 * 60 * 60 * 1000);
  expect(readdirSync(folder).filter((name) => name.endsWith('.db'))).toHaveLength(1);
  const [read] = audit(data)
    .lines.map(parseLine)
    .filter(({ type }) => type === 'bulk-read');
  expect(read).toMatchObject({ actor: 'admin', data: { what: 'backup', count: 1 } });
});

test('a backup that cannot be made says why, and when the service tries again', async () => {
  const folder = join(tempFolder(), 'not-there');
  const { ask } = await openDesk({ CLAIMSTAMP_BACKUP_FOLDER: folder });
  await ask('POST', '/v1/backups');
  const backups = async (): Promise<Health['backups']> => (await ask<Health>('GET', '/v1/health')).body.backups;
  await until(async () => (await backups())?.making === false);
  const after = await backups();
  expect(after).toMatchObject({ failures: 1, problem: expect.stringContaining(folder) });
  expect(Date.parse(after?.nextAt ?? '')).toBeGreaterThan(Date.now());
});

test('each setting has its value and source, and no secret is shown', async () => {
  const { ask } = await openDesk({
    CLAIMSTAMP_SITE: 'P2',
    CLAIMSTAMP_TRUSTED_PROXIES: '10.0.0.1,10.0.0.2',
    CLAIMSTAMP_AGENT_ACCESS: 'open',
  });
  const { body } = await ask<{ settings: Setting[] }>('GET', '/v1/settings');
  const of = (name: string): Setting | undefined => body.settings.find((one) => one.name === name);
  expect(of('site')).toMatchObject({ value: 'P2', variable: 'CLAIMSTAMP_SITE', source: 'environment CLAIMSTAMP_SITE' });
  expect(of('trustedProxies')?.value).toBe('10.0.0.1, 10.0.0.2');
  expect(of('backupEvery')).toMatchObject({ value: '24', source: 'default' });
  expect(of('adminToken')).toMatchObject({ set: true, source: 'environment CLAIMSTAMP_ADMIN_TOKEN' });
  expect(of('adminToken')).not.toHaveProperty('value');
  expect(JSON.stringify(body)).not.toContain(ADMIN_TOKEN);
});

test('anybody may read the licences', async () => {
  const { app } = await openDesk();
  const answer = await app.request('/licences.txt');
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await answer.text()).toBe(readFileSync(join(packageRoot, 'THIRD_PARTY_NOTICES'), 'utf8'));
});

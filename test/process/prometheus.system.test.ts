import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { freePort } from '../support/free-port.ts';
import { ADMIN_TOKEN, api, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A real Prometheus with the rules of deploy/ reads the metrics of a real service. */

const RULES = join(packageRoot, 'deploy', 'prometheus-rules.yml');

/** The service looks every 15 seconds. */
const PATIENCE_MS = 45_000;

let service: Service;
let prometheus: ChildProcess;
let address: string;
let said = '';

beforeAll(async () => {
  service = await startService(tempFolder());
  const folder = tempFolder();
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'token'), ADMIN_TOKEN, { mode: 0o600 });
  const settings = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: [
      {
        job_name: 'claimstamp',
        authorization: { credentials_file: join(folder, 'token') },
        static_configs: [{ targets: [`127.0.0.1:${service.port}`] }],
      },
    ],
  };
  // JSON is YAML too.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(settings));
  prometheus = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  prometheus.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  await until(async () => (await fetch(`${address}/-/ready`).catch(() => undefined))?.ok === true);
});
afterAll(async () => {
  const ended = new Promise((resolve) => prometheus.once('exit', resolve));
  prometheus.kill('SIGTERM');
  await ended;
  await service.end('SIGTERM');
});

interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing';
}

async function firing(name: string): Promise<Alert[]> {
  const answer = await fetch(`${address}/api/v1/alerts`);
  const { data } = (await answer.json()) as { data: { alerts: Alert[] } };
  return data.alerts.filter(({ labels, state }) => labels['alertname'] === name && state === 'firing');
}

async function valueOf(query: string): Promise<string | undefined> {
  const answer = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
}

describe('a real Prometheus', () => {
  it('reads the metrics of the service', async () => {
    await until(async () => (await valueOf('up{job="claimstamp"}')) === '1');
    await until(async () => (await valueOf('claimstamp_disk_free_bytes > 0')) !== undefined);
    expect(await valueOf('claimstamp_build_info')).toBe('1');
    expect(said).not.toMatch(/level=(error|warn)/);
  });

  it('fires the alert of a token that expires soon, and ends it when the token is revoked', async () => {
    const token = { name: 'mes', role: 'qa', expiresInDays: 10 };
    expect((await api(service, 'POST', '/v1/tokens', token)).status).toBe(201);
    await until(async () => (await firing('ClaimstampTokenExpires')).length === 1, PATIENCE_MS);
    const [alert] = await firing('ClaimstampTokenExpires');
    expect(alert?.labels).toMatchObject({ token: 'mes', severity: 'ticket' });
    expect(alert?.annotations['summary']).toMatch(/^The token mes expires in 9d 23h/);
    await api(service, 'DELETE', '/v1/tokens/mes');
    await until(async () => (await firing('ClaimstampTokenExpires')).length === 0, PATIENCE_MS);
  });

  it('fires the alert of a printer token that expires soon, and ends it when a new token is made', async () => {
    const path = '/v1/printers/pc-1';
    expect((await api(service, 'PUT', path, { kind: 'agent', format: 'zpl' })).status).toBe(200);
    const expiresAt = new Date(Date.now() + 10 * 86_400_000).toISOString();
    expect((await api(service, 'POST', `${path}/token`, { expiresAt })).status).toBe(201);
    await until(async () => (await firing('ClaimstampPrinterTokenExpires')).length === 1, PATIENCE_MS);
    const [alert] = await firing('ClaimstampPrinterTokenExpires');
    expect(alert?.labels).toMatchObject({ printer: 'pc-1', severity: 'ticket' });
    expect(alert?.annotations['summary']).toMatch(/^The token of the print agent of pc-1 expires in 9d 23h/);
    expect((await api(service, 'POST', `${path}/token`, {})).status).toBe(201);
    await until(async () => (await firing('ClaimstampPrinterTokenExpires')).length === 0, PATIENCE_MS);
  });

  it('finds no other alert in a new installation', async () => {
    const answer = await fetch(`${address}/api/v1/alerts`);
    expect(((await answer.json()) as { data: { alerts: Alert[] } }).data.alerts).toEqual([]);
  });
});

/** promtool calculates nearly three weeks of alerts, which takes a minute and a half on a slow machine. */
const RULES_MS = 300_000;

describe('promtool', () => {
  it.each([
    ['check', 'prometheus-rules.yml'],
    ['test', 'prometheus-rules.test.yml'],
  ])(
    'accepts the rules: %s rules %s',
    (what, file) => {
      const { status, stdout, stderr } = spawnSync('promtool', [what, 'rules', file], {
        cwd: join(packageRoot, 'deploy'),
        encoding: 'utf8',
      });
      expect({ status, stderr, stdout }).toMatchObject({ status: 0 });
      expect(stdout).toContain('SUCCESS');
    },
    RULES_MS,
  );

  it('accepts the metrics of the service', async () => {
    const answer = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await answer.text(),
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

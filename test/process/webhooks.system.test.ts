import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { certify, makeAuthority } from '../support/pki.ts';
import { api, run, secrets, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts';

interface Shown {
  name: string;
  state: string;
  delivered: number;
  waiting: number;
  failing?: { result: string };
}

const ALLOW = { CLAIMSTAMP_WEBHOOK_ALLOW: 'localhost,127.0.0.0/8,::1' };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function receiving(tls?: { key: string; cert: string }): Promise<Receiver> {
  const receiver = await openReceiver(tls);
  closing.push(() => receiver.close());
  return receiver;
}

const one = async (service: Service): Promise<Shown | undefined> =>
  (await api<{ webhooks: Shown[] }>(service, 'GET', '/v1/webhooks')).body.webhooks[0];

async function add(service: Service, receiver: Receiver, url = receiver.url): Promise<void> {
  const { body } = await api<{ secret: string }>(service, 'POST', '/v1/webhooks', { name: 'erp', url, after: 0 });
  receiver.secrets.push(body.secret);
}

describe('webhooks of a running service', () => {
  it('lose nothing when the service is killed again and again', async () => {
    const data = tempFolder();
    const receiver = await receiving();
    let service = await startService(data, ALLOW);
    for (let roll = 0; roll < 3; roll++)
      await api(service, 'POST', '/v1/reservations', { name: `roll-${roll}`, product: 'DEMO', count: 500 });
    receiver.does((requests) => (requests % 100 === 0 ? 'lose' : 'accept'));
    await add(service, receiver);
    for (let count = 300; count <= 900; count += 300) {
      await until(() => receiver.stored.length >= count, 60_000);
      await service.end('SIGKILL');
      service = await startService(data, ALLOW);
    }
    await until(async () => ((await one(service))?.waiting === 0 ? true : undefined), 60_000);
    expect(receiver.wrong()).toEqual([]);
    expect(receiver.stored.findIndex(({ data: { seq } }, at) => seq !== at + 1)).toBe(-1);
    expect(receiver.stored.length).toBeGreaterThan(1500);
    await service.end('SIGTERM');
  });

  it('trust only certificates of known authorities', async () => {
    const authority = makeAuthority();
    const pair = certify(authority, 'localhost');
    const receiver = await receiving({ key: readFileSync(pair.key, 'utf8'), cert: readFileSync(pair.cert, 'utf8') });
    const url = receiver.url.replace('127.0.0.1', 'localhost');
    const data = tempFolder();
    const before = await startService(data, ALLOW);
    await add(before, receiver, url);
    const { failing } = await until(async () => {
      const shown = await one(before);
      return shown?.state === 'failing' && shown;
    });
    expect(failing?.result).toMatch(/^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/);
    expect(receiver.requests()).toBe(0);
    await before.end('SIGTERM');
    const service = await startService(data, { ...ALLOW, NODE_EXTRA_CA_CERTS: authority.file });
    await api(service, 'POST', '/v1/webhooks/erp/resume', {});
    await until(async () => (await one(service))?.state === 'running' && receiver.stored.length > 0);
    expect(receiver.wrong()).toEqual([]);
    await service.end('SIGTERM');
  });

  it('that the receiver wants no more are paused, and told', async () => {
    const receiver = await receiving();
    receiver.does(() => 410);
    const service = await startService(tempFolder(), ALLOW);
    await add(service, receiver);
    await until(async () => (await one(service))?.state === 'paused');
    const forecast = await until(async () => {
      const { body } = await api<{ forecasts: { code: string; level: string }[] }>(service, 'GET', '/readyz');
      return body.forecasts.find(({ code }) => code === 'webhook');
    }, 40_000);
    expect(forecast).toEqual({ code: 'webhook', level: 'critical', count: 1 });
    await until(() => service.log().includes('"alarm":"webhook"') || service.log().includes('Webhook erp is paused'));
    await service.end('SIGTERM');
  });
});

describe('claimstamp webhook', () => {
  it('adds, lists, changes, pauses, replays and removes webhooks', async () => {
    const receiver = await receiving();
    const data = tempFolder();
    const service = await startService(data, ALLOW);
    const webhook = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('claimstamp', ['webhook', ...args], data, ALLOW);
      expect(stderr.startsWith('claimstamp:') ? stderr : code).toBe(0);
      return stdout.trim();
    };
    const secret = await webhook('add', 'erp', receiver.url, '--after', '0');
    secrets.add(secret);
    receiver.secrets.push(secret);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    await until(async () => (await one(service))?.waiting === 0);
    // The first events came before the receiver knew the secret that the command printed.
    const early = receiver.wrong().length;
    expect(await webhook('list')).toMatch(/erp +http:\/\/127\.0\.0\.1:\d+ +running +\d+ +0 +all +masked/);
    expect(await webhook('log', 'erp', '--limit', '1')).toMatch(/TIME +EVENT +RESULT +MS\n\S+ +\d+ +204/);
    await webhook('set', 'erp', '--type', 'issued,void', '--reveal');
    expect(await webhook('list')).toContain('issued,void  complete');
    await webhook('set', 'erp', '--type', '', '--no-reveal');
    expect(await webhook('pause', 'erp')).toBe('erp is paused');
    expect(await webhook('list')).toContain('paused');
    expect(await webhook('resume', 'erp')).toBe('erp continues');
    expect(await webhook('replay', 'erp', '--after', '0')).toBe('erp sends the events after 0');
    await until(() => receiver.repeated() > 0);
    const next = await webhook('rotate', 'erp', '--keep', '1');
    secrets.add(next);
    expect(next).not.toBe(secret);
    expect(await webhook('remove', 'erp')).toBe('erp is removed');
    const { code, stderr } = await run('claimstamp', ['webhook', 'pause', 'erp'], data, ALLOW);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'claimstamp: there is no webhook erp\n' });
    expect(receiver.wrong().slice(early)).toEqual([]);
    await service.end('SIGTERM');
    // Without a service, the command reads and changes the webhooks, and sends nothing.
    const before = receiver.requests();
    secrets.add(await webhook('add', 'mes', receiver.url, '--after', '0'));
    expect(await webhook('list')).toContain('mes');
    expect(receiver.requests()).toBe(before);
  });
});

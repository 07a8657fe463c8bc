import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFailio, type Failio } from '../../torture/failio.ts';
import { ADMIN_TOKEN, api, startService, tempFolder, type Problem, type Service } from '../support/service.ts';

describe.runIf(process.platform === 'linux')('when the disk is full', () => {
  let service: Service;
  let failio: Failio;
  let ucis: string[];
  beforeAll(async () => {
    failio = compileFailio(tempFolder());
    service = await startService(tempFolder(), failio.env);
    const made = await api<{ units: { uci: string }[] }>(service, 'POST', '/v1/units', { product: 'FULL', count: 3 });
    ucis = made.body.units.map(({ uci }) => uci);
    await api(service, 'PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'pdf' });
    for (const uci of ucis) await api(service, 'POST', `/v1/units/${uci}/print`, { printer: 'P' });
    failio.arm('write -wal 1 ENOSPC fail always');
  });
  afterAll(async () => {
    failio.disarm();
    await service.end('SIGTERM');
  });

  it.each([
    ['GET', '/v1/units', undefined],
    ['GET', '/v1/labels/data', undefined],
    ['POST', '/v1/labels', { product: 'FULL' }],
    ['GET', '/v1/print-jobs?reveal=true', undefined],

    ['GET', '/v1/ledger.csv', undefined],
    ['GET', '/v1/ledger.zip?of=events', undefined],
  ])('%s %s gives nothing that the ledger cannot note', async (method, path, body) => {
    const answer = await api<Problem>(service, method, path, body);
    expect(answer.status).toBe(507);
    expect(answer.body.type).toBe('urn:claimstamp:problem:disk-full');
    for (const uci of ucis) expect(JSON.stringify(answer.body)).not.toContain(uci);
  });

  it('one unit and its label are looked up all the same', async () => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    for (const rest of ['', '/events', '/label.pdf', '/label.json', '/device.json5']) {
      expect((await fetch(`${service.url}/v1/units/${ucis[0]}${rest}`, { headers })).status, rest).toBe(200);
    }
    expect((await fetch(`${service.url}/v1/print-jobs`, { headers })).status).toBe(200);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFailio, type Failio } from '../../torture/failio.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { ADMIN_TOKEN, api, startService, tempFolder, type Problem, type Service } from '../support/service.ts';

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
const ask = (service: Service, address: string): Promise<Response> =>
  fetch(`${service.url}/v1/ledger.${address}`, { headers });

describe.runIf(process.platform === 'linux')('when the disk of the spool is full', () => {
  let service: Service;
  let failio: Failio;
  beforeAll(async () => {
    failio = compileFailio(tempFolder());
    service = await startService(tempFolder(), failio.env);
    await api(service, 'POST', '/v1/units', { product: 'FULL', count: 3 });
  });
  afterAll(async () => {
    failio.disarm();
    await service.end('SIGTERM');
  });

  it.each(['csv', 'jsonl', 'xlsx', 'zip'])('.%s is refused, and the line goes on', async (format) => {
    failio.arm(`write .${format} 1 ENOSPC fail always`);
    const answer = await ask(service, format);
    expect(answer.status).toBe(507);
    expect(((await answer.json()) as Problem).detail).toMatch(
      /too little space for this file, because the service keeps some space free for the line: free some space on this disk/,
    );
    expect(failio.made()).toBe(true);
    idOf(await attempt(service.port, '{"product":"FULL"}'));
    failio.disarm();
    expect((await ask(service, format)).status).toBe(200);
  });

  it('nothing of it is in the log', () => {
    expect(service.log()).not.toContain('a request failed inside');
  });
});

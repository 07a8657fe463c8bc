import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attempt, idOf } from '../support/agent-wire.ts';
import { pages, read, spool } from '../support/drawn-labels.ts';
import { ADMIN_TOKEN, api, startService, tempFolder } from '../support/service.ts';
import { until } from '../support/until.ts';

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
const MANY = 10_000;

describe(`while ${MANY} labels are drawn`, () => {
  it('agents are answered; a reader that leaves keeps no file open; SIGTERM waits for no label', async () => {
    const data = tempFolder();
    const service = await startService(data);
    for (let i = 0; i < MANY / 1000; i++) await api(service, 'POST', '/v1/units', { product: 'DEMO', count: 1000 });
    const ask = (copies = 1): Promise<Response> => {
      const body = JSON.stringify({ product: 'DEMO', status: 'issued', copies });
      return fetch(`${service.url}/v1/labels`, { method: 'POST', headers, body });
    };
    const over = new AbortController();
    const whole = ask().finally(() => over.abort());
    await until(async () => (spool(data).length > 0 ? true : undefined));
    let answered = 0;
    for (; !over.signal.aborted; answered++)
      idOf(await attempt(service.port, JSON.stringify({ product: 'LINE', mac: `m-${answered}` })));
    expect(answered).toBeGreaterThan(10);
    const drawn = await read(await whole);
    expect(drawn.labels).toBe(String(MANY));
    expect(pages(drawn)).toBe(MANY);

    const left = await ask();
    await left.body?.cancel();
    const { pid } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { pid: number };
    await until(async () => (openFiles(pid).some((file) => file.includes('/spool/')) ? undefined : true));

    const cut = ask(10).catch((error: unknown) => error);
    await until(async () => (spool(data).length > 0 ? true : undefined));
    const began = performance.now();
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(10_000);
    await cut;
    const again = await startService(data);
    expect(spool(data)).toEqual([]);
    await again.end('SIGTERM');
    // Labels get only what agents and other tests leave of the processor.
  });
});

function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return []; // Closed meanwhile.
    }
  });
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { api, openDesk, run, startService, tempFolder } from '../support/service.ts';

/** The whole of standard output is the Claim ID: a newline would end up in the device. */
const BARE = /^[0-9A-HJKMNP-TV-Z]{10}$/;

describe("serialize, the agent's command mode", () => {
  it('prints a Claim ID without a newline, by the running service', async () => {
    const service = await startService(tempFolder());
    const { code, stdout, stderr } = await run('serialize', ['DEMO'], service.data);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(BARE);
    await service.end('SIGTERM');
    expect(audit(service.data).ucis).toEqual([stdout]);
  });

  it('prints a Claim ID without a newline, from a ledger that no service holds', async () => {
    const desk = await openDesk();
    await desk.close();
    const { code, stdout, stderr } = await run('serialize', ['DEMO'], desk.data);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(BARE);
    expect(audit(desk.data).ucis).toEqual([stdout]);
  });

  it("asks the address in CLAIMSTAMP_URL, a station's key included", async () => {
    const service = await startService(tempFolder());
    const { key, url } = (await api<{ key: string; url: string }>(service, 'POST', '/v1/stations/default/key')).body;
    const none = join(tempFolder(), 'none');
    for (const address of [service.url, `${service.url}/`, `${service.url}/ioto/serialize`, url]) {
      const { code, stdout } = await run('serialize', ['DEMO'], none, { CLAIMSTAMP_URL: address });
      expect({ code, bare: BARE.test(stdout) }, address.replace(key, '…')).toEqual({ code: 0, bare: true });
    }
    expect(existsSync(none)).toBe(false);
    await service.end('SIGTERM');
    expect(audit(service.data).ucis.length).toBe(4);
    expect(service.log()).not.toContain(key);
  });

  it('never makes a ledger, and is silent on standard output when it cannot', async () => {
    const data = tempFolder();
    const nothing = await run('serialize', ['DEMO'], data);
    expect(nothing).toMatchObject({ code: 1, stdout: '' });
    expect(nothing.stderr).toMatch(/ has no running service and no ledger/);
    expect(readdirSync(data)).toEqual([]);
    const missing = join(data, 'none');
    expect(await run('serialize', ['DEMO'], missing)).toMatchObject({ code: 1, stdout: '' });
    expect(existsSync(missing)).toBe(false);
  });

  it.each([
    ['no product', [], {}],
    ['two products', ['DEMO', 'OTHER'], {}],
    ['an option', ['--help'], {}],
    ['a product that is none', ['no spaces'], {}],
    ['a product nobody set up, in strict mode', ['DEMO'], { CLAIMSTAMP_PRODUCTS: 'strict' }],
    ['a service that is not there', ['DEMO'], { CLAIMSTAMP_URL: 'http://127.0.0.1:9' }],
    ['settings that are wrong', ['DEMO'], { CLAIMSTAMP_COLOUR: 'red' }],
  ])('is silent on standard output and exits with 1 for %s', async (_, args, env: Record<string, string>) => {
    const desk = await openDesk();
    await desk.close();
    const before = audit(desk.data).lines;
    const { code, stdout, stderr } = await run('serialize', args, desk.data, env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^claimstamp: /);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(audit(desk.data).lines).toEqual(before);
  });

  it('a service that refuses is the last word: nothing is issued behind its back', async () => {
    const service = await startService(tempFolder(), { CLAIMSTAMP_PRODUCTS: 'strict' });
    const { code, stdout, stderr } = await run('serialize', ['DEMO'], service.data);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/product DEMO is not set up/);
    await service.end('SIGTERM');
    expect(audit(service.data).ucis).toEqual([]);
  });
});

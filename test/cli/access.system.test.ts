import { rmSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { run, startService, tempFolder, type Output, type Service } from '../support/service.ts';

describe.each(['with a running service', 'without a running service'])('claimstamp, %s', (how) => {
  let data: string;
  let service: Service | undefined;
  let secrets: string[] = [];
  beforeAll(async () => {
    secrets = [];
    data = tempFolder();
    service = await startService(data);
    if (how === 'with a running service') return;
    await service.end('SIGTERM');
    service = undefined;
  });
  afterAll(async () => {
    await service?.end('SIGTERM');
    const written = (service?.log() ?? '') + audit(data).lines.join('\n');
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) expect(written).not.toContain(secret);
  });
  const claimstamp = (...args: string[]): Promise<Output> => run('claimstamp', args, data);

  it('token create prints the token alone; list and revoke know it by its name', async () => {
    const { code, stdout, stderr } = await claimstamp('token', 'create', 'ci', '--role', 'qa', '--expires', '7');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cst_[A-Za-z0-9_-]{43}\n$/);
    expect(stderr).toMatch(/^token ci \(qa\) is valid until \d{4}-.*Z\n$/);
    secrets.push(stdout.trim());
    if (service) {
      const headers = { authorization: `Bearer ${stdout.trim()}` };
      expect((await fetch(`${service.url}/v1/units`, { headers })).status).toBe(200);
    }
    const scopes = ['--scope', 'units:read', '--scope', 'units:make'];
    const args = ['token', 'create', 'shop', '--role', 'service', ...scopes, '--expires', 'never', '--json'];
    const json = await claimstamp(...args);
    const made = JSON.parse(json.stdout) as { token: string; scopes: string[] };
    expect(made).toMatchObject({ name: 'shop', role: 'service', scopes: ['units:read', 'units:make'] });
    secrets.push(made.token);
    expect((await claimstamp('token', 'revoke', 'ci')).stdout).toBe('ci is revoked\n');
    const { stdout: listed } = await claimstamp('token', 'list');
    expect(listed).toMatch(/^TOKEN +ROLE +SCOPES +VALID UNTIL +LAST USED\n/);
    expect(listed).toMatch(/^ci +qa +revoked /m);
    expect(listed).toMatch(/^shop +service +units:read units:make +never +never$/m);
  });

  it('token create says what is wrong, and prints nothing on standard output', async () => {
    for (const [args, why] of [
      [['ci-2'], /--role/],
      [['ci-2', '--role', 'boss'], /Allowed choices/],
      [['ci-2', '--role', 'service'], /needs scopes/],
      [['ci-2', '--role', 'qa', '--expires', 'soon'], /not a whole number/],
      [['shop', '--role', 'qa'], /the name shop is or was used for a token/],
    ] as const) {
      const { code, stdout, stderr } = await claimstamp('token', 'create', ...args);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(why);
    }
  });

  it('person set, link, list and remove', async () => {
    expect((await claimstamp('person', 'set', 'lin', '--role', 'qa')).stdout).toBe('{"name":"lin","role":"qa"}\n');
    // No admin can sign in yet: the link for who comes first still opens.
    expect(existsSync(join(data, 'sign-in.txt'))).toBe(true);
    expect((await claimstamp('person', 'list')).stdout).toMatch(/^lin +qa +not yet: claimstamp person link$/m);
    const { stdout, stderr } = await claimstamp('person', 'link', 'lin');
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in\/[A-Za-z0-9_-]{43}\n$/);
    expect(stderr).toMatch(/^lin can use it once, until /);
    secrets.push(stdout.trim().slice(-43));
    expect((await claimstamp('person', 'list')).stdout).toMatch(/^lin +qa +link until /m);
    expect((await claimstamp('person', 'remove', 'lin')).stdout).toBe('lin is removed\n');
    expect((await claimstamp('person', 'list')).stdout).toMatch(/^lin +qa +removed /m);
    expect((await claimstamp('person', 'link', 'lin')).stderr).toMatch(/there is no person named lin/);
  });

  it('person set keeps what is not named, and asks for the role of a new person', async () => {
    const badge = (...args: string[]) => claimstamp('person', 'set', 'olga', ...args);
    const refused = await badge('--badge', 'OP-4711');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/"role": is missing/);
    await badge('--role', 'admin');
    for (const args of [['--badge', 'OP-4711'], ['--badge', ''], ['--no-badge']]) {
      expect((await badge(...args)).stdout).toBe('{"name":"olga","role":"admin"}\n');
    }
  });

  it('hold-code create prints the code alone; list and withdraw know it by its name', async () => {
    const { code, stdout, stderr } = await claimstamp('hold-code', 'create', 'envelope-1', '--expires', '30');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}\n$/)]);
    expect(stderr).toMatch(/^hold code envelope-1 works once, until \d{4}-/);
    const json = await claimstamp('hold-code', 'create', 'envelope-2', '--json');
    const made = JSON.parse(json.stdout) as { name: string; code: string; expiresAt: string };
    expect(made.name).toBe('envelope-2');
    secrets.push(stdout.trim(), made.code);
    const year = Date.parse(made.expiresAt) - Date.now();
    expect(Math.round(year / 86_400_000), 'the default').toBe(365);
    expect((await claimstamp('hold-code', 'withdraw', 'envelope-1')).stdout).toBe('envelope-1 is withdrawn\n');
    const { stdout: listed } = await claimstamp('hold-code', 'list');
    expect(listed).toMatch(/^HOLD CODE +STATE\n/);
    expect(listed).toMatch(/^envelope-1 +withdrawn \d{4}-/m);
    expect(listed).toMatch(/^envelope-2 +valid until \d{4}-/m);
    for (const [args, why] of [
      [['create', 'envelope-1'], /envelope-1/],
      [['withdraw', 'none'], /none/],
    ] as const) {
      const refused = await claimstamp('hold-code', ...args);
      expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(why);
    }
  });

  it('product remove removes a product without units, and refuses others with the reason', async () => {
    for (const id of ['SPARE', 'USED']) await claimstamp('product', 'set', id);
    expect((await claimstamp('issue', '--product', 'USED')).code).toBe(0);
    expect((await claimstamp('product', 'remove', 'SPARE')).stdout).toBe('SPARE is removed\n');
    const { stdout: listed } = await claimstamp('product', 'list');
    expect(listed).toContain('USED');
    expect(listed).not.toContain('SPARE');
    for (const [id, why] of [
      ['USED', /USED.*unit/],
      ['SPARE', /SPARE/],
    ] as const) {
      const refused = await claimstamp('product', 'remove', id);
      expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(why);
    }
    if (service === undefined) return;
    expect(audit(data).lines.filter((line) => line.includes('"type":"product-removed"'))).toHaveLength(1);
  });

  it('station kiosk makes a link, and closes the screens', async () => {
    const { stdout, stderr } = await claimstamp('station', 'kiosk', 'default');
    expect(stdout).toMatch(/\/sign-in\/[A-Za-z0-9_-]{43}\n$/);
    expect(stderr).toMatch(/^open it on the screen at default by .*; it works only once/);
    secrets.push(stdout.trim().slice(-43));
    expect((await claimstamp('station', 'kiosk', 'default', '--close')).stdout).toBe(
      'the screens of default are closed\n',
    );
    expect((await claimstamp('station', 'kiosk', 'none')).stderr).toMatch(/there is no station none/);
  });

  it('station key says until when the former key works', async () => {
    const key = async (...args: string[]): Promise<Output & { key: string; formerUntil?: string }> => {
      const output = await claimstamp('station', 'key', 'default', ...args);
      const answer = JSON.parse(output.stdout) as { key: string; formerUntil?: string };
      secrets.push(answer.key);
      return { ...output, ...answer };
    };
    expect((await key()).stderr).toBe('no other key works\n');
    const second = await key();
    const hours = (Date.parse(second.formerUntil as string) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(71.9);
    expect(hours).toBeLessThanOrEqual(72);
    expect(second.stderr).toBe(`the previous key works until ${second.formerUntil}\n`);
    expect((await key('--overlap-hours', '0')).stderr).toBe('no other key works\n');
    expect((await claimstamp('station', 'key', 'default', '--withdraw')).stdout).toBe('{"station":"default"}\n');
  });
});

it('a first start makes the way in anew when its file was lost', async () => {
  const data = tempFolder();
  const file = join(data, 'sign-in.txt');
  const first = await startService(data, { CLAIMSTAMP_PUBLIC_URL: 'https://stamp.example/' });
  expect(readFileSync(file, 'utf8')).toMatch(/^https:\/\/stamp\.example\/sign-in\/[A-Za-z0-9_-]{43}\n$/);
  rmSync(file);
  await first.end('SIGTERM');
  await startService(data);
  expect(existsSync(file)).toBe(true);
});

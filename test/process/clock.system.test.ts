import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { api, run, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { attempt } from '../support/agent-wire.ts';

/* The real service with a wall clock that is wrong (torture/clock.c). */

let library: string;

beforeAll(() => {
  library = join(tempFolder(), 'clock.so');
  const source = join(packageRoot, 'torture', 'clock.c');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});

/** Starts the service with a clock that differs from the true time by `addMs`. `set` changes the difference. */
async function startedAt(addMs: number, data = tempFolder()): Promise<{ service: Service; set: (ms: number) => void }> {
  const control = join(tempFolder(), 'clock');
  const set = (ms: number): void => writeFileSync(control, `${Math.round(ms)} 0\n`);
  set(addMs);
  return { service: await startService(data, { LD_PRELOAD: library, CLOCK_CONTROL: control }), set };
}

const to = (year: number): number => Date.UTC(year, 5, 15) - Date.now();

interface Answer {
  status: number;
  detail: string;
}

async function ask({ port }: Service, mac: string, product = 'METER'): Promise<Answer> {
  const { status, body } = await attempt(port, JSON.stringify({ product, mac }));
  const { detail = '' } = JSON.parse(body) as { detail?: string };
  return { status, detail };
}

const readyz = async (service: Service): Promise<string> => (await fetch(`${service.url}/readyz`)).text();

describe('a service whose clock shows', () => {
  it.each([1970, 2000, 2099])('%d makes no S/N with a date until an admin says that it is right', async (year) => {
    const { service } = await startedAt(to(year));
    const refused = await ask(service, 'one');
    expect(refused).toEqual({ status: 503, detail: expect.stringContaining(`claimstamp clock accept ${year}-06-15`) });
    expect(await readyz(service)).toContain(`the clock shows ${year}-06-15`);

    await api(service, 'PUT', '/v1/products/PLAIN', { serialPattern: '{seq:6}' });
    expect(await ask(service, 'plain', 'PLAIN')).toMatchObject({ status: 200 });

    const wrong = await run('claimstamp', ['clock', 'accept', '2026-11-25'], service.data);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining(`shows ${year}-06-15`) });
    const accepted = await run('claimstamp', ['clock', 'accept', `${year}-06-15`], service.data);
    expect(accepted).toMatchObject({ code: 0 });
    expect(await ask(service, 'one')).toMatchObject({ status: 200 });
    expect(await readyz(service)).toContain('"ready"');
  });

  it('a day less than the last events dates S/Ns by these events, and says so', async () => {
    const { service, set } = await startedAt(0);
    for (let n = 0; n < 120; n++) await ask(service, `first-${n}`);
    set(-20 * 60 * 60 * 1000);
    expect(await ask(service, 'behind')).toMatchObject({ status: 200 });
    expect(service.log()).toMatch(/the clock is 1\d\d\d minutes behind the last events/);
    expect(await readyz(service)).toContain('"ready"');
    const { body } = await api<{ units: { serial: string }[] }>(service, 'GET', '/v1/units?limit=200');
    expect(new Set(body.units.map(({ serial }) => serial.slice(0, -5))).size).toBe(1);
  });

  it('three years too much dates S/Ns, raises an alarm, and holds no line after its correction', async () => {
    const data = tempFolder();
    const { service: before } = await startedAt(0, data);
    expect(await ask(before, 'before')).toMatchObject({ status: 200 });
    await before.end('SIGTERM');

    const { service, set } = await startedAt(3 * 365 * 24 * 60 * 60 * 1000, data);
    for (let n = 0; n < 120; n++) expect(await ask(service, `ahead-${n}`)).toMatchObject({ status: 200 });
    expect(service.log()).toMatch(
      /the clock shows 2\d{3}-[^ ]+, 109\d days after [^ ]+, the last day on which it was right/,
    );
    await until(() => /"code":"clock".*an alarm begins/.test(service.log()));
    set(0);
    expect(await ask(service, 'corrected')).toMatchObject({ status: 200 });
    expect(await readyz(service)).toContain('"ready"');
  });

  it('a year too much at the first start raises an alarm, and holds no line after its correction', async () => {
    const { service, set } = await startedAt(365 * 24 * 60 * 60 * 1000);
    expect(await ask(service, 'first')).toMatchObject({ status: 200 });
    expect(service.log()).toMatch(
      /the clock shows 2\d{3}-[^ ]+, 36\d days after [^ ]+, the last day on which it was right/,
    );
    await until(() => /"code":"clock".*an alarm begins/.test(service.log()));
    set(0);
    expect(await ask(service, 'corrected')).toMatchObject({ status: 200 });
    expect(await readyz(service)).toContain('"ready"');
  });

  it('three years too much is no alarm any more after a person accepted it', async () => {
    const data = tempFolder();
    const { service: before } = await startedAt(0, data);
    expect(await ask(before, 'before')).toMatchObject({ status: 200 });
    await before.end('SIGTERM');
    const { service } = await startedAt(3 * 365 * 24 * 60 * 60 * 1000, data);
    expect(await ask(service, 'one')).toMatchObject({ status: 200 });
    const day = /the clock shows (\d{4}-\d\d-\d\d)/.exec(service.log())?.[1] ?? '';
    expect(await run('claimstamp', ['clock', 'accept', day], data)).toMatchObject({ code: 0 });
    const alarms = () => service.log().match(/the last day on which it was right/g)?.length;
    const said = alarms();
    expect(await ask(service, 'two')).toMatchObject({ status: 200 });
    expect(alarms()).toBe(said);
  });

  it('1970 at first and the right time later goes on by itself, and its first link works', async () => {
    const { service, set } = await startedAt(to(1970));
    for (let n = 0; n < 5; n++) expect(await ask(service, `early-${n}`)).toMatchObject({ status: 503 });
    const link = readFileSync(join(service.data, 'sign-in.txt'), 'utf8').trim();
    set(0);
    expect(await ask(service, 'later')).toMatchObject({ status: 200 });
    const page = await fetch(link, { headers: { accept: 'text/html' } });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('type="password"')]);
  });

  it('a wrong day is not made right by other events', async () => {
    const { service, set } = await startedAt(0);
    await api(service, 'PUT', '/v1/products/PLAIN', { serialPattern: '{seq:6}' });
    await ask(service, 'right');
    for (const days of [-20, 30_000]) {
      set(days * 24 * 60 * 60 * 1000);
      expect(await ask(service, `dated ${days}`)).toMatchObject({ status: 503 });
      for (let n = 0; n < 110; n++) await ask(service, `plain ${days} ${n}`, 'PLAIN');
      expect(await ask(service, `dated ${days}`)).toMatchObject({ status: 503 });
    }
    set(0);
    expect(await ask(service, 'right again')).toMatchObject({ status: 200 });
  });

  it('2099 for a moment does not hold the line afterwards', async () => {
    const { service, set } = await startedAt(0);
    for (let n = 0; n < 10; n++) await ask(service, `right-${n}`);
    set(to(2099));
    expect(await ask(service, 'wrong')).toMatchObject({ status: 503 });
    await api(service, 'PUT', '/v1/products/PLAIN', { serialPattern: '{seq:6}' });
    set(0);
    expect(await ask(service, 'right again')).toMatchObject({ status: 200 });
  });
});

import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { audit } from '../support/audit.ts';
import { api, run, startService, tempFolder, type Output, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A spare machine takes the place of a lost server: it has the folder for backups, and the signing key. */

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';

const body = (mac: string): string => JSON.stringify({ product: PRODUCT, mac });
const ask = async ({ port }: Pick<Service, 'port'>, mac: string): Promise<string> =>
  idOf(await attempt(port, body(mac)));

interface Line {
  service: Service;
  folder: string;
  data: string;
}

async function openLine(env: Record<string, string> = {}): Promise<Line> {
  const folder = tempFolder();
  const service = await startService(tempFolder(), { CLAIMSTAMP_BACKUP_FOLDER: folder, ...env });
  await until(() => readdirSync(folder).some((name) => name.endsWith('.db')));
  return { service, folder, data: service.data };
}

const linesIn = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.lines'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');

const untilAppended = (folder: string, uci: string) =>
  until(() => {
    const text = linesIn(folder);
    return text.includes(uci) && text.lastIndexOf('{"checkpoint":') > text.indexOf(uci);
  });

/** The data folder of a spare machine, which has the signing key. */
function spare({ data }: Line): string {
  const fresh = tempFolder();
  copyFileSync(join(data, 'signing-key.pem'), join(fresh, 'signing-key.pem'));
  return fresh;
}

const restore = ({ folder }: Line, data: string, ...args: string[]): Promise<Output> =>
  run('claimstamp', ['restore', folder, ...args], data, { CLAIMSTAMP_BACKUP_FOLDER: folder });

const serve = ({ folder }: Line, data: string): Promise<Service> =>
  startService(data, { CLAIMSTAMP_BACKUP_FOLDER: folder });

/** The files of the folder get the times of two minutes ago. */
function letTimePass(folder: string): void {
  const then = Date.now() / 1000 - 120;
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), then, then);
}

describe('claimstamp restore with the folder for backups', () => {
  it('finds the newest state, and the spare machine serves after one start', async () => {
    const line = await openLine({ CLAIMSTAMP_SITE: 'P2' });
    const first = await ask(line.service, 'first');
    await untilAppended(line.folder, first);
    await line.service.end('SIGKILL');
    renameSync(line.data, `${line.data}-gone`);
    letTimePass(line.folder);

    const data = tempFolder();
    copyFileSync(join(`${line.data}-gone`, 'signing-key.pem'), join(data, 'signing-key.pem'));
    const without = await restore(line, data);
    expect(without.stderr, 'the settings that this machine lacks').toMatch(/this machine lacks: CLAIMSTAMP_SITE=P2/);
    expect(without.stderr).toMatch(/a secret, so set it yourself: CLAIMSTAMP_ADMIN_TOKEN/);
    const settings = { CLAIMSTAMP_BACKUP_FOLDER: line.folder, CLAIMSTAMP_SITE: 'P2' };
    const restored = await run('claimstamp', ['restore', line.folder], data, settings);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(restored.stdout).toContain('newer events were replayed');
    expect(restored.stdout).toContain('This machine takes over');
    expect(restored.stderr).not.toContain('CLAIMSTAMP_SITE');

    const service = await startService(data, settings);
    expect(await ask(service, 'first')).toBe(first);
    await ask(service, 'second');
    await service.end('SIGTERM');
    expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
    rmSync(`${line.data}-gone`, { recursive: true });
  });

  it('is refused while the former server may run, and --copy tries it without an effect on that server', async () => {
    const line = await openLine();
    await untilAppended(line.folder, await ask(line.service, 'first'));
    const refused = await restore(line, spare(line));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/wrote to .* \d+ seconds ago: it may still be running.*--take-over/);
    const copied = await restore(line, tempFolder(), '--copy');
    expect(copied, copied.stderr).toMatchObject({ code: 0 });
    expect(readdirSync(line.folder).filter((name) => name.endsWith('.taken-over'))).toEqual([]);
    await ask(line.service, 'second');
  });

  it('takes the backup before the newest one if the newest one is damaged, and loses nothing', async () => {
    const line = await openLine();
    const first = await ask(line.service, 'first');
    await untilAppended(line.folder, first);
    await line.service.end('SIGKILL');
    const [backup = ''] = readdirSync(line.folder).filter((name) => name.endsWith('.db'));
    const damaged = backup.replace(/T\d{6}Z-\d+/, 'T235959Z-999');
    writeFileSync(join(line.folder, damaged), readFileSync(join(line.folder, backup)).subarray(0, 20_000));
    letTimePass(line.folder);
    const data = spare(line);
    const restored = await restore(line, data);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(restored.stderr).toMatch(/WARNING: .*999\.db.*Trying the previous backup/);
    expect(audit(data).ucis).toContain(first);
  });

  it('asks which ledger is meant if the folder has several and the key says nothing', async () => {
    const line = await openLine();
    await line.service.end('SIGTERM');
    const [backup = ''] = readdirSync(line.folder).filter((name) => name.endsWith('.db'));
    const other = backup.replace(/-[0-9a-f]{16}-/, '-0123456789abcdef-');
    copyFileSync(join(line.folder, backup), join(line.folder, other));
    letTimePass(line.folder);
    const refused = await restore(line, tempFolder());
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`--log 0123456789abcdef: ${other}`);
    expect(await restore(line, spare(line)), 'the key says which').toMatchObject({ code: 0 });
  });
});

describe('the former server', () => {
  it('issues nothing more as soon as a spare machine took over, and says which machine', async () => {
    const line = await openLine();
    await untilAppended(line.folder, await ask(line.service, 'first'));
    const data = spare(line);
    const restored = await restore(line, data, '--take-over');
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    await until(async () => (await attempt(line.service.port, body('second'))).status === 503);
    const { body: told } = await attempt(line.service.port, body('second'));
    expect(told).toMatch(/the ledger was restored on .* and continues there/);
    const service = await serve(line, data);
    const second = await ask(service, 'second');
    await untilAppended(line.folder, second);
    expect((await attempt(line.service.port, body('third'))).status).toBe(503);
    await line.service.end('SIGTERM');

    const again = await serve(line, line.data);
    expect((await attempt(again.port, body('third'))).status, 'also after a restart').toBe(503);
    expect(await ask(service, 'second')).toBe(second);
    await service.end('SIGTERM');
    await again.end('SIGTERM');

    // A power cut tore the file that says which machine this is.
    const own = join(data, 'taken-over.json');
    writeFileSync(own, '');
    const torn = await serve(line, data);
    const { body: said } = await attempt(torn.port, body('third'));
    expect(said).toContain('taken-over.json is damaged');
    await torn.end('SIGTERM');
    const mark = readdirSync(line.folder).find((name) => name.endsWith('.taken-over'));
    copyFileSync(join(line.folder, mark!), own);
    const mended = await serve(line, data);
    expect(await ask(mended, 'second')).toBe(second);
    await mended.end('SIGTERM');
  });

  it.each(['', '{"id":"0a'])('names a damaged mark (%j), and goes on when a person removes it', async (text) => {
    const line = await openLine();
    const first = await ask(line.service, 'first');
    const [log = ''] = readdirSync(line.folder).flatMap((name) => /-([0-9a-f]{16})-.*\.db$/.exec(name)?.[1] ?? []);
    const mark = join(line.folder, `claimstamp-${log}.taken-over`);
    writeFileSync(mark, text);
    await until(async () => (await attempt(line.service.port, body('second'))).status === 503);
    const { body: told } = await attempt(line.service.port, body('second'));
    expect(told).toContain(`${mark} is damaged or empty`);
    expect(told).not.toContain('?');
    await line.service.end('SIGTERM');
    const again = await serve(line, line.data);
    expect((await attempt(again.port, body('second'))).status, 'also after a restart').toBe(503);
    rmSync(mark);
    await until(async () => (await attempt(again.port, body('second'))).status === 200);
    expect(await ask(again, 'first')).toBe(first);
    await again.end('SIGTERM');
  });

  it('serves again when a person accepts its ledger there, and then the spare machine stops', async () => {
    const line = await openLine();
    await untilAppended(line.folder, await ask(line.service, 'first'));
    const data = spare(line);
    expect(await restore(line, data, '--take-over')).toMatchObject({ code: 0 });
    const service = await serve(line, data);
    await until(async () => (await attempt(line.service.port, body('second'))).status === 503);
    const { body: told } = await attempt(line.service.port, body('second'));
    const [, events = ''] = /checkpoint accept (\d+)/.exec(told) ?? [];
    expect(await api(line.service, 'POST', '/v1/ledger/accept', { size: Number(events) })).toMatchObject({
      status: 200,
    });
    await ask(line.service, 'second');
    await until(async () => (await attempt(service.port, body('third'))).status === 503);
    await service.end('SIGTERM');
  });
});

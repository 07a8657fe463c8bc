import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { linesFilesIn } from '../../src/sqlite/backup-lines.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, api, run, startService, tempFolder, type Output, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A disk of the ledger dies between two backups. The folder for backups is on another disk, in memory. */

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';

/** A folder on another disk than the temporary folders, as /dev/shm is in most containers and on each Linux machine. */
const folders: string[] = [];
function otherDisk(): string {
  const folder = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/claimstamp-test-') : tempFolder();
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Line {
  service: Service;
  folder: string;
  /** The data folder. */
  data: string;
}

async function openLine(env: Record<string, string> = {}): Promise<Line> {
  const folder = otherDisk();
  const service = await startService(tempFolder(), { CLAIMSTAMP_BACKUP_FOLDER: folder, ...env });
  await until(() => backupIn(folder));
  return { service, folder, data: service.data };
}

const ask = async ({ service }: Line, mac: string): Promise<string> =>
  idOf(await attempt(service.port, JSON.stringify({ product: PRODUCT, mac })));

async function askMany(line: Line, count: number, named = 'm'): Promise<Map<string, string>> {
  const given = new Map<string, string>();
  for (let n = 0; n < count; n++) given.set(`${named}-${n}`, await ask(line, `${named}-${n}`));
  return given;
}

function backupIn(folder: string): string | undefined {
  return readdirSync(folder).find((name) => name.endsWith('.db'));
}

const linesIn = (folder: string): string[] => linesFilesIn(readdirSync(folder)).map(({ name }) => join(folder, name));
const textIn = (folder: string): string =>
  linesIn(folder)
    .map((file) => readFileSync(file, 'utf8'))
    .join('');

/** Waits until the folder has the event that gave this Claim ID out, and its checkpoint. */
const untilAppended = (folder: string, uci: string) =>
  until(() => {
    const text = textIn(folder);
    return text.includes(uci) && text.lastIndexOf('{"checkpoint":') > text.indexOf(uci) && text.endsWith('\n');
  });

/** The power goes, and the disk with the data folder never comes back. Only its signing key was kept elsewhere. */
async function lose({ service, data }: Line): Promise<string> {
  await service.end('SIGKILL');
  const fresh = tempFolder();
  copyFileSync(join(data, 'signing-key.pem'), join(fresh, 'signing-key.pem'));
  rmSync(data, { recursive: true });
  return fresh;
}

function restore(folder: string, data: string, ...args: string[]): Promise<Output> {
  const env = { CLAIMSTAMP_BACKUP_FOLDER: folder };
  return run('claimstamp', ['restore', join(folder, backupIn(folder) as string), ...args], data, env);
}

async function serialOf(service: Service, uci: string): Promise<string> {
  const { body } = await api<{ serial: string }>(service, 'GET', `/v1/units/${uci}`);
  return body.serial;
}

describe('after the disk of the ledger died', () => {
  it('every device answered before the last append has its Claim ID again, and no S/N is given twice', async () => {
    const line = await openLine();
    const { folder } = line;
    const given = await askMany(line, 40);
    await untilAppended(folder, given.get('m-39') as string);
    const late = await askMany(line, 5, 'late');
    const serials = new Set<string>();
    for (const uci of [...given.values(), ...late.values()]) serials.add(await serialOf(line.service, uci));
    const token = await run('claimstamp', ['token', 'create', 'ci', '--role', 'qa'], line.data);
    expect(token).toMatchObject({ code: 0 });
    const data = await lose(line);

    const restored = await restore(folder, data);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(restored.stdout).toMatch(/\d+ newer events were replayed from .*\.lines/);
    expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
    const { ucis } = audit(data);
    expect([...given.values()].filter((uci) => !ucis.includes(uci))).toEqual([]);

    const service = await startService(data, { CLAIMSTAMP_BACKUP_FOLDER: folder });
    const again = { service, folder, data };
    for (const [mac, uci] of [...given].slice(0, 3)) expect(await ask(again, mac)).toBe(uci);
    for (const uci of (await askMany(again, 20, 'new')).values()) {
      const serial = await serialOf(service, uci);
      expect(serials).not.toContain(serial);
      serials.add(serial);
    }
    await service.end('SIGTERM');
    expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
  });

  it('people, tokens and station keys made after the last backup work again, and those that ended do not', async () => {
    const line = await openLine();
    const { folder, service } = line;
    const key = await run('claimstamp', ['station', 'key', 'default'], line.data);
    expect(key, key.stderr).toMatchObject({ code: 0 });
    for (const name of ['ci', 'old']) {
      const made = await run('claimstamp', ['token', 'create', name, '--role', 'qa'], line.data);
      expect(made).toMatchObject({ code: 0 });
    }
    expect(await run('claimstamp', ['person', 'set', 'ann', '--role', 'lead'], line.data)).toMatchObject({ code: 0 });
    await untilAppended(folder, await ask(line, 'first'));
    expect(await run('claimstamp', ['token', 'revoke', 'old'], line.data)).toMatchObject({ code: 0 });
    await untilAppended(folder, await ask(line, 'second'));
    expect(service.log()).not.toContain('could not be sent');
    const data = await lose(line);

    const restored = await restore(folder, data, '--keep-tokens');
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(restored.stdout).toMatch(/people: ann \(lead, no password/);
    expect(restored.stdout).toMatch(/tokens: ci \(qa/);
    expect(restored.stdout).toMatch(/station keys: default/);
    expect(restored.stderr).not.toMatch(/is lost|not proven/);
    expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
  });

  it('production goes on at once, because the checkpoint in the folder covers no other events', async () => {
    const line = await openLine();
    await untilAppended(line.folder, await ask(line, 'zero'));
    await untilAppended(line.folder, await ask(line, 'one'));
    const data = await lose(line);
    // The power went after the events were appended, and before the checkpoint was copied.
    const [, older = ''] = /^\{"checkpoint":("[^"]*")\}$/m.exec(textIn(line.folder)) ?? [];
    const [copy = ''] = readdirSync(line.folder).filter((name) => name.endsWith('.checkpoint'));
    writeFileSync(join(line.folder, copy), JSON.parse(older) as string);
    const restored = await restore(line.folder, data);
    expect(restored.stderr).not.toContain('WARNING');
    const service = await startService(data, { CLAIMSTAMP_BACKUP_FOLDER: line.folder });
    expect((await attempt(service.port, JSON.stringify({ product: PRODUCT, mac: 'two' }))).status).toBe(200);
    await service.end('SIGTERM');
  });

  it('a torn last line and lines that someone changed are not replayed, and the restore says how many', async () => {
    const line = await openLine();
    const { folder } = line;
    const first = await ask(line, 'first');
    await untilAppended(folder, first);
    const [file = ''] = linesIn(folder).slice(-1);
    const whole = readFileSync(file);
    const second = await ask(line, 'second');
    await untilAppended(folder, second);
    const appended = readFileSync(file);
    const data = await lose(line);
    const empty = (): string => {
      const fresh = tempFolder();
      copyFileSync(join(data, 'signing-key.pem'), join(fresh, 'signing-key.pem'));
      return fresh;
    };

    // The power went while the last segment was written.
    writeFileSync(file, appended.subarray(0, appended.indexOf('{"checkpoint":', whole.length) + 20));
    const torn = await restore(folder, data);
    expect(torn, torn.stderr).toMatchObject({ code: 0 });
    expect(torn.stderr).toMatch(/WARNING: \d+ events were replayed and [1-9]\d* lines were ignored .* A crash/);
    expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
    expect(audit(data).ucis).toContain(first);
    expect(audit(data).ucis).not.toContain(second);

    // Someone changed the last segment, and its checkpoint does not fit.
    writeFileSync(file, appended.toString('utf8').replace('"mac":"second"', '"mac":"thief!"'));
    const forged = empty();
    const told = await restore(folder, forged);
    expect(told, told.stderr).toMatchObject({ code: 0 });
    expect(told.stderr).toMatch(/lines were ignored .* a checkpoint there is not valid/);
    expect(audit(forged).ucis).not.toContain(second);

    // The lines fit a checkpoint that another key signed.
    writeFileSync(file, appended.toString('utf8').replaceAll(/ [A-Za-z0-9+/=]{80,}\\n"/g, ` ${'A'.repeat(96)}\\n"`));
    const stranger = empty();
    const unsigned = await restore(folder, stranger);
    expect(unsigned.stderr).toMatch(/WARNING: 0 events were replayed and [1-9]\d* lines were ignored/);
    expect(audit(stranger).ucis).not.toContain(first);

    writeFileSync(file, appended);
    const without = empty();
    expect(await restore(folder, without, '--no-lines')).toMatchObject({ code: 0 });
    expect(audit(without).ucis).not.toContain(first);
    const named = empty();
    const copied = join(tempFolder(), 'kept.db');
    copyFileSync(join(folder, backupIn(folder) as string), copied);
    const given = await run('claimstamp', ['restore', copied, '--lines', ...linesIn(folder)], named);
    expect(given, given.stderr).toMatchObject({ code: 0 });
    expect(audit(named).ucis).toEqual(expect.arrayContaining([first, second]));
  });
});

describe('the folder for backups', () => {
  it('gets each event within ten seconds, and goes on in the same file after a kill and a restart', async () => {
    const line = await openLine();
    const { folder, data } = line;
    await untilAppended(folder, await ask(line, 'warm'));
    const begun = Date.now();
    await untilAppended(folder, await ask(line, 'timed'));
    expect(Date.now() - begun).toBeLessThan(10_000);
    await line.service.end('SIGKILL');
    const [file = ''] = linesIn(folder);
    appendFileSync(file, '{"seq":9999,"at":"20');
    const service = await startService(data, { CLAIMSTAMP_BACKUP_FOLDER: folder });
    await untilAppended(folder, await ask({ service, folder, data }, 'after'));
    expect(linesIn(folder)).toEqual([file]);
    expect(readFileSync(file, 'utf8')).not.toContain('{"seq":9999');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await service.end('SIGTERM');
    const seqs = [...readFileSync(file, 'utf8').matchAll(/^\{"seq":(\d+)/gm)].map(([, seq]) => Number(seq));
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as number) + i));
    expect(seqs.at(-1), 'a normal stop appends the last events').toBe(audit(data).lines.length);
  });

  it('that cannot be written delays no agent and no stop, and gets the missed events later', async () => {
    const line = await openLine();
    const { folder, data, service } = line;
    await untilAppended(folder, await ask(line, 'one'));
    const away = `${folder}-away`;
    renameSync(folder, away);
    folders.push(away);
    await ask(line, 'two');
    await until(() => service.log().includes('could not be sent'));
    expect(service.log()).toContain('the new events: ');
    const begun = Date.now();
    const missed = await ask(line, 'three');
    expect(Date.now() - begun).toBeLessThan(1000);
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const metrics = async (): Promise<string> => (await fetch(`${service.url}/metrics`, { headers })).text();
    await expect.poll(metrics, { timeout: 60_000 }).toMatch(/claimstamp_backup_lines_failures_total [1-9]/);
    const stopping = Date.now();
    expect(await service.end('SIGTERM')).toMatchObject({ code: 0 });
    expect(Date.now() - stopping).toBeLessThan(10_000);
    renameSync(away, folder);
    const again = await startService(data, { CLAIMSTAMP_BACKUP_FOLDER: folder });
    await untilAppended(folder, missed);
    await again.end('SIGTERM');
  });
});

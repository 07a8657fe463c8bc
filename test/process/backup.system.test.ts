import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { parseCheckpoint } from '../../src/proof/checkpoint.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { built } from '../../src/platform/package-root.ts';
import { audit } from '../support/audit.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { ADMIN_TOKEN, api, run, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

const BODY = '{"product":"01H4R15D3478JD26YDYK408XE6","name":"Demo"}';

async function issue(service: Service, count = 1): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(idOf(await attempt(service.port, BODY)));
  return ids;
}

/** Agents that ask as fast as they are answered, until told to stop. */
function clients(service: Service, count: number): { answered: string[]; stop: () => Promise<void> } {
  const answered: string[] = [];
  const over = new AbortController();
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) answered.push(idOf(await attempt(service.port, BODY)));
  };
  const all = Promise.all(Array.from({ length: count }, client));
  return { answered, stop: async () => void (over.abort(), await all) };
}

describe('a backup', () => {
  it('taken under 32 clients, restored: it verifies, and holds every Claim ID answered before it began', async () => {
    const service = await startService(tempFolder());
    const line = clients(service, 32);
    await until(async () => line.answered.length > 2000 || undefined);
    const before = [...line.answered];
    const file = join(tempFolder(), 'ledger-backup.db');
    const made = await run('claimstamp', ['backup', file], service.data);
    const during = line.answered.length;
    await line.stop();
    expect(made, made.stderr).toMatchObject({ code: 0 });
    expect(during, 'the line went on').toBeGreaterThan(before.length);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(made.stdout).toMatch(/^[0-9a-f]{64} {2}/);
    await service.end('SIGTERM');

    const copy = new Database(file, { readonly: true });
    const sizes = `SELECT (SELECT max(size) FROM checkpoint) AS signed, (SELECT max(seq) FROM event) AS events`;
    const { signed, events } = copy.prepare<[], { signed: number; events: number }>(sizes).get()!;
    copy.close();
    expect(signed, 'the signature covers the backup to its end').toBe(events);
    // As it may lie on a share: nobody may write it, not even its owner.
    chmodSync(file, 0o400);
    const elsewhere = tempFolder();
    copyFileSync(join(service.data, 'signing-key.pem'), join(elsewhere, 'signing-key.pem'));
    const restored = await run('claimstamp', ['restore', file], elsewhere);
    expect(restored, restored.stderr).toMatchObject({ code: 0 });
    expect(restored.stdout).toMatch(/has the \d+ events of/);
    expect(statSync(join(elsewhere, 'ledger.db')).mode & 0o777).toBe(0o600);
    expect(readdirSync(elsewhere).filter((name) => name.includes('.partial'))).toEqual([]);
    expect(await verifyLedger(join(elsewhere, 'ledger.db'))).toMatchObject({ ok: true });
    const held = new Set(audit(elsewhere).ucis);
    expect(before.filter((uci) => !held.has(uci))).toEqual([]);
    const again = await startService(elsewhere);
    expect(held.has((await issue(again))[0] as string)).toBe(false);
    await again.end('SIGTERM');
  });

  it('is in the ledger: who took it, of how much', async () => {
    const service = await startService(tempFolder());
    await issue(service, 3);
    await run('claimstamp', ['backup', join(tempFolder(), 'b.db')], service.data);
    const read = JSON.parse(audit(service.data).lines.at(-1) ?? '') as object;
    expect(read).toMatchObject({ type: 'bulk-read', actor: 'local', data: { what: 'backup', count: 3 } });
    await service.end('SIGTERM');
  });

  it('of a data folder that no service runs on is taken by the command itself', async () => {
    const service = await startService(tempFolder());
    await issue(service, 2);
    await service.end('SIGTERM');
    const file = join(tempFolder(), 'b.db');
    expect(await run('claimstamp', ['backup', file], service.data)).toMatchObject({ code: 0 });
    expect(await verifyLedger(file)).toMatchObject({ ok: true });
  });

  it('never goes over a file that is there, and leaves nothing where it could not be written', async () => {
    const service = await startService(tempFolder());
    await issue(service, 400);
    const folder = tempFolder();
    const file = join(folder, 'b.db');
    writeFileSync(file, 'mine');
    const refused = await run('claimstamp', ['backup', file], service.data);
    expect(refused).toMatchObject({ code: 1, stderr: `claimstamp: ${file} exists: name a new file\n` });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    // 64 blocks of 1024 bytes: the copy does not fit.
    const command = `ulimit -f 64; exec ${process.execPath} ${built('cli/claimstamp.js')} backup ${join(folder, 'c.db')}`;
    const { PATH = '' } = process.env;
    const limited = spawn('bash', ['-c', command], { env: { PATH, CLAIMSTAMP_DATA: service.data } });
    expect((await once(limited, 'exit'))[0]).not.toBe(0);
    expect(readdirSync(folder)).toEqual(['b.db']);
    await issue(service);
    await service.end('SIGTERM');
  });

  it('broken off by kill -9 leaves no backup, and the service goes on', async () => {
    const service = await startService(tempFolder());
    await issue(service, 50);
    const folder = tempFolder();
    const { PATH = '' } = process.env;
    const command = spawn(process.execPath, [built('cli/claimstamp.js'), 'backup', join(folder, 'b.db')], {
      env: { PATH, CLAIMSTAMP_DATA: service.data },
    });
    await until(async () => existsSync(join(service.data, 'spool')) || undefined);
    command.kill('SIGKILL');
    await once(command, 'exit');
    expect(existsSync(join(folder, 'b.db'))).toBe(false);
    await issue(service);
    await until(async () => readdirSync(join(service.data, 'spool')).length === 0 || undefined);
    await service.end('SIGTERM');
  });
});

describe('a restore', () => {
  async function backedUp(): Promise<{ data: string; file: string }> {
    const service = await startService(tempFolder());
    await issue(service, 20);
    const file = join(tempFolder(), 'b.db');
    expect(await run('claimstamp', ['backup', file], service.data)).toMatchObject({ code: 0 });
    await service.end('SIGTERM');
    return { data: service.data, file };
  }

  it('never goes over a ledger that is there, nor under a service that runs', async () => {
    const { data, file } = await backedUp();
    const before = readFileSync(join(data, 'ledger.db'));
    const over = await run('claimstamp', ['restore', file], data);
    expect(over.code).toBe(1);
    expect(over.stderr).toMatch(/ledger\.db exists: move it away first; nothing was restored/);
    expect(readFileSync(join(data, 'ledger.db')).equals(before)).toBe(true);
    const service = await startService(tempFolder());
    const under = await run('claimstamp', ['restore', file], service.data);
    expect(under.code).toBe(1);
    expect(under.stderr).toMatch(/another Claimstamp process uses the data folder/);
    await service.end('SIGTERM');
  });

  it.each<[string, (file: string) => void, RegExp]>([
    [
      'was changed',
      (file) => {
        const db = new Database(file);
        db.exec('DROP TRIGGER event_stays');
        db.exec(`UPDATE event SET line = replace(line, '"Demo"', '"Dema"') WHERE seq = (SELECT max(seq) FROM event)`);
        db.close();
      },
      /b\.db is not valid/,
    ],
    [
      'is cut',
      (file) => writeFileSync(file, readFileSync(file).subarray(0, 20_000)),
      /b\.db is not valid: the file is damaged: SQLite says SQLITE_CORRUPT/,
    ],
    [
      'is something else',
      (file) => writeFileSync(file, 'a letter to my aunt'),
      /b\.db is not a ledger; nothing was restored/,
    ],
    [
      'is of another program',
      (file) => {
        writeFileSync(file, '');
        const db = new Database(file);
        db.exec('CREATE TABLE letter (to_whom TEXT)');
        db.close();
      },
      /b\.db .*nothing was restored/,
    ],
    ['is empty', (file) => writeFileSync(file, ''), /b\.db is not a ledger; nothing was restored/],
    ['is not there', (file) => rmSync(file), /b\.db cannot be copied: there is no such file.*nothing was restored/],
    [
      'is a folder',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
      /b\.db has no scheduled backup .*; nothing was restored/,
    ],
    [
      'was copied from under a service',
      (file) => writeFileSync(`${file}-wal`, 'x'),
      /is a ledger in use or a copy of one, not a backup/,
    ],
  ])('takes no file that %s, and leaves nothing behind', async (_, spoil, why) => {
    const { file } = await backedUp();
    spoil(file);
    const folder = tempFolder();
    const refused = await run('claimstamp', ['restore', file], folder);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(why);
    expect(refused.stderr).not.toMatch(/^\s+at |partial: /m);
    expect(readdirSync(folder).filter((name) => name.startsWith('ledger.db'))).toEqual([]);
  });

  it('takes the ledger itself that was moved aside after a clean stop, and checked there', async () => {
    const { data } = await backedUp();
    const aside = join(tempFolder(), 'ledger.db');
    renameSync(join(data, 'ledger.db'), aside);
    expect(await run('claimstamp', ['verify', aside], data)).toMatchObject({ code: 0 });
    expect(await run('claimstamp', ['restore', aside], data)).toMatchObject({ code: 0 });
    expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
  });

  it('of an older state says so loudly, and gives nothing out until an admin goes on with it', async () => {
    const service = await startService(tempFolder());
    await issue(service, 5);
    const file = join(tempFolder(), 'b.db');
    await run('claimstamp', ['backup', file], service.data);
    await issue(service, 30);
    await service.end('SIGTERM');
    const { data } = service;
    const aside = join(data, 'aside');
    mkdirSync(aside);
    for (const name of readdirSync(data).filter((one) => one.startsWith('ledger.db')))
      renameSync(join(data, name), join(aside, name));
    const restored = await run('claimstamp', ['restore', file], data);
    expect(restored.code).toBe(0);
    const told = /WARNING: the ledger has (\d+) events, and a checkpoint of (\d+) was made here/.exec(restored.stderr);
    const lost = Number(told?.[2]) - Number(told?.[1]);
    expect(lost).toBeGreaterThanOrEqual(30);
    const [, size = ''] = /claimstamp checkpoint accept (\d+)/.exec(restored.stderr) ?? [];

    const skipped = audit(data).lines.flatMap(
      (line) => /"type":"serials-skipped".*"count":(\d+)/.exec(line)?.[1] ?? [],
    );
    expect(skipped.map(Number), 'S/Ns of the 30 lost units are skipped').toEqual([2000 + 5 + lost]);

    const old = await startService(data);
    expect((await attempt(old.port, BODY)).status).toBe(503);
    const ready = await fetch(`${old.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/an older copy was restored/);
    expect(await run('claimstamp', ['checkpoint', 'accept', size], data)).toMatchObject({ code: 0 });
    expect(await issue(old)).toHaveLength(1);
    await old.end('SIGTERM');
  });

  it('of an older state is accepted by a lead with a hold code, which works once', async () => {
    const service = await startService(tempFolder());
    await issue(service, 2);
    const made = await run('claimstamp', ['hold-code', 'create', 'envelope-1'], service.data);
    const token = await run('claimstamp', ['token', 'create', 'lead-1', '--role', 'lead'], service.data);
    const file = join(tempFolder(), 'b.db');
    await run('claimstamp', ['backup', file], service.data);
    await issue(service, 5);
    await service.end('SIGTERM');
    const { data } = service;
    for (const name of readdirSync(data).filter((one) => one.startsWith('ledger.db'))) rmSync(join(data, name));
    const restored = await run('claimstamp', ['restore', file, '--keep-tokens'], data);
    const [, size = ''] = /claimstamp checkpoint accept (\d+)/.exec(restored.stderr) ?? [];

    const old = await startService(data);
    const lead = { CLAIMSTAMP_URL: old.url, CLAIMSTAMP_ADMIN_TOKEN: token.stdout.trim() };
    const accept = (...args: string[]) =>
      run('claimstamp', ['checkpoint', 'accept', size, ...args], tempFolder(), lead);
    expect((await accept()).stderr).toMatch(/code/);
    expect((await accept('--code', 'AAAA-AAAA-AAAA-AAAA')).code).toBe(1);
    expect((await attempt(old.port, BODY)).status).toBe(503);
    expect(await accept('--code', made.stdout.trim())).toMatchObject({ code: 0 });
    expect(await issue(old)).toHaveLength(1);
    expect((await run('claimstamp', ['hold-code', 'list'], data)).stdout).toMatch(/^envelope-1 +used \d{4}-/m);
    await old.end('SIGTERM');
  });

  it('into an empty folder writes the checkpoint file, and the ledger records that somebody accepted it', async () => {
    const { file } = await backedUp();
    const data = tempFolder();
    const restored = await run('claimstamp', ['restore', file], data);
    expect([restored.code, restored.stderr]).toEqual([
      0,
      expect.stringContaining('it is unknown whether newer events'),
    ]);
    const { lines } = audit(data);
    const accepted = lines.filter((line) => line.includes('"type":"ledger-accepted"'));
    expect(accepted.map((line) => JSON.parse(line) as object)).toMatchObject([{ actor: 'local' }]);
    expect(parseCheckpoint(readFileSync(join(data, 'checkpoint'), 'utf8')).size).toBe(lines.length);
    const service = await startService(data);
    expect(await issue(service)).toHaveLength(1);
    await service.end('SIGTERM');
  });

  it('with --start runs the service on it', async () => {
    const { file } = await backedUp();
    const data = tempFolder();
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [built('cli/claimstamp.js'), 'restore', file, '--start'], {
      env: { PATH, CLAIMSTAMP_DATA: data, PORT: '0', CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN },
    });
    let out = '';
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    await until(async () => out.includes('"msg":"listening"') || undefined);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });
});

describe('backups by the clock', () => {
  it('are made at once where none is, checked, and seen in /metrics', async () => {
    const folder = tempFolder();
    const service = await startService(tempFolder(), { CLAIMSTAMP_BACKUP_FOLDER: folder });
    const [name = ''] = await until(async () => {
      const found = readdirSync(folder).filter((one) => one.endsWith('.db'));
      return found.length > 0 ? found : undefined;
    });
    expect(name).toMatch(/^claimstamp-[0-9a-f]{16}-\d{8}T\d{6}Z-\d+\.db$/);
    expect(await verifyLedger(join(folder, name))).toMatchObject({ ok: true });
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const metrics = await (await fetch(`${service.url}/metrics`, { headers })).text();
    expect(metrics).toMatch(/claimstamp_backup_last_timestamp_seconds \d{10}/);
    expect(metrics).toContain('claimstamp_backup_failures_total 0');
    await service.end('SIGTERM');
    const copy = tempFolder();
    copyFileSync(join(folder, name), join(copy, 'ledger.db'));
    const again = await startService(copy);
    expect((await api(again, 'GET', '/v1/stations')).status).toBe(200);
    await again.end('SIGTERM');
  });
});

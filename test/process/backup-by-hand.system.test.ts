import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { built, packageRoot } from '../../src/platform/package-root.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* The commands of docs/backup.md, as they stand there, with a real service. */

/** Every block of a shell, in their order. Drills, the last one, have a test of their own. */
const blocks = [...readFileSync(join(packageRoot, 'docs', 'backup.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block = '']) => block,
);
const blockWith = (text: string): string => blocks.find((block) => block.includes(text)) ?? 'exit 9';

const folder = tempFolder();
const data = join(folder, 'data');
const backups = join(folder, 'backup');
const programs = join(folder, 'programs');
const { PATH = '' } = process.env;
const env = {
  PATH: `${programs}:${PATH}`,
  GNUPGHOME: tempFolder(),
  CLAIMSTAMP_DATA: data,
  CLAIMSTAMP_BACKUP_FOLDER: backups,
  CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN,
  PORT: '0',
};

let service: Service;

/** Not synchronous: a service that this process started ends only when this process can notice its end. */
async function shell(script: string): Promise<{ status: number | null; said: string }> {
  const text = script.replaceAll('/mnt/backup', backups);
  const child = spawn('sh', ['-ec', text], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, said };
}

/** Makes a program for the walk. */
function program(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}`);
  chmodSync(join(programs, name), 0o755);
}

/** Stops the service as systemd does, and starts it as a process that outlives the script. */
const SYSTEMCTL = `
pid() { sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p' ${data}/serve.json; }
case $1 in
  stop) gone=$(pid); kill -TERM $gone; while kill -0 $gone 2>/dev/null; do sleep 0.1; done ;;
  start) claimstamp serve >${folder}/service.log 2>&1 & while [ ! -s ${data}/serve.json ]; do sleep 0.1; done ;;
esac
`;

const ask = async (port: number, mac: string): Promise<string> =>
  idOf(await attempt(port, JSON.stringify({ product: '01H4R15D3478JD26YDYK408XE6', mac })));

beforeAll(async () => {
  for (const path of [backups, programs]) mkdirSync(path);
  program('claimstamp', `exec ${process.execPath} ${built('cli/claimstamp.js')} "$@"`);
  program('systemctl', SYSTEMCTL);
  service = await startService(data, { CLAIMSTAMP_BACKUP_FOLDER: backups });
  await until(() => readdirSync(backups).some((name) => name.endsWith('.db')));
  for (const [address, kind] of [
    // On the machine of the service, the key for signatures is the only private key. Here it is the first.
    ['backup@example.com', 'ed25519 sign'],
    ['restore@example.com', 'default default'],
  ])
    expect((await shell(`gpg --batch --passphrase '' --quick-generate-key ${address} ${kind} never`)).status).toBe(0);
});

afterAll(async () => void (await shell('systemctl stop claimstamp || true; gpgconf --kill all')));

describe('the walk through docs/backup.md', () => {
  it('has its steps', () => {
    expect(blocks).toHaveLength(7);
  });

  it('makes, encrypts, signs, checks and restores a backup, with the events after it', async () => {
    const before = await ask(service.port, 'before');
    const made = await shell(blockWith('claimstamp backup'));
    expect(made, made.said).toMatchObject({ status: 0 });

    const after = await ask(service.port, 'after');
    await until(() => readdirSync(backups).some((name) => has(join(backups, name), after)));
    copyFileSync(join(backups, 'ledger-2026-11-25.db'), join(folder, 'ledger-2026-11-25.db'));
    for (const step of ['--encrypt', 'gpgv', 'genpkey', 'pkeyutl -verify']) {
      const { status, said } = await shell(blockWith(step));
      expect(status, `${step}: ${said}`).toBe(0);
    }
    expect(readFileSync(join(folder, 'b.db')).equals(readFileSync(join(folder, 'ledger-2026-11-25.db')))).toBe(true);

    const restored = await shell(blockWith('claimstamp restore'));
    expect(restored, restored.said).toMatchObject({ status: 0 });
    expect(restored.said).toMatch(/newer events were replayed/);
    const { url } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { url: string };
    const port = Number(new URL(url).port);
    expect([await ask(port, 'before'), await ask(port, 'after')]).toEqual([before, after]);
    expect(await shell('systemctl stop claimstamp')).toMatchObject({ status: 0 });
    expect(await verifyLedger(join(data, 'ledger.db'))).toMatchObject({ ok: true });
    expect(audit(data).ucis).toEqual([before, after]);
  });

  it('ends where someone changed the encrypted or the signed file', async () => {
    writeFileSync(join(folder, 'b.db.gpg'), 'x', { flag: 'a' });
    expect((await shell(`rm b.db; ${blockWith('gpgv')}`)).status).not.toBe(0);
    writeFileSync(join(folder, 'b.db'), 'another file');
    expect((await shell(blockWith('pkeyutl -verify'))).status).not.toBe(0);
  });
});

/** True if a file with lines has this Claim ID and a checkpoint after it. */
function has(file: string, uci: string): boolean {
  if (!file.endsWith('.lines')) return false;
  const text = readFileSync(file, 'utf8');
  return text.includes(uci) && text.lastIndexOf('{"checkpoint":') > text.indexOf(uci) && text.endsWith('\n');
}

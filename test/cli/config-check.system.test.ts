import { chmodSync, existsSync, lchownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, run, runWithPermissions, secrets, startService, tempFolder } from '../support/service.ts';

const OTHER_TOKEN = 'another-token-of-the-tests-0123456789';
secrets.add(OTHER_TOKEN);

interface Shown {
  sources: Record<string, string>;
}

describe('claimstamp config check', () => {
  it('says of every setting where its value comes from, and shows no secret', async () => {
    const folder = tempFolder();
    const file = join(folder, 'claimstamp.json5');
    writeFileSync(file, `{ logLevel: 'warn', port: 1, catalog: { products: [{ id: 'P1' }] } }`);
    const token = join(folder, 'token');
    writeFileSync(token, `${OTHER_TOKEN}\n`);
    const data = tempFolder();
    const { code, stdout, stderr } = await run('claimstamp', ['config', 'check'], data, {
      CLAIMSTAMP_CONFIG: file,
      CLAIMSTAMP_ADMIN_TOKEN_FILE: token,
      CLAIMSTAMP_CHECKPOINT_WEBHOOK: `https://example.com/${ADMIN_TOKEN}`,
      PORT: '4101',
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { sources, ...values } = JSON.parse(stdout) as Shown;
    expect(sources).toMatchObject({
      host: 'default',
      backupFolder: 'default',
      logLevel: `file ${file}`,
      catalog: `file ${file}`,
      port: 'environment PORT',
      data: 'environment CLAIMSTAMP_DATA',
      adminToken: `file ${token} (CLAIMSTAMP_ADMIN_TOKEN_FILE)`,
      checkpointWebhook: 'environment CLAIMSTAMP_CHECKPOINT_WEBHOOK',
    });
    for (const name of Object.keys(values)) expect(sources).toHaveProperty(name);
    for (const secret of [OTHER_TOKEN, ADMIN_TOKEN]) expect(stdout).not.toContain(secret);
  });

  it('lists problems of settings, folders and files together, and changes nothing', async () => {
    const folder = tempFolder();
    const data = join(folder, 'data');
    for (const name of ['data', 'data/session.key', 'data/checkpoint', 'closed', 'print'])
      mkdirSync(join(folder, name), { mode: 0o700 });
    for (const name of [
      'file',
      'data/signing-key.pem',
      'data/unproven',
      'data/webhooks.db',
      'data/former-0123456789abcdef.pem',
    ])
      writeFileSync(join(folder, name), 'x');
    for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'token'), OTHER_TOKEN);
    chmodSync(join(folder, 'token'), 0);
    chmodSync(join(folder, 'closed'), 0o500);
    symlinkSync(join(folder, 'missing'), join(folder, 'link'));
    const before = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
    const { code, stdout, stderr } = await runWithPermissions(['config', 'check'], data, {
      PORT: 'x',
      CLAIMSTAMP_ADMIN_TOKEN_FILE: join(folder, 'token'),
      CLAIMSTAMP_BACKUP_FOLDER: join(folder, 'closed', 'backups'),
      CLAIMSTAMP_CHECKPOINT_FOLDER: join(folder, 'link'),
      CLAIMSTAMP_PRINT_FOLDERS: `${join(folder, 'file')},${join(folder, 'print')}`,
      CLAIMSTAMP_TLS_CERT: join(folder, 'cert.pem'),
      CLAIMSTAMP_TLS_KEY: join(folder, 'key.pem'),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('the configuration has 12 problems:');
    for (const problem of [
      'PORT: must be a port',
      `CLAIMSTAMP_ADMIN_TOKEN_FILE=${join(folder, 'token')}: this user has no permission: `,
      `CLAIMSTAMP_TLS_CERT=${join(folder, 'cert.pem')}: is not PEM`,
      `CLAIMSTAMP_BACKUP_FOLDER: ${join(folder, 'closed')} cannot be used (this user has no permission): `,
      `CLAIMSTAMP_CHECKPOINT_FOLDER: ${join(folder, 'link')} is a symbolic link to a missing folder`,
      `CLAIMSTAMP_PRINT_FOLDERS: ${join(folder, 'file')} is a file, but must be a folder`,
      `CLAIMSTAMP_DATA: ${join(data, 'session.key')} is a folder, but must be a file`,
      `CLAIMSTAMP_DATA: ${join(data, 'checkpoint')} is a folder, but must be a file`,
      `CLAIMSTAMP_DATA: ${join(data, 'signing-key.pem')} is not an Ed25519 private key in PEM`,
      `CLAIMSTAMP_DATA: ${join(data, 'former-0123456789abcdef.pem')} is not a public key in PEM`,
      `CLAIMSTAMP_DATA: ${join(data, 'unproven')} is damaged`,
      `CLAIMSTAMP_DATA: ${join(data, 'webhooks.db')} is damaged`,
    ])
      expect(stderr).toContain(`  - ${problem}`);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stderr).not.toContain(OTHER_TOKEN);
    expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual(before);
  });

  const FOLDERS = [
    'alarms.json',
    'other-disks.txt',
    'taken-over.json',
    'orders-told.json',
    'search.db',
    'search.db-wal',
    'webhooks.db',
    'ledger.db-shm',
    'signing-key.next.pem',
    'sign-in.txt',
  ];

  it('finds an empty checkpoint, and folders in the place of files that the running service keeps', async () => {
    const data = tempFolder();
    writeFileSync(join(data, 'checkpoint'), '');
    for (const name of FOLDERS) mkdirSync(join(data, name));
    const { code, stderr } = await run('claimstamp', ['config', 'check'], data);
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(data, 'checkpoint')} is damaged`);
    for (const name of FOLDERS) expect(stderr).toContain(`${join(data, name)} is a folder, but must be a file`);
  });

  it('finds a device code that the label prints, and the service does not start with it', async () => {
    const file = join(tempFolder(), 'claimstamp.json5');
    writeFileSync(
      file,
      `{ catalog: { products: [{ id: 'A', deviceCode: 'serial' }, { id: 'B', deviceCode: 'hue' }] } }`,
    );
    const found = 'catalog: product A: the label template device-62x40 prints "serial"';
    const checked = await run('claimstamp', ['config', 'check'], tempFolder(), { CLAIMSTAMP_CONFIG: file });
    expect(checked.code).toBe(1);
    expect(checked.stderr).toContain(`  - ${found}`);
    expect(checked.stderr).toContain('  - catalog: product B: "hue" is not an identity property');
    const started = await run('claimstamp', ['serve'], tempFolder(), { CLAIMSTAMP_CONFIG: file, PORT: '0' });
    expect(started.code).not.toBe(0);
    expect(`${started.stdout}${started.stderr}`).toContain(found);
    writeFileSync(file, `{ catalog: { products: [{ id: 'A', deviceCode: 'mac' }] } }`);
    expect((await run('claimstamp', ['config', 'check'], tempFolder(), { CLAIMSTAMP_CONFIG: file })).code).toBe(0);
  });

  it('warns of settings that have no effect because of another one, and so does the service at its start', async () => {
    const file = join(tempFolder(), 'claimstamp.json5');
    writeFileSync(
      file,
      `{ products: 'strict', productCap: 3, catalog: {
        products: [{ id: 'A', account: 'acme' }, { id: 'B', claiming: 'pre', account: 'acme' }],
        stations: [{ name: 'nest-1', next: 'auto' }, { name: 'nest-2', mode: 'slot', next: 'auto' }],
      } }`,
    );
    const env = { CLAIMSTAMP_CONFIG: file, CLAIMSTAMP_IDENTITY_MACS: 'mac,bssid' };
    const { code, stdout, stderr } = await run('claimstamp', ['config', 'check'], tempFolder(), env);
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ productCap: 3 })]);
    expect(stderr.trim().split('\n')).toEqual([
      'warning: CLAIMSTAMP_PRODUCT_CAP has no effect: with CLAIMSTAMP_PRODUCTS=strict, no products are added automatically: remove one of the two settings',
      expect.stringMatching(
        /^warning: CLAIMSTAMP_IDENTITY_MACS has no effect: only the names in CLAIMSTAMP_IDENTITY_PROPERTIES/,
      ),
      'warning: products "A": account has no effect: only claiming "pre" uses it',
      'warning: stations "nest-1": next has no effect: only mode "slot" uses it',
    ]);
    const service = await startService(tempFolder(), env);
    await service.end('SIGTERM');
    expect(service.log()).toContain('CLAIMSTAMP_PRODUCT_CAP has no effect');
  });

  it('accepts folders that can be made, and makes none of them', async () => {
    const folder = tempFolder();
    const { code, stderr } = await run('claimstamp', ['config', 'check'], join(folder, 'a', 'data'), {
      CLAIMSTAMP_PRINT_FOLDERS: join(folder, 'b', 'print'),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('finds folders for backups and checkpoints whose disk is not mounted', async () => {
    const folder = tempFolder();
    const [data, backups] = [join(folder, 'data'), join(folder, 'backups')];
    mkdirSync(data);
    mkdirSync(backups);
    writeFileSync(join(data, 'other-disks.txt'), `${backups}\n`);
    const { code, stderr } = await run('claimstamp', ['config', 'check'], data, {
      CLAIMSTAMP_BACKUP_FOLDER: backups,
      CLAIMSTAMP_CHECKPOINT_FOLDER: join(folder, 'missing'),
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `  - CLAIMSTAMP_BACKUP_FOLDER: ${backups} was on another disk and is now on the disk of the`,
    );
    expect(stderr).toContain(
      `  - CLAIMSTAMP_CHECKPOINT_FOLDER: ${join(folder, 'missing')}: there is no such file or folder. Create the folder, `,
    );
  });

  it.each(['file', 'folder'])('refuses a settings file that is missing or a %s of the wrong kind', async (kind) => {
    const path = join(tempFolder(), 'settings');
    if (kind === 'folder') mkdirSync(path);
    const { code, stderr } = await run('claimstamp', ['config', 'check'], tempFolder(), { CLAIMSTAMP_CONFIG: path });
    expect(code).toBe(1);
    expect(stderr).toContain(`CLAIMSTAMP_CONFIG=${path}: `);
  });

  it.runIf(process.getuid?.() === 0)('finds a ledger of another user, whose folder root could spoil', async () => {
    const data = tempFolder();
    await (await startService(data)).end('SIGTERM');
    lchownSync(join(data, 'ledger.db'), 65_534, 65_534);
    const { code, stderr } = await run('claimstamp', ['config', 'check'], data);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `CLAIMSTAMP_DATA: ${join(data, 'ledger.db')} belongs to user 65534 and this process runs as user 0`,
    );
  });

  it('finds nothing wrong with a data folder in use', async () => {
    const data = tempFolder();
    const service = await startService(data);
    const { code, stderr } = await run('claimstamp', ['config', 'check'], data);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await service.end('SIGTERM');
    rmSync(join(data, 'signing-key.pem'));
    expect((await run('claimstamp', ['config', 'check'], data)).code).toBe(0);
    expect(existsSync(join(data, 'signing-key.pem'))).toBe(false);
  });
});

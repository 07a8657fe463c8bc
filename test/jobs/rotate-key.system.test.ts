import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, type Config } from '../../src/config.ts';
import { rotateSigningKey as rotateKey, type Rotated } from '../../src/jobs/rotate-key.ts';
import { formerKeys } from '../../src/jobs/signer.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { parseCheckpoint } from '../../src/proof/checkpoint.ts';
import { newSigner } from '../support/busy-ledger.ts';
import { kiosk, person, type Headers } from '../support/askers.ts';
import { openDesk, run, tempFolder, type Desk } from '../support/service.ts';

const file = (data: string, name: string): string => join(data, name);
const text = (data: string, name: string): string => readFileSync(file(data, name), 'utf8');
const configOf = (data: string, env: Record<string, string> = {}): Config =>
  readConfig({ CLAIMSTAMP_DATA: data, ...env });
const rotateSigningKey = (config: Config): Promise<Rotated> => rotateKey(config, () => {});
const issue = async (desk: Desk, mac: string): Promise<number> => (await desk.agent({ product: 'DEMO', mac })).status;
const verifierKeyOf = async (desk: Desk): Promise<string> =>
  (await desk.ask<{ verifierKey: string }>('GET', '/v1/ledger/key')).body.verifierKey;

/** A data folder whose service gave out a Claim ID and was stopped, and the verifier key of its log. */
async function used(): Promise<{ data: string; key: string; pem: string }> {
  const desk = await openDesk();
  expect(await issue(desk, 'm-1')).toBe(200);
  const key = await verifierKeyOf(desk);
  await desk.close();
  return { data: desk.data, key, pem: text(desk.data, 'signing-key.pem') };
}

interface Event {
  type: string;
  actor: string;
  data: object;
}

async function lastEvent(desk: Desk, type: string): Promise<Event | undefined> {
  const headers = { authorization: `Bearer ${desk.house.localToken}` };
  const answer = await desk.app.request(`/v1/ledger.jsonl?of=events&type=${type}`, { headers });
  const lines = (await answer.text()).split('\n').filter((line) => line.includes(`"type":"${type}"`));
  return lines.length === 0 ? undefined : (JSON.parse(lines.at(-1) ?? '') as Event);
}

/** The files of the data folder as they are between two steps of a rotation. */
function folderAt(data: string, files: Record<string, string>): string {
  const folder = tempFolder();
  for (const name of readdirSync(data))
    if (statSync(file(data, name)).isFile() && name !== 'lock.db') copyFileSync(file(data, name), file(folder, name));
  for (const [name, content] of Object.entries(files)) writeFileSync(file(folder, name), content);
  return folder;
}

const lastOf = (data: string): string =>
  text(data, readdirSync(data).find((name) => /^former-\w+\.checkpoint$/.test(name)) ?? '');

describe('a rotation of the signing key', () => {
  it('makes a new key; the service starts, issues and is ready; the ledger names both keys', async () => {
    const { data, key } = await used();
    const rotated = await rotateSigningKey(configOf(data));
    expect(rotated.former).toBe(key);
    expect(rotated.next).not.toBe(key);
    expect(statSync(file(data, 'signing-key.pem')).mode & 0o777).toBe(0o600);
    const desk = await openDesk({}, data);
    expect(await verifierKeyOf(desk)).toBe(rotated.next);
    expect(await issue(desk, 'm-2')).toBe(200);
    expect((await desk.ask('GET', '/readyz')).status).toBe(200);
    expect(await lastEvent(desk, 'signing-key-rotated')).toMatchObject({
      actor: 'local',
      data: { former: rotated.former, next: rotated.next },
    });
    await desk.close();
  });

  it('keeps the former public key, and no copy of the former private key', async () => {
    const { data, pem } = await used();
    await rotateSigningKey(configOf(data));
    const secret = pem.split('\n')[1] ?? 'none';
    for (const name of readdirSync(data))
      if (statSync(file(data, name)).isFile()) expect(readFileSync(file(data, name), 'latin1')).not.toContain(secret);
    expect(formerKeys(data)).toEqual([expect.stringContaining('BEGIN PUBLIC KEY')]);
    expect(existsSync(file(data, 'signing-key.next.pem'))).toBe(false);
  });

  it('leaves a last checkpoint with the former key, which covers the event that names the new key', async () => {
    const { data, key } = await used();
    const { next, size } = await rotateSigningKey(configOf(data));
    const last = lastOf(data);
    expect(parseCheckpoint(last).size).toBe(size);
    const ledger = file(data, 'ledger.db');
    const kept = { checkpoints: [last], keys: [key] };
    expect(await verifyLedger(ledger, { checkpoints: [last], keys: [key, next] })).toMatchObject({
      ok: true,
      proven: expect.arrayContaining([expect.stringContaining(`the given checkpoint signs the first ${size} events`)]),
    });
    // Without the new key, the newer checkpoints are not those of a known key.
    expect(await verifyLedger(ledger, kept)).toMatchObject({ ok: false });
    const keys = [...formerKeys(data), next];
    expect(await verifyLedger(ledger, { keys })).toMatchObject({ ok: true });
  });

  it('can be made again, and under a name that stays the same', async () => {
    const { data } = await used();
    const config = configOf(data, { CLAIMSTAMP_ORIGIN: 'serials.example.com/plant-2' });
    const [first, second] = [await rotateSigningKey(config), await rotateSigningKey(config)];
    expect(second.former).toBe(first.next);
    expect(formerKeys(data)).toHaveLength(2);
    const desk = await openDesk({ CLAIMSTAMP_ORIGIN: 'serials.example.com/plant-2' }, data);
    expect(await issue(desk, 'm-2')).toBe(200);
    await desk.close();
  });
});

describe('a rotation of the signing key that a crash interrupts', () => {
  async function rotated(): Promise<{ data: string; pem: string; next: string } & Rotated> {
    const { data, pem } = await used();
    const made = await rotateSigningKey(configOf(data));
    return { data, pem, ...made };
  }
  const serves = async (data: string): Promise<string> => {
    const desk = await openDesk({}, data);
    expect(await issue(desk, 'm-2')).toBe(200);
    const key = await verifierKeyOf(desk);
    await desk.close();
    const again = await openDesk({}, data);
    expect(await issue(again, 'm-3')).toBe(200);
    await again.close();
    expect(existsSync(file(data, 'signing-key.next.pem'))).toBe(false);
    return key;
  };

  it('goes on with the former key before the new key is on disk, and can be repeated', async () => {
    const { data, pem, former } = await rotated();
    const folder = folderAt(data, { 'signing-key.pem': pem, checkpoint: lastOf(data) });
    expect(await serves(folder)).toBe(former);
    expect((await rotateSigningKey(configOf(folder))).former).toBe(former);
  });

  it('is completed by the next start, or by the next rotation, once the new key is on disk', async () => {
    const { data, pem, next } = await rotated();
    const files = { 'signing-key.pem': pem, 'signing-key.next.pem': text(data, 'signing-key.pem') };
    const before = { ...files, checkpoint: lastOf(data) };
    expect(await serves(folderAt(data, before))).toBe(next);
    expect(await serves(folderAt(data, files))).toBe(next);
    expect((await rotateSigningKey(configOf(folderAt(data, before)))).former).toBe(next);
  });

  it('says which file to remove if the file of the new key is damaged', async () => {
    const { data, pem } = await rotated();
    const files = { 'signing-key.pem': pem, checkpoint: lastOf(data), 'signing-key.next.pem': '' };
    await expect(serves(folderAt(data, files))).rejects.toThrow(/signing-key\.next\.pem: .* is damaged: remove it/);
  });

  it('does not sign a checkpoint of a stranger again', async () => {
    const { data, pem } = await rotated();
    const { checkpoint } = { checkpoint: lastOf(data).replace(/— (\S+) \S+/, '— $1 AAAA') };
    const folder = folderAt(data, {
      'signing-key.pem': pem,
      'signing-key.next.pem': text(data, 'signing-key.pem'),
      checkpoint,
    });
    const desk = await openDesk({}, folder);
    expect(await issue(desk, 'm-2')).toBe(503);
    await desk.close();
    expect(text(folder, 'checkpoint')).toBe(checkpoint);
  });
});

describe('a rotation of the signing key is refused, and changes nothing', () => {
  it('while a service uses the data folder', async () => {
    const desk = await openDesk();
    const key = text(desk.data, 'signing-key.pem');
    await expect(rotateSigningKey(configOf(desk.data))).rejects.toThrow('stop the service first');
    expect(text(desk.data, 'signing-key.pem')).toBe(key);
  });

  it('where the key is in the settings: the sentence says what to do instead', async () => {
    const { data } = await used();
    const pem = newSigner().privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await expect(rotateSigningKey(configOf(data, { CLAIMSTAMP_SIGNING_KEY: pem }))).rejects.toThrow(
      'claimstamp checkpoint accept',
    );
  });

  it('where the ledger does not continue its last checkpoint, or there is none', async () => {
    const { data, pem } = await used();
    rmSync(file(data, 'checkpoint'));
    await expect(rotateSigningKey(configOf(data))).rejects.toThrow('the key is unchanged');
    expect(text(data, 'signing-key.pem')).toBe(pem);
    const empty = file(tempFolder(), 'empty');
    mkdirSync(empty);
    await expect(rotateSigningKey(configOf(empty))).rejects.toThrow("not a ledger's data folder");
    expect(existsSync(file(empty, 'ledger.db'))).toBe(false);
    expect(existsSync(file(empty, 'signing-key.pem'))).toBe(false);
  });
});

describe('claimstamp key rotate', () => {
  it('session signs everyone out, people and screens, and ends the sessions in the ledger', async () => {
    const desk = await openDesk();
    await desk.ask('PUT', '/v1/stations/line-1', {});
    const [ada, screen] = [await person(desk, 'Ada', 'admin'), await kiosk(desk, 'line-1')];
    const statusOf = async (at: Desk, headers: Headers): Promise<number> =>
      (await at.app.request('/v1/account/sessions', { headers })).status;
    expect(await statusOf(desk, ada)).toBe(200);
    const running = await run('claimstamp', ['key', 'rotate', 'session'], desk.data);
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining('stop the service first')]);
    await desk.close();
    const former = text(desk.data, 'session.key');
    const done = await run('claimstamp', ['key', 'rotate', 'session'], desk.data);
    expect([done.code, done.stderr]).toEqual([0, expect.stringMatching(/signed out[^]*line-1/)]);
    expect(text(desk.data, 'session.key')).not.toBe(former);
    expect(done.stdout + done.stderr).not.toContain(text(desk.data, 'session.key'));
    expect(statSync(file(desk.data, 'session.key')).mode & 0o777).toBe(0o600);
    const again = await openDesk({}, desk.data);
    expect(await statusOf(again, ada)).toBe(401);
    expect(await statusOf(again, screen)).toBe(401);
    expect((await again.ask<{ sessions: object[] }>('GET', '/v1/sessions')).body.sessions).toEqual([]);
    expect(await lastEvent(again, 'session-ended')).toMatchObject({ actor: 'local' });
    expect(await issue(again, 'm-1')).toBe(200);
    await again.close();
  });

  it('signing prints both keys, and claimstamp verify still finds no problem', async () => {
    const { data, key } = await used();
    const done = await run('claimstamp', ['key', 'rotate', 'signing'], data);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(key)]);
    const verified = await run('claimstamp', ['verify'], data);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('No problem found')]);
  });
});

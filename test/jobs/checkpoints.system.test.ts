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
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openCheckpoint, originOf, parseCheckpoint, readVerifierKey, verifierKey } from '../../src/proof/checkpoint.ts';
import { readConfig } from '../../src/config.ts';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { keepCheckpoint } from '../../src/decide/keep-checkpoint.ts';
import { openSigner, readSigner, signingKeyFile } from '../../src/jobs/signer.ts';
import { openMapLedger } from '../support/map-ledger.ts';
import { newSigner, openDice } from '../support/busy-ledger.ts';
import { person, token } from '../support/askers.ts';
import {
  ADMIN_TOKEN,
  api,
  openDesk,
  secrets,
  startService,
  tempFolder,
  type Desk,
  type Problem,
} from '../support/service.ts';
import { rewriteHistory, tamper } from '../support/tamper.ts';
import { until } from '../support/until.ts';

interface Key {
  origin: string;
  verifierKey: string;
  publicKey: string;
}

const text = async (desk: Desk, path: string): Promise<string> => {
  const headers = { authorization: `Bearer ${desk.house.localToken}` };
  return (await desk.app.request(path, { headers })).text();
};
const keyOf = async (desk: Desk): Promise<Key> => (await desk.ask<Key>('GET', '/v1/ledger/key')).body;
const pemOf = (signer = newSigner()): string => signer.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

describe("the log's key", () => {
  it('is made at the first start, for its owner only, and is the same at the next', async () => {
    const first = await openDesk();
    const file = signingKeyFile(first.data);
    const key = await keyOf(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { privateKey } = openSigner(readConfig({ CLAIMSTAMP_DATA: first.data }));
    expect(key.origin).toBe(originOf(privateKey));
    expect(
      readVerifierKey(key.verifierKey).publicKey.equals(
        readVerifierKey(verifierKey({ origin: 'x', privateKey })).publicKey,
      ),
    ).toBe(true);
    await first.close();
    const second = await openDesk({}, first.data);
    expect(await keyOf(second)).toEqual(key);
    expect(readdirSync(first.data).filter((name) => name.startsWith('signing-key'))).toEqual(['signing-key.pem']);
  });

  it('and the name may be given, and then none is made', async () => {
    const signer = newSigner();
    const desk = await openDesk({
      CLAIMSTAMP_SIGNING_KEY: pemOf(signer),
      CLAIMSTAMP_ORIGIN: 'serials.example.com/plant-2',
    });
    expect(existsSync(signingKeyFile(desk.data))).toBe(false);
    expect((await keyOf(desk)).verifierKey).toBe(verifierKey({ ...signer, origin: 'serials.example.com/plant-2' }));
  });

  it('is never made over a file that is there, whatever is in it: the start fails', async () => {
    const data = tempFolder();
    writeFileSync(signingKeyFile(data), 'not a key');
    await expect(openDesk({}, data)).rejects.toThrow('signing-key.pem is not an Ed25519 private key');
    expect(readFileSync(signingKeyFile(data), 'utf8')).toBe('not a key');
  });

  it('is looked for by commands that only look, and not made', () => {
    const data = tempFolder();
    expect(readSigner(readConfig({ CLAIMSTAMP_DATA: data }))).toBeUndefined();
    expect(readdirSync(data)).toEqual([]);
  });
});

describe('checkpoints', () => {
  it('are made when the ledger grew, at shutdown too, and lie in the ledger and beside it', async () => {
    const desk = await openDesk();
    const verifier = readVerifierKey((await keyOf(desk)).verifierKey);
    const first = openCheckpoint(await text(desk, '/v1/ledger/checkpoint'), verifier);
    expect(first.size).toBe(await desk.size());
    expect(await text(desk, '/v1/ledger/checkpoint')).toBe(await text(desk, '/v1/ledger/checkpoint'));
    await desk.agent({ product: 'DEMO' });
    const second = openCheckpoint(await text(desk, '/v1/ledger/checkpoint'), verifier);
    expect(second.size).toBeGreaterThan(first.size);
    await desk.agent({ product: 'DEMO' });
    const size = await desk.size();
    await desk.close();
    const beside = readFileSync(join(desk.data, 'checkpoint'), 'utf8');
    expect(openCheckpoint(beside, verifier).size).toBe(size);
    expect(statSync(join(desk.data, 'checkpoint')).mode & 0o777).toBe(0o600);
    const db = new Database(join(desk.data, 'ledger.db'), { readonly: true });
    expect(db.prepare(`SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1`).pluck().get()).toBe(beside);
    db.close();
  });

  it('are made at most ten seconds after the ledger grew, by nobody asked', async () => {
    const service = await startService(tempFolder());
    await api(service, 'PUT', '/v1/products/DEMO', {});
    const grown = performance.now();
    const sizeBeside = (): number => {
      const file = join(service.data, 'checkpoint');
      return existsSync(file) ? parseCheckpoint(readFileSync(file, 'utf8')).size : 0;
    };
    await until(() => sizeBeside() >= 2, 10_000 - (performance.now() - grown));
    await service.end('SIGTERM');
  });

  it('are kept for good once an hour, the newest always', () => {
    const line = openMapLedger();
    const MINUTE = 60_000;
    for (let size = 1; size <= 400; size++) {
      line.setClock(line.clock() + MINUTE);
      line.record({ kind: 'keep-checkpoint', size, note: `note ${size}` });
      expect(line.seen.checkpoints()[0]).toMatchObject({ size, note: `note ${size}` });
    }
    const hours = [...line.tables.checkpoints.values()].map(({ at }) => at);
    for (const [i, at] of hours.slice(1, -1).entries())
      expect(at - (hours[i] as number)).toBeGreaterThanOrEqual(60 * MINUTE);
    expect(line.tables.checkpoints.size).toBeLessThan(10);
    expect(line.events).toEqual([]);
  });

  it('of a tree that was signed before, by another key, are kept anew', () => {
    const line = openMapLedger();
    for (const note of ['old', 'new']) line.record({ kind: 'keep-checkpoint', size: 7, note });
    expect([...line.tables.checkpoints.values()]).toMatchObject([{ size: 7, note: 'new' }]);
    expect(keepCheckpoint(line.seen, { kind: 'keep-checkpoint', size: 3, note: 'older' }, 0).kept).toHaveLength(1);
  });

  it('by size are those that were kept', async () => {
    const desk = await openDesk();
    const note = await text(desk, '/v1/ledger/checkpoint');
    const { size } = parseCheckpoint(note);
    await desk.agent({ product: 'DEMO' });
    await text(desk, '/v1/ledger/checkpoint');
    expect(await text(desk, `/v1/ledger/checkpoint?size=${size}`)).toBe(note);
    const none = await desk.ask<Problem>('GET', '/v1/ledger/checkpoint?size=77');
    expect(none.status).toBe(400);
    expect(none.body.detail).toContain('no checkpoint of 77 events is stored');
  });
});

describe('a ledger that was put back to an older state', () => {
  /** A data folder whose ledger knows two units less than its checkpoint. */
  async function putBack(grow?: (desk: Desk) => Promise<unknown>): Promise<{ data: string; seen: number }> {
    const before = await openDesk();
    await before.agent({ product: 'DEMO', mac: 'm-1' });
    await before.close();
    const copy = join(tempFolder(), 'ledger.db');
    copyFileSync(join(before.data, 'ledger.db'), copy);
    const later = await openDesk({}, before.data);
    await later.agent({ product: 'DEMO', mac: 'm-2' });
    await later.agent({ product: 'DEMO', mac: 'm-3' });
    const seen = await later.size();
    await later.close();
    const note = readFileSync(join(before.data, 'checkpoint'));
    for (const ending of ['', '-wal', '-shm']) rmSync(join(before.data, `ledger.db${ending}`), { force: true });
    copyFileSync(copy, join(before.data, 'ledger.db'));
    if (grow !== undefined) {
      rmSync(join(before.data, 'checkpoint'));
      const alone = await openDesk({}, before.data);
      await alone.ask('POST', '/v1/ledger/accept', { size: await alone.size() });
      await grow(alone);
      await alone.close();
      writeFileSync(join(before.data, 'checkpoint'), note);
    }
    return { data: before.data, seen };
  }

  const issued = async (desk: Desk, mac: string): Promise<number> =>
    (await desk.agent({ product: 'DEMO', mac })).status;

  it('gives nothing out, and says so loudly: to agents, in the log, in /readyz and in the metrics', async () => {
    const { data, seen } = await putBack();
    const desk = await openDesk({}, data);
    const refused = await desk.agent({ product: 'DEMO', mac: 'm-2' });
    expect(refused.status).toBe(503);
    expect(refused.body.detail).toContain('an older copy was restored');
    expect((await desk.ask('POST', '/v1/units', { product: 'DEMO' })).status).toBe(503);
    expect((await desk.ask('POST', '/v1/reservations', { name: 'R', product: 'DEMO', count: 1 })).status).toBe(503);
    const ready = await desk.ask<{ problems: string[] }>('GET', '/readyz');
    expect([ready.status, ready.body.problems.join()]).toEqual([
      503,
      expect.stringContaining(`a checkpoint of ${seen} was made here`),
    ]);
    expect(await text(desk, '/metrics')).toContain('claimstamp_ledger_held 1\n');
    expect(desk.log()).toMatch(/"level":50[^\n]*an older copy was restored/);
  });

  it('is looked at, set up and filled up meanwhile, and its checkpoint stays beside it over every restart', async () => {
    const { data, seen } = await putBack();
    for (let start = 0; start < 2; start++) {
      const desk = await openDesk({}, data);
      expect((await desk.ask('GET', '/v1/units')).status).toBe(200);
      expect((await desk.ask('PUT', '/v1/products/OTHER', { name: `start ${start}` })).status).toBe(200);
      const lost = { place: 'line 1', uci: `0000000${start}00`, device: { product: 'DEMO', serial: `lost-${start}` } };
      expect((await desk.ask('POST', '/v1/units/import', { units: [lost] })).status).toBe(201);
      expect((await desk.ask('GET', '/v1/ledger/checkpoint')).status).toBe(503);
      expect(
        (await desk.app.request('/v1/ledger.csv', { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).status,
      ).toBe(200);
      expect(await issued(desk, 'm-9')).toBe(503);
      await desk.close();
      expect(parseCheckpoint(readFileSync(join(data, 'checkpoint'), 'utf8')).size).toBe(seen);
    }
  });

  it('goes on with a hold code that a lead enters: once, and the ledger keeps which code and who', async () => {
    let code = '';
    const { data, seen } = await putBack(async (desk) => {
      const made = await desk.ask<{ code: string }>('POST', '/v1/hold-codes', { name: 'envelope-1' });
      await desk.ask('POST', '/v1/hold-codes', { name: 'envelope-2' });
      ({ code } = made.body);
    });
    secrets.add(code);
    expect(code).toMatch(/^(\w{4}-){3}\w{4}$/);
    const desk = await openDesk({}, data);
    const lead = await token(desk, 'night-lead', 'lead');
    const accept = async (body: object) => {
      const sent = { method: 'POST', headers: lead, body: JSON.stringify({ size: seen, ...body }) };
      const answer = await desk.app.request('/v1/ledger/accept', sent);
      const { detail, checkpoint } = (await answer.json()) as Problem & { checkpoint?: string };
      return { status: answer.status, detail, checkpoint };
    };
    expect(await accept({})).toMatchObject({ status: 403, detail: expect.stringContaining('only with a hold code') });
    expect(await accept({ code: '0000-0000-0000-0000' })).toMatchObject({ status: 403 });
    expect(await accept({ code, size: seen + 1 })).toMatchObject({ status: 400 });
    await desk.ask('DELETE', '/v1/hold-codes/envelope-2');
    expect(await issued(desk, 'm-2')).toBe(503);
    const hold = await (await desk.app.request('/hold', { headers: await person(desk, 'Lena', 'lead') })).text();
    expect(hold).toContain('name="code"');
    expect(await accept({ code: code.toLowerCase().replaceAll('-', ' ') })).toMatchObject({
      status: 200,
      checkpoint: expect.stringContaining('\n— '),
    });
    expect(await issued(desk, 'm-2')).toBe(200);
    const { body } = await desk.ask<{ holdCodes: object[] }>('GET', '/v1/hold-codes');
    expect(body.holdCodes).toMatchObject([
      { name: 'envelope-1', usedAt: expect.any(String) },
      { name: 'envelope-2', withdrawnAt: expect.any(String) },
    ]);
    await desk.close();
    const db = new Database(join(data, 'ledger.db'), { readonly: true });
    const last = db
      .prepare(`SELECT line FROM event WHERE line ->> '$.type' = 'ledger-accepted' ORDER BY seq DESC`)
      .pluck()
      .get() as string;
    db.close();
    expect(JSON.parse(last)).toMatchObject({ actor: 'token:night-lead', data: { code: 'envelope-1' } });
    expect(last).not.toContain(code.replaceAll('-', ''));
  });

  it('lets nobody guess a hold code: not more than twenty, and then one in three seconds', async () => {
    const { data, seen } = await putBack();
    const desk = await openDesk({}, data);
    const headers = await token(desk, 'night-lead', 'lead');
    const statuses = new Set<number>();
    for (let n = 0; n < 25; n++) {
      const body = JSON.stringify({ size: seen, code: `0000-0000-0000-00${10 + n}` });
      statuses.add((await desk.app.request('/v1/ledger/accept', { method: 'POST', headers, body })).status);
    }
    expect([...statuses]).toEqual([403, 429]);
  });

  it('goes on once an admin says so, and keeps for ever who did', async () => {
    const { data, seen } = await putBack();
    const desk = await openDesk({}, data);
    const wrong = await desk.ask<Problem>('POST', '/v1/ledger/accept', { size: seen + 1 });
    expect([wrong.status, wrong.body.detail]).toEqual([
      400,
      expect.stringContaining(`claimstamp checkpoint accept ${seen}`),
    ]);
    expect(await issued(desk, 'm-2')).toBe(503);
    const size = await desk.size();
    expect((await desk.ask('POST', '/v1/ledger/accept', { size: seen })).status).toBe(200);
    // Twice is once.
    expect((await desk.ask('POST', '/v1/ledger/accept', { size: seen })).status).toBe(200);
    expect(await desk.size(), 'the acceptance, and the skipped S/Ns').toBe(size + 2);
    expect(await issued(desk, 'm-2')).toBe(200);
    expect((await desk.ask('GET', '/readyz')).status).toBe(200);
    expect(await text(desk, '/metrics')).toContain('claimstamp_ledger_held 0\n');
    await desk.close();
    const again = await openDesk({}, data);
    expect(await issued(again, 'm-3')).toBe(200);
    await again.close();
    const db = new Database(join(data, 'ledger.db'), { readonly: true });
    const lines = db
      .prepare(`SELECT line FROM event WHERE line ->> '$.type' = 'ledger-accepted'`)
      .pluck()
      .all() as string[];
    db.close();
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { actor: 'admin', data: { size, checkpoint: { size: seen } } },
    ]);
  });

  it('gives no S/N and no number of a pool to a second device after it is accepted', async () => {
    const before = await openDesk();
    const settings = { pools: ['mac=A4C138000001-A4C138001000'], poolAnswers: ['mac'] };
    expect((await before.ask('PUT', '/v1/products/DEMO', settings)).status).toBe(200);
    const numbersOf = async (desk: Desk, count: number): Promise<string[]> => {
      const given: string[] = [];
      for (let n = 0; n < count; n++) {
        const { status, body } = await desk.agent({ product: 'DEMO' });
        expect(status).toBe(200);
        const { serial } = (await desk.ask<{ serial: string }>('GET', `/v1/units/${body.id}`)).body;
        given.push(serial, String(Object.entries(body).find(([name]) => name === 'mac')?.[1]));
      }
      return given;
    };
    await numbersOf(before, 1);
    await before.close();
    const file = join(before.data, 'ledger.db');
    const copy = join(tempFolder(), 'ledger.db');
    copyFileSync(file, copy);
    const later = await openDesk({}, before.data);
    const lost = await numbersOf(later, 3);
    const seen = await later.size();
    await later.close();
    for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
    copyFileSync(copy, file);
    const desk = await openDesk({}, before.data);
    expect((await desk.ask('POST', '/v1/ledger/accept', { size: seen })).status).toBe(200);
    expect((await numbersOf(desk, 3)).filter((number) => lost.includes(number))).toEqual([]);
    await desk.close();
    expect(await verifyLedger(file)).toMatchObject({ ok: true });
  });

  it('and has grown past its checkpoint since, contradicts the checkpoint', async () => {
    const { data } = await putBack(async (desk) => {
      for (let i = 0; i < 9; i++) await desk.agent({ product: 'DEMO', mac: `n-${i}` });
    });
    const desk = await openDesk({}, data);
    const refused = await desk.agent({ product: 'DEMO', mac: 'm-2' });
    expect([refused.status, refused.body.detail]).toEqual([503, expect.stringContaining('contradicts the checkpoint')]);
  });

  it('is none where it only grew, whatever was killed in between', async () => {
    const service = await startService(tempFolder());
    for (let i = 0; i < 5; i++) await api(service, 'PUT', `/v1/products/P${i}`, {});
    await service.end('SIGKILL');
    const desk = await openDesk({}, service.data);
    expect(await issued(desk, 'm-1')).toBe(200);
  });
});

describe('a ledger without a checkpoint outside it that can be used', () => {
  /** A data folder of a service that issued and ended. */
  async function used(env: Record<string, string> = {}): Promise<{ data: string; size: number; file: string }> {
    const desk = await openDesk(env);
    for (const mac of ['m-1', 'm-2', 'm-3']) await desk.agent({ product: 'DEMO', mac });
    const size = await desk.size();
    await desk.close();
    return { data: desk.data, size, file: join(desk.data, 'checkpoint') };
  }

  const notes = (data: string): { size: number; note: string }[] => {
    const db = new Database(join(data, 'ledger.db'), { readonly: true });
    const rows = db.prepare(`SELECT size, note FROM checkpoint ORDER BY size`).all();
    db.close();
    return rows as { size: number; note: string }[];
  };

  /** An event is rewritten with all hashes, and the ledger's own checkpoints, which would contradict it, are removed. */
  const forge = (data: string): void =>
    tamper(join(data, 'ledger.db'), (db) => {
      rewriteHistory(db, openDice(7));
      db.exec(`DELETE FROM checkpoint`);
    });

  /** Starts on it: nothing is issued, nothing is signed, and all say why. */
  async function expectHeld(data: string, why: string, env: Record<string, string> = {}): Promise<void> {
    const before = notes(data);
    const beside = existsSync(join(data, 'checkpoint')) ? readFileSync(join(data, 'checkpoint')) : undefined;
    const desk = await openDesk(env, data);
    const refused = await desk.agent({ product: 'DEMO', mac: 'm-9' });
    expect([refused.status, refused.body.detail]).toEqual([503, expect.stringContaining(why)]);
    expect(refused.body.detail).toMatch(/claimstamp checkpoint accept \d+$/);
    const ready = await desk.ask<{ problems: string[] }>('GET', '/readyz');
    expect([ready.status, ready.body.problems.join()]).toEqual([503, expect.stringContaining(why)]);
    expect(await text(desk, '/metrics')).toContain('claimstamp_ledger_held 1\n');
    expect(desk.log()).toMatch(/"level":50[^\n]*claimstamp checkpoint accept/);
    for (const path of ['/v1/ledger/checkpoint', '/v1/ledger.zip', '/v1/ledger/consistency'])
      expect((await desk.ask('GET', path)).status).toBe(503);
    await desk.close();
    expect(notes(data)).toEqual(before);
    expect(existsSync(join(data, 'checkpoint')) ? readFileSync(join(data, 'checkpoint')) : undefined).toEqual(beside);
  }

  it('because history was rewritten and the file removed, is held, and nothing is signed over it', async () => {
    const { data, file } = await used();
    forge(data);
    rmSync(file);
    await expectHeld(data, 'is missing');
    await expectHeld(data, 'is missing');
  });

  it('because history was rewritten, with the genuine file of an earlier moment, is held', async () => {
    const { data, file } = await used();
    const early = readFileSync(file);
    const later = await openDesk({}, data);
    await later.agent({ product: 'DEMO', mac: 'm-4' });
    await later.close();
    writeFileSync(file, early);
    await expectHeld(data, 'was replaced by an older one');
  });

  it('is held where a copy in the backup folder shows what was rewritten', async () => {
    const folder = tempFolder();
    const env = { CLAIMSTAMP_BACKUP_FOLDER: folder };
    const { data, file } = await used(env);
    const copies = readdirSync(folder).filter((name) => name.endsWith('.checkpoint'));
    expect(copies).toEqual([expect.stringMatching(/^claimstamp-[0-9a-f]{16}\.checkpoint$/)]);
    expect(readFileSync(join(folder, copies[0] as string))).toEqual(readFileSync(file));
    forge(data);
    rmSync(file);
    await expectHeld(data, 'contradicts the checkpoint', env);
  });

  it('goes on by the copy in the backup folder alone, and writes its own file again', async () => {
    const env = { CLAIMSTAMP_BACKUP_FOLDER: tempFolder() };
    const { data, file, size } = await used(env);
    rmSync(file);
    const desk = await openDesk(env, data);
    expect(parseCheckpoint(readFileSync(file, 'utf8')).size).toBe(size);
    expect((await desk.agent({ product: 'DEMO', mac: 'm-9' })).status).toBe(200);
  });

  it.each([
    ['torn', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').slice(0, 60)), 'is not a checkpoint'],
    ['empty', (file: string) => writeFileSync(file, ''), 'is not a checkpoint'],
    ['no text', (file: string) => writeFileSync(file, Buffer.alloc(300)), 'is not a checkpoint'],
    ['a folder', (file: string) => (rmSync(file), mkdirSync(file)), 'cannot be read: the path is a folder'],
    [
      'of another size with the former signature',
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/\n\d+\n/, '\n2\n')),
      'is not signed with the current key',
    ],
  ])('because the file is %s, is held', async (_what, spoil, why) => {
    const { data, file } = await used();
    spoil(file);
    if (statSync(file).isFile()) return expectHeld(data, why);
    const desk = await openDesk({}, data);
    expect((await desk.agent({ product: 'DEMO', mac: 'm-9' })).body.detail).toContain(why);
    expect(desk.log()).toContain('claimstamp checkpoint accept');
  });

  it('of its own key is held: a forger can sign with any other', async () => {
    const { data } = await used();
    await expectHeld(data, 'is not signed with the current key', { CLAIMSTAMP_SIGNING_KEY: pemOf() });
  });

  it('under its own name but with its own key, goes on and tells auditors', async () => {
    const { data } = await used();
    const desk = await openDesk({ CLAIMSTAMP_ORIGIN: 'serials.example.com/line-2' }, data);
    expect((await desk.agent({ product: 'DEMO', mac: 'm-9' })).status).toBe(200);
    expect(desk.log()).toMatch(/"level":40[^\n]*a different log name/);
  });

  it('because only ledger.db was copied, is held until an admin names its size', async () => {
    const { data, size } = await used();
    const copy = tempFolder();
    copyFileSync(join(data, 'ledger.db'), join(copy, 'ledger.db'));
    const desk = await openDesk({}, copy);
    const detail = (await desk.agent({ product: 'DEMO', mac: 'm-9' })).body.detail;
    expect(detail).toContain(`claimstamp checkpoint accept ${size}`);
    expect((await desk.ask('POST', '/v1/ledger/accept', { size: size - 1 })).status).toBe(400);
    expect((await desk.ask('POST', '/v1/ledger/accept', { size })).status).toBe(200);
    expect((await desk.agent({ product: 'DEMO', mac: 'm-9' })).status).toBe(200);
    await desk.close();
    const again = await openDesk({}, copy);
    expect((await again.agent({ product: 'DEMO', mac: 'm-8' })).status).toBe(200);
    const accepted = `SELECT line FROM event WHERE line ->> '$.type' = 'ledger-accepted'`;
    const db = new Database(join(copy, 'ledger.db'), { readonly: true });
    const lines = db.prepare(accepted).pluck().all() as string[];
    db.close();
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ actor: 'admin', data: { size } }]);
  });

  it('is never a new ledger: its file is there before its first event', async () => {
    const desk = await openDesk();
    expect(parseCheckpoint(readFileSync(join(desk.data, 'checkpoint'), 'utf8')).size).toBe(0);
  });

  it('is none after a kill between the file and the row', async () => {
    const { data, file } = await used();
    const { note } = notes(data).at(-1) as { note: string };
    expect(readFileSync(file, 'utf8')).toBe(note);
    const db = new Database(join(data, 'ledger.db'));
    db.prepare(`DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)`).run();
    db.close();
    const desk = await openDesk({}, data);
    expect((await desk.agent({ product: 'DEMO', mac: 'm-9' })).status).toBe(200);
  });
});

describe('the copy of the last checkpoint', () => {
  it('does not stop the line when its folder is away, and is logged once', async () => {
    const blocked = join(tempFolder(), 'file');
    writeFileSync(blocked, '');
    const desk = await openDesk({ CLAIMSTAMP_BACKUP_FOLDER: join(blocked, 'share') });
    for (let i = 0; i < 3; i++) {
      expect((await desk.agent({ product: 'DEMO', mac: `m-${i}` })).status).toBe(200);
      expect((await desk.ask('GET', '/v1/ledger/consistency')).status).toBe(200);
    }
    await desk.close();
    expect(desk.log().match(/a checkpoint could not be sent/g)).toHaveLength(1);
    const again = await openDesk({ CLAIMSTAMP_BACKUP_FOLDER: join(blocked, 'share') }, desk.data);
    expect((await again.agent({ product: 'DEMO', mac: 'm-9' })).status).toBe(200);
  });
});

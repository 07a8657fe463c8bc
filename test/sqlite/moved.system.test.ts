import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { copyLedger, ledgerFilesIn, moveLedger, removeLedger, WAYS } from '../../harness/moved-ledger.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from '../support/service.ts';

/* Someone moves, deletes or replaces the files of the ledger while the service uses it. */

async function openPlace(): Promise<{ desk: Desk; aside: string }> {
  const aside = join(tempFolder(), 'aside');
  mkdirSync(aside);
  return { desk: await openDesk(), aside };
}

const issue = (desk: Desk, mac: string): ReturnType<Desk['agent']> => desk.agent({ product: 'METER', mac });

/** Sends the request until the service accepts it again. */
async function issueAtLast(desk: Desk, mac: string): Promise<string> {
  for (const end = Date.now() + 30_000; ; await pause(50)) {
    const { status, body } = await issue(desk, mac);
    if (status === 200) return body.id;
    if (Date.now() > end) throw new Error(`still ${status}`);
  }
}

const unitsOf = async (desk: Desk): Promise<number> =>
  (await desk.ask<{ units: unknown[] }>('GET', '/v1/units')).body.units.length;

describe('the file of the ledger', () => {
  it.each(WAYS)('%s: no device gets a Claim ID that is in no file', async (_, harm) => {
    const { desk, aside } = await openPlace();
    expect((await issue(desk, 'first')).status).toBe(200);
    harm(desk.data, aside);
    const { status, body } = await issue(desk, 'second');
    expect([status, body.detail]).toEqual([503, expect.stringContaining('put ledger.db and ledger.db-wal back')]);
  });

  it.each(WAYS)('%s: /readyz says so without any request of a device', async (_, harm) => {
    const { desk, aside } = await openPlace();
    await issue(desk, 'first');
    harm(desk.data, aside);
    const { status, body } = await desk.ask('GET', '/readyz');
    expect([status, JSON.stringify(body)]).toEqual([503, expect.stringContaining('moved, deleted or replaced')]);
  });

  it('replaced by an empty file: no empty ledger is made in it', async () => {
    const { desk, aside } = await openPlace();
    await issue(desk, 'first');
    moveLedger(desk.data, aside);
    writeFileSync(join(desk.data, 'ledger.db'), '');
    expect((await issue(desk, 'second')).status).toBe(503);
    await pause(1500);
    expect(statSync(join(desk.data, 'ledger.db')).size).toBe(0);
    rmSync(join(desk.data, 'ledger.db'));
    moveLedger(aside, desk.data);
    await issueAtLast(desk, 'second');
  });

  it('put back: the line goes on, and each device has one Claim ID', async () => {
    const { desk, aside } = await openPlace();
    const first = (await issue(desk, 'first')).body.id;
    moveLedger(desk.data, aside);
    expect((await issue(desk, 'second')).status).toBe(503);
    await pause(1500);
    expect(ledgerFilesIn(desk.data)).toEqual([]);
    moveLedger(aside, desk.data);
    const second = await issueAtLast(desk, 'second');
    expect(await issueAtLast(desk, 'first')).toBe(first);
    expect(new Set([first, second]).size).toBe(2);
    expect(await unitsOf(desk)).toBe(2);
    expect((await desk.ask('GET', '/readyz')).status).toBe(200);
  });

  it('put back as a copy: the line goes on, and screens show the units of the copy', async () => {
    const { desk, aside } = await openPlace();
    const first = (await issue(desk, 'first')).body.id;
    copyLedger(desk.data, aside);
    removeLedger(desk.data);
    expect((await issue(desk, 'second')).status).toBe(503);
    copyLedger(aside, desk.data);
    await issueAtLast(desk, 'second');
    expect(await issueAtLast(desk, 'first')).toBe(first);
    expect(await unitsOf(desk)).toBe(2);
  });

  it.each(['ledger.db-wal', 'ledger.db-shm'])('only %s deleted: nothing is lost', async (name) => {
    const { desk } = await openPlace();
    const first = (await issue(desk, 'first')).body.id;
    rmSync(join(desk.data, name));
    const second = await issueAtLast(desk, 'second');
    expect(await issueAtLast(desk, 'first')).toBe(first);
    await desk.close();
    const again = await openDesk({}, desk.data);
    expect([await issueAtLast(again, 'first'), await issueAtLast(again, 'second')]).toEqual([first, second]);
  });

  it('replaced by an older copy: nothing is issued', async () => {
    const { desk, aside } = await openPlace();
    await issue(desk, 'first');
    copyLedger(desk.data, aside);
    await issue(desk, 'second');
    removeLedger(desk.data);
    copyLedger(aside, desk.data);
    expect((await issue(desk, 'third')).status).toBe(503);
    await pause(1500);
    const { status, body } = await issue(desk, 'third');
    expect([status, body.detail]).toEqual([503, expect.stringContaining('lacks events that the service has recorded')]);
    await desk.close();
    const again = await openDesk({}, desk.data);
    expect((await issue(again, 'third')).status).toBe(503);
  });
});

describe('another program writes to the file of the ledger', () => {
  /** Returns the content of the ledger file after the service has stopped. */
  async function contentAfter(data: string, devices: string[]): Promise<Buffer> {
    const desk = await openDesk({}, data);
    for (const mac of devices) await issueAtLast(desk, mac);
    await desk.close();
    return readFileSync(join(data, 'ledger.db'));
  }
  const many = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name}-${n}`);

  it.each([false, true])(
    'an older copy of the same size: nothing is issued (stopped before: %s)',
    async (isStopped) => {
      const data = tempFolder();
      const older = await contentAfter(data, many('old', 20));
      const before = (await contentAfter(data, many('new', 300))).length;
      const desk = await openDesk({}, data);
      await issue(desk, 'first');
      writeFileSync(join(data, 'ledger.db'), Buffer.concat([older, Buffer.alloc(before - older.length)]));
      if (isStopped) await desk.close();
      else expect((await issue(desk, 'second')).status).toBe(503);
      await pause(1500);
      const last = isStopped ? await openDesk({}, data).catch(() => undefined) : desk;
      expect((await last?.agent({ product: 'METER', mac: 'second' }))?.status ?? 503).toBe(503);
      if (!isStopped) expect((await issue(desk, 'second')).body.detail).toMatch(/restore a backup/);
    },
  );

  it('the same content again: the line goes on', async () => {
    const data = tempFolder();
    const content = await contentAfter(data, many('old', 20));
    const desk = await openDesk({}, data);
    const first = (await issue(desk, 'first')).body.id;
    writeFileSync(join(data, 'ledger.db'), content);
    expect((await issue(desk, 'second')).status).toBe(503);
    await issueAtLast(desk, 'second');
    expect(await issueAtLast(desk, 'first')).toBe(first);
  });
});

it('without its shared memory file: a backup that begins first is made, and holds every unit', async () => {
  const { desk } = await openPlace();
  for (const mac of ['one', 'two', 'three']) expect((await issue(desk, mac)).status).toBe(200);
  rmSync(join(desk.data, 'ledger.db-shm'));
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const answer = await desk.app.request('/v1/ledger/backup', { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect([answer.status, bytes.subarray(0, 15).toString()]).toEqual([200, 'SQLite format 3']);
  const copy = join(tempFolder(), 'copy.db');
  writeFileSync(copy, bytes);
  expect(await verifyLedger(copy)).toMatchObject({ ok: true });
  expect(new Database(copy).prepare('SELECT count(*) FROM unit').pluck().get()).toBe(3);
});

import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { damage } from '../../harness/damage.ts';
import { openWebhookFile } from '../../src/sqlite/feed/webhook-file.ts';
import { openForWriting } from '../../src/sqlite/open.ts';
import { openDesk, tempFolder, type Problem } from '../support/service.ts';
import { until } from '../support/until.ts';

/* Database files that another program has locked or damaged: a sentence says what to do, and the log has no stack. */

test('a ledger that another program has locked is named to devices, and goes on when it is free', async () => {
  const desk = await openDesk();
  const other = new Database(join(desk.data, 'ledger.db'));
  other.exec('BEGIN IMMEDIATE');
  const asked = await Promise.all([1, 2, 3].map((n) => desk.agent({ product: 'DEMO', mac: `02:00:00:00:07:0${n}` })));
  for (const { status, body } of asked) {
    expect(status).toBe(503);
    expect(body).toMatchObject({
      detail: expect.stringMatching(/another program has locked ledger\.db.*: end the program/) as string,
    });
  }
  expect(desk.log()).not.toMatch(/^\s+at |\\n\s+at /m);
  other.exec('ROLLBACK');
  other.close();
  await until(async () => (await desk.agent({ product: 'DEMO', mac: '02:00:00:00:07:01' })).status === 200);
});

test('a ledger that another program has locked at the start is refused with what to do', async () => {
  const file = join(tempFolder(), 'ledger.db');
  openForWriting(file).close();
  const other = new Database(file);
  other.pragma('locking_mode = EXCLUSIVE');
  other.exec('BEGIN EXCLUSIVE');
  expect(() => openForWriting(file)).toThrow(`${file} is locked by another program: end the program`);
  other.close();
});

test.each(['zeros', 'garbage', 'half'] as const)(
  'webhooks.db (%s) is named to whoever asks, and in the log',
  async (how) => {
    const data = tempFolder();
    const file = join(data, 'webhooks.db');
    openWebhookFile(file).close();
    damage(file, how);
    const desk = await openDesk({ CLAIMSTAMP_WEBHOOK_ALLOW: '192.0.2.1' }, data);
    const { status, body } = await desk.ask<Problem>('GET', '/v1/webhooks');
    expect(status).toBe(503);
    expect(body.detail).toMatch(/webhooks\.db is damaged.*: stop the service, move the file/);
    expect(desk.log()).toContain(`${file} is damaged`);
    expect(desk.log()).not.toMatch(/\\n\s+at /);
    expect((await desk.agent({ product: 'DEMO' })).status).toBe(200);
  },
);

import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Once } from '../../src/decide/command.ts';
import { isCode, type ErrorCode } from '../../src/platform/error.ts';
import type { Make } from '../../src/decide/make-units.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { audit } from '../support/audit.ts';
import { compileFailio, type Failio } from '../../torture/failio.ts';
import { tempFolder } from '../support/service.ts';
import { startLedger, type LedgerProcess } from '../support/ledger-process.ts';

/* A request that may be sent again is recorded once, whatever the disk does between the two. */

const hashOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const once = (key: string, request = 'one unit'): Once => ({ key: hashOf(key), fingerprint: hashOf(request) });

const make = (settings: Partial<Make & { once: Once }> = {}): Make & { once?: Once } => ({
  kind: 'make',
  as: 'issued',
  product: 'DEMO',
  count: 1,
  strict: false,
  actor: 'token:erp',
  ...settings,
});

async function expectRefused(asked: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(asked).rejects.toSatisfy((error) => isCode(error, code));
}

/** Rows of kept answers in a ledger that nobody has open. */
function keptIn(data: string): number {
  const db = new Database(ledgerFile(data), { readonly: true });
  const count = db.prepare(`SELECT count(*) FROM once`).pluck().get() as number;
  db.close();
  return count;
}

describe.runIf(process.platform === 'linux')('when the disk fails in the transaction', () => {
  let failio: Failio;
  beforeAll(() => {
    failio = compileFailio(tempFolder());
  });
  afterEach(() => failio.disarm());

  /** A first commit begins the WAL: the next call that fails is one of the next commit's own. */
  async function startFailing(data: string): Promise<LedgerProcess> {
    const ledger = await startLedger(data, failio.env);
    await ledger.record({ kind: 'note-bulk-read', what: 'units', filter: {}, count: 0, actor: 'admin' });
    return ledger;
  }

  it.each<[string, string, ErrorCode]>([
    ['full before anything was written', 'write -wal 1 ENOSPC fail once', 'disk-full'],
    ['full inside a write', 'write -wal 2 ENOSPC half once', 'disk-full'],
    ['failing in its sync, which loses it', 'sync -wal 1 EIO lose once', 'ledger-unavailable'],
  ])('a disk %s leaves neither events nor an answer', async (_what, rule, code) => {
    const data = tempFolder();
    const ledger = await startFailing(data);
    failio.arm(rule);
    await expectRefused(ledger.record(make({ once: once('a') })), code);
    expect(failio.made()).toBe(true);
    await ledger.kill();
    failio.disarm();
    expect(keptIn(data)).toBe(0);
    expect(audit(data).lines).toHaveLength(1);

    const again = await startLedger(data);
    const made = await again.record(make({ once: once('a') }));
    expect(await again.record(make({ once: once('a') }))).toEqual(made);
    await again.kill();
    expect(audit(data).ucis).toEqual(made.units.map(({ uci }) => uci));
  });

  it('a full disk keeps the key free: asked again once there is room, it is one unit', async () => {
    const data = tempFolder();
    const ledger = await startFailing(data);
    failio.arm('write -wal 1 ENOSPC fail always');
    await expectRefused(ledger.record(make({ once: once('a') })), 'disk-full');
    await expectRefused(ledger.record(make({ once: once('a') })), 'disk-full');
    failio.disarm();
    const made = await ledger.record(make({ once: once('a') }));
    expect(await ledger.record(make({ once: once('a') }))).toEqual(made);
    await ledger.kill();
    expect(keptIn(data)).toBe(1);
    expect(audit(data).ucis).toEqual(made.units.map(({ uci }) => uci));
  });

  it('a sync that fails but was done has recorded both: asked again, it is the same unit', async () => {
    const data = tempFolder();
    const ledger = await startFailing(data);
    failio.arm('sync -wal 1 EIO done always');
    await expectRefused(ledger.record(make({ once: once('a') })), 'ledger-unavailable');
    await ledger.kill();
    failio.disarm();
    expect(keptIn(data)).toBe(1);
    const again = await startLedger(data);
    const made = await again.record(make({ once: once('a') }));
    await again.kill();
    expect(keptIn(data)).toBe(1);
    expect(audit(data).ucis).toEqual(made.units.map(({ uci }) => uci));
  });

  it('killed after the commit, before the answer, it has recorded both: asked again, it is the same unit', async () => {
    const data = tempFolder();
    const ledger = await startFailing(data);
    failio.arm('sync -wal 1 EIO done-kill once');
    await expect(ledger.record(make({ once: once('a') }))).rejects.toThrow('the process ended');
    failio.disarm();
    expect(audit(data).ucis).toHaveLength(1);
    const again = await startLedger(data);
    const made = await again.record(make({ once: once('a') }));
    await again.kill();
    expect(audit(data).ucis).toEqual(made.units.map(({ uci }) => uci));
  });
});

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backupName, backupTime, openBackups, type Backups } from '../src/backup.ts';
import { openBackupSchedule, type BackupSchedule } from '../src/jobs/backup-schedule.ts';
import { openLog } from '../src/log.ts';
import { openSpool } from '../src/spool.ts';
import { openDesk, tempFolder } from './support.ts';

const HOUR = 60 * 60 * 1000;
const START = Date.UTC(2026, 10, 25, 6);

describe('backups by the clock', () => {
  async function schedule(
    keep: number,
    held = false,
  ): Promise<{
    folder: string;
    at: (ms: number) => void;
    backups: BackupSchedule;
    names: () => string[];
    fail: (how: boolean) => void;
  }> {
    const desk = await openDesk();
    await desk.agent({ product: 'DEMO' });
    const folder = tempFolder();
    const real = openBackups(join(desk.data, 'ledger.db'), openSpool(join(desk.data, 'spool')));
    let clock = START;
    let failing = false;
    const backups: Backups = {
      make: (signal) => (failing ? Promise.reject(new Error('no')) : real.make(signal)),
    };
    const options = { backups, ledger: desk.house.ledger, log: openLog('silent'), now: () => clock, folder };
    return {
      folder,
      at: (ms) => void (clock = START + ms),
      backups: openBackupSchedule({ ...options, everyMs: HOUR, keep, held: () => held }),
      names: () => readdirSync(folder).toSorted(),
      fail: (how) => void (failing = how),
    };
  }

  it('are due each hour, kept as many as asked for, and no other file is touched', async () => {
    const { folder, at, backups, names } = await schedule(2);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, 'claimstamp-2001.db'), 'mine too');
    const made: (number | undefined)[] = [];
    for (const ms of [0, HOUR / 2, HOUR, HOUR * 1.5, HOUR * 2, HOUR * 30]) {
      at(ms);
      await backups.look();
      made.push(backups.figures().lastAt);
    }
    expect(made.map((ms) => ((ms as number) - START) / HOUR)).toEqual([0, 0, 1, 1, 2, 30]);
    const [older = '', newer = '', ...others] = names().toReversed().slice(0, 4).toReversed();
    expect([older, newer].map((name) => backupTime(name))).toEqual([undefined, START + 2 * HOUR]);
    expect(others).toHaveLength(2);
    expect(names()).toContain('notes.txt');
    expect(names()).toContain('claimstamp-2001.db');
    expect(names()).toHaveLength(4);
  });

  it('that fail are counted, tried again later, and remove nothing', async () => {
    const { at, backups, names, fail } = await schedule(1);
    await backups.look();
    fail(true);
    at(HOUR);
    await backups.look();
    await backups.look();
    expect(backups.figures().failures, 'not each minute').toBe(1);
    expect(names()).toHaveLength(1);
    fail(false);
    at(HOUR + 16 * 60_000);
    await backups.look();
    expect(names().map((name) => backupTime(name))).toEqual([START + HOUR + 16 * 60_000]);
  });

  it('wait while an older ledger was put back: it must not push out newer ones', async () => {
    const { backups, names } = await schedule(1, true);
    await backups.look();
    expect(names()).toEqual([]);
  });

  it('have names that tell when they were made', () => {
    expect(backupName(START, 17)).toBe('claimstamp-20261125T060000Z-17.db');
    expect(backupTime('claimstamp-20261125T060000Z-17.db')).toBe(START);
    for (const name of [
      'ledger.db',
      'claimstamp-20261125T060000Z-17.db.partial',
      'x-claimstamp-20261125T060000Z-17.db',
    ])
      expect(backupTime(name)).toBeUndefined();
  });
});

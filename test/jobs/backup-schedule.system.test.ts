import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Backups } from '../../src/contract/backup.ts';
import { openBackups } from '../../src/jobs/make-backup.ts';
import { backupNames, openBackupSchedule, type BackupSchedule } from '../../src/jobs/backup-schedule.ts';
import { openLog } from '../../src/platform/log.ts';
import { openSpool } from '../../src/platform/spool.ts';
import { openDesk, tempFolder } from '../support/service.ts';

const HOUR = 60 * 60 * 1000;
const names = backupNames('0123456789abcdef');
const others = backupNames('fedcba9876543210');
const START = Date.UTC(2026, 10, 25, 6);

describe('backups by the clock', () => {
  async function schedule(
    keep: number,
    held = false,
  ): Promise<{
    folder: string;
    at: (ms: number) => void;
    backups: BackupSchedule;
    list: () => string[];
    fail: (how: boolean) => void;
  }> {
    const desk = await openDesk();
    await desk.agent({ product: 'DEMO' });
    const folder = tempFolder();
    const real = openBackups(join(desk.data, 'ledger.db'), openSpool(join(desk.data, 'spool')), {
      sign: () => Promise.reject(new Error('no key')),
    });
    let clock = START;
    let failing = false;
    const backups: Backups = {
      make: (by, signal) => (failing ? Promise.reject(new Error('no')) : real.make(by, signal)),
    };
    const options = {
      backups,
      ledger: desk.house.ledger,
      log: openLog('silent'),
      now: () => clock,
      data: desk.data,
      folder,
      names,
    };
    return {
      folder,
      at: (ms) => void (clock = START + ms),
      backups: openBackupSchedule({ ...options, everyMs: HOUR, keep, isSuspended: () => held }),
      list: () => readdirSync(folder).toSorted(),
      fail: (how) => void (failing = how),
    };
  }

  it('are due each hour, kept as many as asked for, and no other file is touched', async () => {
    const { folder, at, backups, list } = await schedule(2);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, 'claimstamp-2001.db'), 'mine too');
    // Another line's, in the same folder: it neither counts as one of this line, nor goes.
    writeFileSync(join(folder, others.of(START, 1)), 'theirs');
    const made: (number | undefined)[] = [];
    for (const ms of [0, HOUR / 2, HOUR, HOUR * 1.5, HOUR * 2, HOUR * 30]) {
      at(ms);
      await backups.look();
      made.push(backups.figures().lastAt);
    }
    expect(made.map((ms) => ((ms as number) - START) / HOUR)).toEqual([0, 0, 1, 1, 2, 30]);
    const own = list().filter((name) => names.time(name) !== undefined);
    expect(own.map((name) => names.time(name))).toEqual([START + 2 * HOUR, START + 30 * HOUR]);
    expect(list().filter((name) => !own.includes(name))).toEqual(
      ['claimstamp-2001.db', 'notes.txt', others.of(START, 1)].toSorted(),
    );
  });

  it('that fail are counted, tried again later, and remove nothing', async () => {
    const { at, backups, list, fail } = await schedule(1);
    await backups.look();
    fail(true);
    at(HOUR);
    await backups.look();
    await backups.look();
    expect(backups.figures().failures, 'not each minute').toBe(1);
    expect(list()).toHaveLength(1);
    fail(false);
    at(HOUR + 16 * 60_000);
    await backups.look();
    expect(list().map((name) => names.time(name))).toEqual([START + HOUR + 16 * 60_000]);
  });

  it('wait while an older ledger was put back: it must not push out newer ones', async () => {
    const { backups, list } = await schedule(1, true);
    await backups.look();
    expect(list()).toEqual([]);
  });

  it('stay when they are new, whatever clock the older ones were made by', async () => {
    const { folder, backups, list } = await schedule(1);
    const later = names.of(START + 1000 * HOUR, 1);
    writeFileSync(join(folder, later), 'by a clock that ran ahead');
    await backups.look();
    expect(list().map((name) => names.time(name))).toEqual([START]);
    await backups.look();
    expect(list()).toHaveLength(1);
  });

  it('from a clock that ran ahead push out no good one', async () => {
    const { folder, at, backups, list } = await schedule(3);
    const ahead = [1, 2, 3, 4].map((n) => names.of(START + (1000 + n) * HOUR, 0));
    for (const name of ahead) writeFileSync(join(folder, name), 'by a clock that ran ahead');
    for (const hour of [0, 1, 2, 3]) {
      at(hour * HOUR);
      await backups.look();
    }
    expect(list().map((name) => names.time(name))).toEqual([1, 2, 3].map((hour) => START + hour * HOUR));
  });

  it('with events that the ledger lacks are not removed', async () => {
    const { folder, at, backups, list } = await schedule(1);
    const lost = names.of(START - HOUR, 1_000_000);
    writeFileSync(join(folder, lost), 'before an older copy was restored');
    for (const hour of [0, 1]) {
      at(hour * HOUR);
      await backups.look();
    }
    expect(list().map((name) => names.time(name))).toEqual([START - HOUR, START + HOUR]);
  });

  it('are not made in a missing folder, because its disk may not be mounted', async () => {
    const { folder, backups } = await schedule(1);
    rmSync(folder, { recursive: true });
    await backups.look();
    expect(backups.figures()).toMatchObject({ lastAt: undefined, failures: 1, sameDisk: undefined });
    expect(existsSync(folder)).toBe(false);
  });

  it('that were broken off leave nothing for long', async () => {
    const { folder, backups, list } = await schedule(2);
    const drafts = [names, others].map((of) => `${of.of(START - HOUR, 5)}.partial`);
    for (const draft of drafts) writeFileSync(join(folder, draft), 'half');
    await backups.look();
    expect(list().filter((name) => name.endsWith('.partial'))).toEqual([drafts[1]]);
  });

  it('into a folder that is none are failures, and nothing worse', async () => {
    const { folder, at, backups } = await schedule(1);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file');
    await backups.look();
    expect(backups.figures()).toMatchObject({ lastAt: undefined, failures: 1 });
    rmSync(folder);
    mkdirSync(folder);
    at(16 * 60_000);
    await backups.look();
    expect(backups.figures()).toMatchObject({ lastAt: START + 16 * 60_000, failures: 1, sameDisk: true });
  });

  it('have names that tell whose they are and when they were made', () => {
    const name = 'claimstamp-0123456789abcdef-20261125T060000Z-17.db';
    expect(names.of(START, 17)).toBe(name);
    expect(names.time(name)).toBe(START);
    expect(names.isDraft(`${name}.partial`)).toBe(true);
    for (const other of ['ledger.db', `${name}.partial`, `x-${name}`, others.of(START, 17)]) {
      expect(names.time(other)).toBeUndefined();
      if (other !== `${name}.partial`) expect(names.isDraft(other)).toBe(false);
    }
  });
});

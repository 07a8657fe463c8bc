import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signerIn } from '../../src/jobs/signer.ts';
import { signCheckpoint } from '../../src/proof/checkpoint.ts';
import { openBackupLines, removeLines, type BackupLines } from '../../src/sqlite/backup-lines.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

const LOG = '0123456789abcdef';
const fileAt = (first: number): string => `claimstamp-${LOG}-${first}.lines`;

interface Appending {
  desk: Desk;
  folder: string;
  list: () => string[];
  /** Opens the lines as a new process does. */
  open: () => BackupLines;
  /** Issues a Claim ID, appends everything, and returns the number of events. */
  grow: (lines: BackupLines) => Promise<number>;
  backup: (events: number | undefined) => void;
  fail: (how: boolean) => void;
}

async function openAppending(folder = tempFolder()): Promise<Appending> {
  const desk = await openDesk();
  const signer = signerIn(join(desk.data, 'signing-key.pem'), undefined);
  let backup: number | undefined;
  let failing = false;
  return {
    desk,
    folder,
    list: () => readdirSync(folder).toSorted(),
    open: () =>
      openBackupLines({
        ledger: join(desk.data, 'ledger.db'),
        folder,
        log: LOG,
        refuse: () => (failing ? Promise.reject(new Error('no disk')) : Promise.resolve()),
        newestBackup: (_names, size) => (backup !== undefined && backup <= size ? backup : undefined),
      }),
    async grow(lines) {
      await desk.agent({ product: 'DEMO' });
      const head = await desk.house.ledger.head();
      await lines.append({ size: head.size, note: signCheckpoint(head, signer) }, new AbortController().signal);
      return head.size;
    },
    backup: (events) => void (backup = events),
    fail: (how) => void (failing = how),
  };
}

function seqsIn(folder: string, name: string): number[] {
  return [...readFileSync(join(folder, name), 'utf8').matchAll(/^\{"seq":(\d+)/gm)].map(([, seq]) => Number(seq));
}

describe('the lines in the folder for backups', () => {
  it('begin after the first backup, and in a new file after each backup; old files go with old backups', async () => {
    const { folder, list, open, grow, backup } = await openAppending();
    const lines = open();
    const first = await grow(lines);
    expect(list(), 'without a backup, no restore needs lines').toEqual([]);
    backup(first);
    await grow(lines);
    const second = await grow(lines);
    expect(list()).toEqual([fileAt(first + 1)]);
    backup(second);
    const third = await grow(lines);
    expect(list()).toEqual([fileAt(first + 1), fileAt(second + 1)].toSorted());
    backup(third);
    const fourth = await grow(open());
    expect(seqsIn(folder, fileAt(third + 1)).at(-1)).toBe(fourth);

    await removeLines(folder, LOG, first);
    expect(list(), 'the backup with the fewest events needs all files').toHaveLength(3);
    await removeLines(folder, LOG, second);
    expect(list()).toEqual([fileAt(second + 1), fileAt(third + 1)].toSorted());
    await removeLines(folder, LOG, fourth);
    expect(list(), 'the newest file stays').toEqual([fileAt(third + 1)]);
  });

  it('have each event once, also after failures', async () => {
    const { folder, open, grow, backup, fail } = await openAppending();
    const lines = open();
    const first = await grow(lines);
    backup(first);
    await grow(lines);
    fail(true);
    await expect(grow(lines)).rejects.toThrow('no disk');
    await expect(grow(lines)).rejects.toThrow('no disk');
    expect(lines.failures()).toBe(2);
    fail(false);
    const last = await grow(lines);
    expect(seqsIn(folder, fileAt(first + 1))).toEqual(Array.from({ length: last - first }, (_, i) => first + 1 + i));
  });

  it('of a history that this ledger does not have are put aside, not overwritten', async () => {
    const other = await openAppending();
    const { folder } = other;
    const writer = other.open();
    other.backup(await other.grow(writer));
    const last = await other.grow(writer);
    const [name = ''] = other.list();
    const text = readFileSync(join(folder, name), 'utf8');

    const { open, grow, backup, list } = await openAppending(folder);
    const lines = open();
    const size = await grow(lines);
    backup(size);
    const begun = await grow(lines);
    expect(list()).toContain(`${name}.aside-${last}`);
    expect(readFileSync(join(folder, `${name}.aside-${last}`), 'utf8')).toBe(text);
    expect(seqsIn(folder, fileAt(size + 1)).at(-1)).toBe(begun);
  });
});

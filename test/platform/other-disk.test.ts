import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refuseLostDisk } from '../../src/platform/other-disk.ts';
import { tempFolder } from '../support/service.ts';

/* /dev/shm is a file system of its own on Linux. It stands for the disk of the backups. */
const other = mkdtempSync('/dev/shm/claimstamp-');
afterAll(() => rmSync(other, { recursive: true }));

describe('a folder for backups', () => {
  it('on another disk is accepted, and the data folder remembers it', async () => {
    const data = tempFolder();
    expect(await refuseLostDisk(other, data)).toBe(false);
    expect(await refuseLostDisk(other, data)).toBe(false);
    expect(readdirSync(data)).toEqual(['other-disks.txt']);
  });

  it('on the disk of the ledger is accepted, and said to be there', async () => {
    expect(await refuseLostDisk(tempFolder(), tempFolder())).toBe(true);
  });

  it('whose disk is not mounted any more is refused', async () => {
    const data = tempFolder();
    // The path of a mount point, with the disk mounted and then not mounted.
    const mountPoint = join(tempFolder(), 'mnt');
    symlinkSync(other, mountPoint);
    await refuseLostDisk(mountPoint, data);
    rmSync(mountPoint);
    await expect(refuseLostDisk(mountPoint, data)).rejects.toThrow(/there is no such file or folder.*mount its disk/);
    symlinkSync(tempFolder(), mountPoint);
    await expect(refuseLostDisk(mountPoint, data)).rejects.toThrow(/is now on the disk of the ledger: mount its disk/);
  });

  it('that is a file is refused', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    await expect(refuseLostDisk(file, tempFolder())).rejects.toThrow(/is a file: name a folder/);
  });
});

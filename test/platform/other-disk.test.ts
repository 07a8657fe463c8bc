import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { keepSettings } from '../../src/jobs/continuity/kept-settings.ts';
import type { Log } from '../../src/platform/log.ts';
import { lostDiskProblem, refuseLostDisk } from '../../src/platform/other-disk.ts';
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

  it.each(['', 'cut', 'zeros'])('whose disk is not mounted is refused too if the list is torn (%j)', async (how) => {
    const data = tempFolder();
    const mountPoint = join(tempFolder(), 'mnt');
    symlinkSync(other, mountPoint);
    await refuseLostDisk(mountPoint, data);
    const list = join(data, 'other-disks.txt');
    const whole = readFileSync(list, 'utf8');
    writeFileSync(list, how === 'cut' ? whole.slice(0, -4) : '\0'.repeat(how === '' ? 0 : whole.length));
    rmSync(mountPoint);
    symlinkSync(tempFolder(), mountPoint);
    await expect(refuseLostDisk(mountPoint, data)).rejects.toThrow(/other-disks\.txt is damaged.*mount its disk/);
    expect(lostDiskProblem(mountPoint, data)).toMatch(/is damaged/);
    rmSync(mountPoint);
    symlinkSync(other, mountPoint);
    await refuseLostDisk(mountPoint, data);
    expect(readFileSync(list, 'utf8'), 'the folder, and the mark of the damage').toBe(`${whole}?\n`);
  });

  it('is not forgotten if the list was torn and another folder was added to it since', async () => {
    const data = tempFolder();
    const [first, second] = [join(tempFolder(), 'mnt'), join(tempFolder(), 'mnt')];
    for (const mountPoint of [first, second]) {
      symlinkSync(other, mountPoint);
      await refuseLostDisk(mountPoint, data);
    }
    writeFileSync(join(data, 'other-disks.txt'), '');
    rmSync(second);
    symlinkSync(tempFolder(), second);
    for (const _ of [1, 2]) await refuseLostDisk(first, data);
    await expect(refuseLostDisk(second, data)).rejects.toThrow(/other-disks\.txt is damaged.*mount its disk/);
  });

  it('gets no copy of the settings while its disk is not mounted', async () => {
    const data = tempFolder();
    const bare = tempFolder();
    writeFileSync(join(data, 'other-disks.txt'), `${bare}\n`);
    const warned: string[] = [];
    const log = { warn: (_: object, text: string) => void warned.push(text) } as unknown as Log;
    const config = readConfig({ CLAIMSTAMP_DATA: data, CLAIMSTAMP_BACKUP_FOLDER: bare });
    await keepSettings(config, '0123456789abcdef', log);
    expect(readdirSync(bare)).toEqual([]);
    expect(warned).toEqual(['the copy of the settings could not be written']);
  });

  it('that is a file is refused', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, '');
    await expect(refuseLostDisk(file, tempFolder())).rejects.toThrow(/is a file: name a folder/);
  });
});

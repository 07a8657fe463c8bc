import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openErp, type Erp } from '../../support/erp.ts';

/* Files in `inbox` that cannot be read or moved. */

const order = (id: string, planned = 5): string => `reference,product,planned\n${id},TH1,${planned}\n`;

/** Puts `done` on another disk, so that no file can be moved there. Returns a function that undoes this. */
function closeDone({ folder }: Erp): () => void {
  const done = join(folder, 'done');
  const other = mkdtempSync('/dev/shm/claimstamp-');
  rmdirSync(done);
  symlinkSync(other, done);
  return () => {
    rmSync(done);
    rmSync(other, { recursive: true });
    mkdirSync(done);
  };
}

describe('a file that cannot be moved', () => {
  it('stops neither the other files nor the counts, and its work orders are taken once', async () => {
    const erp = await openErp();
    const open = closeDone(erp);
    let recorded = 0;
    erp.beforeRecord = () => void recorded++;
    erp.write('a-locked.csv', order('WO-1'));
    erp.write('b-refused.csv', 'reference,product,planned\nWO-2,UNKNOWN,5\n');
    await erp.taken();
    await erp.exchange.take();
    expect(recorded).toBe(2);
    expect(erp.names('inbox')).toEqual(['a-locked.csv']);
    expect(erp.names('failed')).toHaveLength(2);
    expect(Object.keys(await erp.counts())).toEqual(['WO-1']);
    const { trouble, file } = await erp.exchange.state();
    expect([trouble, file]).toEqual([
      undefined,
      {
        name: 'a-locked.csv',
        why: 'the folders are on different disks',
        isHandled: true,
        count: 1,
        forMs: expect.any(Number) as number,
      },
    ]);

    // A later file changes the same work order. After a restart, the first file must not change it back.
    erp.write('c.csv', order('WO-1', 9));
    await erp.taken();
    erp.restart();
    await erp.taken();
    await erp.exchange.take();
    expect(await erp.orders()).toEqual([expect.objectContaining({ id: 'WO-1', planned: 9 })]);
    expect((await erp.exchange.state()).file).toMatchObject({ count: 2 });

    open();
    await erp.exchange.take();
    expect([erp.names('inbox'), erp.names('done')]).toEqual([
      [],
      [expect.stringMatching(/Z-a-locked\.csv$/), expect.stringMatching(/Z-c\.csv$/)],
    ]);
    expect((await erp.exchange.state()).file).toBeUndefined();
    expect(recorded).toBe(3);
  });

  it('is taken again if the ERP writes it again', async () => {
    const erp = await openErp();
    const open = closeDone(erp);
    erp.write('orders.csv', order('WO-1'));
    await erp.taken();
    erp.write('orders.csv', order('WO-1', 50));
    await erp.taken();
    expect(await erp.orders()).toEqual([expect.objectContaining({ planned: 50 })]);
    open();
    await erp.exchange.take();
    expect(erp.names('done')).toHaveLength(1);
  });
});

describe('names of files', () => {
  it.each([
    ['is long', `${'x'.repeat(241)}.csv`],
    ['is long, in Chinese', `${'订单'.repeat(41)}x.csv`],
    ['has a line break', 'new\nline.csv'],
  ])('are moved even if the name %s, and refused ones get an error file', async (_what, name) => {
    const erp = await openErp();
    erp.write(name, order('WO-1'));
    await erp.taken();
    expect(erp.names('done')).toEqual([expect.stringMatching(/^20261130T2015\d\dZ-[^]+\.csv$/)]);
    erp.write(name, 'reference,product,planned\nWO-2,UNKNOWN,5\n');
    await erp.taken();
    expect(erp.names('inbox')).toEqual([]);
    expect(erp.text('failed', '.errors.txt')).toContain('no product has the ID or the code UNKNOWN');
    const [file, errors] = erp.names('failed');
    expect(errors).toBe(`${file}.errors.txt`);
    expect(await erp.exchange.state()).toMatchObject({ failed: 1, file: undefined });
  });

  it('never replace an older file', async () => {
    const erp = await openErp();
    erp.write('Orders.csv', order('WO-1'));
    erp.write('orders.csv', order('WO-2'));
    await erp.taken();
    const names = erp.names('done');
    expect(names).toHaveLength(2);
    // The clock is set back, and the next file gets the same time.
    for (let second = 0; second < 60; second++) {
      const stamp = `20261130T2015${String(second).padStart(2, '0')}Z`;
      writeFileSync(join(erp.folder, 'done', `${stamp}-again.csv`), 'older');
    }
    erp.write('again.csv', order('WO-3'));
    await erp.taken();
    expect(erp.names('done')).toHaveLength(63);
    expect(erp.text('done', '-2-again.csv')).toBe(order('WO-3'));
  });
});

describe('what is not a file that the service can read', () => {
  it('is named, and stops nothing', async () => {
    const erp = await openErp();
    const inbox = join(erp.folder, 'inbox');
    mkdirSync(join(inbox, 'a-folder.csv'));
    symlinkSync('/etc/passwd', join(inbox, 'b-link.csv'));
    writeFileSync(
      Buffer.concat([Buffer.from(join(inbox, 'c-')), Buffer.from([0xe4]), Buffer.from('.csv')]),
      order('WO-9'),
    );
    erp.write('z.csv', order('WO-1'));
    await erp.taken();
    expect(await erp.orders()).toHaveLength(1);
    expect(erp.names('done')).toHaveLength(1);
    expect(await erp.exchange.state()).toMatchObject({
      trouble: undefined,
      file: { name: 'a-folder.csv', why: 'it is a folder', isHandled: false, count: 3 },
    });
    rmdirSync(join(inbox, 'a-folder.csv'));
    await erp.exchange.take();
    expect((await erp.exchange.state()).file).toMatchObject({ name: 'b-link.csv', count: 2 });
  });

  it('may be an empty file that grows later', async () => {
    const erp = await openErp();
    erp.write('slow.csv', '');
    await erp.taken();
    expect(erp.names('inbox')).toEqual(['slow.csv']);
    appendFileSync(join(erp.folder, 'inbox', 'slow.csv'), order('WO-1'));
    await erp.taken();
    expect(await erp.orders()).toHaveLength(1);
    expect(statSync(join(erp.folder, 'done', erp.names('done')[0] ?? '')).size).toBe(order('WO-1').length);
  });
});

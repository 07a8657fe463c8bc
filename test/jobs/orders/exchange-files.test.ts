import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOrderFile } from '../../../src/sheet/read-orders.ts';
import { AT, openErp } from '../../support/erp.ts';
import { zipOf } from '../../support/zip.ts';

describe('the files of an ERP', () => {
  it('set work orders by the reference of the ERP and the code of the product', async () => {
    const erp = await openErp();
    erp.write(
      'orders.csv',
      'reference,product,planned,due,lot\nWO-1,TH1,500,2026-12-31,L7\nWH/MO/00123,PRODUCT-1,20,,\n',
    );
    await erp.taken();
    expect(await erp.orders()).toEqual([
      expect.objectContaining({
        id: expect.stringMatching(/^WH-MO-00123-[0-9a-f]{6}$/) as string,
        reference: 'WH/MO/00123',
        planned: 20,
      }),
      expect.objectContaining({ id: 'WO-1', product: 'PRODUCT-1', planned: 500, due: '2026-12-31', lot: 'L7' }),
    ]);
    expect(erp.names('inbox')).toEqual([]);
    expect(erp.names('done')).toEqual([expect.stringMatching(/^20261130T2015\d\dZ-orders\.csv$/)]);
    expect(erp.names('failed')).toEqual([]);
  });

  it('change nothing when they come twice, and only what they name when they change', async () => {
    const erp = await openErp();
    const file = 'reference,product,planned,lot\nWO-1,TH1,500,L7\n';
    erp.write('orders.csv', file);
    await erp.taken();
    await erp.desk.ask('PATCH', '/v1/work-orders/WO-1', { overIssue: 'refuse' });
    const size = await erp.desk.size();
    erp.write('orders.csv', file);
    await erp.taken();
    expect(await erp.desk.size()).toBe(size);
    expect(erp.names('done')).toHaveLength(2);
    erp.write('orders.csv', 'reference,product,planned\nWO-1,TH1,600\n');
    await erp.taken();
    expect(await erp.orders()).toEqual([expect.objectContaining({ planned: 600, lot: 'L7', overIssue: 'refuse' })]);
  });

  it('can be in UTF-16, with semicolons, in other words, and with quotes', async () => {
    const erp = await openErp();
    const text = 'Fertigungsauftrag;Artikel;Menge;Termin;Beschreibung\r\n"0004711";TH1;500;20261231;"Gerät; groß"\r\n';
    erp.write('sap.CSV', Buffer.from(`\ufeff${text}`, 'utf16le'));
    erp.write('excel.csv', `sep=;\nOrden;Código;Cantidad\nO-2;TH1;7\n`);
    await erp.taken();
    expect(await erp.orders()).toEqual([
      expect.objectContaining({ id: '0004711', planned: 500, due: '2026-12-31' }),
      expect.objectContaining({ id: 'O-2', planned: 7 }),
    ]);
  });

  it('can be a workbook', async () => {
    const erp = await openErp();
    erp.write('units.xlsx', readFileSync('test/fixtures/import-files/workbook.xlsx'));
    await erp.taken();
    expect(erp.text('failed', '-units.xlsx.errors.txt')).toMatch(/no line names the columns|there is no column/);
    expect(erp.names('inbox')).toEqual([]);
  });

  it.each([
    ['1900', '', '46357'],
    ['1904', '<workbookPr date1904="1"/>', '44895'],
  ])('can be a workbook that counts days from %s, but not with formulas without results', async (_, setting, day) => {
    const row = (cells: string) => `<row>${cells}</row>`;
    const text = (value: string) => `<c t="str"><v>${value}</v></c>`;
    const head = row(['reference', 'product', 'planned', 'due'].map(text).join(''));
    const order = row(`${text('WO-1')}${text('TH1')}<c><v>5</v></c><c s="1"><v>${day}</v></c>`);
    const unknown = row(`${text('WO-2')}${text('TH1')}<c><f>2+3</f><v></v></c>`);
    const file = await readOrderFile(
      Buffer.from(
        zipOf({
          'xl/workbook.xml': `<workbook>${setting}<sheets><sheet name="A"/></sheets></workbook>`,
          'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
          'xl/worksheets/sheet1.xml': `<worksheet>${head}${order}${unknown}</worksheet>`,
        }),
      ),
    );
    expect(file.orders.map((line) => line.order)).toEqual([expect.objectContaining({ due: '2026-12-01' })]);
    expect(file.problems.map(({ line, why }) => `${line}: ${why}`)).toEqual([
      expect.stringMatching(/^3: planned: the formula has no result/),
    ]);
  });

  it('are not read while they are being written', async () => {
    const erp = await openErp();
    const path = join(erp.folder, 'inbox', 'slow.csv');
    erp.write('slow.csv', 'reference,product,planned\nWO-1,TH1,5');
    await erp.exchange.take();
    appendFileSync(path, '00\nWO-2,TH1,7\n');
    await erp.exchange.take();
    expect(await erp.orders()).toEqual([]);
    // The same size at another time is also a change.
    utimesSync(path, new Date(), new Date(AT));
    await erp.exchange.take();
    expect(await erp.orders()).toEqual([]);
    await erp.exchange.take();
    expect((await erp.orders()).map(({ id, planned }) => [id, planned])).toEqual([
      ['WO-1', 500],
      ['WO-2', 7],
    ]);
    for (const name of ['.hidden.csv', '~lock.csv', 'orders.tmp', 'orders.csv.part', 'empty.csv']) erp.write(name, '');
    symlinkSync('/etc/passwd', join(erp.folder, 'inbox', 'link.csv'));
    mkdirSync(join(erp.folder, 'inbox', 'folder.csv'));
    const size = erp.names('inbox').length;
    await erp.taken();
    expect(erp.names('inbox')).toHaveLength(size);
    expect(erp.names('failed')).toEqual([]);
    renameSync(join(erp.folder, 'inbox', 'orders.tmp'), join(erp.folder, 'inbox', 'renamed.csv'));
    erp.write('renamed.csv', 'reference,product,planned\nWO-3,TH1,1\n');
    await erp.taken();
    expect(await erp.orders()).toHaveLength(3);
  });

  it('have their problems beside them, and the other work orders are set if only some are refused', async () => {
    const erp = await openErp();
    erp.write('refused.csv', 'reference,product,planned\nWO-1,TH1,5\nWO-2,UNKNOWN,5\nFIXED,TH1,5\n');
    await erp.taken();
    expect((await erp.orders()).map(({ id }) => id)).toEqual(['WO-1']);
    expect(erp.names('failed')).toHaveLength(2);
    expect(erp.text('failed', '-refused.csv.errors.txt')).toBe(
      'line 3: work order WO-2: no product has the ID or the code UNKNOWN: set the code of the product\n' +
        'line 4: work order FIXED: work order FIXED is set in the configuration file: change it there and restart\n',
    );
    const size = await erp.desk.size();
    for (const [name, content, problem] of [
      ['number.csv', 'reference,product,planned\nWO-3,TH1,5\nWO-4,TH1,"1,000"\n', /^line 3: planned: /],
      [
        'day.csv',
        'reference,product,planned,due\nWO-3,TH1,5,31.12.2026\n',
        /^line 2: due: must be a day such as 2026-12-31/,
      ],
      ['missing.csv', 'reference,product,planned\nWO-3,,5\n', /^line 2: product: is missing/],
      ['header.csv', 'WO-3,TH1,5\n', /^line 1: no line names the columns/],
      ['twice.csv', 'reference,order,product,planned\nWO-3,WO-4,TH1,5\n', /have the same meaning/],
      [
        'latin1.csv',
        Buffer.from('reference,product,planned\nWO-\xe4,TH1,5\n', 'latin1'),
        /^line 2: a character is not in UTF-8/,
      ],
      ['binary.csv', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2]), /Excel before 2007/],
      ['quote.csv', 'reference,product,planned\n"WO-3,TH1,5\n', /quotation mark/],
    ] as const) {
      erp.write(name, content);
      await erp.taken();
      expect(erp.text('failed', `-${name}.errors.txt`), name).toMatch(problem);
      expect(erp.text('failed', `-${name}.errors.txt`), name).toContain('no work order of this file was changed');
    }
    expect(await erp.desk.size()).toBe(size);
    expect(erp.names('inbox')).toEqual([]);
  });

  it('are taken again if the ERP writes the same name while its work orders are recorded', async () => {
    const erp = await openErp();
    const file = (id: string): string => `reference,product,planned\n${id},TH1,5\n`;
    erp.write('orders.csv', file('WO-1'));
    await erp.exchange.take();
    erp.beforeRecord = () => {
      erp.beforeRecord = () => {};
      erp.write('orders.new', file('WO-2'));
      renameSync(join(erp.folder, 'inbox', 'orders.new'), join(erp.folder, 'inbox', 'orders.csv'));
    };
    await erp.exchange.take();
    await erp.taken();
    expect((await erp.orders()).map(({ id }) => id)).toEqual(['WO-1', 'WO-2']);
    expect(erp.names('inbox')).toEqual([]);
  });

  it('are not written to the empty folder under a share that is not mounted', async () => {
    const erp = await openErp();
    renameSync(erp.folder, `${erp.folder}-away`);
    await expect(erp.exchange.take()).rejects.toThrow('mount its disk');
    expect(existsSync(erp.folder)).toBe(false);
    renameSync(`${erp.folder}-away`, erp.folder);
    await erp.exchange.take();
  });

  it('are reported if they were refused, are not taken, or are not read', async () => {
    const erp = await openErp();
    const quiet = { trouble: undefined, failed: 0, stuck: 0, unread: 0, unreadMs: 0, isFull: false };
    expect(await erp.exchange.state()).toEqual(quiet);
    erp.write('refused.csv', 'reference,product,planned\nWO-1,UNKNOWN,5\n');
    erp.write('good.csv', 'reference,product,planned\nWO-2,TH1,5\n');
    await erp.taken();
    await erp.exchange.tell();
    for (const name of ['orders.txt', 'new.xml', '.hidden']) erp.write(name, 'text');
    const long = new Date(AT - 2 * 3_600_000);
    for (const name of ['orders.txt', '.hidden']) utimesSync(join(erp.folder, 'inbox', name), long, long);
    utimesSync(join(erp.folder, 'inbox', 'new.xml'), new Date(AT), new Date(AT));
    const [told = ''] = erp.names('outbox');
    utimesSync(join(erp.folder, 'outbox', told), long, long);
    const state = await erp.exchange.state();
    expect(state).toMatchObject({ failed: 1, stuck: 1, unread: 1, isFull: false });
    expect(state.unreadMs).toBeGreaterThan(2 * 3_600_000);
    erp.held = true;
    expect(await erp.exchange.state()).toMatchObject({ stuck: 0 });
  });

  it('wait while the ledger is held', async () => {
    const erp = await openErp();
    erp.held = true;
    erp.write('orders.csv', 'reference,product,planned\nWO-1,TH1,500\n');
    await erp.taken();
    expect(erp.names('inbox')).toEqual(['orders.csv']);
    erp.held = false;
    await erp.exchange.take();
    expect(erp.names('inbox')).toEqual([]);
  });
});

describe('the counts for an ERP', () => {
  it('are totals of the work orders that have changed, and only when something has changed', async () => {
    const erp = await openErp();
    const { desk } = erp;
    erp.write('orders.csv', 'reference,product,planned,lot\nWO-1,TH1,3,L7\nWO/2,TH1,9,\n=SUM(1),TH1,1,\n');
    await erp.taken();
    const first = await erp.counts();
    expect(Object.keys(first).toSorted()).toEqual(['=SUM(1)', 'WO-1', 'WO/2']);
    expect(first['WO-1']).toMatchObject({ product_code: 'TH1', lot: 'L7', planned: '3', issued: '0', state: 'open' });
    await erp.exchange.tell();
    expect(erp.names('outbox')).toHaveLength(1);

    await desk.ask('PUT', '/v1/stations/line-1', { workOrders: { 'PRODUCT-1': 'WO-1' }, sources: ['10.0.0.1'] });
    const made = await Promise.all(['a', 'b', 'c'].map((mac) => desk.agent({ product: 'PRODUCT-1', mac }, '10.0.0.1')));
    const [one, two] = made.map(({ body }) => body.id);
    const second = await erp.counts();
    expect(Object.keys(second)).toEqual(['WO-1']);
    expect(second['WO-1']).toMatchObject({ issued: '3', unaccounted: '3', released: '0' });
    await desk.ask('POST', `/v1/units/${one}/scrap`, { reason: 'device-damaged' });
    await desk.ask('POST', `/v1/units/${two}/void`, { reason: 'label-damaged' });
    expect((await erp.counts())['WO-1']).toMatchObject({ issued: '3', unaccounted: '1', scrapped: '1', void: '1' });
    await desk.ask('POST', '/v1/work-orders/WO-1/close', { signOff: { all: 'test' } });
    expect((await erp.counts())['WO-1']).toMatchObject({ state: 'closed', as_of: String(await desk.size()) });
    expect(erp.names('outbox').every((name) => /^production-\d{8}T\d{6}Z-\d+\.csv$/.test(name))).toBe(true);
  });

  it('go on after a work order was removed', async () => {
    const erp = await openErp();
    erp.write('orders.csv', 'reference,product,planned\nWO-1,TH1,3\nWO-2,TH1,3\n');
    await erp.taken();
    await erp.desk.ask('DELETE', '/v1/work-orders/WO-1');
    expect(Object.keys(await erp.counts())).toEqual(['WO-2']);
    await erp.desk.ask('PUT', '/v1/work-orders/WO-3', { product: 'PRODUCT-1', planned: 3 });
    await erp.desk.ask('DELETE', '/v1/work-orders/WO-3');
    await erp.desk.ask('PATCH', '/v1/work-orders/WO-2', { planned: 4 });
    expect(Object.keys(await erp.counts())).toEqual(['WO-2']);
  });

  it('have each reference byte for byte as the ERP wrote it', async () => {
    const references = ['+49', "'49", "'+49", '=SUM(1)', '-1', '@x', '＋1', '"q"', 'a;b', "x;'y", '\u00e4 \u00df'];
    const cells = references.map((reference) => `"${reference.replaceAll('"', '""')}"`);
    const erp = await openErp();
    erp.write('orders.csv', `reference,product,planned\n${cells.map((cell) => `${cell},TH1,3\n`).join('')}`);
    await erp.taken();
    const answer = await erp.desk.ask<{ workOrders: { id: string; reference?: string }[] }>('GET', '/v1/work-orders');
    const set = answer.body.workOrders.map((one) => one.reference ?? one.id);
    expect(set.toSorted()).toEqual(references.toSorted());
    await erp.exchange.tell();
    const lines = erp.text('outbox').split('\r\n');
    for (const cell of cells)
      expect(
        lines.some((line) => line.startsWith(`${cell},`)),
        cell,
      ).toBe(true);
  });

  it('begin again with all open work orders if the place is lost', async () => {
    const erp = await openErp();
    erp.write('orders.csv', 'reference,product,planned\nWO-1,TH1,3\nWO-2,TH1,3\n');
    await erp.taken();
    expect(Object.keys(await erp.counts())).toEqual(['WO-1', 'WO-2']);
    const kept = join(erp.desk.data, 'orders-told.json');
    for (const damaged of ['{"upto"', JSON.stringify({ upto: 99_999 })]) {
      writeFileSync(kept, damaged);
      expect(Object.keys(await erp.counts())).toEqual(['WO-1', 'WO-2']);
    }
    expect(existsSync(kept)).toBe(true);
  });

  it('begin again with all work orders if the event of the place is another one, as after a restore', async () => {
    const erp = await openErp();
    erp.write('orders.csv', 'reference,product,planned\nWO-1,TH1,3\nWO-2,TH1,3\n');
    await erp.taken();
    await erp.desk.ask('POST', '/v1/work-orders/WO-1/close', {});
    expect(Object.keys(await erp.counts())).toEqual(['WO-2']);
    const kept = join(erp.desk.data, 'orders-told.json');
    const { upto, at } = JSON.parse(readFileSync(kept, 'utf8')) as { upto: number; at: number };
    expect([upto, at]).toEqual([await erp.desk.size(), expect.any(Number)]);
    for (const place of [
      { upto: 1, at: at - 1 },
      { upto, at: at - 1 },
    ]) {
      writeFileSync(kept, JSON.stringify(place));
      expect(Object.keys(await erp.counts())).toEqual(['WO-1', 'WO-2']);
    }
    // An earlier version stored no time.
    writeFileSync(kept, JSON.stringify({ upto }));
    const files = erp.names('outbox');
    await erp.exchange.tell();
    expect(erp.names('outbox')).toEqual(files);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { readImport, type ToImport } from '../../src/cli/import-files.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';
import { zipOf } from '../support/zip.ts';

interface Refuse {
  line: number;
  cause: string;
  first?: number;
}

interface Expected {
  units?: Record<string, string>[];
  refuse?: Refuse;
  or?: { refuse: Refuse };
}

const FILES = join(packageRoot, 'test', 'fixtures', 'import-files');
const CASES = Object.entries(
  JSON.parse(readFileSync(join(FILES, 'expected.json'), 'utf8')) as Record<string, Expected>,
);

/** The first bytes of an OLE file. */
const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

const read = (path: string): Promise<ToImport> =>
  readImport([path], { product: 'IMP', properties: DEFAULT_IDENTITY.properties });

function written(name: string, content: string | Buffer): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, content);
  return path;
}

const problems = async (name: string, content: string | Buffer): Promise<string[]> => {
  const path = written(name, content);
  return (await read(path)).problems.map(({ place, why }) => `${place.slice(path.length + 1)}: ${why}`);
};

describe('files from spreadsheets', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });

  it.each(CASES)('%s is read, or refused by its line', async (name, { units, refuse, or }) => {
    const found = await read(join(FILES, name));
    const told = found.problems.map(({ place, why }) => `${place}: ${why}`);
    if (found.units.length > 0) {
      const body = { check: true, units: found.units };
      const answer = await desk.ask<Problem & { problems?: string[] }>('POST', '/v1/units/import', body);
      if (answer.status !== 201) told.push(...(answer.body.problems ?? [answer.body.detail]));
    }
    const expected = refuse ?? (told.length > 0 ? or?.refuse : undefined);
    if (expected === undefined) {
      expect(told).toEqual([]);
      const expectedUnits = units?.map((unit) => ({ ...unit, product: 'IMP' }));
      expect(found.units.map(({ uci, device }) => ({ uci, ...device }))).toEqual(expectedUnits);
      return;
    }
    expect(told[0]).toMatch(new RegExp(`${name} line ${expected.line}: .`));
    if (expected.first !== undefined)
      expect(told[0]).toMatch(new RegExp(`already in .*${name} line ${expected.first}$`));
  });

  it('every problem is listed with its line, and what to do', async () => {
    const text = 'uci;serial;mac\n1.2E+18;A-1;\n;A-2;\n2222222222;1,23E+12;\n\n3333333333;A-4;m;more\n';
    expect(await problems('many.csv', text)).toEqual([
      expect.stringMatching(/^line 2: the Claim ID is malformed: .*spreadsheet/),
      expect.stringMatching(/^line 3: no Claim ID/),
      expect.stringMatching(/^line 4: serial: .*lost digits/),
      expect.stringMatching(/^line 6: cell 4 has no column/),
    ]);
  });

  it('values that a spreadsheet or a program made unusable are refused by their line', async () => {
    const lost = /^line 2: serial: .*lost digits/;
    const number = /^line 2: serial: the spreadsheet turned this cell into a number:/;
    const error = /^line 2: serial: the cell has the error /;
    const cells: [string, RegExp][] = [
      ['1.2346E11', lost],
      ['1.2346e-05', lost],
      ['123.4E+9', lost],
      ['264800001.0', number],
      ['264800001;0', number],
      ['#N/A', error],
      ['#REF!', error],
      ['#NAME?', error],
      ['#BEZUG!', error],
      ['#¿NOMBRE?', error],
      ['#NV', error],
      ['Err:502', error],
      ['########', /^line 2: serial: the column was too narrow/],
    ];
    for (const [cell, why] of cells)
      expect(await problems('spoiled.csv', `uci,serial\n2222222222,"${cell.replace(';', ',')}"\n`)).toEqual([
        expect.stringMatching(why),
      ]);
    const kept = ['1E5', '12.50', '26E-001', '12.0', '1.0.0'];
    const text = kept.map((cell, index) => `222222222${index},${cell},#1\n`).join('');
    expect(await problems('kept.csv', `uci,serial,name\n${text}`)).toEqual([]);
    expect(await problems('name.csv', 'uci,name\n2222222222,#VALUE!\n')).toEqual([
      expect.stringMatching(/^line 2: name: the cell has the error/),
    ]);
  });

  it('compressed files and web pages that are named as workbooks are refused with what to do', async () => {
    const page = '\n<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>uci</td></tr></table></html>';
    for (const [name, content, why] of [
      ['units.csv.gz', gzipSync('uci\n2222222222\n'), /^line 1: the file is compressed: unpack it/],
      ['units.xls', page, /^line 1: the file is a web page or XML: .*save it as \.xlsx or as CSV/],
      ['units.xml', '<?xml version="1.0"?><Workbook></Workbook>', /^line 1: the file is a web page or XML/],
      ['units.xlsx', Buffer.concat([OLE, Buffer.from('EncryptedPackage', 'utf16le')]), /^line 1: .* a password/],
      ['list.csv', '[\n{"uci":"2222222222"}]', /^line 1: the file is a JSON array/],
      ['jis.csv', 'uci,name\n2222222222,\u001b$BAuCV\u001b(B\n', /^line 2: a character is not in UTF-8/],
    ] as const)
      expect(await problems(name, content)).toEqual([expect.stringMatching(why)]);
  });

  it('invisible characters around a code are left out, and in a code they are refused with their place', async () => {
    const [zero, hard, mark] = ['\u200b', '\u00a0', '\u200e'];
    const text = `uci,serial,mac\n2222222222${hard},${zero}A-1${mark},${mark}00:00:5E:00:53:01\n3333333333,${zero},00:00:5E:00:53:02\n`;
    const { units } = await read(written('copied.csv', text));
    expect(units.map(({ device }) => device)).toEqual([
      { product: 'IMP', serial: 'A-1', mac: '00:00:5E:00:53:01' },
      { product: 'IMP', mac: '00:00:5E:00:53:02' },
    ]);
    const inside = await read(written('inside.csv', `uci,mac\n2222222222,00:00:5E${zero}:00:53:01\n`));
    const answer = await desk.ask<Problem>('POST', '/v1/units/import', { check: true, units: inside.units });
    expect(answer.body.detail).toMatch(/inside\.csv line 2: "mac" has the invisible character U\+200B at position 9: /);
  });

  it('an apostrophe before a Claim ID and a Ctrl-Z at the end of the file are left out', async () => {
    for (const end of ['\r\n\u001a', '\u001a\r\n', '\r\n\u001a\r\n']) {
      const path = written('dos.csv', `uci,serial\r\n'2222222222,A-1\r\n’3333333333,A-2${end}`);
      const { units, problems: found } = await read(path);
      expect(found).toEqual([]);
      expect(units.map(({ uci, device }) => [uci, device['serial']])).toEqual([
        ['2222222222', 'A-1'],
        ['3333333333', 'A-2'],
      ]);
    }
  });

  it('a quotation mark inside a cell is a part of it, and text after a closing one is refused', async () => {
    const path = written('inch.csv', 'uci,name\n2222222222,24" panel\n3333333333, "a,b" \n');
    expect((await read(path)).units.map(({ device }) => device['name'])).toEqual(['24" panel', 'a,b']);
    const text = 'uci,name\n2222222222,"a" b\n3333333333,c\n4444444444,"d"e\n';
    expect((await problems('after.csv', text)).map((one) => one.slice(0, 6))).toEqual(['line 2', 'line 4']);
  });

  it('blanks around a quoted cell are left out, also tabs and hard spaces', async () => {
    const path = written('blanks.csv', '"uci"\t;"serial"\u00a0;"name"\n\u00a0"2222222222"\t;"A-1";\t"a;b"\n');
    const { units, problems: found } = await read(path);
    expect(found).toEqual([]);
    expect(units.map(({ uci, device }) => [uci, device['serial'], device['name']])).toEqual([
      ['2222222222', 'A-1', 'a;b'],
    ]);
  });

  it.each([
    'Claim ID (UCI)',
    'UCI / Claim ID',
    'Claim IDs',
    'Claim No.',
    'Claim number',
    'Device Claim ID',
    'Unique Claim ID',
    'Claim-Nr.',
  ])('a Claim ID has many names: %s', async (head) => {
    const { units, problems: found } = await read(written('id.csv', `${head};S/N\n2222222222;A-1\n`));
    expect(found).toEqual([]);
    expect(units.map(({ uci }) => uci)).toEqual(['2222222222']);
  });

  it('columns are known by names that differ in case, signs and language, and an own property keeps its name', async () => {
    const path = written(
      'heads.csv',
      'CLAIM_ID,"N.º de serie",MAC-Adresse,Imei,Colour,__proto__\n2222222222,1,m,i,red,x\n',
    );
    const { units } = await readImport([path], { product: 'IMP', properties: ['imei'] });
    const device = { serial: '1', mac: 'm', imei: 'i', Colour: 'red', ['__proto__']: 'x', product: 'IMP' };
    expect(Object.entries(units[0]?.device ?? {})).toEqual(Object.entries(device));
  });

  it.each([
    'Ethernet MAC',
    'WiFi MAC',
    'Wi-Fi MAC',
    'WLAN MAC',
    'LAN MAC',
    'BT MAC',
    'MAC1',
    'MAC Address 1',
    'eth0 MAC',
    'MAC (eth0)',
    'MACアドレス',
    'HW addr',
    'EUI-48',
    'BD_ADDR',
    'MAC address (hex)',
    'Adres MAC',
    'MAC No.',
  ])('the only column with MACs is the MAC, whatever it says about its network: %s', async (head) => {
    const { units, warnings } = await read(written('mac.csv', `uci,${head}\n2222222222,00:00:5E:00:53:01\n`));
    expect(units.map(({ device }) => device)).toEqual([{ product: 'IMP', mac: '00:00:5E:00:53:01' }]);
    expect(warnings).toEqual([]);
  });

  it.each([
    'Serial number (S/N)',
    'Device serial',
    'Device S/N',
    'Unit Serial No.',
    'Matricola',
    'Numero di serie',
    'Nº de serie',
    'Numéro de série',
    'Seriennummer',
    'シリアル番号',
    'シリアルナンバー',
    '序列号',
    '序列号(SN)',
    'SN码',
    'Ser. No.',
    'SerNr',
    'Serienummer',
    'Nro. de serie',
    'Numer seryjny',
    'Серийный номер',
  ])('an S/N has many names: %s', async (head) => {
    const { units, warnings } = await read(written('sn.csv', `uci,${head}\n2222222222,A-17\n`));
    expect(warnings).toEqual([]);
    expect(units.map(({ device }) => device)).toEqual([{ product: 'IMP', serial: 'A-17' }]);
  });

  it('a column that looks like an identity and is none is named, and so is a file without any', async () => {
    const two = 'uci,WiFi MAC,BT MAC,Board code\n2222222222,00:00:5E:00:53:01,00:00:5E:00:53:02,00:00:5E:00:53:03\n';
    const { units, warnings } = await read(written('two.csv', two));
    expect(Object.keys(units[0]?.device ?? {})).toEqual(['WiFi MAC', 'BT MAC', 'Board code', 'product']);
    expect(warnings.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^"WiFi MAC", "BT MAC", "Board code" look like a MAC or an S\/N/),
      expect.stringMatching(/^no column identifies a device/),
    ]);
    const beside = await read(
      written('beside.csv', 'uci,MAC,PCB serial,Colour,EAN\n2222222222,00:00:5E:00:53:01,P-1,red,400638133393\n'),
    );
    expect(beside.warnings.map(({ why }) => why)).toEqual([expect.stringMatching(/^"PCB serial" looks like/)]);
  });

  it.each([
    ['a title and a date above the header', 'Gateway list\n\n2026-11-30;\nClaim ID;S/N\n2222222222;A-1\n'],
    ['full-width commas', 'Claim ID，S/N\n2222222222，A-1\n'],
    ['French heads', 'Identifiant;N° de série\n2222222222;A-1\n'],
  ])('%s are understood', async (_, text) => {
    const { units, problems: found } = await read(written('understood.csv', text));
    expect(found).toEqual([]);
    expect(units.map(({ uci, device }) => [uci, device['serial']])).toEqual([['2222222222', 'A-1']]);
  });

  it('a unit above the header is no title', async () => {
    expect(await problems('above.csv', '3333333333\nuci\n2222222222\n')).toEqual([
      expect.stringMatching(/^line 1: the first line is a unit/),
    ]);
  });

  it('a file with no letter before its zero bytes is UTF-16 without a mark', async () => {
    const path = written('bare.csv', Buffer.from('uci\tname\n2222222222\tÄ\n', 'utf16le'));
    expect((await read(path)).units[0]?.device['name']).toBe('Ä');
    expect(await problems('odd.csv', Buffer.from('\ufeffuci\n22222\ud800\n', 'utf16le'))).toEqual([
      expect.stringMatching(/^line 2: the text is broken UTF-16/),
    ]);
    expect(await problems('nul.csv', 'uci\n22222\0\n')).toEqual([expect.stringMatching(/^line 2: this is not a text/)]);
  });

  describe('a workbook', () => {
    const book = (cells: string, more: Record<string, string> = {}): string => {
      const path = join(tempFolder(), 'book.xlsx');
      const head =
        '<row r="1"><c r="A1" t="str"><v>uci</v></c><c r="B1" t="str"><v>serial</v></c><c t="str"><v>name</v></c></row>';
      const parts = {
        'xl/workbook.xml': '<workbook><sheets><sheet name="A&amp;B" r:id="rId7"/></sheets></workbook>',
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="rId7" Target="/xl/worksheets/one.xml"/></Relationships>',
        'xl/worksheets/one.xml': `<x:worksheet>${(head + cells).replace(/<(\/?)(?=\w)/g, '<$1x:')}</x:worksheet>`,
        ...more,
      };
      writeFileSync(path, zipOf(parts));
      return path;
    };

    it('that was cut or damaged is refused with a sentence', async () => {
      const whole = readFileSync(book('<row><c t="str"><v>2222222222</v></c></row>'));
      const changed = Buffer.from(whole);
      changed.fill(0xff, 60, 120);
      for (const bytes of [whole.subarray(0, whole.length - 30), whole.subarray(0, 100), changed])
        expect(await problems('cut.xlsx', bytes)).toEqual([
          'line 1: the workbook is incomplete or damaged: copy the file again, or open it in the spreadsheet program and save it again',
        ]);
    });

    it('gives texts, results of formulas, and numbers as the sheet shows them', async () => {
      const styles = `<styleSheet><numFmts><numFmt numFmtId="165" formatCode="000000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="165"/></cellXfs></styleSheet>`;
      const shared = '<sst><si><r><t>Ga</t></r><r><t xml:space="preserve">te </t></r><rPh><t>x</t></rPh></si></sst>';
      const path = book(
        `<row><c><v>1.234567891E9</v></c><c s="1"><v>42</v></c><c t="s"><v>0</v></c></row>
         <row r="9"><c r="C9" t="inlineStr"><is><t>a &lt; _x0041_</t></is></c><c r="A9" t="str"><f>1</f><v>2222222222</v></c></row>`,
        { 'xl/styles.xml': styles, 'xl/sharedStrings.xml': shared },
      );
      const { units, warnings } = await read(path);
      expect(units).toEqual([
        { place: `${path} line 2`, uci: '1234567891', device: { serial: '000042', name: 'Gate ', product: 'IMP' } },
        { place: `${path} line 9`, uci: '2222222222', device: { name: 'a < A', product: 'IMP' } },
      ]);
      expect(warnings[1]).toEqual({ place: `${path} line 2`, why: expect.stringContaining('zeros') });
    });

    it('is refused by the cell whose formula has no result, but a formula may result in an empty text', async () => {
      const path = book(
        `<row r="2"><c t="str"><v>2222222222</v></c><c><f>A2&amp;"-1"</f><v></v></c></row>
         <row r="3"><c><f>B3</f><v/></c></row>
         <row r="4"><c t="str"><v>4444444444</v></c><c t="str"><f>""</f><v></v></c></row>`,
      );
      const found = await read(path);
      expect(found.units.map(({ uci }) => uci)).toEqual(['4444444444']);
      expect(found.problems.map(({ place, why }) => `${place.slice(-6)}: ${why}`)).toEqual([
        expect.stringMatching(/^line 2: serial: the formula has no result:/),
        expect.stringMatching(/^line 3: uci: the formula has no result:/),
      ]);
    });

    it('is refused by the cell where the spreadsheet changed a value, or an error stands', async () => {
      const styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>';
      const path = book(
        `<row r="2"><c t="str"><v>2222222222</v></c><c s="1"><v>45000</v></c></row>
         <row r="3"><c t="str"><v>3333333333</v></c><c><v>12345678901234500</v></c></row>
         <row r="4"><c t="str"><v>4444444444</v></c><c/><c t="e"><v>#REF!</v></c></row>`,
        { 'xl/styles.xml': styles },
      );
      expect((await read(path)).problems.map(({ place, why }) => place.slice(-6) + why.slice(0, 60))).toEqual([
        expect.stringContaining('line 2serial: the spreadsheet turned this cell into a date'),
        expect.stringContaining('line 3serial: the spreadsheet turned this cell into a number'),
        expect.stringContaining('line 4name: the cell has the error #REF!'),
      ]);
    });

    it('is refused if it grows beyond all measure, has XML tricks, or is cut off', async () => {
      const huge = book(' '.repeat(33 * 1024 * 1024));
      expect((await read(huge)).problems[0]?.why).toMatch(/too large/);
      const tricky = book('', { 'xl/sharedStrings.xml': '<!DOCTYPE a [<!ENTITY b "c">]><sst/>' });
      expect((await read(tricky)).problems[0]?.why).toMatch(/XML that no spreadsheet program writes/);
      const cut = readFileSync(book('')).subarray(0, 300);
      expect(await problems('cut.xlsx', cut)).toHaveLength(1);
    });
  });
});

import { describe, expect, it } from 'vitest';
import { readBarcodes } from 'zxing-wasm/reader';
import { isBlack } from '../../src/label/bits.ts';
import { checkTemplate, limits } from '../../src/label/check.ts';
import { shapesBitmap } from '../../src/label/dots.ts';
import { layOut, type Layout } from '../../src/label/layout.ts';
import { toPng } from '../../src/label/svg.ts';
import { isSecret, parseTemplate } from '../../src/label/template.ts';
import { toTspl } from '../../src/label/tspl.ts';
import { toZpl } from '../../src/label/zpl.ts';
import { dotsOf as dotsIn } from '../support/dots-picture.ts';
import { emulate, pdfOf, TYPICAL } from '../support/label-files.ts';
import { rasterPdf } from '../support/pdf-reader.ts';
import { printTspl } from '../support/tspl-printer.ts';

/* Codes that standards ask for, and what such a code may hold. A reader that is not the writer reads each of them. */

const GTIN = '09521101530001';
/** The example of the Matter SDK: discriminator 3840, passcode 20202021. */
const MATTER = 'MT:Y.K9042C00KA0648G00';
const DATA = { ...TYPICAL, gtin: GTIN, attributes: { matter: MATTER } };

const parse = (box: string, rest = '') =>
  parseTemplate(
    'mine',
    `{ media: { width: 110, height: 110 }, boxes: [{ name: 'code', x: 5, y: 5, ${box} }${rest === '' ? '' : `, ${rest}`}] }`,
  );
const LINK = 'https://id.example.com/{gtin}/{serial}';
const framed = `type: 'qr', w: 24, h: 24, frame: 'iec61406-1', text: '${LINK}'`;
const digitalLink = `type: 'qr', w: 24, h: 24, content: 'gs1-link', text: 'https://id.example.com/01/{gtin}/21/{serial}'`;
const dataMatrix = `type: 'gs1-datamatrix', w: 20, h: 20`;
const bars = `type: 'gs1-128', w: 96, h: 12`;
const matter = `type: 'qr', w: 20, h: 20, content: 'matter', text: '{attributes.matter}'`;

interface Read {
  format: string;
  text: string;
  kind: string;
}

/** Reads element strings as people see them, such as `(01)09521101530001(21)A7`. */
async function read(png: Uint8Array | undefined): Promise<Read[]> {
  const found = await readBarcodes(png ?? new Uint8Array(), { tryHarder: true, textMode: 'HRI' });
  return found
    .filter(({ isValid }) => isValid)
    .map(({ format, text, contentType }) => ({ format, text, kind: contentType }));
}

/** Every output of a layout at 203 dpi, as black and white dots. */
async function pictures(layout: Layout): Promise<Record<string, Uint8Array | undefined>> {
  return {
    png: await toPng(layout),
    pdf: rasterPdf(await pdfOf([layout]), 203, 'mono')[0],
    zpl: (await emulate(await toZpl(layout), layout))[0],
    tspl: printTspl(await toTspl(layout))[0]?.png,
  };
}

describe.each([
  ['identification link', framed, 'QRCode', 'Text', `https://id.example.com/${GTIN}/${TYPICAL.serial}`],
  ['GS1 Digital Link', digitalLink, 'QRCode', 'Text', `https://id.example.com/01/${GTIN}/21/${TYPICAL.serial}`],
  ['GS1 DataMatrix', dataMatrix, 'DataMatrix', 'GS1', `(01)${GTIN}(21)${TYPICAL.serial}`],
  ['GS1-128', bars, 'Code128', 'GS1', `(01)${GTIN}(21)${TYPICAL.serial}`],
  ['Matter', matter, 'QRCode', 'Text', MATTER],
])('%s', (_, box, format, kind, text) => {
  it.each([0, 90, 180, 270])(
    'is read at 203 dpi from every output, turned by %i degrees',
    async (rotation) => {
      const turned = rotation % 180 === 90 ? box.replace(/w: (\d+), h: (\d+)/, 'w: $2, h: $1') : box;
      const layout = layOut(parse(`${turned}, rotation: ${rotation}`), DATA);
      for (const [output, picture] of Object.entries(await pictures(layout)))
        expect({ output, read: await read(picture) }).toEqual({ output, read: [{ format, text, kind }] });
    },
    60_000,
  );

  it('passes the check with the longest values', () => {
    expect(checkTemplate(parse(box), { attributes: { matter: MATTER } }).problems).toEqual([]);
  });
});

describe('the frame of IEC 61406-1', () => {
  /** The rows of dots, black as `#`, from the first to the last black dot. */
  async function dotsOf(layout: Layout): Promise<string[]> {
    const bitmap = await shapesBitmap(layout.shapes, layout.width, layout.height, layout.dpi);
    const rows = Array.from({ length: bitmap.rows }, (_row, y) =>
      Array.from({ length: bitmap.columns }, (_column, x) => (isBlack(bitmap, x, y) ? '#' : '.')).join(''),
    );
    const inked = rows.filter((row) => row.includes('#'));
    const left = Math.min(...inked.map((row) => row.indexOf('#')));
    const right = Math.max(...inked.map((row) => row.lastIndexOf('#')));
    return inked.map((row) => row.slice(left, right + 1));
  }

  it.each([
    [203, 24],
    [203, 11.8],
    [300, 24],
    [600, 24],
  ])('is one module wide, four modules away, with a triangle of six modules, at %i dpi in %f mm', async (dpi, size) => {
    const layout = layOut(parse(framed.replaceAll('24', String(size))), DATA, dpi);
    const [code] = layout.shapes;
    if (code?.kind !== 'matrix') throw new Error('no code');
    const [module, columns] = [code.dots, code.matrix.columns];
    expect((module * 25.4) / dpi).toBeGreaterThanOrEqual(0.25);
    const rows = await dotsOf(layout);
    const side = (columns + 2 * 4 + 2) * module;
    expect([rows.length, rows[0]?.length]).toEqual([side, side]);
    const inner = side - 2 * module;
    for (let y = 0; y < side; y++) {
      const row = rows[y] ?? '';
      if (y < module || y >= side - module) {
        expect(row).toBe('#'.repeat(side));
        continue;
      }
      expect(row.slice(0, module)).toBe('#'.repeat(module));
      expect(row.slice(side - module)).toBe('#'.repeat(module));
      // The last row of the triangle is six modules wide, and each row above has one dot less.
      const black = Math.max(0, 6 * module - (side - module - 1 - y));
      expect(row.slice(side - module - black, side - module)).toBe('#'.repeat(black));
      const isInCode = y >= 5 * module && y < side - 5 * module;
      const before = row.slice(module, module + inner - black);
      if (isInCode) expect(before.slice(0, 4 * module)).toBe('.'.repeat(4 * module));
      else expect(before).toBe('.'.repeat(before.length));
    }
  });

  it('has the same dots in every output', async () => {
    const layout = layOut(parse(framed), DATA);
    const [code] = layout.shapes;
    if (code?.kind !== 'matrix') throw new Error('no code');
    const dot = 25.4 / 203;
    const [left, top, side] = [code.x / dot, code.y / dot, code.matrix.columns * code.dots].map(Math.round) as [
      number,
      number,
      number,
    ];
    // A printer with ZPL draws the code itself, with another mask.
    const beside = (png: Uint8Array | undefined): number[] => {
      const { width, black } = dotsIn(png ?? new Uint8Array());
      return [...black].flatMap((isInk, at) => {
        const [x, y] = [at % width, Math.floor(at / width)];
        const isInCode = x >= left && x < left + side && y >= top && y < top + side;
        return isInk && !isInCode ? at : [];
      });
    };
    const { tspl, ...others } = await pictures(layout);
    const expected = beside(tspl);
    expect(expected.length).toBeGreaterThan(1000);
    for (const [output, picture] of Object.entries(others))
      expect({ output, dots: beside(picture) }).toEqual({ output, dots: expected });
  });

  it('is refused where its modules would be smaller than 0.25 mm', () => {
    expect(() => layOut(parse(framed.replaceAll('24', '11')), DATA, 600)).toThrow('at 600 dpi');
    expect(() => layOut(parse(framed.replaceAll('24', '11')), DATA, 600)).toThrow('0.25 mm');
  });

  it.each([
    ['LOWER: a host in upper case', `'HTTPS://ID.EXAMPLE.COM/{serial}'`, 'in lowercase'],
    ['no path', `'https://id.example.com'`, 'a path'],
    ['no URL', `'S/N {serial}'`, 'http:// or https://'],
    ['a letter that URLs do not have', `'https://id.example.com/{serial}|'`, 'URL'],
    ['a URL of 256 characters', `'https://id.example.com/${'a'.repeat(233)}'`, 'at most 255 characters'],
  ])('refuses %s', (_, text, sentence) => {
    const template = parse(framed.replace(`'${LINK}'`, text).replace('w: 24, h: 24', 'w: 50, h: 50'));
    expect(() => layOut(template, DATA)).toThrow(sentence);
    expect(checkTemplate(template).problems).toEqual([expect.stringContaining('box "code": "text": ')]);
  });

  it('takes no error correction below M, and Q by default', () => {
    expect(() => parse(`${framed}, level: 'L'`)).toThrow('"level"');
    expect(layOut(parse(framed), DATA).shapes[0]).toMatchObject({ level: 'Q' });
  });

  it('takes no smaller quiet zone', () => {
    expect(() => parse(`${framed}, quiet: 3`)).toThrow('"quiet"');
  });

  it('keeps other ink out', () => {
    const near = `{ type: 'text', x: 6, y: 6, w: 20, h: 4, text: 'near', size: 8, valign: 'top' }`;
    expect(checkTemplate(parse(framed, near)).problems).toEqual([expect.stringContaining('"quiet"')]);
  });

  it('writes the values of a URL so that no character has a meaning', () => {
    const [code] = layOut(parse(framed), { ...DATA, serial: 'A/7 #1' }).shapes;
    expect(code).toMatchObject({ payload: `https://id.example.com/${GTIN}/A%2F7%20%231` });
  });
});

describe('a public code never holds the Claim ID', () => {
  it.each([
    framed.replace(LINK, 'https://id.example.com/{uci}'),
    framed.replace(LINK, '{qr}'),
    `type: 'qr', w: 24, h: 24, frame: 'iec61406-1'`,
    digitalLink.replace('{serial}', '{uci}'),
    `${dataMatrix}, text: '(01){gtin}(21){uci}'`,
    `${bars}, text: '(01){gtin}(21){uci:5}'`,
  ])('%s', (box) => {
    expect(() => parse(box)).toThrow('labels/mine.json5: box "code": a public code must not contain the Claim ID');
  });

  it.each([
    [framed, { serial: 'jt08f-fqxwq' }],
    [`${dataMatrix}, text: '(01){gtin}(21){attributes.id}'`, { attributes: { id: 'XJT08FFQXWQ' } }],
    [framed, { serial: 'JTO8F_FQXWQ' }],
    [digitalLink, { serial: 'jto8f.fqxwq' }],
    [framed.replace(LINK, '{attributes.url}'), { attributes: { url: 'https://a.example/%4a%54%30%38FFQXW%51' } }],
    [framed.replace(LINK, '{attributes.url}'), { attributes: { url: 'https://a.example/%254a%2554%2530%2538FFQXWQ' } }],
    [framed.replace(LINK, '{attributes.url}'), { attributes: { url: 'https://a.example/%ff/%4AT08FFQXWQ' } }],
    [framed, { serial: 'ＪＴ０８ＦＦＱＸＷＱ' }],
    [framed, { serial: Buffer.from('JT08FFQXWQ').toString('base64') }],
    [framed, { serial: Buffer.from('jt08f-fqxwq').toString('base64url') }],
    [framed, { serial: Buffer.from('id=JT08FFQXWQ').toString('base64') }],
    [`${bars}, text: '(01){gtin}(21){serial}'`, { serial: Buffer.from('JT08FFQXWQ').toString('hex') }],
    [
      framed.replace(LINK, 'https://id.example.com/{attributes.a}{attributes.b}'),
      { attributes: { a: 'JT08F', b: 'FQXWQ' } },
    ],
  ])('nor a value that is the Claim ID: %s', (box, values) => {
    expect(() => layOut(parse(box), { ...DATA, ...values })).toThrow('a public code must not contain the Claim ID');
  });
});

describe('a GS1 code', () => {
  it.each([
    ['a wrong check digit', { gtin: '09521101530002' }, digitalLink],
    ['a wrong check digit', { gtin: '09521101530002' }, dataMatrix],
    ['a wrong check digit', { gtin: '09521101530002' }, bars],
    ['an S/N that is too long', { serial: 'P2DM2648U000000123456' }, digitalLink],
    ['an S/N that is too long', { serial: 'P2DM2648U000000123456' }, dataMatrix],
    ['an S/N with a character that GS1 does not have', { serial: 'P2#26' }, dataMatrix],
    ['an S/N that could begin another field', { serial: 'A(10)B' }, bars],
  ])('with %s is refused', (_, values, box) => {
    const draw = () => layOut(parse(box), { ...DATA, ...values });
    expect(draw).toThrow(expect.objectContaining({ code: 'label-unprintable' }));
  });

  it.each([
    'https://id.example.com/{gtin}/{serial}',
    'https://id.example.com/01/{serial}',
    'https://id.example.com/01/{gtin}/21',
  ])('that is no Digital Link is refused: %s', (text) => {
    const template = parse(`type: 'qr', w: 24, h: 24, content: 'gs1-link', text: '${text}'`);
    expect(() => layOut(template, DATA)).toThrow('GS1 Digital Link');
  });

  it('may be a Digital Link in the frame of IEC 61406-1', () => {
    expect(() => layOut(parse(`${digitalLink}, frame: 'iec61406-1'`), DATA)).not.toThrow();
  });

  it('stays away if the product has no GTIN', () => {
    const { gtin: _gtin, ...data } = DATA;
    expect(layOut(parse(dataMatrix), data).shapes).toEqual([]);
  });

  it('says that an S/N may have 20 characters', () => {
    expect(limits(checkTemplate(parse(dataMatrix)))).toEqual([
      'code contains a GS1 serial number, which has at most 20 characters, but an S/N may have 32: labels with a longer S/N are refused',
    ]);
  });
});

describe('the passcode of a Matter device', () => {
  const address = `https://id.example.com/${MATTER}`;

  it.each([
    ['an identification link', framed.replace(/text: '[^']*'/, `text: '${address}'`)],
    ['a GS1 Digital Link', digitalLink.replace(/text: '([^']*)'/, `text: '$1?m=${encodeURIComponent(MATTER)}'`)],
    ['base64', framed.replace(LINK, `https://id.example.com/${Buffer.from(MATTER).toString('base64url')}`)],
    ['a value of the unit', framed.replace(/text: '[^']*'/, `text: 'https://id.example.com/{attributes.matter}'`)],
    ['the pairing code of the payload', framed.replace(LINK, 'https://id.example.com/34970112332')],
    ['the same in groups', framed.replace(LINK, 'https://id.example.com/3497-011-2332')],
    ['the long pairing code', framed.replace(LINK, 'https://id.example.com/749701123365521327694')],
    ['the passcode', framed.replace(LINK, 'https://id.example.com/2020-2021')],
  ])('is refused in a public code: %s', (_, box) => {
    expect(() => layOut(parse(box), DATA)).toThrow('passcode');
  });

  it('is not found in digits that only look like a pairing code', () => {
    const other = framed.replace(LINK, 'https://id.example.com/34970112340');
    expect(layOut(parse(other), DATA).shapes).not.toEqual([]);
    const own = framed.replace(LINK, 'https://id.example.com/34970112332');
    expect(layOut(parse(own), { ...DATA, attributes: {} }).shapes).not.toEqual([]);
  });

  it.each([
    ['an identification link', framed.replace(LINK, 'https://id.example.com/{attributes.pairingCode}')],
    ['a GS1 Digital Link', digitalLink.replace('{serial}', '{serial}?p={attributes.setup_pin}')],
    ['GS1 DataMatrix', `${dataMatrix}, text: '(01){gtin}(21){attributes.passcode}'`],
  ])('is refused in the template of a public code: %s', (_, box) => {
    expect(() => parse(box)).toThrow(/public code must not contain the passcode/);
  });

  it.each(['pairingCode', 'setup_code', 'Matter-PIN', 'passcode', 'manualPairingCode', 'setupPIN'])(
    'makes a label secret that shows the property %s',
    (property) => {
      const box = `type: 'text', w: 50, h: 5, size: 8, text: '{attributes.${property}}'`;
      expect(checkTemplate(parse(box)).secret).toBe(true);
    },
  );

  it.each(["type: 'text', w: 50, h: 5, size: 8", "type: 'qr', w: 20, h: 20"])('makes a label secret: %s', (box) => {
    expect(checkTemplate(parse(`${box}, text: '${MATTER}'`)).secret).toBe(true);
  });
});

describe('a Matter code', () => {
  it.each(['JT08FFQXWQ', 'MT:', 'MT:Y.K9042C00KA0648G0', 'MT:Y.K9042C00KA0648g00', 'MT:00000000000000000000'])(
    'refuses %s',
    (payload) => {
      expect(() => layOut(parse(matter), { ...DATA, attributes: { matter: payload } })).toThrow('Matter');
    },
  );

  it('takes the payloads of the SDK', () => {
    expect(() => layOut(parse(matter), { ...DATA, attributes: { matter: 'MT:-24J0AFN00KA0648G00' } })).not.toThrow();
  });
});

describe('a template is secret', () => {
  const text = (shown: string): string => `type: 'text', w: 40, h: 5, size: 7, text: '${shown}'`;
  it.each([
    [true, text('{uci}')],
    [true, text('{uci:5}')],
    [true, `type: 'qr', w: 20, h: 20`],
    [true, matter],
    [false, text('{serial}')],
    [false, framed],
    [false, dataMatrix],
  ])('%s: %s', (secret, box) => {
    expect(isSecret(parse(box))).toBe(secret);
    expect(checkTemplate(parse(box), { attributes: { matter: MATTER } }).secret).toBe(secret);
  });
});

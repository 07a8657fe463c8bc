import { expect, test } from 'vitest';
import { layOut } from '../../src/label/layout.ts';
import { loadTemplate } from '../../src/label/template.ts';
import { toZpl, type Press } from '../../src/label/zpl.ts';
import { parseTemplate } from '../../src/label/template.ts';
import { TYPICAL } from '../support/label-files.ts';

const sent = await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203));
const format = sent.lastIndexOf('^XA');
/** What comes before the label, and what its format sends before its first field. */
const [head, label] = [sent.slice(0, format), sent.slice(format, sent.indexOf('^FO'))];

test.each([
  ['another character before format commands', '! U1 setvar "zpl.format_prefix" "5E"\r\n', head],
  ['another character between parameters', '! U1 setvar "zpl.delimiter" "2C"\r\n', head],
  ['another character before control commands', '! U1 setvar "zpl.control_character" "7E"\r\n', head],
  ['a format that broke off', '~JX', head],
  ['another language', '^SZ2', label],
  ['a label kept as background', '^XA^MCY^XZ', head],
  ['numbers in mm, or converted', '^MUD,200,200', label],
  ['half resolution', '^JMA', label],
  ['another character set', '^CI28', label],
  ['a turned label', '^PON', label],
  ['a mirrored label', '^PMN', label],
  ['inverted fields', '^LRN', label],
  ['another origin', '^LH0,0', label],
  ['a shift to the left', '^LS0', label],
  ['a shift down', '^LT0', label],
  ['turned fields', '^FWN', label],
  ['a check of bar codes', '^CVN', label],
  ['a label printed again after an error', '^JZN', label],
  ['the width of another label', '^PW496', label],
  ['the length of another label', '^LL320', label],
])('each label ends what another program left: %s', (_, command, part) => {
  expect(part).toContain(command);
});

test('what ends other characters comes after the end of a broken format, and before all that is needed', () => {
  const after = head.slice(head.lastIndexOf('! U1'));
  expect(after).toMatch(/~JX\^XA\^MCY\^XZ/);
  // A format that broke off would take them for its text.
  expect(head.startsWith('~JX')).toBe(true);
});

test('the unit of numbers comes before every number, and all resets before the first field', async () => {
  const zpl = await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203));
  const format = zpl.slice(zpl.lastIndexOf('^XA'));
  expect(format.replace('^SZ2', '').startsWith('^XA^MUD')).toBe(true);
  expect(format.indexOf('^FO')).toBeGreaterThan(format.indexOf('^LL'));
});

test('no label changes darkness, speed, tracking or what is saved', async () => {
  expect(await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203))).not.toMatch(
    /\^PR|~SD|\^MD|\^MN|\^MT|\^MM|~TA|~JS|\^JU|~JC/,
  );
});

/** The job of a printer with these settings. */
async function jobOf(press: Press, dpi = 203): Promise<string> {
  return toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, dpi), 1, press);
}

test.each<[Press, number, string[]]>([
  [{ darkness: 7 }, 203, ['~SD07', '^MD0']],
  [{ darkness: 30 }, 203, ['~SD30', '^MD0']],
  [{ speed: 3 }, 203, ['^PR3,3,3']],
  [{ tracking: 'gap' }, 203, ['^MNY']],
  [{ tracking: 'mark' }, 203, ['^MNM,0']],
  [{ tracking: 'continuous' }, 203, ['^MNN']],
  [{ finish: 'tear' }, 203, ['^MMT']],
  [{ finish: 'cut' }, 203, ['^MMC']],
  [{ finish: 'peel' }, 203, ['^MMP']],
  [{ tearOff: 1 }, 203, ['~TA008']],
  [{ tearOff: -5 }, 600, ['~TA-118']],
  [{ offsetX: 1, offsetY: -2 }, 203, ['^LS-8', '^LT-16']],
  [{ offsetX: -5, offsetY: 5 }, 600, ['^LS118', '^LT118']],
  [{ offsetX: 0, offsetY: 0 }, 300, ['^LS0', '^LT0']],
])('%j at %i dpi is sent where it is set: %j', async (press, dpi, commands) => {
  const job = await jobOf(press, dpi);
  const plain = await jobOf({}, dpi);
  const added = (text: string): string[] => text.match(/[~^](SD|MD|PR|MN|MM|TA|LS|LT)[^~^\n]*/g) ?? [];
  expect(added(job).filter((command) => !added(plain).includes(command))).toEqual(
    expect.arrayContaining(commands.filter((command) => !added(plain).includes(command))),
  );
  expect(added(job).length).toBe(Math.max(2, added(plain).length + commands.filter((c) => !/L[ST]/.test(c)).length));
  expect(job.indexOf(commands.at(-1) ?? '')).toBeLessThan(job.indexOf('^FO'));
});

test('no job calibrates a printer or saves its state', async () => {
  const all: Press = { darkness: 15, speed: 4, tracking: 'mark', finish: 'cut', tearOff: 2, offsetX: 1, offsetY: 1 };
  expect(await jobOf(all)).not.toMatch(/\^MNA|~JC|\^JU|~JG|\^XS|~JL/);
});

test('fields name their justification and orientation, and bars all values of ^BY', async () => {
  const zpl = await toZpl(layOut(loadTemplate('device-62x40'), TYPICAL, 203));
  expect(zpl.match(/\^FO\d+,\d+(?!,0)\^/g)).toBeNull();
  expect(zpl).toMatch(/\^BY\d+,3,\d+\^FO\d+,\d+,0\^BCN,/);
});

test('a QR code larger than old firmware takes is sent as dots', async () => {
  const box = { type: 'qr', x: 1, y: 1, w: 70, h: 70, text: '{uci}' };
  const template = parseTemplate('big', JSON.stringify({ media: { width: 72, height: 72 }, boxes: [box] }));
  const zpl = await toZpl(layOut(template, TYPICAL, 203));
  expect(zpl).not.toContain('^BQ');
  expect(zpl).toContain('^GFA');
});

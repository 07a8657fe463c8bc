import { refusal } from '../platform/error.ts';
import { blank, stamp, type Bitmap } from './bits.ts';
import { dots, shapesBitmap } from './dots.ts';
import type { Layout } from './layout.ts';
import type { Press } from './zpl.ts';

/*
 * Writes TSPL for one label. Printers by TSC, Godex (in TSPL mode) and many lesser-known makers use TSPL. These
 * printers differ in how they draw codes and texts. So the label is sent as a single picture (BITMAP), with the same
 * dots as in ZPL.
 */

const MAX_COPIES = 1000;

const FINISH = {
  tear: 'SET CUTTER OFF\r\nSET PEEL OFF\r\nSET TEAR ON\r\n',
  cut: 'SET PEEL OFF\r\nSET CUTTER 1\r\n',
  peel: 'SET CUTTER OFF\r\nSET PEEL ON\r\n',
};

/** DENSITY has 16 steps. The setting has 31 steps, as in ZPL. */
const DARKNESS_PER_STEP = 2;

export async function toTspl(layout: Layout, copies = 1, press: Press = {}): Promise<Uint8Array> {
  if (copies < 1 || copies > MAX_COPIES) throw refusal('invalid', 'copies', { max: MAX_COPIES, copies });
  const { width, height, dpi, shapes } = layout;
  const picture = corrected(await shapesBitmap(shapes, width, height, dpi), press, dpi);
  const head = [
    // The job starts with an empty line, because an interrupted command ends at the next line end.
    '',
    `SIZE ${mm(width)} mm,${mm(height)} mm`,
    ...handling(press),
    // Resets what other programs may have set: a turned or mirrored label, another origin, a shift, and the previous
    // picture.
    'DIRECTION 0,0',
    'REFERENCE 0,0',
    'SHIFT 0',
    'CLS',
    `BITMAP 0,0,${picture.rowBytes},${picture.rows},0,`,
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), inverted(picture.bits), Buffer.from(`\r\nPRINT 1,${copies}\r\n`)]);
}

function handling({ tracking, gap = 3, speed, darkness, finish, tearOff }: Press): string[] {
  const tracked = { gap: `GAP ${mm(gap)} mm,0 mm`, mark: `BLINE ${mm(gap)} mm,0 mm`, continuous: 'GAP 0 mm,0 mm' };
  return [
    ...(tracking === undefined ? [] : [tracked[tracking]]),
    ...(speed === undefined ? [] : [`SPEED ${speed}`]),
    ...(darkness === undefined ? [] : [`DENSITY ${Math.round(darkness / DARKNESS_PER_STEP)}`]),
    ...(finish === undefined ? [] : [FINISH[finish].trimEnd()]),
    ...(tearOff === undefined ? [] : [`OFFSET ${mm(tearOff)} mm`]),
  ];
}

function mm(length: number): string {
  return String(Math.round(length * 100) / 100);
}

/**
 * This code moves the picture itself by the printer's correction, because no TSPL command for this works on all of
 * these printers.
 */
function corrected(from: Bitmap, { offsetX = 0, offsetY = 0 }: Press, dpi: number): Bitmap {
  if (offsetX === 0 && offsetY === 0) return from;
  const bitmap = blank(from.columns, from.rows);
  stamp(bitmap, from, dots(offsetX, dpi), dots(offsetY, dpi));
  return bitmap;
}

/** Inverts all bits, because in a BITMAP of TSPL, a dot is black if its bit is 0. */
function inverted(bits: Uint8Array): Uint8Array {
  return bits.map((byte) => byte ^ 0xff);
}

import { refusal } from '../platform/error.ts';
import { PRINTABLE_ASCII } from './barcode.ts';
import type { Bitmap } from './bits.ts';
import { dots, shapeBitmap, thick } from './dots.ts';
import type { Layout, Shape } from './layout.ts';
import type { Setup } from '../model/printing/setup.ts';
import { ZPL_CHARACTERS } from '../model/printing/zpl-characters.ts';
import { own } from '../platform/own.ts';

/*
 * Writes ZPL II for one label. The printer itself draws the codes (^BQ, ^BX, ^BC), so that modules consist of whole
 * dots. Text and logos are sent as graphics (^GFA). So texts and logos look the same as in the preview, and do not
 * depend on the printer's fonts.
 */

const MAX_COPIES = 1000;

/**
 * Other programs may have left an interrupted format or a background label on the printer. Before its first label, a
 * job must clear both (Zebra Programming Guide P1012728-011). ~JX ends the interrupted format (p. 248), and ^MCY clears
 * the background label (p. 267). ^MCY is in a separate format, because the guide does not say that it clears the
 * background before the label of its own format.
 */
const CLEAR = '~JX^XA^MCY^XZ\r\n';

/**
 * Clears twice. Without the first clearing, an interrupted format would swallow ZPL_CHARACTERS. But if another program
 * changed the command characters, the first clearing has no effect, so a second one follows.
 */
export const ZPL_HEAD = `${CLEAR}${ZPL_CHARACTERS}${CLEAR}`;

/**
 * Each label resets these settings: the language (^SZ2, p. 323), the unit of numbers and its conversion (^MUD, p. 278,
 * before all numbers), half resolution (^JMA, p. 237), the character set (^CI28, p. 129), a turned or mirrored label
 * (^PON, p. 294; ^PMN, p. 292), inverted fields (^LRN, p. 262), the origin and its shifts (^LH, p. 260; ^LS, p. 263;
 * ^LT, p. 264), turned fields (^FWN, p. 180), checking bar codes (^CVN, p. 140), and reprinting labels after an error
 * (^JZN, p. 249). The printer's corrections are in ^LS, which moves the label to the left, and in ^LT.
 */
function resets(dpi: number, { offsetX = 0, offsetY = 0 }: Press): string {
  const perInch = dpi === 203 ? 200 : dpi;
  const [left, down] = [0 - dots(offsetX, dpi), dots(offsetY, dpi)];
  return `^XA^SZ2^MUD,${perInch},${perInch}^JMA^CI28^PON^PMN^LRN^LH0,0^LS${left}^LT${down}^FWN^CVN^JZN`;
}

/** The settings that the job sends to its printer. */
export type Press = Omit<Setup, 'name' | 'dpi'>;

const TRACKING = { gap: '^MNY', mark: '^MNM,0', continuous: '^MNN' };
const FINISH = { tear: '^MMT', cut: '^MMC', peel: '^MMP' };

/**
 * Darkness, speed, tracking and handling depend on the media and the printer, so a job contains only those that are
 * set. Printers add the values of ^MD and ~SD (p. 268), so a job sends either both or neither. No job starts a
 * calibration (^MNA, ~JC, ^JUS).
 */
function handling(
  dpi: number,
  { darkness, speed, tracking, finish, tearOff }: Press,
): { ahead: string; inside: string } {
  const digits = (value: number, count: number): string =>
    `${value < 0 ? '-' : ''}${String(Math.abs(value)).padStart(count, '0')}`;
  return {
    ahead: [
      darkness === undefined ? '' : `~SD${digits(darkness, 2)}`,
      tearOff === undefined ? '' : `~TA${digits(dots(tearOff, dpi), 3)}`,
    ].join(''),
    inside: [
      darkness === undefined ? '' : '^MD0',
      speed === undefined ? '' : `^PR${speed},${speed},${speed}`,
      tracking === undefined ? '' : TRACKING[tracking],
      finish === undefined ? '' : FINISH[finish],
    ].join(''),
  };
}

/** Writes the complete job of one label. */
export async function toZpl(layout: Layout, copies = 1, press: Press = {}): Promise<string> {
  return `${ZPL_HEAD}${await zplLabel(layout, copies, press)}`;
}

/** Writes one label of a job that began with ZPL_HEAD. */
export async function zplLabel(layout: Layout, copies = 1, press: Press = {}): Promise<string> {
  if (copies < 1 || copies > MAX_COPIES) throw refusal('invalid', 'copies', { max: MAX_COPIES, copies });
  const { dpi } = layout;
  const fields: string[] = [];
  for (const shape of layout.shapes) fields.push(await fieldOf(shape, dpi));
  const { ahead, inside } = handling(dpi, press);
  const size = `^PW${dots(layout.width, dpi)}^LL${dots(layout.height, dpi)}`;
  return `${ahead}${resets(dpi, press)}${inside}${size}\n${fields.join('\n')}\n^PQ${copies}^XZ\n`;
}

const drawn = new WeakMap<Shape, { dpi: number; field: string }>();

async function fieldOf(shape: Shape, dpi: number): Promise<string> {
  const known = drawn.get(shape);
  if (known?.dpi === dpi) return known.field;
  const field = await draw(shape, dpi);
  drawn.set(shape, { dpi, field });
  return field;
}

async function draw(shape: Shape, dpi: number): Promise<string> {
  switch (shape.kind) {
    case 'text':
    case 'image':
    case 'triangle':
    case 'turned':
      return graphic(await shapeBitmap(shape, dpi));
    case 'matrix': {
      const payload = escape(shape.payload);
      const [x, y] = [dots(shape.x, dpi), dots(shape.y, dpi)];
      if (!own(NATIVE, shape.symbology)?.test(shape.payload) || isTooMagnified(shape))
        return graphic(await shapeBitmap(shape, dpi));
      if (shape.symbology !== 'qr') return `${field(x, y)}^BXN,${shape.dots},200^FH_^FD${payload}^FS`;
      // Printers draw a QR code too low: they move it down by the height that was last set with ^BY (seen on a ZD230,
      // https://github.com/u8array/ZPLab/pull/401). The default height of ^BY is ten dots. So this code sets the height
      // to one dot, and subtracts one dot from the position.
      return `^BY2,3,1${field(x, Math.max(0, y - 1))}^BQN,2,${shape.dots}^FH_^FD${shape.level}A,${payload}^FS`;
    }
    case 'bars': {
      const [x, y, height] = [dots(shape.x, dpi), dots(shape.y, dpi), dots(shape.height, dpi)];
      // Some printers switch the subset at a ">", so a Code 128 that contains ">" is sent as graphics. GS1-128 is also
      // sent as graphics, because printers and this program choose different subsets for it.
      if (shape.symbology === 'gs1-128' || shape.payload.includes('>')) return graphic(await shapeBitmap(shape, dpi));
      return `^BY${shape.dots},3,${height}${field(x, y)}^BCN,${height},N,N,N,A^FH_^FD${escape(shape.payload)}^FS`;
    }
    case 'line':
      return line(shape, dpi);
    case 'frame': {
      const [w, h] = [dots(shape.w, dpi), dots(shape.h, dpi)];
      return `${field(dots(shape.x, dpi), dots(shape.y, dpi))}^GB${w},${h},${thick(shape.width, dpi)}^FS`;
    }
  }
}

/**
 * For each kind of code: the texts that printers encode in the same way as this program. Codes with other texts, and
 * codes of other kinds, are sent as graphics. ^BX has an escape character ("~", in older printers "_"), so a DataMatrix
 * with this character is also sent as graphics.
 */
const NATIVE: { [symbology: string]: RegExp } = { qr: PRINTABLE_ASCII, datamatrix: /^[ -^`-}]*$/ };

/**
 * The origin of a field. The origin includes the justification, because another program may have set a different
 * justification (^FWN,1, p. 180).
 */
function field(x: number, y: number): string {
  return `^FO${x},${y},0`;
}

/** Firmware before V60 supports QR code magnifications only up to 10. A larger code is sent as graphics. */
const MAX_MAGNIFICATION = 10;

function isTooMagnified({ symbology, dots: magnification }: Shape & { kind: 'matrix' }): boolean {
  return symbology === 'qr' && magnification > MAX_MAGNIFICATION;
}

function line({ x, y, x2, y2, width }: Shape & { kind: 'line' }, dpi: number): string {
  const at = field(dots(Math.min(x, x2), dpi), dots(Math.min(y, y2), dpi));
  const [w, h] = [dots(Math.abs(x2 - x), dpi), dots(Math.abs(y2 - y), dpi)];
  const t = thick(width, dpi);
  if (w === 0 || h === 0) return `${at}^GB${Math.max(w, t)},${Math.max(h, t)},${t}^FS`;
  return `${at}^GD${w},${h},${t},B,${x2 > x === y2 > y ? 'L' : 'R'}^FS`;
}

/**
 * Encodes special characters of a field in hexadecimal (^FH), so that no value can end the field or begin a command.
 */
function escape(text: string): string {
  let out = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const letter = String.fromCharCode(byte);
    out += /[A-Za-z0-9 .:/=?&-]/.test(letter) ? letter : `_${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function graphic({ bitmap, x, y }: { bitmap: Bitmap; x: number; y: number }): string {
  if (bitmap.rows === 0 || bitmap.columns === 0) return '';
  const { rowBytes, rows, bits } = bitmap;
  const bytes = rowBytes * rows;
  let data = '';
  let last = '';
  for (let row = 0; row < rows; row++) {
    const hex = Buffer.from(bits.buffer, bits.byteOffset + row * rowBytes, rowBytes)
      .toString('hex')
      .toUpperCase();
    data += hex === last ? ':' : squeeze(hex);
    last = hex;
  }
  return `${field(Math.max(0, x), Math.max(0, y))}^GFA,${bytes},${bytes},${rowBytes},${data}^FS`;
}

/**
 * Compresses graphics as ZPL allows. The letters G to Y repeat the next digit 1 to 19 times, and the letters g to z
 * repeat it 20 to 400 times. A comma fills the rest of a row with zeros.
 */
function squeeze(hex: string): string {
  const bare = hex.replace(/0+$/, '');
  const packed = bare.replace(/(.)\1{2,}/g, (run, digit: string) => {
    let out = '';
    let left = run.length;
    for (; left >= 400; left -= 400) out += 'z';
    if (left >= 20) out += String.fromCharCode(0x66 + Math.floor(left / 20));
    if (left % 20 > 0) out += String.fromCharCode(0x46 + (left % 20));
    return out + digit;
  });
  return bare.length < hex.length ? `${packed},` : packed;
}

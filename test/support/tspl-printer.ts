import { writePng } from '../../src/label/pictures/raster.ts';

/*
 * A printer that reads TSPL and draws its labels. It knows the commands that our jobs may use, refuses all others, and
 * draws a BITMAP as the TSPL manual says: from the left upper corner, a bit of 0 is black.
 */

export interface TsplLabel {
  png: Uint8Array;
  /** In dots. */
  width: number;
  height: number;
  copies: number;
  /** The commands since the label before, without the data of pictures. */
  commands: string[];
}

const SETTINGS = /^(GAP|BLINE|SPEED|DENSITY|OFFSET|DIRECTION|REFERENCE|SHIFT) |^SET (CUTTER|PEEL|TEAR) /;
const BITMAP = /^BITMAP (\d+),(\d+),(\d+),(\d+),0,$/;

export function printTspl(job: Uint8Array, dpi = 203): TsplLabel[] {
  const labels: TsplLabel[] = [];
  let commands: string[] = [];
  let [width, height] = [0, 0];
  let black = new Uint8Array();
  const dots = (mm: string | undefined): number => Math.round((Number(mm) * dpi) / 25.4);
  for (let at = 0; at < job.length;) {
    const { command, end } = nextCommand(job, at);
    at = end;
    if (command === '') continue;
    commands.push(command);
    const size = /^SIZE ([\d.]+) mm,([\d.]+) mm$/.exec(command);
    const bitmap = BITMAP.exec(command);
    const print = /^PRINT 1,(\d+)$/.exec(command);
    if (size) [width, height] = [dots(size[1]), dots(size[2])];
    else if (command === 'CLS') black = new Uint8Array(width * height);
    else if (bitmap) {
      const [x = 0, y = 0, rowBytes = 0, rows = 0] = bitmap.slice(1).map(Number);
      for (let bit = 0; bit < rowBytes * rows * 8; bit++) {
        const [column, row] = [x + (bit % (rowBytes * 8)), y + Math.floor(bit / (rowBytes * 8))];
        const isWhite = ((job[at + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1;
        if (!isWhite && (column >= width || row >= height))
          throw new Error(`a dot at ${column},${row} is off the label`);
        if (!isWhite) black[row * width + column] = 1;
      }
      at += rowBytes * rows;
    } else if (print) {
      const rgba = new Uint8Array(width * height * 4).fill(255);
      for (const [dot, isBlack] of black.entries()) if (isBlack) rgba.fill(0, dot * 4, dot * 4 + 3);
      labels.push({ png: writePng({ width, height, rgba }), width, height, copies: Number(print[1]), commands });
      commands = [];
    } else if (!SETTINGS.test(command)) throw new Error(`unknown command: ${command}`);
  }
  return labels;
}

/** A command ends at the end of its line. A BITMAP ends at the comma before its data. */
function nextCommand(job: Uint8Array, start: number): { command: string; end: number } {
  for (let at = start; at < job.length; at++) {
    const command = Buffer.from(job.subarray(start, at + 1)).toString('latin1');
    if (BITMAP.test(command)) return { command, end: at + 1 };
    if (job[at] === 0x0a) return { command: command.trimEnd(), end: at + 1 };
  }
  throw new Error('the job ends within a command');
}

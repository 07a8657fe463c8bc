/* The answers of a Zebra printer to ~HS (host status), ~HQES (errors and warnings) and getvar (P1012728-011). */

export interface Condition {
  paperOut: boolean;
  open: boolean;
  paused: boolean;
  jam: boolean;
}

export interface Now extends Condition {
  /** The number of formats in the memory. */
  formats: number;
  /** The number of labels of the current format that are not printed yet. */
  left: number;
  /** True if only a part of a format has been received. */
  isPartial: boolean;
  isFull: boolean;
}

const [STX, ETX] = ['\u0002', '\u0003'];
const flag = (is: boolean): string => (is ? '1' : '0');
const digits = (value: number, count: number): string => String(value).padStart(count, '0');

export function answerTo(name: string, now: Now): string | undefined {
  if (name === 'HS') return hostStatus(now);
  if (name === 'HQES') return errors(now);
  return undefined;
}

function hostStatus({ paperOut, open, paused, formats, left, isPartial, isFull }: Now): string {
  const buffer = `${digits(formats, 3)},${flag(isFull)},0,${flag(isPartial)},000,0,0,0`;
  const lines = [
    `030,${flag(paperOut)},${flag(paused)},0320,${buffer}`,
    `000,0,${flag(open)},0,0,2,6,0,${digits(left, 8)},1,000`,
    '0000,0',
  ];
  return lines.map((line) => `${STX}${line}${ETX}\r\n`).join('');
}

function errors({ paperOut, open, paused, jam }: Now): string {
  const flags = (paperOut ? 0x1 : 0) | (open ? 0x4 : 0) | (jam ? 0x2000 : 0) | (paused ? 0x10000 : 0);
  const error = `${flag(flags !== 0)} 00000000 ${flags.toString(16).toUpperCase().padStart(8, '0')}`;
  return `${STX}\r\n  PRINTER STATUS\r\n   ERRORS:         ${error}\r\n   WARNINGS:       0 00000000 00000000\r\n${ETX}`;
}

export function sgdAnswer(verb: string, name: string, odometer: number): string | undefined {
  if (verb !== 'getvar') return undefined;
  return name === 'odometer.total_label_count' ? `"${odometer}"\r\n` : '"?"\r\n';
}

import { own } from '../platform/own.ts';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Unit } from '../model/unit.ts';

/** A unit in the firmware files. `numbers` are the numbers from its product's pools. */
export interface FileUnit {
  uci: string;
  serial?: string | undefined;
  product: string;
  numbers?: { [property: string]: string } | undefined;
}

export function fileUnit({ uci, serial, product, extra }: Unit): FileUnit {
  return { uci, serial, product, numbers: extra?.drawn };
}

/**
 * Returns the lines of `units.csv`, without the head. `properties` names the columns with numbers from pools. This CSV
 * (RFC 4180) needs no quotation marks, because its values contain neither commas nor quotation marks.
 */
export function unitLines(units: readonly FileUnit[], properties: readonly string[]): string[] {
  return units.map(({ uci, serial = '', product, numbers = {} }) =>
    [uci, serial, product, ...properties.map((name) => own(numbers, name) ?? '')].join(','),
  );
}

/** Returns the names of the properties in which these units have numbers from pools. */
export function numberNames(units: readonly FileUnit[]): string[] {
  return [...new Set(units.flatMap(({ numbers = {} }) => Object.keys(numbers)))];
}

export function unitHead(properties: readonly string[]): string {
  return ['uci', 'serial', 'product', ...properties].join(',');
}

/**
 * Returns the content of device.json5: the two properties that the agent's manual names, and the numbers from the
 * product's pools.
 */
export function deviceJson5({ uci, product, numbers = {} }: Pick<FileUnit, 'uci' | 'product' | 'numbers'>): string {
  const members = Object.entries({ id: uci, product, ...numbers });
  return `{\n${members.map(([name, value]) => `    "${name}": "${value}"`).join(',\n')}\n}\n`;
}

/** A ZIP with the firmware files of these units: `<Claim ID>/device.json5` for each unit, and `units.csv`. */
export function deviceZip(units: readonly FileUnit[], mtime: Date): ReturnType<typeof Readable.toWeb> {
  const zip = new ZipFile();
  const properties = numberNames(units);
  const lines = [unitHead(properties), ...unitLines(units, properties)];
  zip.addBuffer(Buffer.from(`${lines.join('\r\n')}\r\n`), 'units.csv', { mtime });
  // Each file is about 80 bytes long, so compression would make it larger.
  for (const unit of units)
    zip.addBuffer(Buffer.from(deviceJson5(unit)), `${unit.uci}/device.json5`, { mtime, compress: false });
  zip.end();
  return Readable.toWeb(Readable.from(zip.outputStream));
}

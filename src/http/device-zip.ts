import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { deviceJson5 } from './routes/units.ts';

export interface FileUnit {
  uci: string;
  serial?: string | undefined;
  product: string;
}

/** A ZIP with the firmware files of these units: `<Claim ID>/device.json5` for each unit, and `units.csv`. */
export function deviceZip(units: readonly FileUnit[], mtime: Date): ReturnType<typeof Readable.toWeb> {
  const zip = new ZipFile();
  const lines = units.map(({ uci, serial, product }) => `${uci},${serial ?? ''},${product}`);
  zip.addBuffer(Buffer.from(`${['uci,serial,product', ...lines].join('\r\n')}\r\n`), 'units.csv', { mtime });
  // Each file is about 80 bytes long, so compression would make it larger.
  for (const unit of units)
    zip.addBuffer(Buffer.from(deviceJson5(unit)), `${unit.uci}/device.json5`, { mtime, compress: false });
  zip.end();
  return Readable.toWeb(Readable.from(zip.outputStream));
}

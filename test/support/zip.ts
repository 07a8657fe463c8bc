import { unzipSync } from 'fflate';

/** The files in a zip, by another's reader: name → content, in their order. */
export function unzip(bytes: Uint8Array): Map<string, string> {
  return new Map(Object.entries(unzipSync(bytes)).map(([name, content]) => [name, Buffer.from(content).toString()]));
}

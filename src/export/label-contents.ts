import type { LabelContent } from '../model/labels/render-set.ts';
import { linesOf } from './unzip.ts';

/*
 * The file in a bundle that contains the templates, fonts, logos and settings with which its labels were printed. Each
 * line contains one of these files or settings in Base64.
 */

export const LABELS_FILE = 'labels.jsonl';

export function contentLine(hash: string, bytes: Uint8Array): string {
  return `${JSON.stringify({ hash, base64: Buffer.from(bytes).toString('base64') })}\n`;
}

/** Reads the contents from the lines of the file. Throws if a line is not valid. */
export async function* contentsFrom(pieces: AsyncIterable<Buffer>): AsyncGenerator<LabelContent> {
  for await (const lines of linesOf(pieces)) {
    for (const line of lines) {
      const { hash, base64 }: { hash?: unknown; base64?: unknown } = JSON.parse(line.toString('utf8'));
      if (typeof hash !== 'string' || typeof base64 !== 'string')
        throw new Error(`a line of ${LABELS_FILE} is not valid`);
      yield { hash, bytes: Buffer.from(base64, 'base64') };
    }
  }
}

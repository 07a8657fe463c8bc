import { parseLine } from '../model/event.ts';
import { printsOf, setIn } from '../contract/printed.ts';
import type { Ledger } from '../contract/ledger.ts';
import { contentsOf, sha256, type KeptSet } from '../model/labels/render-set.ts';
import { contentsFrom, LABELS_FILE } from './label-contents.ts';
import { linesOf, openUnzip } from './unzip.ts';

/** The labels of one unit in a bundle. */
export interface BundlePrints extends Pick<Ledger, 'renderSet' | 'labelContent'> {
  /** The events of the unit. Empty if the bundle does not have the unit. */
  lines: string[];
}

/** Reads only what the labels of this unit need, because a bundle may have a million units. */
export async function openBundlePrints(file: string, uci: string): Promise<BundlePrints> {
  const zip = await openUnzip(file);
  try {
    const lines: string[] = [];
    const all: KeptSet[] = [];
    const named = `"uci":"${uci}"`;
    for await (const batch of linesOf(zip.read('events.jsonl').pieces)) {
      for (const line of batch.map((bytes) => bytes.toString('utf8'))) {
        if (line.includes(named)) lines.push(line);
        else if (line.includes('"type":"render-set"')) all.push(setIn(line));
      }
    }
    const ofUnit = lines.filter((line) => parseLine(line).uci === uci);
    const numbers = new Set(printsOf(ofUnit).map(({ set }) => set));
    const sets = all.filter(({ number }) => numbers.has(number));
    const needed = new Set(sets.flatMap(contentsOf));
    const contents = new Map<string, Uint8Array>();
    if (zip.names.includes(LABELS_FILE))
      for await (const { hash, bytes } of contentsFrom(zip.read(LABELS_FILE).pieces))
        if (needed.has(hash) && sha256(bytes) === hash) contents.set(hash, bytes);
    return {
      lines: ofUnit,
      renderSet: async (by) => sets.find(({ number }) => 'number' in by && number === by.number),
      labelContent: async (hash) => contents.get(hash),
    };
  } finally {
    zip.close();
  }
}

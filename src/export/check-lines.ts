import { setIn } from '../contract/printed.ts';
import type { KeptSet } from '../model/labels/render-set.ts';
import { HASH_BYTES, leafHash } from '../proof/tree.ts';
import type { Findings } from '../proof/verification.ts';
import type { UnitCheck } from './check-units.ts';
import { linesOf } from './unzip.ts';

/*
 * Reads the files events.jsonl and leaves.txt of a bundle at the same time. Both files are in ledger order.
 */

export interface Leaves {
  /** Reads leaf hashes up to the hash of event `seq`. */
  upTo: (seq: number) => Promise<void>;
  /**
   * Returns the leaf hash of event `seq`, which must be one of the hashes that the last `upTo` read. Returns undefined
   * if the hash is missing.
   */
  at: (seq: number) => Buffer | undefined;
  count: () => number;
}

const LEAVES_AT_ONCE = 1024;
const LEAF = /^[0-9a-f]{64}$/;

export function openLeaves(pieces: AsyncIterable<Buffer>, add: (block: Buffer) => void): Leaves {
  const blocks = grouped(linesOf(pieces), LEAVES_AT_ONCE);
  let block = Buffer.alloc(0);
  let count = 0;
  return {
    async upTo(seq) {
      while (count < seq) {
        const next = await blocks.next();
        if (next.done) return;
        const lines = next.value.map((line) => line.toString('latin1'));
        const wrong = lines.findIndex((line) => !LEAF.test(line));
        if (wrong >= 0) throw new Error(`line ${count + wrong + 1} of leaves.txt is not a hash`);
        block = Buffer.from(lines.join(''), 'hex');
        add(block);
        count += lines.length;
      }
    },
    at(seq) {
      const end = block.length - (count - seq) * HASH_BYTES;
      return seq <= count && end > 0 ? block.subarray(end - HASH_BYTES, end) : undefined;
    },
    count: () => count,
  };
}

async function* grouped<T>(batches: AsyncIterable<T[]>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const batch of batches) {
    for (const one of batch) {
      group.push(one);
      if (group.length < size) continue;
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

/** Checks that the hash of each line equals the leaf hash of its event. Returns the number of lines. */
export async function checkEvents(
  pieces: AsyncIterable<Buffer>,
  leaves: Leaves,
  units: UnitCheck | undefined,
  {
    size,
    findings,
    onSet,
    onProgress,
  }: {
    size: number;
    findings: Findings;
    onSet: (set: KeptSet) => void;
    onProgress: (done: number, total: number) => void;
  },
): Promise<number> {
  let count = 0;
  let last = 0;
  for await (const lines of linesOf(pieces)) {
    for (const line of lines) {
      count++;
      const text = line.toString('utf8');
      const seq = Number(/^\{"seq":(\d{1,16}),/.exec(text)?.[1] ?? 0);
      if (seq <= last) findings.add({ what: `line ${count} of events.jsonl is not an event, or is out of order` });
      last = Math.max(seq, last);
      if (seq > leaves.count()) await leaves.upTo(seq);
      if (leaves.at(seq)?.equals(leafHash(line)) !== true)
        findings.add({
          what: `event ${seq} is not in the ledger or was changed: line ${seq} of leaves.txt has a different hash`,
          seq,
        });
      if (text.includes('"type":"render-set"')) noteSet(text, onSet);
      await units
        ?.event(text)
        .catch(() => findings.add({ what: `event ${seq} contradicts the events before it`, seq }));
    }
    onProgress(Math.min(last, size), size);
  }
  return count;
}

/**
 * Skips an event that is not a valid render set. If someone changed the event, the comparison of hashes reports this.
 */
function noteSet(text: string, onSet: (set: KeptSet) => void): void {
  try {
    onSet(setIn(text));
  } catch {
    // Either the text `render-set` occurs elsewhere in the event, or someone changed the event.
  }
}

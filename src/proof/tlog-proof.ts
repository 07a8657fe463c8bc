import { parseCheckpoint } from './checkpoint.ts';
import { HASH_BYTES, leafHash, rootFromInclusion } from './tree.ts';

/*
 * A proof file proves that one event is in the ledger (C2SP tlog-proof). A proof file contains the event, its number,
 * the hashes between the event and the root, and the signed checkpoint with that root. To check the proof, a person
 * needs no other file.
 */

export const TLOG_PROOF = 'c2sp.org/tlog-proof@v1\n';

export interface TlogProof {
  /** The line of the event, exactly the bytes that were hashed. The specification calls this line "extra data". */
  line: string;
  /** The number of the event, counted from 0. */
  index: number;
  hashes: Uint8Array[];
  /** The signed note. */
  checkpoint: string;
}

export function writeTlogProof({ line, index, hashes, checkpoint }: TlogProof): string {
  const path = hashes.map((hash) => `${base64(hash)}\n`).join('');
  return `${TLOG_PROOF}extra ${base64(Buffer.from(line))}\nindex ${index}\n${path}\n${checkpoint}`;
}

/** A tree has at most 2^53 leaves, and a proof has at most one hash per level of the tree. */
const MAX_HASHES = 63;

/** Parses a proof, without checking it. Throws if the text is not a proof that contains its event. */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n');
  const [first, extra, index, ...path] = text.slice(0, Math.max(end, 0)).split('\n');
  const [, encoded] = /^extra (\S+)$/.exec(extra ?? '') ?? [];
  const [, number] = /^index (0|[1-9]\d{0,15})$/.exec(index ?? '') ?? [];
  const hashes = path.map((line) => Buffer.from(line, 'base64'));
  const event = Buffer.from(encoded ?? '', 'base64');
  const isSound =
    base64(event) === encoded &&
    hashes.length <= MAX_HASHES &&
    hashes.every((hash, i) => base64(hash) === path[i] && hash.length === HASH_BYTES);
  if (`${first}\n` !== TLOG_PROOF || number === undefined || !isSound)
    throw new Error(
      'is not a proof of an event: after the first line come the lines "extra" and "index", the hashes, an empty line and a checkpoint',
    );
  const checkpoint = text.slice(end + 2);
  parseCheckpoint(checkpoint);
  return { line: event.toString('utf8'), index: Number(number), hashes, checkpoint };
}

/**
 * Returns the size of the tree, and the root that follows from the event and the hashes. Throws if the proof has the
 * wrong length.
 */
export function rootOfProof({ line, index, hashes, checkpoint }: TlogProof): { size: number; root: string } {
  const { size } = parseCheckpoint(checkpoint);
  return { size, root: Buffer.from(rootFromInclusion(index, size, leafHash(line), hashes)).toString('hex') };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

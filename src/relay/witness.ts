import type { Destination, Sent } from '../contract/checkpoints.ts';
import type { Witness } from '../contract/proof-settings.ts';
import { signaturesIn, splitNote, type Cosignature } from '../proof/checkpoint.ts';
import { checkCosignature } from '../proof/cosignature.ts';
import { post, whyNot, type PostAnswer } from './post.ts';

/*
 * The client for a witness (C2SP tlog-witness). The client sends a checkpoint, and a proof that this checkpoint
 * continues the last checkpoint that the witness signed. The witness answers with its cosignature.
 */

/** The time limit for an answer. A witness reads one row, checks a few hashes and writes one row. */
const ANSWER_MS = 10_000;

/** The maximum size of an answer. An answer has one signature line for each key of the witness. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** The ledger whose checkpoints the witness signs. */
export interface Witnessed {
  size: () => Promise<number>;
  consistency: (from: number, to: number) => Promise<Uint8Array[]>;
  /** Called with the valid cosignatures of a checkpoint. */
  cosigned: (checkpoint: Sent, cosignatures: Cosignature[]) => Promise<void>;
}

export function toWitness({ verifier, url }: Witness, ledger: Witnessed, answerMs = ANSWER_MS): Destination {
  const address = new URL(`${url.replace(/\/$/, '')}/add-checkpoint`);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  /**
   * The size of the last checkpoint that the witness signed. The size is 0 if this process does not know the size yet.
   */
  let known = 0;

  const submit = async (old: number, { size, note }: Sent, signal: AbortSignal): Promise<PostAnswer> => {
    // The proof from an empty tree has no hashes.
    const proof = old === 0 ? [] : await ledger.consistency(old, size);
    const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
    const body = `old ${old}\n${lines.join('')}\n${note}`;
    return post(address, { body, headers, answerMs, maxBytes: MAX_ANSWER_BYTES, signal }).catch((error: unknown) => {
      throw new Error(whyNot(error), { cause: error });
    });
  };
  return {
    name: `${verifier.name} (${address.origin})`,
    async send(checkpoint, signal) {
      const { size, note } = checkpoint;
      if (size === 0) return;
      let answer = await submit(Math.min(known, size), checkpoint, signal);
      if (answer.status === 409) {
        const seen = sizeIn(answer);
        if (seen === undefined || seen === Math.min(known, size)) throw new Error(CONTRADICTS);
        known = seen;
        if (seen > size) {
          // The witness has already signed `seen` events. If another process that shares the ledger sent that
          // checkpoint, the ledger has at least that many events. If the ledger has fewer events, an older state of the
          // ledger was restored.
          if ((await ledger.size()) >= seen) return;
          throw new Error(`the witness has signed a checkpoint of ${seen} events: this ledger is an older copy`);
        }
        answer = await submit(seen, checkpoint, signal);
      }
      if (answer.status !== 200) throw new Error(reasonOf(answer));
      known = size;
      const { text } = splitNote(note);
      const found = signaturesIn(answer.body.toString('utf8')).flatMap(
        (signature) => checkCosignature(text, signature, verifier) ?? [],
      );
      if (found.length === 0) throw new Error('the answer has no valid cosignature of this witness: check its key');
      await ledger.cosigned(checkpoint, found.slice(0, 1));
    },
  };
}

const CONTRADICTS = 'the witness has signed another history of this log: the ledger was changed';

function sizeIn({ contentType = '', body }: PostAnswer): number | undefined {
  const [, size] = /^(0|[1-9]\d{0,15})\n$/.exec(body.toString('latin1')) ?? [];
  return size === undefined || !contentType.startsWith('text/x.tlog.size') ? undefined : Number(size);
}

function reasonOf({ status }: PostAnswer): string {
  switch (status) {
    case 403:
      return 'the witness does not accept the signature (403): give it the public key that this log uses now';
    case 404:
      return 'the witness does not know this log (404): register the log and its public key at the witness';
    case 409:
      return 'the witness has received another checkpoint in the meantime (409)';
    case 422:
      return CONTRADICTS;
    default:
      return `the witness answered with HTTP status ${status}`;
  }
}

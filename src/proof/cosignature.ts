import { verify } from 'node:crypto';
import {
  KEY_ID_BYTES,
  keyId,
  readVerifierKey,
  SIGNATURE_BYTES,
  splitNote,
  type Cosignature,
  type NoteSignature,
  type Verifier,
} from './checkpoint.ts';

/*
 * A witness is another machine that stores the newest checkpoint of a log. Before a witness signs a newer checkpoint,
 * it checks that the log of the newer checkpoint begins with the log of the stored one. The signature of a witness is
 * called a cosignature (C2SP tlog-cosignature).
 */

/** The number that tlog-cosignature gives to Ed25519 keys of witnesses. */
export const COSIGNATURE = 0x04;
const TIME_BYTES = 8;

/** Reads the verifier key of a witness. If the text is not such a key, throws an error that says what is wrong. */
export function readWitnessKey(text: string): Verifier {
  return readVerifierKey(text, COSIGNATURE);
}

/** Returns the valid cosignatures of the given witnesses on the note. Signatures of other witnesses are ignored. */
export function cosignaturesOn(note: string, witnesses: Verifier[]): Cosignature[] {
  const { text, signatures } = splitNote(note);
  return witnesses.flatMap((witness) => {
    const [found] = signatures.flatMap((signature) => checkCosignature(text, signature, witness) ?? []);
    return found ?? [];
  });
}

/** `text` is the signed text of the checkpoint, without signatures. Returns undefined if the signature is not valid. */
export function checkCosignature(
  text: string,
  { by, bytes, line }: NoteSignature,
  { name, publicKey }: Verifier,
): Cosignature | undefined {
  if (by !== name || bytes.length !== KEY_ID_BYTES + TIME_BYTES + SIGNATURE_BYTES) return undefined;
  if (!bytes.subarray(0, KEY_ID_BYTES).equals(keyId(name, publicKey, COSIGNATURE))) return undefined;
  const at = bytes.readBigUInt64BE(KEY_ID_BYTES);
  const message = Buffer.from(cosignedMessage(text, at));
  return verify(null, message, publicKey, bytes.subarray(KEY_ID_BYTES + TIME_BYTES)) ? { name, at, line } : undefined;
}

export function cosignedMessage(text: string, at: bigint): string {
  return `cosignature/v1\ntime ${at}\n${text}`;
}

/**
 * Adds signature lines to a note. If a witness has already cosigned the note, its new cosignature replaces the old one.
 */
export function withCosignatures(note: string, added: Cosignature[]): string {
  const { text, signatures } = splitNote(note);
  const isReplaced = ({ by, bytes }: NoteSignature): boolean =>
    bytes.length !== KEY_ID_BYTES + SIGNATURE_BYTES && added.some(({ name }) => name === by);
  const lines = [...signatures.filter((one) => !isReplaced(one)), ...added].map(({ line }) => line);
  return `${text}\n${lines.join('\n')}\n`;
}

import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { HASH_BYTES } from './tree.ts';

/*
 * A checkpoint is a signed statement about the log: how many entries it has, and what the root of its tree is. The
 * format of a checkpoint is C2SP tlog-checkpoint (a C2SP signed-note with Ed25519). A checkpoint that is kept elsewhere
 * can show that the log was cut, rolled back or rewritten.
 */

export interface Checkpoint {
  /** The name of the log. */
  origin: string;
  /** The number of leaves of the tree. */
  size: number;
  /** The root of the tree (32 bytes). */
  root: Uint8Array;
}

/** A checkpoint stored in the ledger's database. */
export interface KeptCheckpoint {
  size: number;
  /** The signed note. */
  note: string;
  /** The time at which the checkpoint was stored, in ms since 1970. */
  at: number;
}

/** The name and the private key of a log. */
export interface Signer {
  origin: string;
  privateKey: KeyObject;
}

/** The signature of a witness on a checkpoint (C2SP tlog-cosignature). */
export interface Cosignature {
  /** The name of the witness. */
  name: string;
  /** The time when the witness signed, in seconds since 1970. */
  at: bigint;
  line: string;
}

/** Makes checkpoints of the ledger. Each checkpoint is stored before the caller gets it. */
export interface Checkpoints {
  /**
   * Returns a checkpoint of the current ledger. If no event was added since the last checkpoint, returns the last
   * checkpoint.
   */
  make: () => Promise<KeptCheckpoint>;
  /** Makes a checkpoint of a tree head that was read in the same snapshot as other data, such as an export. */
  sign: (head: Omit<Checkpoint, 'origin'>) => Promise<KeptCheckpoint>;
  /** Adds witnesses' cosignatures to a stored checkpoint. */
  cosign: (checkpoint: { size: number; note: string }, cosignatures: Cosignature[]) => Promise<void>;
  /**
   * Considers only checkpoints that cover at least `size` events, and returns the one with the most cosignatures.
   * Returns undefined if no such checkpoint has a cosignature.
   */
  cosigned: (size?: number) => KeptCheckpoint | undefined;
  /**
   * True while the ledger is held. A ledger that does not continue its last checkpoint is held until an admin accepts
   * it. While the ledger is held, `make` and `sign` throw.
   */
  isHeld: () => boolean;
}

/** The parts of a verifier key, as defined by signed-note. */
export interface Verifier {
  name: string;
  publicKey: KeyObject;
}

/** The number that signed-note gives to Ed25519 keys of logs. */
const ED25519 = 0x01;
/**
 * The number that signed-note gives to a type of key: the key of a log, or the key of a witness (C2SP
 * tlog-cosignature).
 */
export type KeyType = typeof ED25519 | 0x04;
export const KEY_ID_BYTES = 4;
export const SIGNATURE_BYTES = 64;
const PUBLIC_KEY_BYTES = 32;
/** In an Ed25519 SubjectPublicKeyInfo, these bytes come before the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * The names that a signed note may contain. A space would end the name, and a `+` would separate the name from the next
 * part of a verifier key.
 */
export const ORIGIN = /^[^\s+]{1,255}$/u;

/** Reads an Ed25519 private key in PEM (PKCS #8). Throws if the text is not such a key. */
export function readSigningKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // Ignore Node's message, because it only describes the parser's failure. The error below says what to do.
  }
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new Error('is not an Ed25519 private key in PEM: make one with openssl genpkey -algorithm ed25519');
  return key;
}

/**
 * Returns the default name of a log. The name is made from the log's key, so no two logs have the same default name.
 */
export function originOf(key: KeyObject): string {
  return `claimstamp/${keyName(key)}`;
}

/** Returns sixteen hexadecimal digits that identify the key. */
export function keyName(key: KeyObject): string {
  return createHash('sha256').update(rawPublicKey(key)).digest('hex').slice(0, 16);
}

export function signCheckpoint({ size, root }: Omit<Checkpoint, 'origin'>, { origin, privateKey }: Signer): string {
  const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
  const signature = Buffer.concat([keyId(origin, privateKey), sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${origin} ${signature.toString('base64')}\n`;
}

/** Returns the verifier key as signed-note defines it: `name+keyid+key`. Auditors need this key to check signatures. */
export function verifierKey({ origin, privateKey }: Signer): string {
  const key = Buffer.concat([Buffer.of(ED25519), rawPublicKey(privateKey)]);
  return `${origin}+${keyId(origin, privateKey).toString('hex')}+${key.toString('base64')}`;
}

/** Reads an Ed25519 verifier key. If the text is not a verifier key, throws an error that says what is wrong. */
export function readVerifierKey(text: string, type: KeyType = ED25519): Verifier {
  const [, name, id, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text.trim()) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  if (name === undefined || bytes.length !== 1 + PUBLIC_KEY_BYTES || bytes[0] !== type)
    throw new Error(
      type === ED25519
        ? 'is not a verifier key for Ed25519: the form is name+keyid+key'
        : 'is not the verifier key of a witness for Ed25519 cosignatures: the form is name+keyid+key, and its type is 4',
    );
  const publicKey = createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, bytes.subarray(1)]),
    format: 'der',
    type: 'spki',
  });
  if (keyId(name, publicKey, type).toString('hex') !== id)
    throw new Error('is a verifier key whose key id does not match its name');
  return { name, publicKey };
}

/** Parses a checkpoint but does not check its signature. Throws if the text is not a checkpoint. */
export function parseCheckpoint(note: string): Checkpoint {
  const text = note.slice(0, note.indexOf('\n\n') + 1);
  const [origin, size, root] = text.split('\n');
  const bytes = Buffer.from(root ?? '', 'base64');
  if (
    !origin ||
    !/^(0|[1-9]\d{0,15})$/.test(size ?? '') ||
    bytes.length !== HASH_BYTES ||
    bytes.toString('base64') !== root
  )
    throw new Error(
      'is not a checkpoint: a checkpoint has the origin, the size and the root, each on its own line, then an empty line and signatures',
    );
  return { origin, size: Number(size), root: bytes };
}

/**
 * Reads a checkpoint and checks its signature with the verifier key. Throws if the note has no signature by this key.
 */
export function openCheckpoint(note: string, { name, publicKey }: Verifier): Checkpoint {
  const checkpoint = parseCheckpoint(note);
  const { text, signatures } = splitNote(note);
  const id = keyId(name, publicKey);
  const signed = signatures.some(({ by, bytes }) => {
    if (by !== name || bytes.length !== KEY_ID_BYTES + SIGNATURE_BYTES) return false;
    if (!bytes.subarray(0, KEY_ID_BYTES).equals(id)) return false;
    return verify(null, Buffer.from(text), publicKey, bytes.subarray(KEY_ID_BYTES));
  });
  if (!signed) throw new Error(`is not signed by ${name} with the given key`);
  return checkpoint;
}

/** A signature line of a signed note. `bytes` contains the key ID and the signature. */
export interface NoteSignature {
  by: string;
  bytes: Buffer;
  line: string;
}

/**
 * Splits a signed note into its signed text and its signatures. After the text, lines that are not signatures are
 * ignored.
 */
export function splitNote(note: string): { text: string; signatures: NoteSignature[] } {
  const end = note.indexOf('\n\n');
  return { text: note.slice(0, end + 1), signatures: signaturesIn(note.slice(end + 2)) };
}

export function signaturesIn(lines: string): NoteSignature[] {
  return lines.split('\n').flatMap((line) => {
    const [, by, encoded] = /^— (\S+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
    const bytes = Buffer.from(encoded ?? '', 'base64');
    // Accepts only one encoding of the same bytes. Otherwise, anyone could change a note without changing its
    // signature.
    return by === undefined || bytes.toString('base64') !== encoded ? [] : [{ by, bytes, line }];
  });
}

/**
 * Returns the key ID as signed-note defines it: the first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key).
 */
export function keyId(name: string, key: KeyObject, type: KeyType = ED25519): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(type))
    .update(rawPublicKey(key))
    .digest()
    .subarray(0, KEY_ID_BYTES);
}

function rawPublicKey(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

import { createHash, createPublicKey, verify } from 'node:crypto';

/*
 * C2SP signed-note, read as its specification has it (c2sp.org/signed-note), and nothing of ours used: a text that ends in
 * a newline, an empty line, signature lines. A signature line is an em dash, a blank, the key's name, a blank, and the
 * base64 of four bytes of key id and the signature.
 */

export interface Vkey {
  name: string;
  id: Buffer;
  /** 32 bytes. */
  key: Buffer;
}

/** `<name>+<hex of id>+<base64 of type and key>`; the id is of name, newline, type and key. Type 1 is Ed25519. */
export function readVkey(text: string): Vkey {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  const name = text.slice(0, first);
  const id = Buffer.from(text.slice(first + 1, second), 'hex');
  const typed = Buffer.from(text.slice(second + 1), 'base64');
  if (typed.length !== 33 || typed[0] !== 1) throw new Error('not a key of type 1');
  const hash = createHash('sha256')
    .update(Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), typed]))
    .digest();
  if (!hash.subarray(0, 4).equals(id)) throw new Error('the id is not that of name and key');
  return { name, id, key: typed.subarray(1) };
}

/** The lines of the note's text, once this key's signature was found and is right. */
export function openNote(note: string, { name, id, key }: Vkey): string[] {
  const bytes = Buffer.from(note, 'utf8');
  const split = bytes.lastIndexOf('\n\n');
  if (split < 0) throw new Error('no empty line');
  const text = bytes.subarray(0, split + 1);
  const signatures = bytes.subarray(split + 2).toString('utf8');
  if (!signatures.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of signatures.slice(0, -1).split('\n')) {
    const [dash, by, encoded, more] = line.split(' ');
    if (dash !== '\u2014' || encoded === undefined || more !== undefined) throw new Error(`no signature line: ${line}`);
    const signed = Buffer.from(encoded, 'base64');
    if (by !== name || !signed.subarray(0, 4).equals(id)) continue;
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    if (!verify(null, text, publicKey, signed.subarray(4))) throw new Error('the signature is wrong');
    return text.toString('utf8').slice(0, -1).split('\n');
  }
  throw new Error('not signed by this key');
}

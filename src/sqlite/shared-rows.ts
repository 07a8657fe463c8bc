import type { Kept } from '../decide/seen.ts';
import type { Once } from '../decide/command.ts';

/*
 * Rows beside the events, as they are told to a store that several processes share: each has a subject, of which only the
 * newest version counts.
 */

export interface Side {
  subject: string;
  /** JSON; bytes in hexadecimal. */
  row: string;
}

/** A row beside the events, read back. */
export type SideRow =
  | { kept: Kept }
  | { once: Once; answer: unknown; at: number }
  | { repeat: number; count: number; lastAt: number };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: unknown): Uint8Array => Buffer.from(text as string, 'hex');

export function keptSide(kept: Kept): Side {
  switch (kept.table) {
    case 'credential': {
      const hash = hex(kept.credential.hash);
      return side(`credential:${hash}`, { ...kept, credential: { ...kept.credential, hash } });
    }
    case 'dropped-credential': {
      const hash = hex(kept.hash);
      return side(`credential:${hash}`, { ...kept, hash });
    }
    case 'person':
      return side(`person:${kept.person.name}`, kept);
    case 'checkpoint':
      return side(`checkpoint:${kept.checkpoint.size}`, kept);
    case 'dropped-checkpoint':
      return side(`checkpoint:${kept.size}`, kept);
  }
}

export function onceSide({ key, fingerprint }: Once, answer: unknown, at: number): Side {
  return side(`once:${hex(key)}`, { fingerprint: hex(fingerprint), answer, at });
}

export function repeatSide(repeat: number, count: number, lastAt: number): Side {
  return side(`repeat:${repeat}`, { count, lastAt });
}

function side(subject: string, row: object): Side {
  return { subject, row: JSON.stringify(row) };
}

export function readSide({ subject, row: text }: Side): SideRow {
  const row = JSON.parse(text) as Record<string, unknown>;
  const [kind = '', name = ''] = subject.split(':');
  if (kind === 'once')
    return {
      once: { key: bytes(name), fingerprint: bytes(row['fingerprint']) },
      answer: row['answer'],
      at: row['at'] as number,
    };
  if (kind === 'repeat')
    return { repeat: Number(name), count: row['count'] as number, lastAt: row['lastAt'] as number };
  if (row['table'] === 'credential') {
    const credential = row['credential'] as Record<string, unknown>;
    return { kept: { ...row, credential: { ...credential, hash: bytes(credential['hash']) } } as unknown as Kept };
  }
  if (row['table'] === 'dropped-credential') return { kept: { ...row, hash: bytes(row['hash']) } as unknown as Kept };
  return { kept: row as unknown as Kept };
}

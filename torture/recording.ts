import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/*
 * Reads the writes, syncs and answers of a service, in order, from the output of `strace -f -y -xx`. Each line of the
 * output is a complete call, or the first or second half of a call.
 */

export type Happened =
  | { kind: 'write'; file: LedgerFile; at: number; bytes: Buffer }
  | { kind: 'truncate'; file: LedgerFile; size: number }
  /**
   * `covers` is the number of records before the sync began. When the sync has ended, only these records are certain to
   * be on disk.
   */
  | { kind: 'sync'; file: LedgerFile; covers: number }
  | { kind: 'answer'; uci: string };
export type LedgerFile = 'db' | 'wal';

/** The calls that strace records. The last three calls are used to send answers. */
export const CALLS = 'pwrite64,pwritev,fsync,fdatasync,ftruncate,write,writev,sendto';

const WHOLE = /^(\d+) +(\w+)\((.*)\) += (-?\d+)/;
const BEGUN = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/;
const ENDED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)/;

export async function readRecording(file: string): Promise<Happened[]> {
  const happened: Happened[] = [];
  const begun = new Map<string, { call: string; args: string; at: number }>();
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    const [, pid = '', call = '', args = ''] = BEGUN.exec(line) ?? WHOLE.exec(line) ?? [];
    if (call !== '') {
      const isBegun = line.endsWith('<unfinished ...>');
      if (isBegun) begun.set(pid, { call, args, at: happened.length });
      // A write may reach the disk as soon as it begins. A sync takes effect only when it has ended.
      if (!isBegun || !/sync/.test(call)) take(happened, call, args, happened.length);
      continue;
    }
    const [, endPid = ''] = ENDED.exec(line) ?? [];
    const first = begun.get(endPid);
    if (first !== undefined && /sync/.test(first.call)) take(happened, first.call, first.args, first.at);
    begun.delete(endPid);
  }
  return happened;
}

function take(happened: Happened[], call: string, args: string, covers: number): void {
  const path = unhex(/^\d+<([^>]*)>/.exec(args)?.[1] ?? '');
  const file = path.endsWith('/ledger.db') ? 'db' : path.endsWith('/ledger.db-wal') ? 'wal' : undefined;
  if (file === undefined) {
    if (/^(write|writev|sendto)$/.test(call) && /^(socket|TCP)/.test(path)) takeAnswer(happened, args);
    return;
  }
  if (/sync/.test(call)) happened.push({ kind: 'sync', file, covers });
  else if (call === 'ftruncate') happened.push({ kind: 'truncate', file, size: Number(/, (\d+)$/.exec(args)?.[1]) });
  else if (call === 'pwrite64') {
    const [, hex = '', , at = ''] = /, "((?:\\x[0-9a-f]{2})*)"(\.\.\.)?, \d+, (\d+)$/.exec(args) ?? [];
    if (at === '') throw new Error(`a write that strace did not record completely: ${args.slice(-80)}`);
    happened.push({ kind: 'write', file, at: Number(at), bytes: bytesOf(hex) });
  } else throw new Error(`the ledger is written by ${call}, which is not recorded`);
}

/** Records the Claim ID from `{"id":"…"}` at the end of an answer. */
function takeAnswer(happened: Happened[], args: string): void {
  for (const [, text = ''] of args.matchAll(/"((?:\\x[0-9a-f]{2})+)"/g)) {
    const uci = /\{"id":"([0-9A-HJKMNP-TV-Z]{10})"\}/.exec(bytesOf(text).toString('latin1'))?.[1];
    if (uci !== undefined) happened.push({ kind: 'answer', uci });
  }
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** Some versions of strace write paths as plain text, others in hexadecimal. */
function unhex(path: string): string {
  return path.replaceAll(/\\x([0-9a-f]{2})/g, (_all, byte: string) => String.fromCharCode(Number.parseInt(byte, 16)));
}

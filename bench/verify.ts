import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { built } from '../src/platform/package-root.ts';
import { ledgerFile } from '../src/sqlite/sqlite-ledger.ts';
import { compare, spread, type Figure } from './figure.ts';

/*
 * Measures how long `claimstamp verify` takes for an entire ledger, including the start of the process. The time is
 * compared with the time that SQLite's own check takes. SQLite's check detects only damage to the file.
 */

export async function benchVerify(
  full: { data: string; units: number },
  rounds: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const file = ledgerFile(full.data);
  const ours: number[] = [];
  const sqlite: number[] = [];
  let peak = 0;
  for (let round = 0; round < rounds; round++) {
    say(`verify: ${round + 1} of ${rounds}`);
    const { ms, bytes } = await verify(file);
    ours.push(ms);
    peak = Math.max(peak, bytes);
    sqlite.push(integrityCheck(file));
  }
  const what = `verify, ledger of ${full.units.toLocaleString('en-US')} units`;
  const figure = compare(what, 'ms', ours, { what: "SQLite's integrity_check alone", values: sqlite });
  const memory: Figure = { what: 'memory, verify', unit: 'MB', value: spread([Math.round(peak / 1e6)]) };
  // The figure has a budget only for 1,000,000 events.
  const bound = full.units === 1_000_000 ? { budget: { of: 'value' as const, bound: 8000 } } : {};
  return [{ ...figure, ...bound }, ...(peak > 0 ? [memory] : [])];
}

/** Runs `claimstamp verify`, and throws if it finds a problem. `bytes` is the peak memory of the process. */
async function verify(file: string): Promise<{ ms: number; bytes: number }> {
  const begun = performance.now();
  const child = spawn(process.execPath, [built('cli/claimstamp.js'), 'verify', file], { stdio: 'ignore' });
  let bytes = 0;
  const look = setInterval(() => (bytes = Math.max(bytes, peakOf(child.pid))), LOOK_EVERY_MS);
  try {
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error(`claimstamp verify ended with ${code}`);
    return { ms: performance.now() - begun, bytes };
  } finally {
    clearInterval(look);
  }
}

const LOOK_EVERY_MS = 20;

/** Returns the peak resident memory in bytes, or 0 if unknown. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // The process has ended, or this is not Linux.
  }
}

function integrityCheck(file: string): number {
  const begun = performance.now();
  const db = new Database(file, { readonly: true });
  const [said] = db.prepare('PRAGMA integrity_check').pluck().all();
  db.close();
  if (said !== 'ok') throw new Error(`integrity_check: ${String(said)}`);
  return performance.now() - begun;
}

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { verifyLedger } from '../src/jobs/verify-file.ts';

export interface Contents {
  /** For each Claim ID, the number of units that have it. */
  ucis: Map<string, number>;
  /** For each MAC, the Claim ID of its unit. */
  macs: Map<string, string>;
  /** The problems that `claimstamp verify` reports. */
  findings: string[];
  size: number;
}

/** Reads a ledger file. Checks every hash and the tree, and compares all tables with the events. */
export async function contentsOf(file: string): Promise<Contents> {
  const { findings, size } = await verifyLedger(file);
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const ucis = new Map<string, number>();
    for (const uci of db.prepare(`SELECT uci FROM unit`).pluck().iterate() as Iterable<string>)
      ucis.set(uci, (ucis.get(uci) ?? 0) + 1);
    const macs = db
      .prepare(`SELECT value, uci FROM identity JOIN unit ON unit.id = identity.unit WHERE property = 'mac'`)
      .all() as { value: string; uci: string }[];
    return {
      ucis,
      macs: new Map(macs.map(({ value, uci }) => [value, uci])),
      findings: findings.map(({ what }) => what),
      size,
    };
  } finally {
    db.close();
  }
}

export function ledgerIn(data: string): string {
  return join(data, 'ledger.db');
}

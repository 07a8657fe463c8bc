import type Database from 'better-sqlite3';
import { commitmentOf, isFirstLink, nameOf, textOf, type AccessName, type AccessRow } from '../model/access.ts';
import type { Event } from '../model/event.ts';
import type { Row } from '../decide/seen.ts';
import type { Findings } from '../proof/verification.ts';
import { openCredentials } from './credentials.ts';

export type CommitmentRow = Extract<Row, { table: 'access' | 'ended-access' | 'access-covered' }>;

/** The facts that the events prove about credentials and people. */
export interface AccessChecked {
  /**
   * The number of the event that committed to all rows of credentials and people. Undefined if there is no such event.
   */
  covered?: number;
  /**
   * Old versions changed credentials and people without commitments. True if this happened before the event that
   * committed to all rows.
   */
  older: boolean;
  /** The valid commitments. Each commitment has the number of the event that made it. */
  committed: (AccessName & { seq: number })[];
}

/**
 * Compares credentials and people with the events. For each row there must be a valid commitment, and for each
 * commitment a row.
 */
export interface AccessCompare {
  tell: (event: Event) => void;
  save: (row: CommitmentRow) => void;
  /** The rows that follow from the commitments, for the tables `access` and `access_covered`. */
  rows: () => CommitmentRow[];
  end: () => AccessChecked;
}

export function openAccessCompare(db: Database.Database, findings: Findings): AccessCompare {
  const valid = new Map<string, Extract<CommitmentRow, { table: 'access' }>>();
  let covered: number | undefined;
  /**
   * The numbers of events that recommitted to all rows. Directly after each of these events, the event of a restore
   * must follow.
   */
  const again = new Set<number>();
  let strange: Extract<CommitmentRow, { table: 'ended-access' }>[] = [];
  const older = openOlder();
  return {
    tell(event) {
      if (covered === undefined) older.tell(event);
      if (event.type === 'access-restored') again.delete(event.seq - 1);
    },
    save(row) {
      if (row.table === 'access-covered') {
        if (covered !== undefined) again.add(row.seq);
        covered = row.seq;
        valid.clear();
        strange = [];
        return;
      }
      if (covered === undefined)
        throw new Error('an event commits to individual rows before any event commits to all rows');
      const { commitment } = row.committed;
      if (row.table === 'access') valid.set(commitment, row);
      // In this case, someone has changed this row in the database file, and the service changed the row again later.
      else if (!valid.delete(commitment)) strange.push(row);
    },
    rows: () => [
      ...(covered === undefined ? [] : [{ table: 'access-covered' as const, seq: covered }]),
      ...valid.values(),
    ],
    end() {
      const rows = readRows(db, findings).filter((row) => !isFirstLink(row));
      if (covered === undefined) older.compare(rows, findings);
      else compareRows(rows, valid, findings);
      for (const seq of again)
        findings.add({
          what: `event ${seq} commits to all credentials and people again, but no restore of a backup follows this event`,
          seq,
          table: 'credential',
        });
      for (const { committed, seq } of strange)
        findings.add({
          what: `event ${seq} ends ${textOf(committed)}, but no event committed to the row of ${textOf(committed)}`,
          seq,
          table: 'credential',
        });
      const committed = [...valid.values()].map(({ committed: { kind, name }, seq }) => ({ kind, name, seq }));
      return { older: older.found(), committed, ...(covered === undefined ? {} : { covered }) };
    },
  };
}

function readRows(db: Database.Database, findings: Findings): AccessRow[] {
  try {
    return openCredentials(db).seen.access();
  } catch {
    findings.add({ what: 'credentials or people cannot be read', table: 'credential' });
    return [];
  }
}

function compareRows(
  rows: AccessRow[],
  valid: Map<string, Extract<CommitmentRow, { table: 'access' }>>,
  findings: Findings,
): void {
  const left = new Map(valid);
  const unknown = rows.filter((row) => !left.delete(commitmentOf(row) ?? ''));
  const missing = [...left.values()];
  for (const row of unknown) {
    const text = textOf(nameOf(row));
    const same = missing.findIndex(({ committed }) => textOf(committed) === text);
    if (same >= 0) missing.splice(same, 1);
    const what =
      same < 0
        ? `${text} has a row, but no event committed to this row`
        : `${text} differs from what its event committed to`;
    findings.add({ what, table: row.table });
  }
  for (const { committed, seq } of missing) {
    const table = committed.kind === 'person' ? 'person' : 'credential';
    findings.add({ what: `${textOf(committed)} has no row, but event ${seq} committed to a row`, table });
  }
}

/**
 * Compares the rows of a ledger that was written by an earlier version, which made no commitments. The events of such a
 * ledger name the tokens, people and keys that were made and withdrawn. The events say nothing about the secrets, so a
 * secret that was changed in the file is not noticed.
 */
function openOlder() {
  /** For each name, the role that the events give to it. If rows of this kind have no role, the value is true. */
  const named = new Map<string, string | true>();
  const put = (kind: AccessName['kind'], name: string, role: string | true = true): void =>
    void named.set(textOf({ kind, name }), role);
  return {
    tell(event: Event): void {
      switch (event.type) {
        case 'token-set':
          return put('token', event.data.name, event.data.role);
        case 'token-revoked':
          return put('token', event.data.name, 'ended');
        case 'person-set':
          put('session', event.data.name);
          return put('person', event.data.name, event.data.role);
        case 'person-removed':
          return put('person', event.data.name, 'ended');
        case 'station-key-set':
          return put('station-key', event.station);
        case 'printer-token-set':
          return put('printer-token', event.data.printer);
        case 'invited':
          if ('station' in event.data) return put('kiosk-link', event.data.station);
          return put('link', event.data.name);
        case 'kiosk-set':
          return put('kiosk', event.station);
        default:
      }
    },
    found: () => named.size > 0,
    compare(rows: AccessRow[], findings: Findings): void {
      for (const row of rows) {
        const text = textOf(nameOf(row));
        const said = named.get(text);
        if (said === undefined) findings.add({ what: `${text} has a row, but no event made it`, table: row.table });
        else if (said !== true && said !== roleOf(row))
          findings.add({ what: `${text} has the role ${roleOf(row)}, but its events say ${said}`, table: row.table });
      }
    },
  };
}

function roleOf(row: AccessRow): string {
  const { role, removedAt, revokedAt } = { removedAt: undefined, revokedAt: undefined, ...valuesOf(row) };
  return removedAt === undefined && revokedAt === undefined ? (role ?? 'without a role') : 'ended';
}

function valuesOf(row: AccessRow): { role?: string; removedAt?: number; revokedAt?: number } {
  return row.table === 'person' ? row.person : row.credential;
}

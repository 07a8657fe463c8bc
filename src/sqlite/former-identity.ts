import type Database from 'better-sqlite3';
import { boundIdentity } from '../decide/project.ts';
import type { Seen } from '../decide/seen.ts';
import { readEvent } from '../model/event-check.ts';
import { identityOfNumber } from '../model/pools/pool.ts';
import { existing } from './existing.ts';
import { CODE, codeOf, IDENTITY_BY_CODE } from './identity-key.ts';

/*
 * The identities that units had before they became void. A void unit frees its identity, but its device may still have
 * a number of a pool.
 */

/** Returns the text under which all spellings of the value are found. */
function nameOf(property: string, value: string): string {
  const [, , key] = identityOfNumber(property, value);
  return key ?? value;
}

/** Adds the function that the migration and the check use to read the identity that an event gave its unit. */
export function addBoundIdentity(db: Database.Database): void {
  db.function('bound_identity', { deterministic: true }, (line: unknown) => {
    try {
      const bound = boundIdentity(readEvent(String(line)));
      return JSON.stringify(bound.map(([property, value]) => [property, nameOf(property, value)]));
    } catch {
      // `claimstamp verify` reports damaged events.
      return '[]';
    }
  });
}

export function openFormerIdentities(db: Database.Database): Pick<Seen, 'wasIdentity' | 'countIdentities'> {
  const find = db.prepare(`SELECT 1 FROM former_identity WHERE name = ? AND property = ?`);
  // `UNION` counts a number once, even if a void unit had it and another unit has it now.
  const count = db
    .prepare<{ property: string; from: string; to: string; fromCode: string; toCode: string }, number>(
      `SELECT count(*) FROM (SELECT ${CODE} AS name FROM ${IDENTITY_BY_CODE}
         WHERE property = @property AND ${CODE} BETWEEN @fromCode AND @toCode AND length(value) >= length(@fromCode)
       UNION SELECT key FROM identity_spelling WHERE key BETWEEN @from AND @to AND property = @property
       UNION SELECT name FROM former_identity WHERE name BETWEEN @from AND @to AND property = @property
         AND length(name) = length(@from))`,
    )
    .pluck();
  return {
    wasIdentity: (property, value) => find.get(nameOf(property, value), property) !== undefined,
    countIdentities: (property, from, to) =>
      existing(
        count.get({
          property,
          from: nameOf(property, from),
          to: nameOf(property, to),
          fromCode: codeOf(property, from),
          toCode: codeOf(property, to),
        }),
      ),
  };
}

/** Returns the function that must be called before a unit's identity is removed. */
export function formerSaver(db: Database.Database): (unit: number) => void {
  const identity = db.prepare<[number], { property: string; value: string }>(
    `SELECT property, value FROM identity WHERE unit = ?`,
  );
  const insert = db.prepare(`INSERT INTO former_identity (unit, property, name) VALUES (?, ?, ?)`);
  return (unit) => {
    for (const { property, value } of identity.all(unit)) insert.run(unit, property, nameOf(property, value));
  };
}

/** The rows that the table must have. Also used by migrations/sqlite/0044_former_identity.sql. */
const FORMER = `WITH RECURSIVE story (unit, seq) AS (
    SELECT id, last_seq FROM unit WHERE void_at IS NOT NULL
    UNION ALL SELECT story.unit, event.prev FROM story JOIN event USING (seq) WHERE event.prev < seq)
  SELECT unit, bound.value ->> 0, bound.value ->> 1
  FROM story JOIN event USING (seq), json_each(bound_identity(line)) AS bound`;

/** Returns how many rows of `former_identity` are missing or do not belong in it. */
export function wrongFormer(db: Database.Database): number {
  addBoundIdentity(db);
  const stored = `SELECT unit, property, name FROM former_identity`;
  const count = (one: string, other: string): number =>
    db
      .prepare<[], number>(`SELECT count(*) FROM (SELECT * FROM (${one}) EXCEPT SELECT * FROM (${other}))`)
      .pluck()
      .get() ?? 0;
  return count(FORMER, stored) + count(stored, FORMER);
}

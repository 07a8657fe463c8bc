import type Database from 'better-sqlite3';
import type { Kept, Seen } from '../decide/seen.ts';
import { existing } from './existing.ts';
import { readEvent } from '../model/event-check.ts';
import type { Introduced } from '../model/limits.ts';
import type { Sighting } from '../model/unit.ts';

type SourceKept = Extract<Kept, { table: 'introduced' | 'invented' | 'sighting' }>;

/** The rows about the sources of agents' requests. Decisions read these rows. The rows are not made from events. */
export interface SourceRows {
  seen: Pick<Seen, 'introduced' | 'invented' | 'sighting' | 'issuedOf' | 'lastOf'>;
  keep: (row: SourceKept) => void;
  all: () => SourceKept[];
}

type IntroducedRow = { what: string; at: number; upgraded: 0 | 1 };
type InventedRow = { source: string; day: number; count: number };
type SightingRow = Sighting & { unit: number };

const SELECT_SIGHTING = `SELECT unit, source, station, former_source AS formerSource, former_station AS formerStation,
  changed_at AS changedAt, changes, noted_day AS notedDay, alarm_day AS alarmDay FROM sighting`;

export function openSourceRows(db: Database.Database): SourceRows {
  const introduced = db.prepare<[string], IntroducedRow>(`SELECT what, at, upgraded FROM introduced WHERE what = ?`);
  const allIntroduced = db.prepare<[], IntroducedRow>(`SELECT what, at, upgraded FROM introduced`);
  const invented = db.prepare<[string], InventedRow>(`SELECT source, day, count FROM invented WHERE source = ?`);
  const allInvented = db.prepare<[], InventedRow>(`SELECT source, day, count FROM invented`);
  const line = db.prepare<[number], string>(`SELECT line FROM event WHERE seq = ?`).pluck();
  const sighting = db.prepare<[number], SightingRow>(`${SELECT_SIGHTING} WHERE unit = ?`);
  const allSightings = db.prepare<[], SightingRow>(SELECT_SIGHTING);
  const saveIntroduced = db.prepare(`INSERT INTO introduced (what, at, upgraded) VALUES (?, ?, ?)
    ON CONFLICT (what) DO UPDATE SET at = excluded.at, upgraded = excluded.upgraded`);
  const saveInvented = db.prepare(`INSERT INTO invented (source, day, count) VALUES (?, ?, ?)
    ON CONFLICT (source) DO UPDATE SET day = excluded.day, count = excluded.count`);
  const saveSighting =
    db.prepare(`INSERT INTO sighting (unit, source, station, former_source, former_station, changed_at, changes, noted_day, alarm_day)
    VALUES (@unit, @source, @station, @formerSource, @formerStation, @changedAt, @changes, @notedDay, @alarmDay)
    ON CONFLICT (unit) DO UPDATE SET source = excluded.source, station = excluded.station,
      former_source = excluded.former_source, former_station = excluded.former_station,
      changed_at = excluded.changed_at, changes = excluded.changes, noted_day = excluded.noted_day,
      alarm_day = excluded.alarm_day`);
  return {
    seen: {
      introduced: (what) => fromIntroduced(introduced.get(what)),
      invented: (source) => invented.get(source),
      sighting: (unit) => sighting.get(unit.id),
      issuedOf: ({ issuedSeq }) => {
        const event = issuedSeq === undefined ? undefined : readEvent(existing(line.get(issuedSeq)));
        return event?.type === 'issued' ? event : undefined;
      },
      lastOf: ({ lastSeq }) => readEvent(existing(line.get(lastSeq))),
    },
    keep(row) {
      if (row.table === 'introduced') saveIntroduced.run(row.what, row.at, row.upgraded ? 1 : 0);
      else if (row.table === 'invented') saveInvented.run(row.source, row.day, row.count);
      else saveSighting.run({ unit: row.unit, ...row.sighting });
    },
    all: () => [
      ...allIntroduced.all().map((row) => ({ table: 'introduced' as const, ...row, upgraded: row.upgraded === 1 })),
      ...allInvented.all().map((row) => ({ table: 'invented' as const, ...row })),
      ...allSightings.all().map(({ unit, ...seen }) => ({ table: 'sighting' as const, unit, sighting: seen })),
    ],
  };
}

function fromIntroduced(row: IntroducedRow | undefined): Introduced | undefined {
  return row && { at: row.at, upgraded: row.upgraded === 1 };
}

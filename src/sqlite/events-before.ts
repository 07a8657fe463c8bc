import { readEvent } from '../model/event-check.ts';
import type { EventType } from '../model/event-data.ts';
import type { Event } from '../model/event.ts';
import { openForReading } from './open.ts';

/** Reads the earlier events of a unit. Each event has the number of its unit's previous event (`prev`). */
export interface UnitPast {
  /** Yields the unit's events of these types before the event `seq`, newest first. */
  before: (seq: number) => Iterable<Event>;
  /** The Claim IDs of the units that were ever returned. */
  returned: ReadonlySet<string>;
  close: () => void;
}

export function openUnitPast(file: string, types: readonly EventType[]): UnitPast {
  const db = openForReading(file);
  const prevOf = db.prepare<[number], number | null>(`SELECT prev FROM event WHERE seq = ?`).pluck();
  const eventAt = db.prepare<[number], { line: string; prev: number | null }>(
    `SELECT line, prev FROM event WHERE seq = ?`,
  );
  const returned = db.prepare<[], string>(`SELECT uci FROM unit WHERE id IN (SELECT unit FROM unit_return)`).pluck();
  const needles = types.map((type) => `"type":"${type}"`);
  return {
    *before(seq) {
      for (let at = prevOf.get(seq) ?? null; at !== null;) {
        const found = eventAt.get(at);
        if (found === undefined) return;
        const { line, prev } = found;
        if (needles.some((needle) => line.includes(needle))) {
          const event = readEvent(line);
          if (types.includes(event.type)) yield event;
        }
        at = prev;
      }
    },
    returned: new Set(returned.all()),
    close: () => db.close(),
  };
}

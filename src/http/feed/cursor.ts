import { z } from 'zod';
import type { Cursor } from '../../contract/feed/feed.ts';

/*
 * A cursor in a request is the number of an event, optionally followed by the time of the event (ms since 1970), such
 * as `4711-1795968000123`. After an older ledger is restored, the same numbers are used for other events. If this
 * happened, the time in the cursor does not match.
 */

const PATTERN = /^(\d{1,15})(?:-(\d{1,15}))?$/;

export const CursorText = z
  .string()
  .regex(PATTERN, 'must be the number of an event, or a cursor such as 4711-1795968000123');

export function readCursor(text: string): Cursor | undefined {
  const [matched, seq, at] = PATTERN.exec(text) ?? [];
  if (matched === undefined) return undefined;
  return at === undefined ? { seq: Number(seq) } : { seq: Number(seq), at: Number(at) };
}

export function cursorText({ seq, at }: Required<Cursor>): string {
  return `${seq}-${at}`;
}

import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ClaimstampError } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import type { Place } from '../proof/rollback.ts';
import { linesFilesIn } from '../sqlite/backup-lines.ts';
import { replayLines, type Replayed } from '../sqlite/replay-lines.ts';

/** How many events a restore added to the backup, and what a person must know about these events. */
export interface ReplayedBeside {
  events: number;
  /** The checkpoint that covers these events, and the file that contains it. */
  place?: Place;
  report: string[];
  warnings: string[];
}

/**
 * Finds the files of event lines that belong to the backup `file`, and replays their events into the copy `draft`. If
 * no files are given, uses the files that are next to the backup.
 */
export function replayBeside(
  draft: string,
  file: string,
  given: string[] | false | undefined,
  isTrusted: (note: string) => boolean,
): ReplayedBeside {
  const sets = given === false ? [] : given === undefined ? setsBeside(file) : [given];
  let last: { files: string[]; replayed: Replayed } | undefined;
  for (const files of sets) {
    last = { files, replayed: replay(draft, files, isTrusted) };
    if (last.replayed.events > 0) break;
  }
  // If no file fits the backup, the files belong to other ledgers, so the command does not mention them.
  const isOther = given === undefined && sets.length > 1 && last?.replayed.events === 0;
  return last === undefined || isOther ? { events: 0, report: [], warnings: [] } : said(last.files, last.replayed);
}

function replay(draft: string, files: string[], isTrusted: (note: string) => boolean): Replayed {
  try {
    return replayLines(draft, files, isTrusted);
  } catch (error) {
    if (error instanceof ClaimstampError) throw error;
    throw new ClaimstampError(
      'invalid',
      `the events in ${files.join(', ')} cannot be replayed: ${fileError(error)}. To restore only the backup, give --no-lines; nothing was restored`,
    );
  }
}

/**
 * Returns the files of event lines, grouped by ledger. If the name of the backup contains the ID of its ledger, returns
 * only the files of this ledger.
 */
function setsBeside(file: string): string[][] {
  const folder = dirname(file);
  const [, log] = /^claimstamp-([0-9a-f]+)-/.exec(basename(file)) ?? [];
  const all = readdirSync(folder);
  const logs = log === undefined ? new Set(linesFilesIn(all).map((one) => one.log)) : [log];
  return [...logs].map((one) => linesFilesIn(all, one).map(({ name }) => join(folder, name)));
}

function said(files: string[], { events, note, ignored, isForged, lost }: Replayed): ReplayedBeside {
  const where = files.join(', ');
  const why = isForged
    ? 'a checkpoint there is not valid. Someone may have changed the file, or another key signed it (--key)'
    : 'no signed checkpoint covers them. A crash can leave such lines at the end of the file';
  return {
    events,
    ...(note === undefined ? {} : { place: { file: where, note } }),
    report: events === 0 ? [] : [`${events} newer events were replayed from ${where}`],
    warnings: [
      ...(ignored === 0
        ? []
        : [`WARNING: ${events} events were replayed and ${ignored} lines were ignored in ${where}: ${why}`]),
      ...(lost.length === 0
        ? []
        : [`WARNING: the last change of these people and credentials is lost, so make them again: ${lost.join(', ')}`]),
    ],
  };
}

import type { ErpFilesFact } from '../../decide/forecasts/forecast.ts';
import type { Log } from '../../platform/log.ts';
import type { Arrived, Listing } from './order-folder.ts';

/*
 * The files in `inbox` that cannot be read or moved. Such a file must not stop the other files, and a person must learn
 * its name.
 */

export interface FileTrouble {
  why: string;
  /** True if the service has taken or refused the work orders of the file, and cannot move the file. */
  isHandled: boolean;
}

export interface FileTroubles {
  /** Notes the result of handling a file. Undefined if there was no trouble. */
  note: (name: string, trouble: FileTrouble | undefined) => void;
  /** Forgets the files that are gone, and notes those that can never be taken. */
  compare: (listing: Listing) => void;
  /**
   * Returns the files without trouble first, and then the others, beginning with the one whose last attempt was longest
   * ago.
   */
  inTurn: (files: Arrived[]) => Arrived[];
  names: () => ReadonlySet<string>;
  /** Returns the file whose trouble has lasted longest. */
  fact: () => ErpFilesFact['file'];
}

export function openFileTroubles(log: Log, now: () => number): FileTroubles {
  const known = new Map<string, FileTrouble & { since: number; turn: number }>();
  let turn = 0;
  const note: FileTroubles['note'] = (name, trouble) => {
    const before = known.get(name);
    if (trouble === undefined) {
      known.delete(name);
      return;
    }
    // The same trouble is logged only once.
    if (before?.why !== trouble.why)
      log.warn(
        { file: name, why: trouble.why },
        `a file of the ERP cannot be ${trouble.isHandled ? 'moved' : 'read'}: the service tries again`,
      );
    known.set(name, { ...trouble, since: before?.since ?? now(), turn: ++turn });
  };
  return {
    note,
    compare({ keys, unusable }) {
      const never = new Set(unusable.map(({ name }) => name));
      for (const name of known.keys()) if (!keys.has(name) && !never.has(name)) known.delete(name);
      for (const { name, why } of unusable) note(name, { why, isHandled: false });
    },
    inTurn: (files) => files.toSorted((a, b) => (known.get(a.name)?.turn ?? 0) - (known.get(b.name)?.turn ?? 0)),
    names: () => new Set(known.keys()),
    fact() {
      const [oldest] = [...known].toSorted(([, a], [, b]) => a.since - b.since);
      if (oldest === undefined) return undefined;
      const [name, { why, isHandled, since }] = oldest;
      return { name: shown(name), why, isHandled, forMs: Math.max(0, now() - since), count: known.size };
    },
  };
}

/** Replaces line breaks and other invisible characters in the name of a file. */
function shown(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

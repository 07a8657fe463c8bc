import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../platform/atomic-file.ts';
import { messageOf } from '../../platform/error.ts';
import { readIfThere } from '../../platform/file-error.ts';
import type { Log } from '../../platform/log.ts';
import type { Arrived } from './order-folder.ts';

/*
 * The files whose work orders were taken or refused, and that could not be moved from `inbox` since then. Their work
 * orders are not taken again: a later file may have changed the same work orders.
 */

const Unmoved = z.object({
  /** The key of the file's content (`Arrived`). */
  key: z.string(),
  place: z.enum(['done', 'failed']),
  /** The name that the file gets when it is moved. */
  as: z.string(),
  /** The text of the error file. Absent if there is no error, or if the error file was written. */
  errors: z.string().optional(),
});
export type Unmoved = z.infer<typeof Unmoved>;

const Kept = z.object({ files: z.array(z.tuple([z.string(), Unmoved])) });

export interface UnmovedFiles {
  /** Returns undefined if the file is not known, or if its content has changed. */
  of: (file: Arrived) => Unmoved | undefined;
  keep: (name: string, unmoved: Unmoved) => Promise<void>;
  forget: (name: string) => Promise<void>;
  /** Forgets the files that are gone or whose content has changed. */
  compare: (keys: ReadonlyMap<string, string>) => Promise<void>;
}

export function openUnmovedFiles(data: string, log: Log): UnmovedFiles {
  const file = join(data, 'orders-unmoved.json');
  const known = readKept(file, log);
  const save = (): Promise<void> => writeAtomically(file, JSON.stringify({ files: [...known] }));
  const forget = async (name: string): Promise<void> => {
    if (known.delete(name)) await save();
  };
  return {
    of({ name, key }) {
      const found = known.get(name);
      return found?.key === key ? found : undefined;
    },
    async keep(name, unmoved) {
      const { key, errors } = known.get(name) ?? {};
      known.set(name, unmoved);
      if (key !== unmoved.key || errors !== unmoved.errors) await save();
    },
    forget,
    async compare(keys) {
      for (const [name, { key }] of known) if (keys.get(name) !== key) await forget(name);
    },
  };
}

/**
 * Reads the list of the files. If it is damaged, returns an empty list, and the work orders of these files are taken
 * once more.
 */
function readKept(file: string, log: Log): Map<string, Unmoved> {
  const text = readIfThere(file);
  if (text === undefined) return new Map();
  try {
    return new Map(Kept.parse(JSON.parse(text)).files);
  } catch (error) {
    log.warn({ file, why: messageOf(error) }, 'the list of files that could not be moved is damaged and is made again');
    return new Map();
  }
}

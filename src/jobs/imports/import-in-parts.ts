import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Imports } from '../../contract/imports.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { Once } from '../../decide/command.ts';
import { gatherProblems, MAX_PROBLEMS, type Problems } from '../../decide/imports/check-units.ts';
import { running } from '../../decide/imports/claims.ts';
import type { Importing } from '../../model/imports/importing.ts';
import { another } from '../../decide/imports/import-parts.ts';
import type { Import, Imported } from '../../decide/imports/import-units.ts';
import { isCode, messageOf } from '../../platform/error.ts';
import type { Log } from '../../platform/log.ts';
import { namedBy, PART, partsOf } from './parts.ts';

/* Runs the commands of an import that is recorded in parts (decide/imports/import-parts.ts). */

export interface ImportsOptions {
  ledger: Ledger;
  /** The name of this process in the ledger (`processOf`). */
  process: string;
  isShared: boolean;
  log: Log;
  now: () => number;
}

export interface RunningImports extends Imports {
  /**
   * When the service starts, deals with an import that its previous process left unfinished: completes it, or drops its
   * claims.
   */
  resume: () => Promise<void>;
  close: () => void;
}

/**
 * If an import has recorded no new part for this long (ms), its process counts as lost. Another process that shares the
 * ledger then completes or drops the import. The time is longer than 20 s, because a process keeps trying to reach
 * PostgreSQL for 20 s.
 */
const LOST_MS = 60_000;

/**
 * An import waits at most this long (ms) for an import of another process. Callers wait about as long for an answer.
 */
const WAIT_MS = 30_000;
const LOOK_MS = 200;

/** The interval (ms) at which this process tries to complete the import while the ledger has a fault. */
const RETRY_MS = 1000;

export function openImports(options: ImportsOptions): RunningImports {
  const { ledger, process, isShared, log, now } = options;
  /** The last import of this process. The next import waits for this import. */
  let last: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = last.then(act);
    last = result.catch(() => {});
    return result;
  };
  const isLeft = (row: Importing): boolean =>
    !isShared || row.process === process || Math.abs(now() - row.at) > LOST_MS;
  /** If the process of the running import was lost, completes or drops this import. */
  const endLeft = async (): Promise<void> => {
    const row = running({ importing: await once(ledger) });
    if (row === undefined || !isLeft(row)) return;
    log.warn({ import: row.id, units: row.units, by: row.actor }, row.begun === undefined ? DROPPED : COMPLETED);
    await end(ledger, row);
  };
  const tryLater = (afterMs: number): void => {
    clearTimeout(timer);
    if (isClosed) return;
    timer = setTimeout(() => void inTurn(endLeft).then(lookAgain, failed), afterMs).unref();
  };
  /** Repeats the check for lost processes. In a shared ledger, another process may be lost at any time. */
  const lookAgain = (): void => {
    if (isShared) tryLater(LOST_MS);
  };
  const failed = (error: unknown): void => {
    if (isClosed) return;
    log.error({ detail: messageOf(error) }, 'an import cannot be completed at the moment: the service tries again');
    tryLater(RETRY_MS);
  };
  return {
    import(command, key) {
      if (command.units.length <= PART) return ledger.record({ ...command, ...(key ? { once: key } : {}) });
      if (command.check) return checkInParts(ledger, command, key);
      return inTurn(async () => {
        await untilFree(ledger, onceOf(key), endLeft);
        try {
          return await importInParts(options, command, key);
        } catch (error) {
          // The error does not show whether the import has begun or has only claimed values.
          if (isPassing(error)) tryLater(RETRY_MS);
          throw error;
        }
      });
    },
    async resume() {
      try {
        await inTurn(endLeft);
        lookAgain();
      } catch (error) {
        // A full disk must not prevent the start of the service, because its screens say what is wrong.
        if (!isPassing(error)) throw error;
        failed(error);
      }
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

const COMPLETED = 'the service stopped during an import: the remaining units of the import are recorded now';
const DROPPED = 'the service stopped before an import recorded its first unit: nothing was imported';

const isPassing = (error: unknown): boolean =>
  isCode(error, 'disk-full') || isCode(error, 'ledger-unavailable') || isCode(error, 'busy');

const once = async (ledger: Ledger): Promise<() => Importing | undefined> => {
  const row = await ledger.importing();
  return () => row;
};

function onceOf(key: Once | undefined): Importing['once'] {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return key && { key: hex(key.key), fingerprint: hex(key.fingerprint) };
}

/**
 * Waits until no other import is running, because a ledger can have only one import in parts at a time. So if two
 * imports contain the same units, one is recorded completely, and the other is refused.
 */
async function untilFree(ledger: Ledger, key: Importing['once'], endLeft: () => Promise<void>): Promise<void> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const row = running({ importing: await once(ledger) });
    if (row === undefined) return;
    if (key !== undefined && row.once?.key === key.key) throw another(row, key);
    await endLeft();
    if (waited >= WAIT_MS) throw another(row, key);
    await pause(LOOK_MS);
  }
}

/**
 * Checks a large import in parts, without recording it. Such a check claims no values, because its result is valid only
 * at that moment.
 */
async function checkInParts(ledger: Ledger, command: Import, key: Once | undefined): Promise<Imported> {
  const problems = gatherProblems();
  let answer: Imported = { imported: 0 };
  for (const { isLast, ...part } of partsOf(command.units)) {
    const keep = isLast && key !== undefined && !problems.hasAny() ? { once: key } : {};
    const check = ledger.record({ ...command, ...part, ...keep });
    answer = await giveWay(() => check.catch((error: unknown) => (problems.addAll(error), answer)));
    if (problems.isFull()) break;
  }
  problems.refuse();
  return answer;
}

async function importInParts(options: ImportsOptions, command: Import, key: Once | undefined): Promise<Imported> {
  const { ledger } = options;
  const id = randomUUID();
  const { strict, site, actor } = command;
  try {
    const claimed = await claimAll(options, id, command, key);
    if ('imported' in claimed) return claimed;
    claimed.problems.refuse();
    const { hashes } = claimed;
    const named = await namedBy(command.units);
    await ledger.record({ kind: 'begin-import', import: id, named, hashes, strict, site, actor });
  } catch (error) {
    // The import may have begun in spite of the error `ledger-unavailable`.
    if (!(await dropAll(ledger, id))) throw error;
  }
  return recordAll(ledger, id, key);
}

interface ClaimedAll {
  problems: Problems;
  hashes: string[];
}

async function claimAll(
  { ledger, process }: ImportsOptions,
  id: string,
  { units, as, strict, site, actor }: Import,
  key: Once | undefined,
): Promise<ClaimedAll | Imported> {
  const problems = gatherProblems();
  const hashes: string[] = [];
  const same = { kind: 'claim-units', import: id, process, as, strict, site, actor, total: units.length } as const;
  const onceRow = onceOf(key);
  let number = 0;
  for (const { units: part, taken = [] } of partsOf(units)) {
    const claim = { ...same, units: part, taken, part: number, room: MAX_PROBLEMS - problems.all().length };
    const keyed = number === 0 && key && onceRow ? { once: key, onceOf: onceRow } : {};
    const claimed = await giveWay(() => ledger.record({ ...claim, ...keyed }));
    // An earlier request with this Idempotency-Key has already been answered.
    if ('imported' in claimed) return claimed;
    problems.add(claimed.problems);
    hashes.push(...claimed.hashes);
    if (problems.isFull()) break;
    number++;
  }
  return { problems, hashes };
}

/** Records all units that this import has stored. After a failure, the caller may call this function again. */
async function recordAll(ledger: Ledger, id: string, key: Once | undefined): Promise<Imported> {
  const command = { kind: 'record-units', import: id, ...(key ? { once: key } : {}) } as const;
  for (;;) {
    const answer = await giveWay(() => ledger.record(command));
    if ('imported' in answer) return answer;
  }
}

/** Returns true if the import has begun, so that its claims can no longer be dropped. */
async function dropAll(ledger: Ledger, id: string): Promise<boolean> {
  for (;;) {
    const { goesOn, begun = false } = await giveWay(() => ledger.record({ kind: 'drop-claims', import: id }));
    if (!goesOn) return begun;
  }
}

async function end(ledger: Ledger, { id, once: key }: Importing): Promise<void> {
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');
  if (await dropAll(ledger, id))
    await recordAll(ledger, id, key && { key: bytes(key.key), fingerprint: bytes(key.fingerprint) });
}

/** The longest pause after a part, in ms. */
const MAX_PAUSE_MS = 50;

/**
 * Runs one part, and then pauses for as long as the part took. So at least half of the writer's time is left for
 * agents.
 */
async function giveWay<T>(part: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await part();
  await pause(Math.min(MAX_PAUSE_MS, performance.now() - begun));
  return result;
}

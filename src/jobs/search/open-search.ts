import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { FromSearch, Search, SearchAnswer, SearchFigures, SearchQuestion } from '../../contract/search.ts';
import { refusal } from '../../platform/error.ts';
import type { Log } from '../../platform/log.ts';
import { startChild } from '../../platform/spool.ts';

export interface SearchOptions {
  ledger: string;
  /** The path of the search file, or undefined if the search is off. */
  file: string | undefined;
  log: Log;
}

/**
 * How long (in ms) a request for a page waits for the child process. The time is generous, because the child process
 * has the lowest priority.
 */
const PATIENCE_MS = 2000;

/** The maximum number of searches that may wait for an answer. Usually, fewer people search at the same moment. */
const MAX_WAITING = 50;

/** How long (in ms) to wait before restarting a child process that has stopped. */
const RESTART_MS = 5000;

type Asked = SearchQuestion extends infer Q ? (Q extends { number: number } ? Omit<Q, 'number'> : never) : never;

export function openSearch({ ledger, file, log }: SearchOptions): Search {
  if (file === undefined) return searchOff();
  const task = { ledger, file };
  const waiting = new Map<number, (answer?: SearchAnswer) => void>();
  let figures: SearchFigures = { state: 'starting', done: 0, total: 0 };
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;
  let asked = 0;

  const hear = (said: FromSearch): void => {
    if ('figures' in said) figures = said.figures;
    if ('fault' in said) log.warn({ fault: said.fault }, 'the search failed; the service tries again');
    if ('number' in said && said.number !== undefined)
      waiting.get(said.number)?.('answer' in said ? said.answer : undefined);
  };
  const start = (): void => {
    if (child !== undefined || restart !== undefined || isClosed) return;
    const started = startChild('jobs/search/search-child.js');
    child = started;
    const end = (): void => {
      if (child !== started) return;
      child = undefined;
      figures = { ...figures, state: 'failed', problem: 'other' };
      for (const give of waiting.values()) give(undefined);
      if (isClosed) return;
      log.warn('the search process ended and is restarted');
      restart = setTimeout(() => {
        restart = undefined;
        start();
      }, RESTART_MS).unref();
    };
    started.on('message', hear).once('error', end).once('exit', end);
    started.send(task, () => {});
  };
  const ask = (question: Asked): Promise<SearchAnswer | undefined> => {
    start();
    if (child === undefined || waiting.size >= MAX_WAITING) return Promise.resolve(undefined);
    const number = ++asked;
    return new Promise((resolve) => {
      const give = (answer?: SearchAnswer): void => {
        clearTimeout(late);
        waiting.delete(number);
        resolve(answer);
      };
      const late = setTimeout(give, PATIENCE_MS, undefined);
      waiting.set(number, give);
      child?.send({ ...question, number }, () => {});
    });
  };

  return {
    start,
    find: async (page) => (await ask({ page }))?.found,
    names: async (text, limit) => (await ask({ names: { text, limit } }))?.names,
    figures: () => figures,
    rebuild() {
      figures = { ...figures, state: 'building', done: 0 };
      void ask({ rebuild: true });
    },
    async close() {
      isClosed = true;
      clearTimeout(restart);
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill();
  await gone;
}

function searchOff(): Search {
  return {
    start: () => {},
    find: () => Promise.resolve(undefined),
    names: () => Promise.resolve(undefined),
    figures: () => ({ state: 'off', done: 0, total: 0 }),
    rebuild() {
      throw refusal('not-found', 'searchOff');
    },
    close: () => Promise.resolve(),
  };
}

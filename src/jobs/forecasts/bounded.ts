import { setTimeout as pause } from 'node:timers/promises';
import type { Facts, FactName } from '../../decide/forecasts/forecast.ts';
import { messageOf } from '../../platform/error.ts';
import { keysOf } from '../../platform/own.ts';
import type { Sources } from './measure.ts';

/*
 * Asks all sources of facts at the same time. If a folder is on a machine that is switched off, a call about the folder
 * may never return. So each source has a time limit. If a source does not answer, it is not asked again until its call
 * has returned.
 */

const MOST_MS = 10_000;

export interface Measured {
  facts: Facts;
  /** The facts that could not be measured, each with the reason. */
  failed: ReadonlyMap<FactName, string>;
}

export function openMeasuring(sources: Sources, mostMs = MOST_MS): () => Promise<Measured> {
  const hanging = new Set<FactName>();
  const ask = async <N extends FactName>(name: N, facts: Facts): Promise<[N, string] | undefined> => {
    if (hanging.has(name)) return [name, 'no answer yet'];
    hanging.add(name);
    const call = Promise.resolve()
      .then(sources[name])
      .finally(() => hanging.delete(name));
    const late = new AbortController();
    try {
      const tooLate = pause(mostMs, undefined, { signal: late.signal, ref: false }).then(() => {
        throw new Error(`no answer in ${mostMs / 1000} seconds`);
      });
      facts[name] = await Promise.race([call, tooLate]);
      return undefined;
    } catch (error) {
      return [name, messageOf(error)];
    } finally {
      late.abort();
    }
  };
  return async () => {
    const facts: Facts = {};
    const failures = await Promise.all(keysOf(sources).map((name) => ask(name, facts)));
    return { facts, failed: new Map(failures.filter((one) => one !== undefined)) };
  };
}

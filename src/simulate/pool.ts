import { own, withNames } from '../platform/own.ts';
import type { Attempt } from './agent.ts';
import { POOL_PROPERTY, type Numbered } from './pool-numbers.ts';
import type { Service } from './stations.ts';

/*
 * The pool of a shift. Each unit gets a MAC from the pool, which becomes the device's second address. The same number
 * must be in the answer to the device, in the ledger and on the label, and no two units may have the same number.
 */

/** Faults that are counted only if there is a pool. */
export const POOL_ZEROS = ['numberTwice', 'numberDiffers', 'numberMissing'] as const;

export interface PoolFigures extends Record<(typeof POOL_ZEROS)[number], number> {
  drawn: number;
}

export interface Pool {
  /** Records the number that a device got with its Claim ID. */
  note: (attempt: Attempt) => void;
  /**
   * Reads the numbers that the ledger has for all units that were issued in this run or are on devices. Must be called
   * before units are voided, because the device of a void unit may ask again with its number.
   */
  read: (service: Service, issued: { uci: string }[]) => Promise<void>;
  /** Compares the numbers on devices and labels with those in the ledger. */
  compare: (labels: Numbered) => PoolFigures;
}

export function openPool(): Pool {
  const answers: Numbered = [];
  const ledger = new Map<string, string | undefined>();
  return {
    note(attempt) {
      if (attempt.result === 'answered') answers.push([attempt.id, attempt.number]);
    },
    async read(service, issued) {
      const units = new Set([...issued.map(({ uci }) => uci), ...answers.map(([uci]) => uci)]);
      await readNumbers(service, [...units], ledger);
    },
    compare: (labels) => compareNumbers(ledger, answers, labels),
  };
}

/** The number of units that are read at the same time. */
const AT_ONCE = 20;

async function readNumbers({ request }: Service, units: string[], found: Map<string, string | undefined>) {
  for (let at = 0; at < units.length; at += AT_ONCE) {
    const read = units.slice(at, at + AT_ONCE).map(async (uci) => {
      const { identity } = await request<{ identity: Record<string, string> }>('GET', `/v1/units/${uci}`);
      found.set(uci, own(identity, POOL_PROPERTY));
    });
    await Promise.all(read);
  }
}

export function compareNumbers(
  ledger: Map<string, string | undefined>,
  answers: Numbered,
  labels: Numbered,
): PoolFigures {
  const figures: PoolFigures = { ...withNames(POOL_ZEROS, () => 0), drawn: 0 };
  const owners = new Map<string, Set<string>>();
  for (const [uci, number] of [...ledger, ...answers, ...labels]) {
    if (number !== undefined) owners.set(number, (owners.get(number) ?? new Set()).add(uci));
    else figures.numberMissing++;
  }
  for (const [uci, number] of [...answers, ...labels])
    if (number !== undefined && ledger.get(uci) !== number) figures.numberDiffers++;
  figures.numberTwice = [...owners.values()].filter(({ size }) => size > 1).length;
  figures.drawn = [...ledger.values()].filter((number) => number !== undefined).length;
  return figures;
}

import { openCheckpoint, readVerifierKey, type Verifier } from './checkpoint.ts';
import { cosignaturesOn, readWitnessKey } from './cosignature.ts';
import { messageOf } from '../platform/error.ts';

/*
 * A policy says which logs a checker accepts, and which witnesses must have signed a checkpoint (C2SP tlog-policy):
 *
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> all|any|<k> <name>...
 *     quorum <name>|none
 */

export interface Policy {
  /**
   * The keys of the logs that the policy names. If the policy names no log, the caller must learn from elsewhere which
   * log the checkpoints belong to.
   */
  logs: Verifier[];
  /**
   * `holds` is true if the note is signed by a log of the policy and by enough witnesses. `by` contains the names of
   * the witnesses with valid signatures.
   */
  judge: (note: string) => { holds: boolean; isOfLog: boolean; by: string[] };
}

/**
 * The maximum number of lines. The specification requires a maximum of at least 32. A longer file is probably not a
 * policy.
 */
const MAX_LINES = 1000;

type Rule = { witness: Verifier } | { members: string[]; least: number };

/** Reads a policy file. Throws an error that names the line and says what is wrong. */
export function readPolicy(text: string): Policy {
  const logs: Verifier[] = [];
  const rules = new Map<string, Rule>();
  const used = new Set<string>();
  let quorum: string | undefined;

  const define = (name: string, rule: Rule): void => {
    if (name === 'none' || rules.has(name)) throw new Error(`the name "${name}" is already defined`);
    rules.set(name, rule);
  };
  const readLine = ([kind = '', ...words]: string[]): void => {
    const [name = '', second = '', ...rest] = words;
    switch (kind) {
      case 'log':
        expectWords(words, 1, 2);
        return addKey(logs, readVerifierKey(name));
      case 'witness':
        expectWords(words, 2, 3);
        addKey(witnessesIn(rules), readWitnessKey(second));
        return define(name, { witness: readWitnessKey(second) });
      case 'group':
        for (const member of rest) {
          if (!rules.has(member)) throw new Error(`no line above defines "${member}"`);
          if (used.has(member)) throw new Error(`"${member}" is already a member of a group`);
          used.add(member);
        }
        return define(name, { members: rest, least: leastOf(second, rest.length) });
      case 'quorum':
        expectWords(words, 1, 1);
        if (quorum !== undefined) throw new Error('there is a quorum line already');
        if (name !== 'none' && !rules.has(name)) throw new Error(`no line above defines "${name}"`);
        quorum = name;
        return undefined;
      default:
        throw new Error(`"${kind}" must be log, witness, group or quorum`);
    }
  };
  const lines = text.split('\n');
  if (lines.length > MAX_LINES) throw new Error(`is not a policy: the file has more than ${MAX_LINES} lines`);
  for (const [index, line] of lines.entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]?.startsWith('#')) continue;
    try {
      readLine(words);
    } catch (error) {
      throw new Error(`is not a policy: line ${index + 1}: ${messageOf(error)}`, { cause: error });
    }
  }
  if (quorum === undefined) throw new Error('is not a policy: the file has no quorum line');
  const wanted = quorum;
  return {
    logs,
    judge(note) {
      const isOfLog = logs.length === 0 || logs.some((log) => isSigned(note, log));
      const by = new Set(witnessesIn(rules).filter((witness) => cosignaturesOn(note, [witness]).length > 0));
      const holds = isOfLog && (wanted === 'none' || isWitnessed(wanted, rules, by));
      return { isOfLog, holds, by: [...by].map(({ name }) => name) };
    },
  };
}

function witnessesIn(rules: Map<string, Rule>): Verifier[] {
  return [...rules.values()].flatMap((rule) => ('witness' in rule ? [rule.witness] : []));
}

/**
 * The recursion ends, because a group contains only names from earlier lines, and each name belongs to at most one
 * group.
 */
function isWitnessed(name: string, rules: Map<string, Rule>, by: Set<Verifier>): boolean {
  const rule = rules.get(name);
  if (rule === undefined) return false;
  if ('witness' in rule) return by.has(rule.witness);
  return rule.members.filter((member) => isWitnessed(member, rules, by)).length >= rule.least;
}

function isSigned(note: string, log: Verifier): boolean {
  try {
    return openCheckpoint(note, log).origin === log.name;
  } catch {
    return false;
  }
}

function addKey(keys: Verifier[], key: Verifier): void {
  if (keys.some(({ publicKey }) => publicKey.equals(key.publicKey))) throw new Error('a line above has the same key');
  keys.push(key);
}

function leastOf(word: string, members: number): number {
  const least = word === 'all' ? members : word === 'any' ? 1 : /^[1-9]\d{0,8}$/.test(word) ? Number(word) : 0;
  if (members < 1) throw new Error('a group needs at least one member');
  if (least < 1 || least > members) throw new Error(`"${word}" must be all, any, or a number from 1 to ${members}`);
  return least;
}

function expectWords(words: string[], least: number, most: number): void {
  if (words.length < least || words.length > most) throw new Error('the line has too few or too many words');
}

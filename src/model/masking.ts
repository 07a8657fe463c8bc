import { isCanonical, mask, MAX_LENGTH, MIN_LENGTH, parse } from './claim-id.ts';

/*
 * Auditors never get a complete Claim ID. A Claim ID may be anywhere in a text: in a note, in the body of a device, in
 * an address. So every part of a text that can be read as a Claim ID is looked up, and each Claim ID of the ledger is
 * masked. Other texts, such as S/Ns, stay as they are.
 */

/** Maps each Claim ID to the number of its unit. The number is null if the auditor must not see the unit. */
export type UnitNumbers = ReadonlyMap<string, number | null>;

/**
 * Masks the Claim ID of a unit. The last two letters are not enough to find a unit, so the number of the unit follows:
 * `********WQ.17`.
 */
export function maskedUnit({ uci, id }: { uci: string; id: number }): string {
  return `${mask(uci)}.${id}`;
}

/** Returns the number of the unit in a masked Claim ID, or undefined if the text is no masked Claim ID. */
export function numberIn(masked: string): number | undefined {
  const number = /^\*{8,18}[0-9A-Z]{2}\.([1-9][0-9]{0,14})$/.exec(masked.trim())?.[1];
  return number === undefined ? undefined : Number(number);
}

interface Spelled {
  begin: number;
  end: number;
  uci: string;
}

/** Letters and digits without a gap. The escapes of JSON are no letters, so that a word after `\n` begins there. */
const RUN = /\\u[0-9a-fA-F]{4}|\\[bfnrt]|[0-9A-Za-z]+/g;

/** People write a Claim ID in groups, with spaces or dashes between them. */
const GAP = /^[\s\-\u2010-\u2015]+$/;

/** Longer runs, such as hashes, contain no Claim ID. A shorter run may have one inside, such as `idJT08FFQXWQ`. */
const MAX_RUN = 40;

function* spelledIn(text: string): Generator<Spelled> {
  const runs = [...text.matchAll(RUN)].filter(([run]) => !run.startsWith('\\'));
  for (const [index, { 0: run, index: begin }] of runs.entries()) {
    yield* inside(run, begin);
    let letters = run.length;
    let end = begin + run.length;
    for (const { 0: more, index: next } of runs.slice(index + 1, index + 1 + MAX_LENGTH)) {
      letters += more.length;
      if (letters > MAX_LENGTH || !GAP.test(text.slice(end, next))) break;
      end = next + more.length;
      if (letters >= MIN_LENGTH) yield* readable(text, begin, end);
    }
  }
}

function* inside(run: string, begin: number): Generator<Spelled> {
  if (run.length > MAX_RUN) return;
  for (let from = 0; from + MIN_LENGTH <= run.length; from++)
    for (let to = from + MIN_LENGTH; to <= Math.min(run.length, from + MAX_LENGTH); to++)
      yield* readable(run, from, to, begin);
}

function* readable(text: string, from: number, to: number, begin = 0): Generator<Spelled> {
  const uci = parse(text.slice(from, to));
  if (uci !== undefined) yield { begin: begin + from, end: begin + to, uci };
}

/** Returns everything in a text, or in the texts of JSON, that can be read as a Claim ID. */
export function claimIdsIn(json: unknown): string[] {
  const found = new Set<string>();
  const search = onceForEach((text) => {
    for (const { uci } of spelledIn(text)) found.add(uci);
    return text;
  });
  withTexts(json, search);
  return [...found];
}

/** Masks the Claim IDs of these units in a text. Stars replace everything where two of them overlap. */
export function maskText(text: string, numbers: UnitNumbers): string {
  const found = [...spelledIn(text)].filter(({ uci }) => numbers.has(uci)).toSorted((a, b) => a.begin - b.begin);
  let shown = '';
  let at = 0;
  for (const { begin, end, uci } of found) {
    if (end <= at) continue;
    const id = numbers.get(uci) ?? null;
    const isWhole = begin >= at && id !== null;
    shown += text.slice(at, Math.max(at, begin));
    shown += isWhole ? maskedUnit({ uci, id }) : '*'.repeat(end - Math.max(at, begin));
    at = end;
  }
  return shown + text.slice(at);
}

/** Returns the same JSON with other texts. The names of members and numbers may be Claim IDs too. */
function withTexts(json: unknown, change: (text: string) => string): unknown {
  if (typeof json === 'string') return change(json);
  if (typeof json === 'number') {
    const text = String(json);
    const changed = isCanonical(text) ? change(text) : text;
    return changed === text ? json : changed;
  }
  if (Array.isArray(json)) return json.map((one) => withTexts(one, change));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [change(name), withTexts(value, change)]));
}

export function maskJson(json: unknown, numbers: UnitNumbers): unknown {
  return withTexts(
    json,
    onceForEach((text) => maskText(text, numbers)),
  );
}

/** A list repeats its texts, such as the product of each unit. So the result for each text is kept. */
function onceForEach(change: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const changed = known.get(text) ?? change(text);
    known.set(text, changed);
    return changed;
  };
}

import JSON5 from 'json5';
import { MAX_NESTING } from './nesting.ts';

/**
 * The maximum number of characters. The largest settings file is many times smaller. The JSON5 parser needs a second
 * for a text of this size.
 */
const MAX_CHARACTERS = 2 ** 20;

/**
 * Parses a settings file, a template or a `device.json5`. If the text cannot be parsed, throws an error. The error's
 * message completes a sentence that begins with the name of the file.
 */
export function parseJson5(text: string): unknown {
  if (text.length > MAX_CHARACTERS) throw new Error(`is too large: at most ${MAX_CHARACTERS} characters`);
  const value: unknown = JSON5.parse(text);
  const twice = keyTwice(text);
  if (twice !== undefined) throw new Error(twice);
  if (isDeep(value)) throw new Error(`is nested too deep: at most ${MAX_NESTING} levels`);
  return value;
}

/** Matches a comment, a string, a punctuation character, or anything else (a name, number or literal). */
const TOKEN = /\/\/.*|\/\*[^]*?\*\/|"[^"\\]*(?:\\[^][^"\\]*)*"|'[^'\\]*(?:\\[^][^'\\]*)*'|[{}[\],:]|[^\s{}[\],:"'/]+/g;

/**
 * Finds a key that occurs twice in an object. The parser would silently keep only the last value of such a key. The
 * text must be valid JSON5.
 */
function keyTwice(text: string): string | undefined {
  const open: Map<string, number>[] = [];
  let before: RegExpExecArray | undefined;
  for (const token of text.matchAll(TOKEN)) {
    const [word] = token;
    if (word.startsWith('//') || word.startsWith('/*')) continue;
    if (word === '{' || word === '[') open.push(new Map());
    else if (word === '}' || word === ']') open.pop();
    else if (word === ':' && before !== undefined) {
      const key = keyIn(before[0]);
      const first = open.at(-1)?.get(key);
      if (first !== undefined)
        return `has the key "${key}" twice, in lines ${lineOf(text, first)} and ${lineOf(text, before.index)}: keep one of them`;
      open.at(-1)?.set(key, before.index);
    }
    before = token;
  }
  return undefined;
}

/** Like a string, a name may contain escapes. */
function keyIn(word: string): string {
  return String(JSON5.parse(/^["']/.test(word) ? word : `"${word}"`));
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n|[\n\r\u2028\u2029]/).length;
}

/** Checks one level after another, because a recursive function could use up the stack. */
function isDeep(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; depth < MAX_NESTING && level.length > 0; depth++)
    level = level.flatMap((one) => Object.values(one).filter(isContainer));
  return level.length > 0;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import JSON5 from 'json5';
import { MAX_NESTING } from './nesting.ts';

/**
 * The maximum number of characters, which is many times the size of the largest settings file. The JSON5 parser takes a
 * second for a text of this size.
 */
const MAX_CHARACTERS = 2 ** 20;

/**
 * Parses a settings file, a template or a `device.json5`. Throws an error whose message continues a sentence about the
 * file.
 */
export function parseJson5(text: string): unknown {
  if (text.length > MAX_CHARACTERS) throw new Error(`is too large: at most ${MAX_CHARACTERS} characters`);
  const value: unknown = JSON5.parse(text);
  if (isDeep(value)) throw new Error(`is nested too deep: at most ${MAX_NESTING} levels`);
  return value;
}

/** Checks the levels one after another, because a recursive function would use up the stack. */
function isDeep(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; depth < MAX_NESTING && level.length > 0; depth++)
    level = level.flatMap((one) => Object.values(one).filter(isContainer));
  return level.length > 0;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import { z } from 'zod';
import { refusal } from './error.ts';
import { invisibleIn } from './invisible.ts';
import { phrase, valueWords, type Words } from './refusal-words.ts';
import { own } from './own.ts';

/*
 * Makes the default messages for values that are not allowed. When this file is imported, it replaces zod's messages in
 * the entire process. A message is shown after the name of its value ("count": must be 1 or more). A message never
 * contains the value itself, because the value may be a secret.
 */

export function plainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? MISSING : (own(TYPES, issue.expected) ?? `must be ${issue.expected}`);
    case 'invalid_value':
      return issue.input === undefined ? MISSING : oneOf(issue.values);
    case 'too_small':
      return bound(issue, issue.minimum, 'or more', 'more than', 'at least');
    case 'too_big':
      return bound(issue, issue.maximum, 'or less', 'less than', 'at most');
    case 'invalid_format':
      return own(FORMATS, issue.format) ?? NOT_VALID;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `${issue.keys.map((key) => `"${key}"`).join(', ')} ${issue.keys.length === 1 ? 'is' : 'are'} not known here`;
    case 'invalid_key':
      return `the name ${issue.issues[0]?.message ?? NOT_VALID}`;
    case 'invalid_union':
      return issue.discriminator === undefined ? anyOf(issue) : kind(issue, issue.discriminator);
    default:
      return NOT_VALID;
  }
}

const MISSING = 'is missing';
const NOT_VALID = 'is not valid';

const TYPES: { [expected: string]: string } = {
  string: 'must be a string',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
  never: 'must be left out',
  undefined: 'must be left out',
};

const FORMATS: { [format: string]: string } = {
  datetime: 'must be a time such as 2026-11-25T12:00:00Z',
  date: 'must be a date such as 2026-11-25',
  url: 'must be an address such as https://host/path',
};

/** The nouns for the unit in which a value's size is counted, such as characters or entries. */
const UNITS: { [origin: string]: [string, string] } = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function bound(
  { origin, exact, inclusive }: { origin: string; exact?: boolean; inclusive?: boolean },
  limit: number | bigint,
  reached: string,
  beyond: string,
  sized: string,
): string {
  const [one, many] = own(UNITS, origin) ?? [];
  if (one !== undefined) return `must have ${exact ? 'exactly' : sized} ${limit} ${limit === 1 ? one : many}`;
  return inclusive === false ? `must be ${beyond} ${limit}` : `must be ${limit} ${reached}`;
}

function oneOf(values: unknown[]): string {
  return values.length === 1 ? `must be ${String(values[0])}` : `must be one of ${values.map(String).join(', ')}`;
}

type NoMatch = z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>;

/** Makes the message for an object that has no `kind` or an unknown one. */
function kind({ input, options }: NoMatch, discriminator: string): string {
  const given = own(Object(input), discriminator);
  const kinds = oneOf(Array.isArray(options) ? options : []);
  return given === undefined ? `${MISSING}: it ${kinds}` : kinds;
}

/**
 * A value may have several allowed forms. If each form has exactly one message about the entire value, joins these
 * messages.
 */
function anyOf({ input, errors }: NoMatch): string {
  if (input === undefined) return MISSING;
  const wants = errors.map(([first]) =>
    first?.path.length === 0 && first.message.startsWith(MUST_BE) ? first.message.slice(MUST_BE.length) : undefined,
  );
  if (wants.length === 0 || wants.includes(undefined)) return NOT_VALID;
  return `${MUST_BE}${[...new Set(wants)].join(' or ')}`;
}

const MUST_BE = 'must be ';

z.config({ customError: plainWords });

/** Adds the name of an invisible character. Without this name, the value would seem to be correct. */
export function withInvisible(why: Words, value: unknown): Words {
  const found = typeof value === 'string' ? invisibleIn(value) : undefined;
  return found === undefined ? why : phrase('invisible', { why, ...found });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inside, name) => own(Object(inside), String(name)), value);
}

/**
 * Parses the value with the schema and returns it. If the value is wrong, throws an `invalid` error that lists
 * everything that is wrong.
 */
export function check<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => {
    const why = withInvisible(valueWords(message), valueAt(value, path));
    return path.length === 0 ? why : phrase('place', { place: `"${path.join('.')}"`, why });
  });
  throw refusal('invalid', 'values', { problems });
}

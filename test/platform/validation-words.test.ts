import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import '../../src/platform/validation-words.ts';
import { expectWords } from '../support/value-words.ts';

const Kind = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ipp') }),
  z.strictObject({ kind: z.literal('file') }),
]);

/** A schema, a value it refuses, and the place and sentence. */
const SAID: [string, z.ZodType, unknown, string][] = [
  ['a property left out', z.object({ a: z.number() }), {}, 'a: is missing'],
  ['a choice left out', z.object({ a: z.enum(['x', 'y']) }), {}, 'a: is missing'],
  ['a record left out', z.object({ a: z.record(z.string(), z.string()) }), {}, 'a: is missing'],
  ['no number', z.number(), 'x', 'must be a number'],
  ['no number in a query', z.coerce.number().int(), 'x', 'must be a number'],
  ['a number for a string', z.string(), 7, 'must be a string'],
  ['null for a boolean', z.boolean(), null, 'must be true or false'],
  ['an array for an object', z.strictObject({}), [], 'must be an object'],
  ['a string for a record', z.record(z.string(), z.unknown()), 'x', 'must be an object'],
  ['an object for a list', z.array(z.string()), {}, 'must be a list'],
  ['a fraction', z.int(), 1.5, 'must be a whole number'],
  ['a number too small', z.int().min(1), 0, 'must be 1 or more'],
  ['a number too big', z.int().max(1000), 1001, 'must be 1000 or less'],
  ['zero where it must be positive', z.number().positive(), 0, 'must be more than 0'],
  ['a number on its open bound', z.number().lt(5), 5, 'must be less than 5'],
  ['no multiple', z.number().multipleOf(5), 7, 'must be a multiple of 5'],
  ['an empty string', z.string().min(1), '', 'must have at least 1 character'],
  ['a string too long', z.string().max(200), 'x'.repeat(201), 'must have at most 200 characters'],
  ['a string of another length', z.string().length(2), 'x', 'must have exactly 2 characters'],
  ['an empty list', z.array(z.string()).min(1), [], 'must have at least 1 entry'],
  ['a list too long', z.array(z.int()).max(2), [1, 2, 3], 'must have at most 2 entries'],
  ['none of the choices', z.enum(['a', 'b']), 'c', 'must be one of a, b'],
  ['not the one choice', z.literal('false'), 'true', 'must be false'],
  ['no time', z.iso.datetime(), 'noon', 'must be a time such as 2026-11-25T12:00:00Z'],
  ['no date', z.iso.date(), 'today', 'must be a date such as 2026-11-25'],
  ['no address', z.url(), 'x', 'must be an address such as https://host/path'],
  ['another pattern', z.string().regex(/^a$/), 'b', 'is not valid'],
  ['a check without words', z.string().refine(() => false), 'x', 'is not valid'],
  ['an unknown property', z.strictObject({}), { foo: 1 }, '"foo" is not known here'],
  ['two of them', z.strictObject({}), { foo: 1, bar: 2 }, '"foo", "bar" are not known here'],
  ['a bad name', z.record(z.string().max(2), z.string()), { abc: 'x' }, 'abc: the name must have at most 2 characters'],
  ['neither form', z.union([z.string(), z.array(z.string())]), 7, 'must be a string or a list'],
  ['none of the numbers', z.union([z.literal(203), z.literal(300)]), 7, 'must be 203 or 300'],
  [
    'neither a choice nor a flag',
    z.union([z.boolean(), z.enum(['a', 'b'])]),
    7,
    'must be true or false or one of a, b',
  ],
  ['neither object', z.union([z.object({ a: z.int() }), z.object({ b: z.int() })]), {}, 'is not valid'],
  ['an unknown kind', Kind, { kind: 'usb' }, 'kind: must be one of ipp, file'],
  ['no kind', Kind, {}, 'kind: is missing: it must be one of ipp, file'],
  ['no object with a kind', Kind, 7, 'must be an object'],
];

/** A sentence for each code of an issue that zod makes. The keys of a map and the elements of a set are not used. */
const CODES: { [code in Exclude<z.core.$ZodIssue['code'], 'invalid_element'>]: true } = {
  invalid_type: true,
  too_big: true,
  too_small: true,
  invalid_format: true,
  not_multiple_of: true,
  unrecognized_keys: true,
  invalid_union: true,
  invalid_key: true,
  invalid_value: true,
  custom: true,
};

it('each code of an issue has a sentence here', () => {
  const codes = SAID.flatMap(
    ([, schema, value]) => schema.safeParse(value).error?.issues.map(({ code }) => code) ?? [],
  );
  expect([...new Set(codes)].toSorted()).toEqual(Object.keys(CODES).toSorted());
});

it.each(SAID)('%s is said in every language', (_, schema, value) => {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  expectWords(issue?.message ?? '');
});

describe('a schema without words of its own says of', () => {
  it.each(SAID)('%s what is wrong in a sentence', (_, schema, value, sentence) => {
    const [issue] = schema.safeParse(value).error?.issues ?? [];
    expect([...(issue?.path ?? []), issue?.message].join(': ')).toBe(sentence);
  });
});

it("a schema's own sentence stands", () => {
  expect(z.string('must be a name').safeParse(7).error?.issues[0]?.message).toBe('must be a name');
});

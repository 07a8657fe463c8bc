import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Declaration } from '../../src/http/operation.ts';
import { OPERATIONS } from '../../src/http/operations.ts';
import { PersonSettings } from '../../src/model/person.ts';
import { Printer } from '../../src/model/printer.ts';
import { Product } from '../../src/model/product.ts';
import { patternProblems } from '../../src/model/serial.ts';
import { ShippingListDefinition } from '../../src/model/shipping/shipping-list.ts';
import { StationDefinition } from '../../src/model/station.ts';
import { WorkOrderDefinition } from '../../src/model/work-order.ts';
import { expectWords } from '../support/value-words.ts';

/*
 * The sentences that the schemas of operations have of their own. The console's forms and the station screen show these
 * sentences, so each sentence is needed in every language.
 */

interface Inside {
  error?: (issue: object) => unknown;
  [part: string]: unknown;
}

/** Calls `found` with every schema inside the part. */
function walk(part: unknown, seen: Set<unknown>, found: (schema: object, def: Inside) => void): void {
  if (typeof part !== 'object' || part === null || seen.has(part)) return;
  seen.add(part);
  if (Array.isArray(part) || part instanceof Map || part instanceof Set) {
    for (const one of part.values()) walk(one, seen, found);
    return;
  }
  const def: Inside | undefined = '_zod' in part ? Object(part)['_zod'].def : undefined;
  if (def === undefined) {
    for (const one of Object.values(part)) walk(one, seen, found);
    return;
  }
  found(part, def);
  for (const [name, one] of Object.entries(def)) if (name !== 'error') walk(one, seen, found);
}

/** Values of all kinds. Each schema refuses most of them. */
const WRONG: unknown[] = [
  undefined,
  null,
  true,
  7,
  -1,
  1.5,
  1e9,
  '',
  ' ',
  'x',
  '{',
  '\u0007',
  '2026-13-45',
  'x'.repeat(5000),
  [],
  ['', 7],
  Array.from({ length: 2000 }, () => 'x'),
  {},
  { foo: 1, bar: 2 },
  { kind: 'usb' },
  { '': 7 },
];

/** The sentences that checks have of their own, and the sentences about wrong values. */
function sentencesOf(schemas: unknown[]): { own: string[]; said: string[] } {
  const own = new Set<string>();
  const said = new Set<string>();
  const checks = new Set<unknown>();
  walk(schemas, new Set(), (schema, def) => {
    const sentence = def.error?.({ input: 'x' });
    if (typeof sentence === 'string') own.add(sentence);
    // A check or a transformation looks like a schema too, but reads only values that another schema accepted.
    for (const one of Array.isArray(def['checks']) ? def['checks'] : []) checks.add(one);
    if (!(schema instanceof z.ZodType) || def['type'] === 'transform' || checks.has(schema)) return;
    for (const value of WRONG) for (const { message } of schema.safeParse(value).error?.issues ?? []) said.add(message);
  });
  return { own: [...own].toSorted(), said: [...said].toSorted() };
}

const SENTENCES = sentencesOf([
  ...Object.values<Declaration>(OPERATIONS).flatMap(({ params, query, body }) => [params, query, body]),
  Printer,
  Product,
  StationDefinition,
  WorkOrderDefinition,
  ShippingListDefinition,
  PersonSettings,
]);

it('the schemas have sentences of names and of checks', () => {
  expect(SENTENCES.own).toContain('must be 1 to 64 letters, digits, ".", "_" or "-"');
  expect(SENTENCES.own).toContain('is needed for labels side by side');
  expect(SENTENCES.said).toContain('is missing');
  expect(SENTENCES.said).toContain('"foo", "bar" are not known here');
});

it.each(SENTENCES.own)('"%s", a sentence of a schema, is shown in every language', expectWords);

it.each(SENTENCES.said)('"%s", about a wrong value, is shown in every language', expectWords);

const PATTERNS = [
  '{seq:0}',
  '{seq:1}{seq:1}',
  'ä{seq:5}',
  ' {seq:5}',
  '{code}{seq:5}',
  `${'x'.repeat(40)}{seq:5}`,
  '{seq:5} ',
  '{',
  '',
];

it.each([...new Set(PATTERNS.flatMap((pattern) => patternProblems(pattern, undefined)))])(
  '"%s", about an S/N pattern, is shown in every language',
  expectWords,
);

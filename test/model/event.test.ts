import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventType } from '../../src/model/event-data.ts';
import { lineOf, parseLine, productOf, type Event, type EventLine, type Json } from '../../src/model/event.ts';
import { ALPHABET } from '../../src/model/claim-id.ts';

const AT = Date.UTC(2026, 10, 23, 9, 30, 0, 5);

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"',
    '\\',
    '\\"',
    '",\n"',
    '\u2028',
    '\u0000',
    '"attributes":',
    ',"data":{',
    '}}',
    '\ud800',
    '__proto__',
  ),
);
const anyData = fc
  .dictionary(anyText, fc.oneof(anyText, fc.jsonValue() as fc.Arbitrary<Json>), { maxKeys: 5, noNullPrototype: true })
  .map((data) => JSON.parse(JSON.stringify(data)) as { [key: string]: Json })
  // The name that `lineOf` gives to the agent's body.
  .map(({ attributes: _attributes, ...data }) => data);
/** Strict JSON of one line, with blanks between its tokens. */
const anyAttributes = fc
  .tuple(fc.dictionary(anyText, fc.jsonValue()), fc.constantFrom('', ' ', '  ', '\t'))
  .map(([body, indent]) => JSON.stringify(body, null, indent).replaceAll('\n', ' '));

const anyEvent = fc.record<EventLine, 'seq' | 'at' | 'type' | 'actor' | 'data'>(
  {
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    at: fc.date({ min: new Date(0), max: new Date(Date.UTC(9999, 0)), noInvalidDate: true }).map((date) => +date),
    type: fc.constantFrom<EventType>('issued', 'reserved', 'void', 'armed', 'station-set', 'verify-failed'),
    actor: anyText,
    data: anyData,
    uci: fc
      .array(fc.constantFrom(...ALPHABET.split('')), { minLength: 10, maxLength: 20 })
      .map((letters) => letters.join('')),
    station: anyText,
    workOrder: anyText,
    attributes: anyAttributes,
  },
  { requiredKeys: ['seq', 'at', 'type', 'actor', 'data'] },
);

describe("an event's line", () => {
  test('reads back as the same event and is written again byte for byte', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = lineOf(event);
        expect(parseLine(line)).toEqual(event);
        expect(lineOf(parseLine(line))).toBe(line);
      }),
      { numRuns: 500 },
    );
  });

  test('reads back the same behind others with the same body, as identical firmware sends it', () => {
    const nested = anyData.map((data) => ({ ...data, filter: { attributes: { product: 'x' } } }));
    fc.assert(
      fc.property(anyAttributes, fc.array(fc.tuple(anyEvent, nested, fc.boolean()), { minLength: 2 }), (body, all) => {
        for (const [event, data, has] of all) {
          const { attributes: _attributes, ...rest } = event;
          const one: EventLine = has ? { ...event, data, attributes: body } : { ...rest, data };
          expect(parseLine(lineOf(one))).toEqual(one);
        }
      }),
    );
  });

  test('is one line of strict JSON', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = lineOf(event);
        expect(line).not.toMatch(/[\n\r]/);
        expect(JSON.parse(line)).toMatchObject({ seq: event.seq, type: event.type });
      }),
    );
  });

  test('is the same UTF-8 after being stored and read, whatever its strings hold', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = lineOf(event);
        expect(Buffer.from(line, 'utf8').toString('utf8')).toBe(line);
      }),
    );
  });

  test('has its keys in one order, the absent ones left out', () => {
    const order = ['seq', 'at', 'type', 'uci', 'actor', 'station', 'work_order', 'data'];
    fc.assert(
      fc.property(anyEvent, (event) => {
        const keys = Object.keys(JSON.parse(lineOf(event)));
        expect(keys).toEqual(order.filter((key) => keys.includes(key)));
      }),
    );
  });

  test("keeps the agent's body byte for byte as the last member of data", () => {
    const attributes = '{ "product":"P1",  "mac" : "00:11", "n":1.50, "e":"\\u00e9", "n2":1e2 }';
    const event: EventLine = {
      seq: 7,
      at: AT,
      type: 'issued',
      uci: 'JT08FFQXWQ',
      actor: 'agent:10.0.0.7',
      station: 'nest-1',
      workOrder: 'WO-1',
      data: { serial: '264800001', identity: ['mac'] },
      attributes,
    };
    expect(lineOf(event)).toBe(
      '{"seq":7,"at":"2026-11-23T09:30:00.005Z","type":"issued","uci":"JT08FFQXWQ","actor":"agent:10.0.0.7",' +
        '"station":"nest-1","work_order":"WO-1",' +
        `"data":{"serial":"264800001","identity":["mac"],"attributes":${attributes}}}`,
    );
    expect(lineOf({ ...event, data: {} })).toContain(`"data":{"attributes":${attributes}}}`);
    fc.assert(
      fc.property(anyData, anyAttributes, (data, body) => {
        const line = lineOf({ ...event, data, attributes: body });
        expect(line.endsWith(`"attributes":${body}}}`)).toBe(true);
        expect(parseLine(line).attributes).toBe(body);
      }),
    );
  });

  test('of a station whose product is called "attributes" is no agent\'s body', () => {
    const event: EventLine = {
      seq: 1,
      at: AT,
      type: 'station-set',
      actor: 'admin',
      data: { name: 'nest-1', workOrders: { attributes: 'WO-1' } },
    };
    expect(parseLine(lineOf(event))).toEqual(event);
  });

  test.each([
    ['no JSON', 'issued'],
    ['no object', '[]'],
    [
      'a number that JSON does not know',
      '{"seq":007,"at":"2026-11-23T09:30:00.005Z","type":"x","actor":"a","data":{}}',
    ],
    ['a tab in a name', '{"seq":1,"at":"2026-11-23T09:30:00.005Z","type":"x","actor":"a\t","data":{}}'],
    ['another end', '{"seq":1,"at":"2026-11-23T09:30:00.005Z","type":"x","actor":"a","data":{}]'],
    ['more behind it', '{"seq":1,"at":"2026-11-23T09:30:00.005Z","type":"x","actor":"a","data":{}},{}}'],
    ['no number', '{"at":"2026-11-23T09:30:00.005Z","type":"issued","actor":"a","data":{}}'],
    ['no data', '{"seq":1,"at":"2026-11-23T09:30:00.005Z","type":"issued","actor":"a"}'],
    ['a list as data', '{"seq":1,"at":"2026-11-23T09:30:00.005Z","type":"issued","actor":"a","data":[]}'],
    ['a number beyond counting', '{"seq":1e300,"at":"2026-11-23T09:30:00.005Z","type":"x","actor":"a","data":{}}'],
    [
      "an agent's body that is no object",
      '{"seq":1,"at":"2026-11-23T09:30:00.005Z","type":"x","actor":"a","data":{"attributes":null}}',
    ],
    ['a name that is no text', '{"uci":7,"seq":1,"at":"2026-11-23T09:30:00.005Z","type":"x","actor":"a","data":{}}'],
    ['a time that is none', '{"seq":1,"at":"yesterday","type":"issued","actor":"a","data":{}}'],
  ])('with %s is refused', (_what, line) => {
    expect(() => parseLine(line)).toThrow();
  });
});

describe('the product of an event', () => {
  const event: Event<'issued'> = { seq: 1, at: AT, type: 'issued', uci: 'JT08FFQXWQ', actor: 'a', data: {} };

  test('is the one the agent named, else the one the service put beside it', () => {
    expect(productOf({ ...event, attributes: '{"product":"P1"}' })).toBe('P1');
    expect(productOf({ ...event, data: { product: 'P2' }, attributes: '{"name":"x"}' })).toBe('P2');
    expect(productOf({ ...event, data: { product: 'P2' } })).toBe('P2');
  });

  test('is never guessed', () => {
    expect(() => productOf(event)).toThrow(/without a product/);
  });
});

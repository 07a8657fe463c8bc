import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLongList } from '../../src/http/long-list.ts';
import { parseJson } from '../../src/http/read-body.ts';

const LIST = { name: 'units', most: 20_000 };
/** Short bodies are read at once. */
const LONG = ' '.repeat(64 * 1024);

async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return { value: await read() };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

async function expectSame(json: string | Uint8Array): Promise<void> {
  const bytes = Buffer.concat([Buffer.from(LONG), Buffer.from(json)]);
  expect(await outcome(() => parseLongList(bytes, LIST))).toEqual(await outcome(() => parseJson(bytes)));
}

const manyUnits = (count: number): string =>
  JSON.stringify({
    as: 'issued',
    units: Array.from({ length: count }, (_, i) => ({ place: `line ${i}`, device: { product: 'P', mac: `m-${i}` } })),
  });

describe('a body with a long list', () => {
  it.each([
    '{"units":[]}',
    '{"units":[ ]}',
    '{"units":[1]}',
    '{"units":[1,]}',
    '{"units":[,1]}',
    '{"units":[1,2]}x',
    '{"units":[1,2]',
    '{"units":[1,2}',
    '{"units":[1,{]]}',
    '{"units":[[1,2},3]}',
    '{"units":[1 2]}',
    '{"units":["a,]","b\\"]"],"as":"units"}',
    '{"as":"units","units":[1]}',
    '{"as":"units" [1,2]}',
    '{"units":[1],"units":[2]}',
    '{"units":[1],"units":5}',
    '{"units":[1],"\\u0075nits":[2]}',
    '{"\\u0075nits":[1]}',
    '{"units":{"units":[1]}}',
    '{"x":{"units":[1]},"units":[{"units":[2]}]}',
    '{"units":5}',
    '[{"units":[1]}]',
    '{"units":[1]}{"units":[2]}',
    '{"units":["\uFEFF"]}',
    '{"units":[\uFEFF1,2]}',
    '{"__proto__":1,"units":[{"__proto__":2},3]}',
    `{"units":[${'['.repeat(40)}${']'.repeat(40)}]}`,
    '"units"',
    '',
  ])('%s is read, or refused, as all at once', expectSame);

  it('that is no UTF-8 is refused', async () => {
    await expectSame(Buffer.concat([Buffer.from('{"units":["'), Buffer.from([0xff]), Buffer.from('",2]}')]));
  });

  it('is read as all at once, whatever it contains', async () => {
    const body = fc.record({ as: fc.jsonValue(), units: fc.array(fc.jsonValue()), check: fc.jsonValue() });
    const damage = fc.record({ at: fc.nat(), put: fc.constantFrom('', '"', '[', ']', '{', '}', ',', '\\', ':', '1') });
    await fc.assert(
      fc.asyncProperty(body, fc.option(damage, { nil: undefined }), async (value, damaged) => {
        const text = JSON.stringify(value);
        const at = damaged === undefined ? 0 : damaged.at % (text.length + 1);
        await expectSame(damaged === undefined ? text : text.slice(0, at) + damaged.put + text.slice(at + 1));
      }),
      { numRuns: 300 },
    );
  });

  it('of 20,000 units is read a few units at a time, and others are served in between', async () => {
    const bytes = Buffer.from(manyUnits(20_000));
    let served = 0;
    const serve = (): void => {
      served++;
      timer = setImmediate(serve);
    };
    let timer = setImmediate(serve);
    const read = await parseLongList(bytes, LIST);
    clearImmediate(timer);
    expect(read).toEqual(parseJson(bytes));
    expect(served).toBeGreaterThan(5);
  });

  it('with more entries than allowed is read at once, so that the refusal says so', async () => {
    await expectSame(manyUnits(20_001));
  });
});

import { describe, expect, it } from 'vitest';
import type { Product } from '../../../src/model/product.ts';
import { agent, openLine, product, refusal, type MapLedger } from '../../support/map-ledger.ts';

const actor = 'admin';
const set = (line: MapLedger, settings: Partial<Product> & { id: string }): object =>
  line.record({ kind: 'set-product', product: product({ serialPattern: null, ...settings }), actor });
const reasonOf = (act: () => unknown): string => {
  try {
    act();
    return '';
  } catch (error) {
    return String(error instanceof Error && 'words' in error ? Object(error).words.key : error);
  }
};

describe('a pool is refused', () => {
  it.each([
    ['mac=A4C138000001', 'range'],
    ['mac=A4C138000001-A4C13800000', 'range'],
    ['mac=A4C138000001-A4C1380000000001', 'range'],
    ['mac=A4C138000009-A4C138000001', 'order'],
    ['mac=A4C138000001-A4C139000001', 'oui'],
    ['mac=010000000001-010000000009', 'multicast'],
    ['mac=060000000001-060000000009', 'local'],
    ['mac=000000000000-000000000009', 'placeholder'],
    ['mac=001122334400-0011223344FF', 'placeholder'],
    ['mac=444444000000-444444FFFFFF', 'placeholder'],
    ['mac=102030405000-1020304050FF', 'placeholder'],
    ['eui64=0200000000000001-0200000000000009', 'local'],
    ['licence=LIC{seq:7}:1-9', 'lookalike'],
    ['licence=LIC-{seq:2}:1-100', 'digits'],
    ['licence=LIC-{seq:2}:0-9', 'first'],
    ['licence={seq:9}:1-9', 'first'],
    ['licence=LIC-{yy}{seq:2}:1-9', 'range'],
    ['serial=LIC-{seq:2}:1-9', 'property'],
    ['id=LIC-{seq:2}:1-9', 'property'],
    ['link=A4C138000001-A4C138000009', 'property'],
  ])('%s, because of its %s', (pool, reason) => {
    const line = openLine();
    expect(reasonOf(() => set(line, { id: 'A', pools: [pool] }))).toBe(`pool-wrong/${reason}`);
  });

  it('if the product has two pools for a property, or answers a pool that it does not have', () => {
    const line = openLine();
    const pools = ['mac=A4C138000001-A4C138000009', 'mac=A4C138000011-A4C138000019'];
    expect(reasonOf(() => set(line, { id: 'A', pools }))).toBe('pool-wrong/twice');
    expect(reasonOf(() => set(line, { id: 'A', poolAnswers: ['mac'] }))).toBe('pool-wrong/answers');
  });

  it('if a range overlaps with another range of the same product or of another one', () => {
    const line = openLine();
    const own = ['mac=A4C138000001-A4C138000009+A4C138000009-A4C138000011'];
    expect(refusal(() => set(line, { id: 'A', pools: own }))).toBe('pools-shared');
    set(line, { id: 'A', pools: ['mac=A4C138000001-A4C138000009', 'licence=LIC-{seq:4}:1-500'] });
    expect(refusal(() => set(line, { id: 'B', pools: ['wifi=A4:C1:38:00:00:09-A4:C1:38:00:00:10'] }))).toBe(
      'pools-shared',
    );
    expect(refusal(() => set(line, { id: 'B', pools: ['licence=LIC-{seq:4}:500-501'] }))).toBe('pools-shared');
    expect(refusal(() => set(line, { id: 'B', pools: ['licence=LIC-0{seq:3}:600-601'] }))).toBe('pools-shared');
    set(line, { id: 'B', pools: ['mac=A4C13800000A-A4C138000010', 'licence=LIC-{seq:4}:501-900'] });
  });
});

describe('a range that was in use', () => {
  const used = (): MapLedger => {
    const line = openLine();
    set(line, { id: 'A', pools: ['mac=A4C138000001-A4C138000009'] });
    for (let count = 0; count < 3; count++) line.record(agent({ product: 'A' }));
    return line;
  };
  const FOURTH = 'A4:C1:38:00:00:04';
  const drawn = (line: MapLedger, id: string): unknown =>
    line.seen.unit(line.record(agent({ product: id })).uci)?.extra?.drawn;

  it('keeps its used part from other products, and leaves them the rest', () => {
    const line = used();
    set(line, { id: 'A' });
    expect(line.seen.product('A')?.formerPools).toEqual(['A4C138000001-A4C138000003']);
    expect(refusal(() => set(line, { id: 'B', pools: ['mac=A4C138000003-A4C138000009'] }))).toBe('pools-shared');
    set(line, { id: 'B', pools: ['mac=A4C138000004-A4C138000009'] });
    expect(drawn(line, 'B')).toEqual({ mac: FOURTH });
  });

  it('goes on with its next number if the product gets it back, under any property and with any end', () => {
    const line = used();
    set(line, { id: 'A' });
    set(line, { id: 'A', pools: ['wifi=A4C138000001-A4C138000005'] });
    expect(drawn(line, 'A')).toEqual({ wifi: FOURTH });
    expect(line.seen.product('A')?.formerPools).toBeUndefined();
  });

  it('cannot begin at another number that is used', () => {
    const line = used();
    expect(refusal(() => set(line, { id: 'A', pools: ['mac=A4C138000002-A4C138000009'] }))).toBe('pools-shared');
    set(line, { id: 'A', pools: ['mac=A4C138000004-A4C138000009'] });
    expect(drawn(line, 'A')).toEqual({ mac: FOURTH });
  });

  it('keeps its used part if its new end is before it', () => {
    const line = used();
    set(line, { id: 'A', pools: ['mac=A4C138000001-A4C138000002'] });
    expect(line.seen.product('A')?.formerPools).toEqual(['A4C138000001-A4C138000003']);
    expect(refusal(() => line.record(agent({ product: 'A' })))).toBe('pool-exhausted');
    expect(refusal(() => set(line, { id: 'B', pools: ['mac=A4C138000003-A4C138000003'] }))).toBe('pools-shared');
  });

  it('moves between two products of one file only without its used part', () => {
    const line = used();
    const together = [product({ id: 'B', serialPattern: null, pools: ['mac=A4C138000001-A4C138000009'] })];
    together.push(product({ id: 'A', serialPattern: null }));
    const [b] = together;
    expect(refusal(() => line.record({ kind: 'set-product', product: b as never, together, actor }))).toBe(
      'pools-shared',
    );
  });
});

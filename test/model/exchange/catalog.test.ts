import { describe, expect, it } from 'vitest';
import { CatalogFile, dividedCatalog, entriesToApply, MAX_AT_ONCE } from '../../../src/model/exchange/catalog.ts';

const products = (count: number, name = 'x'): object[] =>
  Array.from({ length: count }, (_, n) => ({ id: `P-${n}`, name, code: `P${n}` }));
const file = (parts: object): CatalogFile => CatalogFile.parse({ format: 'claimstamp-catalog-1', ...parts });
const stations = (count: number): object[] => Array.from({ length: count }, (_, n) => ({ name: `s-${n}` }));

describe('a catalogue file', () => {
  it('may have more entries than one transaction, and only those that differ are applied', () => {
    const all = file({ products: products(700), stations: stations(300) });
    const here = file({ products: products(699), stations: stations(300) });
    const differ = entriesToApply(here, all);
    expect([differ.products?.map(({ id }) => id), differ.stations]).toEqual([['P-699'], []]);
    expect(dividedCatalog(differ)).toHaveLength(1);
    expect(dividedCatalog({})).toEqual([{}]);
  });

  it('is divided into parts that one transaction can hold, without losing an entry', () => {
    const all = file({ products: products(700), stations: stations(300) });
    const parts = dividedCatalog(all);
    expect(parts.map((part) => [part.products?.length ?? 0, part.stations?.length ?? 0])).toEqual([
      [MAX_AT_ONCE.products, 0],
      [MAX_AT_ONCE.products, 0],
      [100, MAX_AT_ONCE.stations],
      [0, 100],
    ]);
    expect(parts.flatMap((part) => part.products ?? [])).toEqual(all.products);
    const small = dividedCatalog(all, 64 * 1024);
    expect(small.every((part) => JSON.stringify(part).length <= 64 * 1024)).toBe(true);
    expect(small.flatMap((part) => part.stations ?? [])).toEqual(all.stations);
  });
});

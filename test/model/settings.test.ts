import { describe, expect, it } from 'vitest';
import { PRINTER_SETTINGS } from '../../src/model/printer.ts';
import { ProductSettings } from '../../src/model/product.ts';
import { mergePatch, patchOf, settingsOf } from '../../src/model/settings.ts';
import { StationSettings } from '../../src/model/station.ts';
import { WorkOrderSettings } from '../../src/model/work-order.ts';

describe('a patch', () => {
  it.each([
    // RFC 7396, appendix A: those whose target is an object.
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j with %j gives %j', (before, patch, after) => {
    expect(mergePatch(before, patch)).toEqual(after);
  });

  it('has neither defaults nor required settings, and takes null for each', () => {
    const patch = patchOf({ ...ProductSettings.shape, ...WorkOrderSettings.shape });
    expect(patch.parse({})).toEqual({});
    const nothing = Object.fromEntries(Object.keys(patch.shape).map((name) => [name, null]));
    expect(patch.parse(nothing)).toEqual(nothing);
    expect(patch.safeParse({ claimIdLength: 9 }).success).toBe(false);
    expect(patch.safeParse({ colour: 'red' }).success).toBe(false);
  });

  it('takes null for an entry of a map', () => {
    const workOrders = { DEMO: null };
    expect(patchOf(StationSettings.shape).parse({ workOrders })).toEqual({ workOrders });
  });
});

describe('the description of a thing', () => {
  it('gives each setting its kind, its choices, its limit and its default', () => {
    const byName = Object.fromEntries(settingsOf(ProductSettings.shape).map((setting) => [setting.name, setting]));
    expect(byName['name']).toMatchObject({ kind: 'text', max: 120, required: false });
    expect(byName['claimIdLength']).toMatchObject({ kind: 'number', default: 10 });
    expect(byName['serialPattern']).toMatchObject({ kind: 'text', max: 64 });
    expect(byName['claiming']).toMatchObject({ kind: 'choice', choices: ['user', 'pre'] });
    expect(byName['label']).toMatchObject({ kind: 'text', names: 'template' });
  });

  it.each([
    ['a product', ProductSettings.shape],
    ['a station', StationSettings.shape],
    ['a work order', WorkOrderSettings.shape],
    ['a printer', PRINTER_SETTINGS],
  ])('has a help text for each setting of %s', (_, shape) => {
    expect(settingsOf(shape).filter(({ help }) => help === '')).toEqual([]);
  });
});

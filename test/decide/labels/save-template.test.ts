import { describe, expect, it } from 'vitest';
import { hashOfSource } from '../../../src/model/labels/saved-template.ts';
import { openMapLedger, rebuild, refusal, type MapLedger } from '../../support/map-ledger.ts';

/* Revisions of label templates. */

const save = (line: MapLedger, source: string, revision: number, name = 'mine') =>
  line.record({ kind: 'save-template', name, source, revision, actor: 'person:ines' });

describe('a label template', () => {
  it('gets a revision with each change, and its event has the source, its hash and who saved it', () => {
    const line = openMapLedger();
    expect(save(line, '{ a: 1 }', 0)).toEqual({ name: 'mine', revision: 1, hash: hashOfSource('{ a: 1 }') });
    expect(save(line, '{ a: 2 }', 1)).toMatchObject({ revision: 2 });
    expect(line.events.map(({ type, actor, data }) => ({ type, actor, data }))).toEqual(
      [1, 2].map((revision) => ({
        type: 'template-saved',
        actor: 'person:ines',
        data: {
          name: 'mine',
          revision,
          hash: hashOfSource(`{ a: ${revision} }`),
          source: `{ a: ${revision} }`,
        },
      })),
    );
    expect(rebuild(line.lines).templates).toEqual(line.tables.templates);
  });

  it('is not overwritten by a person who changed an earlier revision', () => {
    const line = openMapLedger();
    save(line, '{ a: 1 }', 0);
    save(line, '{ a: 2 }', 1);
    expect(refusal(() => save(line, '{ a: 3 }', 1))).toBe('template-changed');
    expect(refusal(() => save(line, '{ a: 3 }', 0))).toBe('template-changed');
    expect(refusal(() => save(line, '{ a: 3 }', 3))).toBe('template-changed');
    expect(refusal(() => save(line, '{ a: 3 }', 1, 'other'))).toBe('template-changed');
    expect(line.events).toHaveLength(2);
  });

  it('gets no event if nothing changed, or if the request comes again', () => {
    const line = openMapLedger();
    save(line, '{ a: 1 }', 0);
    expect(save(line, '{ a: 1 }', 0)).toMatchObject({ revision: 1 });
    expect(save(line, '{ a: 1 }', 1)).toMatchObject({ revision: 1 });
    expect(line.events).toHaveLength(1);
  });

  it('is removed while no product uses it, and its revision numbers continue', () => {
    const line = openMapLedger();
    const remove = (name = 'mine') => line.record({ kind: 'remove-template', name, actor: 'person:ines' });
    save(line, '{ a: 1 }', 0);
    line.record({ kind: 'set-product', merge: true, product: { id: 'P', label: 'mine' }, site: 'S', actor: 'test' });
    expect(refusal(() => remove())).toBe('template-in-use');
    line.record({ kind: 'set-product', merge: true, product: { id: 'P', label: null }, site: 'S', actor: 'test' });
    remove();
    expect(line.events.at(-1)).toMatchObject({ type: 'template-removed', data: { name: 'mine', revision: 2 } });
    expect(refusal(() => remove())).toBe('not-found');
    expect(refusal(() => remove('other'))).toBe('not-found');
    expect(save(line, '{ a: 1 }', 0)).toMatchObject({ revision: 3 });
    expect(rebuild(line.lines).templates).toEqual(line.tables.templates);
  });

  it('has at most 64 KB', () => {
    expect(refusal(() => save(openMapLedger(), 'a'.repeat(64 * 1024 + 1), 0))).toBe('invalid');
  });

  it('whose event has another hash is no template', () => {
    const line = openMapLedger();
    save(line, '{ a: 1 }', 0);
    expect(() => rebuild(line.lines.map((one) => one.replace('{ a: 1 }', '{ a: 7 }')))).toThrow('is not the hash of its template');
  });
});

import { isObject } from '../event.ts';

/**
 * A changed property of a template. `box` is absent if the property belongs to the medium. `before` is absent if the
 * property is new.
 */
export interface TemplateChange {
  box?: string;
  property: string;
  before?: string;
  after?: string;
}

/** Returns the differences between two parsed templates. Boxes are matched by name. */
export function changesOf(before: unknown, after: unknown): TemplateChange[] {
  const [old, current] = [partsOf(before), partsOf(after)];
  const names = [...new Set([...old.keys(), ...current.keys()])];
  return names.flatMap((box) => {
    const [was, is] = [old.get(box) ?? {}, current.get(box) ?? {}];
    const properties = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return properties
      .filter((property) => was[property] !== is[property])
      .map((property) => ({
        ...(box === MEDIUM ? {} : { box }),
        property,
        ...(was[property] === undefined ? {} : { before: was[property] }),
        ...(is[property] === undefined ? {} : { after: is[property] }),
      }));
  });
}

/**
 * Stands for the medium in place of the name of a box. No box has this name, because a box without a name is called by
 * its position.
 */
const MEDIUM = '';

type Properties = Record<string, string>;

function partsOf(template: unknown): Map<string, Properties> {
  const { media, boxes, role } = isObject(template) ? template : {};
  const parts = new Map([[MEDIUM, { ...propertiesOf(media), ...propertiesOf(role === undefined ? {} : { role }) }]]);
  for (const [index, box] of (Array.isArray(boxes) ? boxes : []).entries()) {
    const { name, ...properties } = isObject(box) ? box : {};
    const own = typeof name === 'string' && name !== '' ? name : `${index + 1} (${JSON.stringify(properties['type'])})`;
    parts.set(parts.has(own) ? `${own}, ${index + 1}` : own, propertiesOf(properties));
  }
  return parts;
}

function propertiesOf(value: unknown): Properties {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
  );
}

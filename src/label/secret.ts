import type { Labelled } from '../contract/labels.ts';
import { refusal } from '../platform/error.ts';
import { revealed } from './revealed.ts';
import { BOX, isInside } from '../model/labels/label-set.ts';
import { inLanguage, phrase, type Words } from '../platform/refusal-words.ts';
import { boxName, fill, isSecret, showsClaimId, type Box, type Template } from './template.ts';

/**
 * Throws if the label must not show a secret, but its template or a value of the unit would show one. So neither a
 * changed file in labels/ nor a device can reveal a secret.
 */
export function refuseSecret(
  template: Template,
  { role = '', isPublic, data }: Pick<Labelled, 'role' | 'isPublic' | 'data'>,
): void {
  if (!isPublic) return;
  const { name, boxes } = template;
  if (isSecret(template)) throw refusal('template-wrong', 'secretRole', { template: name, role });
  const at = boxes.findIndex((box) => 'text' in box && revealed(fill(box.text, data) ?? '', data) !== undefined);
  if (at >= 0)
    throw refusal('label-unprintable', 'secretValue', { template: name, box: boxName(boxes[at] ?? {}, at), role });
}

/** A way to read a secret when only the outside of a box can be seen. `boxes` are positions in the template. */
interface Exposed {
  boxes: number[];
  why: Words;
}

/**
 * Returns the ways in which this label shows a secret on the outside of a box. Anyone can photograph a box, in a shop
 * or in transport, and claim the device before its buyer does.
 */
export function exposed(template: Template): Exposed[] {
  const { name, role, boxes } = template;
  if (role === undefined || isInside(role) || !isSecret(template)) return [];
  const which = (is: (box: Box) => boolean): number[] => boxes.flatMap((box, index) => (is(box) ? [index] : []));
  const secrets = which((box) => isSecret({ boxes: [box] }));
  if (role !== BOX) return [{ boxes: secrets, why: phrase('secret-outside', { role, template: name }) }];
  const bars = which((box) => (box.type === 'code128' || box.type === 'gs1-128') && box.text.includes('{serial'));
  const isBeside = bars.length > 0 && boxes.some(showsClaimId);
  return [
    { boxes: secrets, why: phrase('secret-box') },
    ...(isBeside ? [{ boxes: bars, why: phrase('secret-bars') }] : []),
  ];
}

/** Returns one sentence for each way in which a secret could be read. */
export function secretWarnings(template: Template): string[] {
  const { file, boxes } = template;
  return exposed(template).map(({ boxes: where, why }) => {
    const names = where.map((index) => boxName(boxes[index], index)).join(', ');
    return `${file}: box ${names}: ${inLanguage(why, 'en')}`;
  });
}

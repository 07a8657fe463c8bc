import type { Labelled } from '../contract/labels.ts';
import { refusal } from '../platform/error.ts';
import { revealed } from './revealed.ts';
import { boxName, fill, isSecret, showsClaimId, type Template } from './template.ts';

/**
 * Throws if the label must not show a secret, but its template or a value of the unit does. So neither a changed file in
 * labels/ nor a device reveals one.
 */
export function refuseSecret(
  template: Template,
  { role = '', isPublic, data }: Pick<Labelled, 'role' | 'isPublic' | 'data'>,
): void {
  if (!isPublic) return;
  const { name, boxes } = template;
  if (isSecret(template)) throw refusal('template-wrong', 'secretRole', { template: name, role });
  const at = boxes.findIndex((box) => 'text' in box && revealed(fill(box.text, data) ?? '', data.uci) !== undefined);
  if (at >= 0)
    throw refusal('label-unprintable', 'secretValue', { template: name, box: boxName(boxes[at] ?? {}, at), role });
}

/**
 * Returns a sentence for each way in which people who only see a box could read a secret. Anyone can photograph the
 * outside of a box, in a shop or in transport, and claim the device before its buyer does.
 */
export function secretWarnings(template: Template): string[] {
  if (template.role !== 'box' || !isSecret(template)) return [];
  const { file, boxes } = template;
  const names = (which: (box: Template['boxes'][number]) => boolean): string =>
    boxes.flatMap((box, index) => (which(box) ? [boxName(box, index)] : [])).join(', ');
  const secrets = names((box) => isSecret({ boxes: [box] }));
  const bars = names((box) => (box.type === 'code128' || box.type === 'gs1-128') && box.text.includes('{serial'));
  return [
    `${file}: box ${secrets}: this label is for the outside of a box, where anyone can photograph its secret and claim the device: move the secret to a label with the role "card" or "device"`,
    ...(bars === '' || !boxes.some(showsClaimId)
      ? []
      : [
          `${file}: box ${bars}: the bars of the S/N are beside the Claim ID on the outside of a box, so each scan or photograph of the S/N also shows the Claim ID: use two labels`,
        ]),
  ];
}

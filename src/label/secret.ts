import type { Labelled } from '../contract/labels.ts';
import { refusal } from '../platform/error.ts';
import { boxName, isSecret, showsClaimId, type Template } from './template.ts';

/** Throws if the label must not show a secret, but its template does. So a changed file in labels/ cannot reveal one. */
export function refuseSecret(template: Template, { role, isPublic }: Pick<Labelled, 'role' | 'isPublic'>): void {
  if (!isPublic || !isSecret(template)) return;
  throw refusal('template-wrong', 'secretRole', { template: template.name, role: role ?? '' });
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

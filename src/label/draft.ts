import { ClaimstampError, wordsOf } from '../platform/error.ts';
import type { LabelData } from '../contract/labels.ts';
import type { TemplateDraft } from '../model/labels/draft.ts';
import { checkTemplate } from './check.ts';
import { layOutBox, type Shape } from './layout.ts';
import { checkPictures } from './pictures/check.ts';
import { openDrawing } from './pictures/draw.ts';
import { exposed } from './secret.ts';
import { toSvg } from './svg.ts';
import { boxName, isSecret, labelsFolder, readTemplate, type Fault, type Template } from './template.ts';

/*
 * Draws and checks a template while a person changes it. A box with a fault is left out, and all other boxes are drawn.
 */

export interface DraftOrder {
  /** JSON5 */
  source: string;
  /** The label data to draw. */
  data: LabelData;
  /** The longest values, with which the template is checked. */
  longest: LabelData;
  /** The logos that `{logo}` may stand for. */
  logos: string[];
}

/** If the text cannot be read, `svg` is absent, and `faults` says why. */
export async function drawDraft({ source, data, longest, logos }: DraftOrder): Promise<TemplateDraft> {
  const read = readOrFault(source);
  const { template } = read;
  if (template === undefined) return { secret: false, codes: [], faults: read.faults, warnings: [] };
  await openDrawing();
  const { media } = template;
  const { shapes, faults: undrawn } = drawnBoxes(template, data);
  // The label that is shown may have values that the check does not know, such as attributes.
  const { codes, faults } = checkTemplate(template, longest, { isQuick: true });
  const pictures = await checkPictures(template, logos);
  const found = distinct([...read.faults, ...faults, ...pictures.faults]);
  const missed = undrawn.filter(({ box }) => !found.some((fault) => fault.box?.index === box?.index));
  return {
    svg: await toSvg({ width: media.width, height: media.height, dpi: media.dpi, shapes }),
    secret: isSecret(template),
    ...(template.role === undefined ? {} : { role: template.role }),
    codes: codes.map(({ box, index, symbology, drawn }) => ({
      box,
      index,
      symbology,
      ...(drawn && { dots: drawn.dots, moduleMm: drawn.module, quietModules: drawn.quiet.modules }),
    })),
    faults: [...found, ...missed],
    warnings: [...exposedFaults(template), ...pictures.weak],
  };
}

function exposedFaults(template: Template): Fault[] {
  return exposed(template).flatMap(({ boxes, why }) =>
    boxes.map((index) => ({ box: { index, name: boxName(template.boxes[index], index) }, why })),
  );
}

/** Removes repeated faults. Several checks may find the same fault, such as a missing picture. */
function distinct(faults: Fault[]): Fault[] {
  return [
    ...new Map(faults.map((fault) => [JSON.stringify([fault.box?.index, fault.property, fault.why]), fault])).values(),
  ];
}

function readOrFault(source: string): ReturnType<typeof readTemplate> {
  try {
    return readTemplate('draft', source, labelsFolder, 'the text');
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    return { faults: [{ why: wordsOf(error) }] };
  }
}

function drawnBoxes(template: Template, data: LabelData): { shapes: Shape[]; faults: Fault[] } {
  const shapes: Shape[] = [];
  const faults: Fault[] = [];
  for (const [index, box] of template.boxes.entries()) {
    try {
      shapes.push(...layOutBox(template, box, data, template.media.dpi));
    } catch (error) {
      if (!(error instanceof ClaimstampError)) throw error;
      faults.push({ box: { index, name: boxName(box, index) }, why: wordsOf(error) });
    }
  }
  return { shapes, faults };
}

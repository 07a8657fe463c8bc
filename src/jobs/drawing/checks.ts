import { DEFAULT_TEMPLATE, type TemplateCheck } from '../../contract/labels.ts';
import { checkTemplate } from '../../label/check.ts';
import { checkPictures } from '../../label/pictures/check.ts';
import { isCode } from '../../platform/error.ts';
import { isSecret, loadTemplate, placeholdersOf, type Template } from '../../label/template.ts';

const NO_TEMPLATE = { width: 0, height: 0, dpi: 0, secret: true, prints: [], codes: [], pictures: [], warnings: [] };

/** A template that cannot be read must not keep the others from being listed. */
function templateOrProblem(name: string): Template | string {
  try {
    return loadTemplate(name);
  } catch (error) {
    if (isCode(error, 'template-wrong')) return error.message;
    throw error;
  }
}

/** Checks a template, and each of these logos in its boxes. */
export async function checkTemplateOf(name: string = DEFAULT_TEMPLATE, logos: string[] = []): Promise<TemplateCheck> {
  const template = templateOrProblem(name);
  if (typeof template === 'string')
    return { ...NO_TEMPLATE, name, usual: name === DEFAULT_TEMPLATE, problems: [template] };
  const { width, height, dpi } = template.media;
  const { codes, problems } = checkTemplate(template);
  const drawn = codes.map(({ box, symbology, drawn: code }) => {
    const size = code && { dots: code.dots, moduleMm: code.module, quietModules: code.quiet.modules };
    return { box, symbology, ...size };
  });
  const seen = await checkPictures(template, logos);
  return {
    name: template.name,
    usual: template.name === DEFAULT_TEMPLATE,
    width,
    height,
    dpi,
    secret: isSecret(template),
    prints: placeholdersOf(template),
    codes: drawn,
    pictures: seen.pictures,
    problems: [...problems, ...seen.problems],
    warnings: seen.warnings,
  };
}

import {
  DEFAULT_TEMPLATE,
  type SavedSource,
  type TemplateCheck,
  type TemplateNeed,
  type TemplateUse,
} from '../../contract/labels.ts';
import { checkTemplate, type TemplateReport } from '../../label/check.ts';
import { checkPictures } from '../../label/pictures/check.ts';
import { isCode } from '../../platform/error.ts';
import { needsOf } from '../../label/needs.ts';
import { openSaved, openTemplate } from '../../label/saved.ts';
import { secretWarnings } from '../../label/secret.ts';
import { isMarked, isSecret, placeholdersOf, type Template } from '../../label/template.ts';

const NO_TEMPLATE = {
  width: 0,
  height: 0,
  dpi: 0,
  secret: true,
  marked: false,
  needs: [],
  prints: [],
  codes: [],
  pictures: [],
  warnings: [],
};

/** If the template cannot be read, returns why, so that the other templates can still be listed. */
function templateOrProblem(name: string, saved: SavedSource[]): Template | string {
  try {
    return openTemplate(name, saved);
  } catch (error) {
    if (isCode(error, 'template-wrong')) return error.message;
    throw error;
  }
}

/** Checks a template for the products that use it. */
export async function checkTemplateOf(
  name: string = DEFAULT_TEMPLATE,
  use: TemplateUse = { logos: [] },
  saved: SavedSource[] = [],
): Promise<TemplateCheck> {
  const template = templateOrProblem(name, saved);
  if (typeof template === 'string')
    return { ...NO_TEMPLATE, name, usual: name === DEFAULT_TEMPLATE, problems: [template] };
  return checkOpened(template, use);
}

/** Checks a template before it is saved. Throws `template-wrong` if the template cannot be read. */
export function checkSource(saved: SavedSource, use: TemplateUse): Promise<TemplateCheck> {
  return checkOpened(openSaved(saved), use);
}

/** Reports of templates that were checked before, oldest first. Making a report takes a few dozen milliseconds. */
const reports = new Map<string, TemplateReport>();
const MAX_REPORTS = 200;

/**
 * Returns the report of a template that was checked before, or checks the template. `needs` has the hashes of the fonts
 * and pictures, so if a file changes, a new report is made.
 */
function reportOf(template: Template, needs: TemplateNeed[], qr: string | undefined): TemplateReport {
  const key = JSON.stringify([template, needs, qr]);
  const report = reports.get(key) ?? checkTemplate(template, qr === undefined ? {} : { qr });
  reports.set(key, report);
  for (const oldest of reports.keys()) {
    if (reports.size <= MAX_REPORTS) break;
    reports.delete(oldest);
  }
  return report;
}

async function checkOpened(template: Template, { logos, qr }: TemplateUse): Promise<TemplateCheck> {
  const { width, height, dpi } = template.media;
  const needs = needsOf(template);
  const { codes, problems } = reportOf(template, needs, qr);
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
    ...(template.role === undefined ? {} : { role: template.role }),
    marked: template.boxes.some(isMarked),
    needs,
    prints: placeholdersOf(template),
    codes: drawn,
    pictures: seen.pictures,
    problems: [...problems, ...seen.problems],
    warnings: [...secretWarnings(template), ...seen.warnings],
  };
}

import { LABEL_FIELDS, type LabelData } from '../../contract/labels.ts';
import { Command } from 'commander';
import { templateCommands } from './label-templates.ts';
import { makeCommand } from './label-make.ts';
import { printedCommand } from './label-printed.ts';
import { ClaimstampError, isCode } from '../../platform/error.ts';
import type { TemplateReport } from '../../label/check.ts';
import type { PicturesReport } from '../../label/pictures/check.ts';
import { secretWarnings } from '../../label/secret.ts';
import { loadTemplate, logoNames, templateNames } from '../../label/template.ts';
import { print, table } from '../run.ts';

export function labelCommand(): Command {
  const command = new Command('label').description('labels and their templates');
  command
    .command('check')
    .description(
      'check the size and quiet zone of the codes, whether the longest values fit, and how dark the logos print',
    )
    .argument('[template...]', 'names of templates (default: all)')
    .option(
      '--longest <field=value>',
      'the longest value of a field, such as serial=WWWWWWWW; may be repeated',
      repeated,
    )
    .option('--json', 'as JSON')
    .action(async (names: string[], { longest = [], json }: { longest?: string[]; json?: true }) => {
      const checking = await import('../../label/check.ts');
      const values = longest.reduce((before, setting) => collect(setting, before), {});
      const reports: Report[] = [];
      for (const name of names.length > 0 ? names : templateNames()) reports.push(await check(checking, name, values));
      print(json ? JSON.stringify(reports) : asText(checking, reports));
      if (reports.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
    });
  command.addCommand(makeCommand());
  command.addCommand(printedCommand());
  for (const one of templateCommands()) command.addCommand(one);
  return command;
}

/**
 * The type of the module that checks labels. The module is imported only when it is needed, because the drawing
 * libraries are as large as all other commands together.
 */
type Checking = typeof import('../../label/check.ts');

function repeated(setting: string, before: string[] = []): string[] {
  return [...before, setting];
}

function collect(setting: string, before: Partial<LabelData>): Partial<LabelData> {
  const [, field = '', value = ''] = /^([A-Za-z]+(?:\.[A-Za-z0-9_-]+)?)=(.*)$/su.exec(setting) ?? [];
  const [, attribute] = /^attributes\.(.+)$/.exec(field) ?? [];
  if (attribute !== undefined) return { ...before, attributes: { ...before.attributes, [attribute]: value } };
  if (LABEL_FIELDS.some((name) => name === field)) return { ...before, [field]: value };
  throw new ClaimstampError(
    'invalid',
    `"${setting}" must be field=value; the fields are ${LABEL_FIELDS.join(', ')}, attributes.…`,
  );
}

/** `problems` and `warnings` describe the faults in sentences. */
type Report = Omit<TemplateReport & PicturesReport, 'faults' | 'weak'>;

/**
 * Checks a template with each of the logos in labels/logos/. If one template cannot be read, this is reported as a
 * problem, and the other templates are still checked.
 */
async function check({ checkTemplate }: Checking, name: string, longest: Partial<LabelData>): Promise<Report> {
  const { checkPictures } = await import('../../label/pictures/check.ts');
  try {
    const template = loadTemplate(name);
    const [{ faults: _faults, ...report }, { pictures, problems, warnings }] = [
      checkTemplate(template, longest),
      await checkPictures(template, logoNames()),
    ];
    const all = [...secretWarnings(template), ...warnings];
    return { ...report, pictures, warnings: all, problems: [...report.problems, ...problems] };
  } catch (error) {
    if (!isCode(error, 'template-wrong')) throw error;
    return {
      template: name,
      dpi: 0,
      codes: [],
      secret: true,
      marked: false,
      pictures: [],
      problems: [error.message],
      warnings: [],
    };
  }
}

function asText({ limits }: Checking, reports: Report[]): string {
  const rows = reports.flatMap(({ template, dpi, codes }) =>
    codes.map(({ box, symbology, payload, capacity, drawn }) => [
      template,
      box,
      symbology,
      String(dpi),
      `${payload} of ${capacity}`,
      drawn ? String(drawn.modules) : '-',
      drawn ? `${drawn.module.toFixed(3)} mm, ${drawn.dots} dots` : 'does not fit',
      drawn ? `${drawn.quiet.mm.toFixed(1)} mm, ${drawn.quiet.modules.toFixed(1)} modules` : '-',
    ]),
  );
  const head = ['TEMPLATE', 'BOX', 'CODE', 'DPI', 'LETTERS', 'MODULES', 'ONE MODULE', 'QUIET ZONE LEFT'];
  const problems = reports.flatMap((report) => report.problems);
  const notes = reports.flatMap((report) => limits(report).map((limit) => `note: ${report.template}: ${limit}`));
  const edges = reports.flatMap(({ template, stationEdge }) =>
    stationEdge === undefined ? [] : `${template} (${stationEdge})`,
  );
  if (edges.length > 0)
    notes.push(`note: printers with stationName print the station's name at an edge of ${edges.join(', ')}`);
  const open = reports.flatMap(({ template, secret }) => (secret ? [] : [template]));
  if (open.length > 0) notes.push(`note: these labels show no Claim ID: ${open.join(', ')}`);
  const warnings = reports.flatMap((report) => report.warnings.map((warning) => `warning: ${warning}`));
  const verdict =
    problems.length === 0
      ? `${reports.length} checked, no problems`
      : problems.map((sentence) => `problem: ${sentence}`).join('\n');
  return [...(rows.length > 0 ? [table(head, rows), ''] : []), ...notes, ...warnings, verdict].join('\n');
}

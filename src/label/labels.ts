import type { Labels, LabelTask, TemplateCheck } from '../labels.ts';
import type { Spool } from '../spool.ts';
import { DEFAULT_TEMPLATE, renderOne } from './render.ts';
import { checkTemplate } from './check.ts';
import { loadTemplate, templateNames, type Template } from './template.ts';

export interface LabelsOptions {
  ledger: string;
  /** Where big jobs are made. */
  spool: Spool;
}

export function openLabels({ ledger, spool }: LabelsOptions): Labels {
  /** By template: what it was when it was checked, and what came of it. A check takes some 20 ms of the server's thread. */
  const checked = new Map<string, { was: string; check: TemplateCheck }>();
  const check = (name: string): TemplateCheck => {
    const template = loadTemplate(name);
    const was = JSON.stringify(template);
    const before = checked.get(name);
    if (before?.was === was) return before.check;
    const found = checkOf(template);
    checked.set(name, { was, check: found });
    return found;
  };
  return {
    templates: () => templateNames(),
    check,
    one: (data, format, choice, product) => renderOne({ data, product }, format, choice),
    async many(job, signal) {
      const task = (out: string): LabelTask => ({ ledger, out, job });
      const order = { entry: 'jobs/labels.js', ending: job.format, task, ...(signal ? { signal } : {}) };
      const { file, bytes, made } = await spool.make<number>(order);
      return { file, bytes, labels: made };
    },
  };
}

function checkOf(template: Template): TemplateCheck {
  const { width, height, dpi } = template.media;
  const { codes, problems } = checkTemplate(template);
  const drawn = codes.map(({ box, symbology, drawn: code }) =>
    code === undefined
      ? { box, symbology }
      : { box, symbology, dots: code.dots, moduleMm: code.module, quietModules: code.quiet.modules },
  );
  return { name: template.name, usual: template.name === DEFAULT_TEMPLATE, width, height, dpi, codes: drawn, problems };
}

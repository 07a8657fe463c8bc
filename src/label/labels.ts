import type { Labels, LabelTask } from '../labels.ts';
import type { Spool } from '../spool.ts';
import { renderOne } from './render.ts';
import { templateNames } from './template.ts';

export interface LabelsOptions {
  ledger: string;
  /** Where big jobs are made. */
  spool: Spool;
}

export function openLabels({ ledger, spool }: LabelsOptions): Labels {
  return {
    templates: () => templateNames(),
    one: (data, format, choice, product) => renderOne({ data, product }, format, choice),
    async many(job, signal) {
      const task = (out: string): LabelTask => ({ ledger, out, job });
      const order = { entry: 'jobs/labels.js', ending: job.format, task, ...(signal ? { signal } : {}) };
      const { stream, bytes, made } = await spool.make<number>(order);
      return { stream, bytes, labels: made };
    },
  };
}

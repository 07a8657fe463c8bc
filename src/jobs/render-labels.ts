import type { Labels, LabelTask } from '../contract/labels.ts';
import type { Spool } from '../platform/spool.ts';
import { templateNames } from '../label/template.ts';
import { openDrawingThread } from './drawing/drawing.ts';

/** Draws labels in threads and child processes. */
export interface OpenedLabels extends Labels {
  /** Loads the renderers, so that the first label does not have to wait for them. */
  load: () => Promise<void>;
  close: () => Promise<void>;
}

export function openLabels({ ledger, spool }: { ledger: string; spool: Spool }): OpenedLabels {
  const thread = openDrawingThread();
  return {
    templates: () => templateNames(),
    check: (template, logos = []) => thread.ask({ kind: 'check', template, logos }),
    checkPicture: (file) => thread.ask({ kind: 'picture', file }),
    one: (data, format, choice, product) => thread.ask({ kind: 'one', label: { data, product }, format, choice }),
    badge: (person, format) => thread.ask({ kind: 'badge', person, format }),
    job: (job, format, setup) => thread.ask({ kind: 'job', job, format, setup }),
    async many(job, by, signal) {
      const task = (out: string): LabelTask => ({ ledger, out, job });
      const order = { by, entry: 'jobs/render-labels-child.js', ending: job.format, task, signal };
      const { file, bytes, made } = await spool.make<number>(order);
      return { file, bytes, labels: made };
    },
    load: () => thread.ask({ kind: 'load' }),
    close: () => thread.close(),
  };
}

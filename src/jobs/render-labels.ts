import type { Labels, LabelTask, TemplateCheck } from '../contract/labels.ts';
import type { Spool } from '../platform/spool.ts';
import { templateNames } from '../label/template.ts';
import { openDrawingThread } from './drawing/drawing.ts';

/** Draws labels in threads and child processes. */
export interface OpenedLabels extends Labels {
  /** Loads the renderers, so that the first label need not wait for them. */
  load: () => Promise<void>;
  close: () => Promise<void>;
}

export function openLabels({ ledger, spool }: { ledger: string; spool: Spool }): OpenedLabels {
  const thread = openDrawingThread();
  return {
    templates: () => templateNames(),
    check: async (template, logos = []) => (await thread.ask({ kind: 'check', template, logos })) as TemplateCheck,
    async checkPicture(file) {
      await thread.ask({ kind: 'picture', file });
    },
    one: async (data, format, choice, product) =>
      (await thread.ask({ kind: 'one', label: { data, product }, format, choice })) as Uint8Array,
    async badge({ name, badge }, format, dpi) {
      const data = { uci: badge, product: 'BADGE', qr: badge, serial: badge, name };
      return (await thread.ask({ kind: 'badge', data, format, dpi })) as Uint8Array;
    },
    async many(job, by, signal) {
      const task = (out: string): LabelTask => ({ ledger, out, job });
      const order = { by, entry: 'jobs/render-labels-child.js', ending: job.format, task, signal };
      const { file, bytes, made } = await spool.make<number>(order);
      return { file, bytes, labels: made };
    },
    async load() {
      await thread.ask({ kind: 'load' });
    },
    close: () => thread.close(),
  };
}

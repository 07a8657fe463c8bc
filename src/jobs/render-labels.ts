import type { Labels, LabelTask } from '../contract/labels.ts';
import type { Spool } from '../platform/spool.ts';
import { templateNames } from '../label/template.ts';
import { openDrawingThread } from './drawing/drawing.ts';

/** Draws labels in threads and child processes. */
export interface OpenedLabels extends Labels {
  /** Loads the renderers, so that the first label need not wait for them. */
  load: () => Promise<void>;
  close: () => Promise<void>;
}

/** The letters of a name that fit on one line of a badge at a size that people can read. */
const NAME_LINE = 16;

/** Names of people have no spaces, so a long name continues on a new line after a sign, or after a full line. */
function inLines(name: string): string {
  if (name.length <= NAME_LINE) return name;
  return (name.match(/.{1,15}[._-]|.{1,16}/g) ?? []).join('\n');
}

export function openLabels({ ledger, spool }: { ledger: string; spool: Spool }): OpenedLabels {
  const thread = openDrawingThread();
  return {
    templates: () => templateNames(),
    check: (template, logos = []) => thread.ask({ kind: 'check', template, logos }),
    checkPicture: (file) => thread.ask({ kind: 'picture', file }),
    one: (data, format, choice, product) => thread.ask({ kind: 'one', label: { data, product }, format, choice }),
    badge({ name, badge }, format, dpi) {
      const data = { uci: badge, product: 'BADGE', qr: badge, serial: badge, name: inLines(name) };
      return thread.ask({ kind: 'badge', data, format, dpi });
    },
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

import { dirname, join } from 'node:path';
import {
  DEFAULT_TEMPLATE,
  type DrawnJob,
  type Labels,
  type LabelTask,
  type SavedSource,
  type TemplateSource,
} from '../contract/labels.ts';
import type { Ledger } from '../contract/ledger.ts';
import { refusal } from '../platform/error.ts';
import type { Spool } from '../platform/spool.ts';
import { fileSource } from '../label/saved.ts';
import { templateNames } from '../label/template.ts';
import { openDrawingThread } from './drawing/drawing.ts';

/** Draws labels in threads and child processes. */
export interface OpenedLabels extends Labels {
  /** Loads the renderers ahead of time, so that the first label does not have to wait for them. */
  load: () => Promise<void>;
  close: () => Promise<void>;
}

interface LabelOptions {
  /** The ledger file, which child processes read. */
  ledger: string;
  spool: Spool;
  /** Reads the templates that are saved in the ledger. */
  saved: Pick<Ledger, 'template' | 'templates' | 'approvedTemplate'>;
}

export function openLabels({ ledger, spool, saved }: LabelOptions): OpenedLabels {
  const thread = openDrawingThread();
  const savedOf = async (wanted: Wanted[]): Promise<SavedSource[]> => {
    const found: SavedSource[] = [];
    const seen = new Set<string>();
    for (const { name = DEFAULT_TEMPLATE, revision, approved } of wanted) {
      const key = `${name} ${approved}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const one = approved ? await saved.approvedTemplate(name) : await saved.template(name, revision);
      if (one === undefined) continue;
      found.push({ name, source: one.source, revision: one.revision, ...(approved ? { approved: true } : {}) });
    }
    return found;
  };
  const templates = async (): Promise<string[]> => {
    const names = (await saved.templates()).map(({ name }) => name);
    return [...new Set([...templateNames(), ...names])].toSorted();
  };
  return {
    templates,
    isFile: (name) => templateNames().includes(name),
    source: (name, revision) => sourceOf(saved, name, revision),
    check: async (template, logos = []) =>
      thread.ask({ kind: 'check', template, logos, saved: await savedOf([{ name: template, approved: false }]) }),
    async checkPrinted({ label, approval } = {}) {
      const wanted = [{ name: label, approved: approval === true }];
      const found = (await savedOf(wanted)).map(({ name, source }) => ({ name, source }));
      return thread.ask({ kind: 'check', template: label, logos: [], saved: found });
    },
    checkSource: (source, logos) => thread.ask({ kind: 'check-source', saved: source, logos }),
    checkPicture: (file) => thread.ask({ kind: 'picture', file }),
    async one(data, format, choice, product) {
      const { template = product.label, revision } = choice;
      const approved = product.approval === true && choice.sample !== true;
      const found = await savedOf([{ name: template, revision, approved }]);
      if (revision !== undefined && found.length === 0) throw await noTemplate(template ?? DEFAULT_TEMPLATE, templates);
      return thread.ask({ kind: 'one', label: { data, product }, format, choice, saved: found });
    },
    badge: (person, format) => thread.ask({ kind: 'badge', person, format }),
    job: async (job, format, setup) =>
      thread.ask({ kind: 'job', job, format, setup, saved: await savedOf(templatesIn(job)) }),
    async decode(template, revision, data) {
      const { source } = await sourceOf(saved, template, revision);
      return thread.ask({ kind: 'decode', saved: { name: template, source }, data });
    },
    redraw: (printed) => thread.ask({ kind: 'redraw', printed, temporary: join(dirname(ledger), 'spool') }),
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

interface Wanted {
  name: string | undefined;
  revision?: number | undefined;
  /** True for a product that prints only approved revisions. */
  approved: boolean;
}

function templatesIn(job: DrawnJob): Wanted[] {
  if (job.kind !== 'labels') return [];
  return job.labels.map(({ product }) => ({ name: product.label, approved: product.approval === true }));
}

async function sourceOf(saved: LabelOptions['saved'], name: string, revision?: number): Promise<TemplateSource> {
  const found = await saved.template(name, revision);
  if (found !== undefined) {
    const { source, ...of } = found;
    return { name, origin: 'ledger', hash: of.hash, source, saved: of };
  }
  const file = revision === undefined ? fileSource(name) : undefined;
  if (file !== undefined) return file;
  throw await noTemplate(name, async () => [...templateNames(), ...(await saved.templates()).map((one) => one.name)]);
}

async function noTemplate(template: string, names: () => Promise<string[]>): Promise<Error> {
  return refusal('not-found', 'template', { template, names: (await names()).join(', ') });
}

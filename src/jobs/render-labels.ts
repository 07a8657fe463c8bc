import { dirname, join } from 'node:path';
import {
  DEFAULT_TEMPLATE,
  type BroughtPicture,
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
import { logoNames, templateNames } from '../label/template.ts';
import { sheetNames } from '../label/sheet.ts';
import { picturesIn } from '../model/labels/saved-logo.ts';
import { openDrawingThread, type Upload } from './drawing/drawing.ts';

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
  saved: Pick<Ledger, 'template' | 'templates' | 'approvedTemplate' | 'logo'>;
}

export function openLabels({ ledger, spool, saved }: LabelOptions): OpenedLabels {
  const thread = openDrawingThread();
  const savedOf = savedIn(saved);
  const uploadsOf = uploadsIn(saved);
  const templates = (): Promise<string[]> => allTemplates(saved);
  return {
    templates,
    logoFiles: () => logoNames(),
    sheets: () => sheetNames(),
    isFile: (name) => templateNames().includes(name),
    source: (name, revision) => sourceOf(saved, name, revision),
    async check(template, use = { logos: [] }) {
      const found = await savedOf([{ name: template, approved: false }]);
      return thread.ask({ kind: 'check', template, use, saved: found }, await uploadsOf(found, use.logos));
    },
    async checkPrinted({ label, approval } = {}) {
      const wanted = [{ name: label, approved: approval === true }];
      const found = (await savedOf(wanted)).map(({ name, source }) => ({ name, source }));
      const use = { logos: [] };
      return thread.ask({ kind: 'check', template: label, use, saved: found }, await uploadsOf(found, []));
    },
    async checkSource(source, use, brought = []) {
      const uploads = uploadsIn({ logo: async (name) => brought.find((one) => one.name === name) ?? saved.logo(name) });
      return thread.ask({ kind: 'check-source', saved: source, use }, await uploads([source], use.logos));
    },
    draft: async (order) =>
      thread.ask({ kind: 'draft', order }, await uploadsOf([order], [order.data.logo, ...order.logos])),
    checkPicture: async (file) => thread.ask({ kind: 'picture', file }, await uploadsOf([], [file])),
    redrawPicture: (file, bytes) => thread.ask({ kind: 'redraw-picture', file, bytes }),
    picture: async (file) => thread.ask({ kind: 'content', file }, await uploadsOf([], [file])),
    async one(label, format, choice) {
      const { template = label.product.label, revision } = choice;
      const approved = label.product.approval === true && choice.sample !== true;
      const found = await savedOf([{ name: template, revision, approved }]);
      if (revision !== undefined && found.length === 0) throw await noTemplate(template ?? DEFAULT_TEMPLATE, templates);
      const drawing = { kind: 'one', label, format, choice, saved: found } as const;
      return thread.ask(drawing, await uploadsOf(found, [label.data.logo]));
    },
    badge: (person, format) => thread.ask({ kind: 'badge', person, format }),
    async job(job, format, setup) {
      const found = await savedOf(templatesIn(job));
      return thread.ask({ kind: 'job', job, format, setup, saved: found }, await uploadsOf(found, logosIn(job), job));
    },
    async decode(template, revision, data) {
      const { source } = await sourceOf(saved, template, revision);
      const drawing = { kind: 'decode', saved: { name: template, source }, data } as const;
      return thread.ask(drawing, await uploadsOf([{ source }], [data.logo]));
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

/**
 * Returns a function that reads the templates that labels want and the ledger has. Each template is read only once.
 */
function savedIn(saved: LabelOptions['saved']): (wanted: Wanted[]) => Promise<SavedSource[]> {
  return async (wanted) => {
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
}

/** Returns the names of the templates in labels/ and in the ledger. */
async function allTemplates(saved: LabelOptions['saved']): Promise<string[]> {
  const names = (await saved.templates()).map(({ name }) => name);
  return [...new Set([...templateNames(), ...names])].toSorted();
}

type UploadsOf = (
  sources: Pick<SavedSource, 'source'>[],
  logos: (string | undefined)[],
  job?: DrawnJob,
) => Promise<Upload[]>;

/** Returns a function that reads the uploaded pictures which these templates and products name. */
function uploadsIn(saved: { logo: (name: string) => Promise<BroughtPicture | undefined> }): UploadsOf {
  return async (sources, logos, job) => {
    const more = job?.kind === 'draft' ? [job.saved] : [];
    const names = new Set([...logos, ...[...sources, ...more].flatMap(({ source }) => picturesIn(source))]);
    const found: Upload[] = [];
    for (const name of names) {
      const logo = name === undefined ? undefined : await saved.logo(name);
      if (logo !== undefined) found.push({ name: logo.name, bytes: Buffer.from(logo.png, 'base64') });
    }
    return found;
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

function logosIn(job: DrawnJob): (string | undefined)[] {
  if (job.kind === 'draft') return [job.data.logo];
  return job.kind === 'labels' ? job.labels.map(({ data }) => data.logo) : [];
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

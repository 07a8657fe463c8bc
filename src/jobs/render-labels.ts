import type { Labels, LabelTask, TemplateCheck } from '../contract/labels.ts';
import { setImmediate as agentsTurn } from 'node:timers/promises';
import { refusal } from '../platform/error.ts';
import type { Spool } from '../platform/spool.ts';
import { DEFAULT_TEMPLATE, loadTemplate, placeholdersOf, templateNames, type Template } from '../label/template.ts';

/**
 * Loads the renderers after the start. When the renderers were loaded at the start, the loading took a third of the
 * time until the first answer. The libraries are loaded one after another, so that the service can answer agents in
 * between.
 */
export async function loadRenderers(): Promise<void> {
  await import('qrcode');
  await import('bwip-js/node');
  await import('fontkit');
  await import('pdfkit');
  await import('../label/render.ts');
}

export function openLabels({ ledger, spool }: { ledger: string; spool: Spool }): Labels {
  /**
   * For each template: the content that was checked, and the result of the check. A check of a template blocks the
   * service for about 20 ms.
   */
  const checked = new Map<string, { was: string; check: TemplateCheck }>();
  const check = async (name = DEFAULT_TEMPLATE): Promise<TemplateCheck> => {
    const template = loadTemplate(name);
    const was = JSON.stringify(template);
    const before = checked.get(name);
    if (before?.was === was) return before.check;
    const found = await checkOf(template);
    checked.set(name, { was, check: found });
    return found;
  };
  const inTurn = openTurns();
  return {
    templates: () => templateNames(),
    check,
    async one(data, format, choice, product) {
      const { renderOne } = await import('../label/render.ts');
      return inTurn(() => renderOne({ data, product }, format, choice));
    },
    async badge({ name, badge }, format, dpi) {
      const { renderBadge } = await import('../label/render.ts');
      const data = { uci: badge, product: 'BADGE', qr: badge, serial: badge, name };
      return inTurn(() => renderBadge(data, format, dpi));
    },
    async many(job, by, signal) {
      const task = (out: string): LabelTask => ({ ledger, out, job });
      const order = { by, entry: 'jobs/render-labels-child.js', ending: job.format, task, signal };
      const { file, bytes, made } = await spool.make<number>(order);
      return { file, bytes, labels: made };
    },
  };
}

/** The number of labels that may wait. At 600 dpi, a PNG takes a tenth of a second, so the last one waits two seconds. */
const MAX_WAITING = 20;

/**
 * Draws single labels one after another. Drawing blocks the thread that answers agents, so agents get their turn after
 * each label.
 */
function openTurns(): <T>(draw: () => Promise<T> | T) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (draw) => {
    if (waiting >= MAX_WAITING) throw refusal('busy', 'files', { max: MAX_WAITING });
    waiting++;
    const drawn = last.then(async () => {
      await agentsTurn();
      return draw();
    });
    last = drawn.catch(() => {}).finally(() => waiting--);
    return drawn;
  };
}

async function checkOf(template: Template): Promise<TemplateCheck> {
  const { checkTemplate } = await import('../label/check.ts');
  const { width, height, dpi } = template.media;
  const { codes, problems } = checkTemplate(template);
  const drawn = codes.map(({ box, symbology, drawn: code }) => {
    const size = code && { dots: code.dots, moduleMm: code.module, quietModules: code.quiet.modules };
    return { box, symbology, ...size };
  });
  return {
    name: template.name,
    usual: template.name === DEFAULT_TEMPLATE,
    width,
    height,
    dpi,
    prints: placeholdersOf(template),
    codes: drawn,
    problems,
  };
}

import { parentPort } from 'node:worker_threads';
import { drawDraft } from '../../label/draft.ts';
import { renderJob } from '../../label/job.ts';
import { decodeLabel } from '../../label/decode.ts';
import { contentOf } from '../../label/pictures/load.ts';
import { redrawPicture } from '../../label/pictures/redraw.ts';
import { useUploads } from '../../label/pictures/uploaded.ts';
import { redraw } from '../../label/redraw.ts';
import { renderBadge, renderOne } from '../../label/render.ts';
import { labelsFolder } from '../../label/template.ts';
import { ClaimstampError, refusalData, traceOf } from '../../platform/error.ts';
import { checkPictureFile } from '../../label/pictures/check.ts';
import { checkSource, checkTemplateOf } from './checks.ts';
import type { Drawing, Drawn, Upload } from './drawing.ts';

/*
 * The program of the thread that draws single labels, and checks templates and images. Agents never have to wait for
 * this thread.
 */

async function draw(drawing: Drawing): Promise<unknown> {
  switch (drawing.kind) {
    case 'one':
      return renderOne(drawing.label, drawing.format, drawing.choice, drawing.saved);
    case 'badge':
      return renderBadge(drawing.person, drawing.format);
    case 'job':
      return renderJob(drawing.job, drawing.format, drawing.setup, drawing.saved);
    case 'decode':
      return decodeLabel(drawing.saved, drawing.data);
    case 'redraw':
      return redraw(drawing.printed, drawing.temporary);
    case 'check':
      return checkTemplateOf(drawing.template, drawing.use, drawing.saved);
    case 'check-source':
      return checkSource(drawing.saved, drawing.use);
    case 'draft':
      return drawDraft(drawing.order);
    case 'picture':
      return checkPictureFile(drawing.file);
    case 'redraw-picture':
      return redrawPicture(drawing.file, Buffer.from(drawing.bytes));
    case 'content':
      return contentOf(drawing.file, labelsFolder).bytes;
    case 'load':
      return undefined;
  }
}

parentPort?.on('message', ({ id, drawing, uploads }: { id: number; drawing: Drawing; uploads: Upload[] }) => {
  useUploads((file) => uploads.find(({ name }) => name === file)?.bytes);
  void draw(drawing).then(
    (made) => parentPort?.postMessage({ id, made }),
    (error: unknown) => {
      const failed = error instanceof ClaimstampError ? { refused: refusalData(error) } : { fault: traceOf(error) };
      parentPort?.postMessage({ id, ...failed } satisfies Drawn);
    },
  );
});

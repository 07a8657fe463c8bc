import type { MiddlewareHandler } from 'hono';
import { FRAME } from '../../words/console/frame.ts';

/** The banner is in all languages at once, so that everyone who sees the screen understands it. */
const BANNER = `<p class="training" role="note">${Object.values(FRAME)
  .map(({ training }) => training)
  .join(' · ')}</p>`;

/** Adds the banner to each complete page of a service that runs on a copy of the ledger. */
export const marksTraining: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.get('content-type')?.startsWith('text/html')) return;
  const page = await c.res.text();
  c.res = new Response(
    page.replace(/<body[^>]*>/, (body) => body + BANNER),
    c.res,
  );
};

import type { Context } from 'hono';
import { FRAME } from '../../words/console/frame.ts';
import type { Shown, Viewer } from './frame.tsx';
import { isFromScript, type Sent } from './sent-form.ts';

/*
 * A page that takes time to make comes in two requests: a browser first gets the frame with the title, and htmx then
 * fetches the body from the same address.
 */

/** What such a page shows until its body has been fetched. */
export type Head = Omit<Shown, 'body' | 'screen'>;

/** The query parameter of the link for browsers without scripts. */
const WHOLE = 'whole';

/** Returns false for programs, and for a page that is shown again with a form: these get the whole page at once. */
export function comesLater({ c, sent, answered }: Viewer & { [key in keyof Sent]: Sent[key] | undefined }): boolean {
  return !isFromScript(c) && sent === undefined && answered === undefined && c.req.query(WHOLE) === undefined;
}

/** Returns true if htmx fetches the body of a page. */
export const isBodyOnly = (c: Context): boolean => c.req.header('hx-request') !== undefined;

export function Later({ page: { c, say }, title }: { page: Viewer; title: string }) {
  const { pathname, search, searchParams } = new URL(c.req.url);
  searchParams.set(WHOLE, 'true');
  return (
    <div class="later" hx-get={pathname + search} hx-trigger="load" hx-swap="outerHTML">
      <h1>{title}</h1>
      <p class="soft" role="status">
        {say(FRAME, 'loading')}
      </p>
      <noscript>
        <a href={`?${searchParams.toString()}`}>{say(FRAME, 'showWhole')}</a>
      </noscript>
    </div>
  );
}

import type { Context } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { AppParts } from '../http/app.ts';
import type { Fields } from '../http/form.ts';
import { bindingsOf } from '../http/source.ts';
import type { Language } from '../../words/sentence.ts';
import {
  ANSWER_FIELD,
  FORM_FIELD,
  formId,
  formPage,
  isFromScript,
  problemsOf,
  type Sent,
  type SentForm,
} from './sent-form.ts';

/* The page of a form is shown again after the form was sent. */

/**
 * Rerenders the page of a refused form with the entered values. Each problem is beside the field that caused it. htmx
 * uses only the form from this page. Returns undefined if no value in the form is wrong, or if the form's page is not
 * known.
 */
export async function shownAgain(
  parts: AppParts,
  c: Context,
  language: Language,
  { fields, error }: Pick<SentForm, 'fields' | 'error'>,
): Promise<string | undefined> {
  const id = fields.get(FORM_FIELD);
  const address = formPage(c);
  // Other requests from a page, such as those for a preview, may also include a form's fields.
  if (!id?.startsWith(formId(c.req.path, '')) || address === undefined) return undefined;
  const isScript = isFromScript(c);
  const isField = (place: string | undefined): boolean =>
    place !== undefined && [...fields.keys()].some((name) => name === place || name.endsWith(`.${place}`));
  if (isScript && !problemsOf(error, language, fields).some(({ place }) => isField(place))) return undefined;
  const { ok, text } = await pageAt(parts, c, address, { sent: { id, fields, error } });
  if (!ok || !text.includes(`id="${id}"`)) return undefined;
  if (isScript) {
    c.header('hx-retarget', 'this');
    c.header('hx-reswap', 'outerHTML');
    c.header('hx-reselect', `#${id}`);
  }
  return text;
}

/** Shows the page of a form again, with its lists as they are after the action, and with the answer to the form. */
export async function renewed(parts: AppParts, c: Context, fields: Fields, part: Child): Promise<Child> {
  const [address, into] = [formPage(c), fields.get(ANSWER_FIELD)];
  const again = address && into ? await pageAt(parts, c, address, { answered: { into, part } }) : undefined;
  if (again?.ok) {
    c.header('hx-reswap', `outerHTML show:#${into}:top`);
    return raw(again.text);
  }
  for (const name of ['hx-retarget', 'hx-reswap', 'hx-reselect']) c.header(name, undefined);
  return part;
}

async function pageAt(
  { app }: AppParts,
  c: Context,
  address: string,
  sent: Sent,
): Promise<{ ok: boolean; text: string }> {
  const headers = new Headers(c.req.raw.headers);
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'hx-request']) headers.delete(name);
  headers.set('accept', 'text/html');
  const inside = { ...bindingsOf(c), outgoing: undefined, ...sent };
  const answer = await app.request(new URL(address, c.req.url).href, { headers }, inside);
  return { ok: answer.ok, text: await answer.text() };
}

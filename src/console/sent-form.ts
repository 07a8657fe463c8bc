import { createContext, type Child } from 'hono/jsx';
import type { Context } from 'hono';
import type { ClaimstampError, ErrorCode } from '../platform/error.ts';
import { problemsIn, saidIn } from '../http/problems.ts';
import type { Fields } from '../http/form.ts';
import type { Language } from '../../words/sentence.ts';

/*
 * A refused form is shown again: the page is rerendered with the entered values, and with each problem beside the field
 * that caused it. Pages need no code of their own for this, because `Act` and `Field` (parts.tsx) get the refused form
 * from this file.
 */

/** The hidden field that contains the form's id, because a page may have several forms. */
export const FORM_FIELD = 'shown-in';

/** The hidden field with the id of the element in which the answer to the form is shown. */
export const ANSWER_FIELD = 'answered-in';

/** A form that was sent and refused. */
export interface SentForm {
  id: string;
  fields: Fields;
  error: ClaimstampError;
}

/** The parts of a form's state that are needed while the form's page is being rendered. */
export interface ShownForm {
  /** The prefix of the form's field ids. */
  id: string;
  sent?: {
    fields: Fields;
    problems: Problem[];
    /** The names of the fields that have already shown their own problem. */
    shown: Set<string>;
  };
}

interface Problem {
  /** The name of the field that the problem is about. Undefined if the problem concerns no field or several fields. */
  place: string | undefined;
  why: string;
}

export const FORM = createContext<ShownForm>({ id: 'form' });

export function formId(action: string, into: string): string {
  return `${action}-${into}`.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-/, 'act-');
}

/**
 * For refusals that contain no list of problems: the settings that can cause the refusal. The problem is shown beside
 * the first of these settings that was filled in.
 */
const SETTINGS_OF: { [code in ErrorCode]?: string[] } = {
  'printer-folder-refused': ['folder'],
  'printer-address-refused': ['host', 'url'],
  'badge-taken': ['badge'],
  'name-taken': ['name'],
  'source-taken': ['sources'],
  'webhook-refused': ['url'],
  'site-missing': ['serial'],
};

/**
 * Returns the problems that a refusal lists, each with its field. If a problem is about a field, its text begins with
 * the field's name in quotes.
 */
export function problemsOf(error: ClaimstampError, language: Language, fields: Fields): Problem[] {
  const place = SETTINGS_OF[error.code]?.find((name) => fields.get(name)?.trim());
  if (place !== undefined) return [{ place, why: saidIn(error, language).detail }];
  const said = problemsIn(error, language) ?? [];
  return said.map((text) => {
    const [, place, why] = /^"([^"]+)"[:：]\s*(.*)$/s.exec(text) ?? [];
    return place === undefined || why === undefined ? { place: undefined, why: text } : { place, why };
  });
}

/** What a page shows after its form was sent: the refused form, or the answer to the form. */
export interface Sent {
  sent?: SentForm;
  answered?: { into: string; part: Child };
}

export function sentIn(c: Context): Sent {
  const { sent, answered }: Sent = c.env ?? {};
  return { ...(sent === undefined ? {} : { sent }), ...(answered === undefined ? {} : { answered }) };
}

/** Each page has an element with this id, which contains the part that changes. */
export const CONTENT = 'content';

/**
 * Makes htmx show the page of the form again, because the lists on the page have changed. The page then also contains
 * the answer to the form.
 */
export function renew({ c }: { c: Context }): void {
  c.header('hx-retarget', `#${CONTENT}`);
  c.header('hx-reswap', 'outerHTML');
  c.header('hx-reselect', `#${CONTENT}`);
}

export function isRenewed(c: Context): boolean {
  return c.res.headers.get('hx-retarget') === `#${CONTENT}`;
}

/**
 * True if htmx or a script of the console sent the form. Otherwise, the browser itself sent the form, and shows the
 * answer as a new page.
 */
export function isFromScript(c: Context): boolean {
  return c.req.header('hx-request') !== undefined || c.req.header('accept')?.includes('text/html') !== true;
}

/** Returns the address of the page with the form, without its host. */
export function formPage(c: Context): string | undefined {
  const from = c.req.header('hx-current-url') ?? c.req.header('referer');
  if (from === undefined || !URL.canParse(from)) return undefined;
  const { pathname, search } = new URL(from);
  return pathname.startsWith('/v1/') ? undefined : pathname + search;
}

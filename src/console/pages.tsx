import type { Context } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Permission } from '../model/role.ts';
import { ClaimstampError, isCode } from '../platform/error.ts';
import type { AppParts } from '../http/app.ts';
import { openClient, type Answer, type Client, type Transport } from '../http/client.ts';
import { refuseAuditor, refuseOtherStation, refuseWithout, unattended } from '../http/auth.ts';
import { openExceptionCount } from './open-exceptions.ts';
import { readForm, readUpload, type Fields, type Files } from '../http/form.ts';
import { problemIn, PROBLEMS, saidIn } from '../http/problems.ts';
import { CSRF_FIELD, CSRF_HEADER, csrfToken, readCookie } from '../http/session.ts';
import { Frame, placeOf, type Shown, type Viewer } from './frame.tsx';
import { FRAME } from '../../words/console/frame.ts';
import { FORM_FIELD, formId, formPage, isFromScript, problemsOf, sentIn, type SentForm } from './sent-form.ts';
import { needsAttention } from '../http/health.ts';
import { languageOf } from '../http/language.ts';
import { speak } from '../http/words.ts';
import { defined } from '../platform/own.ts';
import { sees } from '../http/auditor.ts';
import { bindingsOf } from '../http/source.ts';

/** The request for a page, and the API client that has the permissions of the person or kiosk that sent the request. */
export interface PageContext extends Client, Viewer {
  /** The counts that the exceptions page shows. Other pages do not count exceptions. */
  counts?: Answer<'GET /v1/exceptions'> | undefined;
  /** Returns the value of a `:name` parameter in the path of the page. */
  param: (name: string) => string;
  /** Returns the id and the name of each product, for choices and lists. A product without a name is shown by its id. */
  productNames: () => Promise<[id: string, name: string][]>;
  /** The refused form. Set only if the page is shown again because the form was refused. */
  sent?: SentForm;
}

/** A page without `auditor` refuses auditors. All forms and parts refuse auditors too. */
interface Seen {
  auditor?: true;
}

export interface Pages extends AppParts {
  page: (path: string, may: Permission, show: (page: PageContext) => Promise<Shown>, seen?: Seen) => void;
  /**
   * Adds a part of a page, without the frame. Pages fetch parts without any action by a person, so a fetch does not
   * count as activity. If `show` returns undefined, the part has not changed, and the answer is 204.
   */
  part: (path: string, may: Permission, show: (page: PageContext) => Promise<Child | undefined>) => void;
  /** Adds the page for unknown addresses. Call this function after all other pages are added. */
  unknown: () => void;
  /** Handles a form. The answer is the part of the page that shows the result or the refusal. */
  act: (
    path: string,
    may: Permission,
    act: (page: PageContext, fields: Fields) => Promise<Child>,
    maxBytes?: number,
  ) => void;
  /** Handles a form with a file of at most `maxBytes`. */
  upload: (
    path: string,
    may: Permission,
    act: (page: PageContext, fields: Fields, files: Files) => Promise<Child>,
    maxBytes: number,
  ) => void;
  /** Adds a file that only this page's person may download. */
  file: (path: string, may: Permission, make: (page: PageContext) => Response) => void;
}

export function openPages(parts: AppParts): Pages {
  const { app } = parts;
  const withExceptions = openBadges(parts);
  return {
    ...parts,
    unknown() {
      app.get('*', async (c, next) => {
        // Programs receive the API's problem document.
        if (c.req.path.startsWith('/v1/') || c.req.header('accept')?.includes('text/html') !== true) return next();
        const page = await contextOf(parts, c);
        if (page === undefined) return next();
        return html(
          c,
          <Frame
            page={await withExceptions(page)}
            title={page.say(FRAME, 'nothingHere')}
            body={<Nothing page={page} />}
          />,
          404,
        );
      });
    },
    page(path, may, show, { auditor } = {}) {
      app.get(path, async (c) => {
        const page = await contextOf(parts, c);
        if (page === undefined) return c.redirect(`/sign-in?back=${encodeURIComponent(placeOf(c.req.url))}`, 303);
        try {
          refuseUnseen(page, may, auditor);
          return await html(c, <Frame page={await withExceptions(page)} {...await show(page)} />);
        } catch (error) {
          if (!(error instanceof ClaimstampError)) throw error;
          const title = page.say(FRAME, 'refused');
          const body = (
            <>
              <Refused page={page} error={error} />
              <WayOn page={page} />
            </>
          );
          return html(c, <Frame page={page} title={title} body={body} />, PROBLEMS[error.code][0]);
        }
      });
    },
    part(path, may, show) {
      app.get(path, async (c) => {
        unattended(c);
        const page = await enter(parts, c, may);
        if (page === undefined) return unauthorized(c);
        const part = await show(page);
        return part === undefined ? c.body(null, 204) : html(c, part);
      });
    },
    ...formRoutes(parts),
  };
}

function formRoutes(parts: AppParts): Pick<Pages, 'file' | 'upload' | 'act'> {
  const { app } = parts;
  return {
    file(path, may, make) {
      app.get(path, async (c) => {
        const page = await enter(parts, c, may);
        return page === undefined ? unauthorized(c) : make(page);
      });
    },
    upload(path, may, act, maxBytes) {
      app.post(path, async (c) => {
        // The file is read only if the person has permission to send one. `answerTo` checks the token of the form.
        const { sessionKey } = parts.services;
        const token = csrfToken(sessionKey, (await readCookie(c, sessionKey)) ?? '');
        if ((await enter(parts, c, may, token)) === undefined) return unauthorized(c);
        const { fields, files } = await readUpload(c, maxBytes);
        return answerTo(parts, c, may, fields, (page) => act(page, fields, files));
      });
    },
    act(path, may, act, maxBytes) {
      app.post(path, async (c) => {
        const fields = await readForm(c, maxBytes);
        return answerTo(parts, c, may, fields, (page) => act(page, fields));
      });
    },
  };
}

/** Answers a form with the result, or with the refusal and the form. */
async function answerTo(
  parts: AppParts,
  c: Context,
  may: Permission,
  fields: Fields,
  act: (page: PageContext) => Promise<Child>,
): Promise<Response> {
  const page = await enter(parts, c, may, fields.get(CSRF_FIELD) ?? '');
  if (page === undefined) return unauthorized(c);
  try {
    const part = await act(page);
    return isFromScript(c) ? await html(c, part) : await asPage(page, part);
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    return html(c, await refusedForm(parts, page, fields, error), PROBLEMS[error.code][0]);
  }
}

async function refusedForm(parts: AppParts, page: PageContext, fields: Fields, error: ClaimstampError): Promise<Child> {
  const { c } = page;
  if (isCode(error, 'confirm-password')) goTo(c, '/account/confirm');
  const again = await shownAgain(parts, page, fields, error);
  if (again !== undefined) return raw(again);
  const part = <Refused page={page} error={error} />;
  return isFromScript(c) ? part : <Answered page={page} part={part} />;
}

/**
 * Answers a form that a browser without scripts sent. The answer is the page that the action leads to, or a page that
 * shows the result.
 */
async function asPage(page: PageContext, part: Child): Promise<Response> {
  const { c } = page;
  const to = c.res.headers.get('hx-redirect') ?? (c.res.headers.has('hx-refresh') ? formPage(c) : undefined);
  return to === undefined ? c.html(<Answered page={page} part={part} />) : c.redirect(to, 303);
}

function Answered({ page, part }: { page: PageContext; part: Child }) {
  const { c, say } = page;
  const back = formPage(c) ?? '/';
  const body = (
    <>
      {part}
      <p>
        <a class="btn" href={back}>
          {say(FRAME, 'back')}
        </a>
      </p>
    </>
  );
  return <Frame page={page} title={say(FRAME, 'answer')} body={body} />;
}

/**
 * Rerenders the page of a refused form with the entered values. Each problem is beside the field that caused it. htmx
 * uses only the form from this page. Returns undefined if no value in the form is wrong, or if the form's page is not
 * known.
 */
async function shownAgain(
  { app }: AppParts,
  { c, language }: PageContext,
  fields: Fields,
  error: ClaimstampError,
): Promise<string | undefined> {
  const id = fields.get(FORM_FIELD);
  const address = formPage(c);
  // Other requests from a page, such as those for a preview, may also include a form's fields.
  if (!id?.startsWith(formId(c.req.path, '')) || address === undefined) return undefined;
  const isScript = isFromScript(c);
  const isField = (place: string | undefined): boolean =>
    place !== undefined && [...fields.keys()].some((name) => name === place || name.endsWith(`.${place}`));
  if (isScript && !problemsOf(error, language).some(({ place }) => isField(place))) return undefined;
  const headers = new Headers(c.req.raw.headers);
  for (const name of ['content-length', 'transfer-encoding', 'content-type', 'hx-request']) headers.delete(name);
  headers.set('accept', 'text/html');
  const sent: SentForm = { id, fields, error };
  const inside = { ...bindingsOf(c), outgoing: undefined, sent };
  const answer = await app.request(new URL(address, c.req.url).href, { headers }, inside);
  const text = await answer.text();
  if (!answer.ok || !text.includes(`id="${id}"`)) return undefined;
  if (isScript) {
    c.header('hx-retarget', 'this');
    c.header('hx-reswap', 'outerHTML');
    c.header('hx-reselect', `#${id}`);
  }
  return text;
}

function html(c: Context, part: Child, status?: ContentfulStatusCode): Response | Promise<Response> {
  c.header('referrer-policy', 'same-origin');
  if (status !== undefined) c.status(status);
  return c.html(<>{part}</>);
}

/**
 * Adds the number of open exceptions, which the navigation shows. If the exceptions cannot be counted, the page is
 * shown without the number.
 */
function openBadges({ services }: AppParts): (page: PageContext) => Promise<PageContext> {
  const countOpen = openExceptionCount(services);
  return async (page) => {
    if (!page.who.may.has('units:list') || page.who.auditor !== undefined) return page;
    const counts = page.c.req.path === '/exceptions' ? await page.call('GET /v1/exceptions') : undefined;
    return { ...page, counts, exceptions: await countOpen(counts?.kinds).catch(() => undefined) };
  };
}

/** Returns undefined if no one is signed in. Throws `forbidden` if the caller lacks the permission. */
async function enter(parts: AppParts, c: Context, may: Permission, form?: string): Promise<PageContext | undefined> {
  const page = await contextOf(parts, c, form);
  if (page !== undefined) refuseUnseen(page, may);
  return page;
}

function refuseUnseen({ c, who }: PageContext, may: Permission, auditor?: true): void {
  refuseAuditor(who, auditor);
  refuseWithout(who, may);
  refuseOtherStation(who, c.req.param('name'));
}

async function contextOf(parts: AppParts, c: Context, form?: string): Promise<PageContext | undefined> {
  const { auth, services } = parts;
  const who = await auth.visitor(c, form);
  if (who === undefined) return undefined;
  const csrf = csrfToken(services.sessionKey, (await readCookie(c, services.sessionKey)) ?? '');
  const language = languageOf(c);
  const param = (name: string): string => defined(c.req.param(name));
  const { siteName, site, siteLogo } = services.config;
  const shown = { name: siteName, code: site, logo: siteLogo !== undefined };
  const attention = needsAttention(services);
  const viewer = { c, who, csrf, language, param, site: shown, attention, exceptions: undefined, say: speak(language) };
  const sent = sentIn(c);
  const productNames: PageContext['productNames'] = async () =>
    (await services.ledger.products()).filter(({ id }) => sees(who, id)).map(({ id, name }) => [id, name ?? id]);
  return { ...viewer, ...(sent === undefined ? {} : { sent }), ...clientFor(parts, c, csrf), productNames };
}

/** The page for an unknown address, with links to other pages. */
function Nothing({ page }: { page: PageContext }) {
  return (
    <>
      <h1>{page.say(FRAME, 'nothingHere')}</h1>
      <p>{page.say(FRAME, 'nothingHereHint')}</p>
      <WayOn page={page} />
    </>
  );
}

function WayOn({ page: { say } }: { page: PageContext }) {
  return (
    <p>
      <a class="btn" href="/">
        {say(FRAME, 'toStart')}
      </a>
    </p>
  );
}

function Refused({ page, error }: { page: PageContext; error: ClaimstampError }) {
  return (
    <p class="refused" role="alert">
      <strong>{page.say(FRAME, 'refused')}:</strong> <Why page={page} error={error} />
    </p>
  );
}

export function Why({ page, error }: { page: PageContext; error: Parameters<typeof saidIn>[0] }) {
  const { detail, lang } = saidIn(error, page.language);
  return <span lang={lang}>{detail}</span>;
}

/**
 * After the form is sent, htmx opens another page. The browser's Back button returns to the page with the form. If a
 * script of the console sent the request, the script shows the message instead.
 */
function goTo(c: Context, address: string): void {
  const back = c.req.header('hx-current-url');
  if (back !== undefined && URL.canParse(back))
    c.header('hx-redirect', `${address}?back=${encodeURIComponent(placeOf(back))}`);
}

function unauthorized(c: Context): Response {
  goTo(c, '/sign-in');
  c.header('www-authenticate', 'Bearer');
  return c.text(speak(languageOf(c))(FRAME, 'expired'), 401);
}

/** The console calls the API like any other program does, with the same checks, limits and messages. */
function clientFor({ app }: AppParts, c: Context, csrf: string): Client {
  const send: Transport['send'] = async (method, path, body) => {
    const headers = new Headers(c.req.raw.headers);
    for (const framed of ['content-length', 'transfer-encoding']) headers.delete(framed);
    headers.set('content-type', 'application/json');
    headers.set(CSRF_HEADER, csrf);
    const init = body === undefined ? { method, headers } : { method, headers, body };
    // Only the page itself may write to Node's response object, so the API call does not get this object.
    const inside = { ...bindingsOf(c), outgoing: undefined };
    const answer = await app.request(new URL(path, c.req.url).href, init, inside);
    if (answer.ok) return answer;
    const { code, detail: said = code, problems } = problemIn(await answer.json());
    if (code === undefined || said === undefined) throw new Error(said);
    // The call to the API asks for the visitor's language. If an answer has no content-language, its text is English.
    const values = problems === undefined ? {} : { values: { problems: problems.map((key) => ({ key })) } };
    const text = answer.headers.has('content-language') || problems !== undefined ? { key: said, ...values } : said;
    const wait = answer.headers.get('retry-after');
    throw new ClaimstampError(code, text, wait === null ? undefined : Number(wait));
  };
  return openClient({ send, read: (answer) => answer.json() });
}

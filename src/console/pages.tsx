import type { Context } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Permission } from '../model/role.ts';
import { ClaimstampError, isCode } from '../platform/error.ts';
import type { AppParts } from '../http/app.ts';
import type { Answer, Client } from '../http/client.ts';
import { refuseAuditor, refuseOtherStation, refuseWithout, unattended } from '../http/auth.ts';
import { openExceptionCount } from './open-exceptions.ts';
import { readForm, readUpload, type Fields, type Files } from '../http/form.ts';
import { PROBLEMS, saidIn } from '../http/problems.ts';
import { CSRF_FIELD, csrfToken, readCookie } from '../http/session.ts';
import { Frame, placeOf, type Shown, type Viewer } from './frame.tsx';
import { FRAME } from '../../words/console/frame.ts';
import { clientFor } from './api-client.ts';
import { formPage, isFromScript, isRenewed, sentIn, type Sent, type SentForm } from './sent-form.ts';
import { renewed, shownAgain } from './shown-again.ts';
import { keepSaved, takeSaved } from './saved.ts';
import { stateOf } from '../http/health.ts';
import { comesLater, isBodyOnly, Later, type Head } from './later.tsx';
import { languageOf } from '../http/language.ts';
import { speak } from '../http/words.ts';
import { defined } from '../platform/own.ts';
import { sees } from '../http/auditor.ts';

/** The request for a page, and the API client that has the permissions of the person or kiosk that sent the request. */
export interface PageContext extends Client, Viewer {
  /** The counts that the exceptions page shows. Other pages do not count exceptions. */
  counts?: Answer<'GET /v1/exceptions'> | undefined;
  /** Returns the value of a `:name` parameter in the path of the page. */
  param: (name: string) => string;
  /**
   * Returns the id and the name of each product, for choices and lists. A product without a name is shown by its id.
   */
  productNames: () => Promise<[id: string, name: string][]>;
  /** The refused form. Set only if the page is shown again because the form was refused. */
  sent?: SentForm;
  /** The answer to a form. Set only if the page is shown again with this answer. */
  answered?: Sent['answered'];
}

interface Seen {
  /** A page without `auditor` refuses auditors. All forms and parts refuse auditors too. */
  auditor?: true;
  /** For a page that takes time to make: returns what a browser shows until it has fetched the body. */
  head?: (page: PageContext) => Promise<Head>;
}

export interface Pages extends AppParts {
  /** Adds a page. `show` returns the page, or a redirect to another one. */
  page: (path: string, may: Permission, show: (page: PageContext) => Promise<Shown | Response>, seen?: Seen) => void;
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
  /** Adds a file that only the person who opened the page may download. */
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
    page(path, may, show, { auditor, head } = {}) {
      app.get(path, async (c) => {
        const page = await contextOf(parts, c);
        if (page === undefined && isBodyOnly(c)) return unauthorized(c);
        if (page === undefined) return c.redirect(`/sign-in?back=${encodeURIComponent(placeOf(c.req.url))}`, 303);
        try {
          refuseUnseen(page, may, auditor);
          if (head !== undefined && isBodyOnly(c)) return await bodyOf(page, show);
          const saved = takeSaved(c, placeOf(c.req.url));
          const isLater = head !== undefined && comesLater(page);
          const [shown, viewer] = [isLater ? await soon(page, head) : await show(page), await withExceptions(page)];
          return shown instanceof Response ? shown : await html(c, <Frame page={viewer} saved={saved} {...shown} />);
        } catch (error) {
          if (!(error instanceof ClaimstampError)) throw error;
          const title = page.say(FRAME, 'refused');
          const body = (
            <>
              <Refused page={page} error={error} />
              <WayOn page={page} />
            </>
          );
          const isBody = head !== undefined && isBodyOnly(c);
          return html(c, isBody ? body : <Frame page={page} title={title} body={body} />, PROBLEMS[error.code][0]);
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

/** Returns the page without its body, which the browser fetches then. */
async function soon(page: PageContext, head: NonNullable<Seen['head']>): Promise<Shown> {
  const shown = await head(page);
  return { ...shown, body: <Later page={page} title={shown.title} /> };
}

async function bodyOf(page: PageContext, show: (page: PageContext) => Promise<Shown | Response>): Promise<Response> {
  unattended(page.c);
  const shown = await show(page);
  return shown instanceof Response ? shown : html(page.c, shown.body);
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
        // The service reads the file only after it has checked that the person may send one. `answerTo` checks the
        // token of the form.
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
    const to = opened(c);
    if (to !== undefined) keepSaved(c, to);
    if (!isFromScript(c)) return await asPage(page, part, to);
    return await html(c, isRenewed(c) ? await renewed(parts, c, fields, part) : part);
  } catch (error) {
    if (!(error instanceof ClaimstampError)) throw error;
    return html(c, await refusedForm(parts, page, fields, error), PROBLEMS[error.code][0]);
  }
}

async function refusedForm(parts: AppParts, page: PageContext, fields: Fields, error: ClaimstampError): Promise<Child> {
  const { c } = page;
  if (isCode(error, 'confirm-password')) await askPassword(parts, page);
  const again = await shownAgain(parts, c, page.language, { fields, error });
  if (again !== undefined) return raw(again);
  const part = <Refused page={page} error={error} />;
  return isFromScript(c) ? part : <Answered page={page} part={part} />;
}

/**
 * desk.js asks for the password, and then sends the form again. A person who signs in at an identity provider confirms
 * there, so the browser leaves the page.
 */
async function askPassword({ services }: AppParts, { c, who }: PageContext): Promise<void> {
  const person = who.session && (await services.ledger.person(who.session.name));
  if (person?.issuer !== undefined) return goTo(c, '/account/confirm');
  c.header('hx-trigger', 'confirm-password');
  c.header('hx-reswap', 'none');
}

/** Returns the address that the browser opens after an action, if it opens one. */
function opened(c: Context): string | undefined {
  return c.res.headers.get('hx-redirect') ?? (c.res.headers.has('hx-refresh') ? formPage(c) : undefined);
}

/**
 * Answers a form that was sent by a browser without scripts. The answer is the page that the action leads to, or a page
 * that shows the result.
 */
async function asPage(page: PageContext, part: Child, to: string | undefined): Promise<Response> {
  const { c } = page;
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

/**
 * Returns the context for a request, or undefined if no one is signed in. Throws `forbidden` if the caller lacks the
 * permission.
 */
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
  const state = stateOf(services);
  const viewer = { c, who, csrf, language, param, site: shown, state, exceptions: undefined, say: speak(language) };
  const productNames: PageContext['productNames'] = async () =>
    (await services.ledger.products()).filter(({ id }) => sees(who, id)).map(({ id, name }) => [id, name ?? id]);
  return { ...viewer, ...sentIn(c), ...clientFor(parts, c, csrf), productNames };
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
 * Makes htmx open another page after a form was sent. The browser's Back button returns to the page with the form. If a
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

import type { Context } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { asset } from '../http/assets.ts';
import type { Principal } from '../http/auth.ts';
import { EXCEPTIONS_PAGE } from '../../words/console/exceptions.ts';
import { COMMON } from '../../words/console/common.ts';
import { FRAME } from '../../words/console/frame.ts';
import { SEARCH } from '../../words/console/search.ts';
import { LANGUAGES, type Language } from '../../words/sentence.ts';
import { CSRF_FIELD } from '../http/session.ts';
import type { State } from '../http/health.ts';
import type { Say } from '../http/words.ts';
import { CONTENT } from './sent-form.ts';
import { Icon, Shape } from './icons.tsx';
import { ConfirmPassword, Question } from './dialogs.tsx';
import { actorSaid } from './actors.tsx';
import { RailFoot } from './rail-foot.tsx';
import type { OpenExceptions } from './open-exceptions.ts';
import { placeAt, sectionsOf } from './sections.ts';
import { Mark } from './station-icons.tsx';

/**
 * The maximum length of a search text. A QR code may contain an address of 2,048 characters, and a scanner may add a
 * few more.
 */
const MOST_LETTERS = 4096;

export interface Viewer {
  c: Context;
  who: Principal;
  language: Language;
  say: Say;
  /** The token for the forms in this session. */
  csrf: string;
  site: Site;
  state: State;
  /** Undefined if the person is not allowed to see exceptions. */
  exceptions: OpenExceptions | undefined;
}

/** The site's name and logo, as shown in the header of each page. */
export interface Site {
  name: string | undefined;
  code: string | undefined;
  /** True if `/site-logo` has the logo of the site. */
  logo: boolean;
}

/** The address and title of a page above the current page in the hierarchy. */
export type Crumb = readonly [address: string, words: string];

export interface Shown {
  title: string;
  body: Child;
  /** The pages above this page in the hierarchy, from the top down. */
  crumbs?: readonly Crumb[];
  /** Names of scripts. Scripts are in assets/ or come from libraries. */
  scripts?: string[];
  styles?: string[];
  /**
   * The CSS classes of a station's screen (assets/station.css). A station's screen has its own frame, without
   * navigation.
   */
  screen?: { html: string; body: string };
}

/**
 * htmx sends forms and fetches parts of pages. With these settings, htmx shows refusals and calls only this service. In
 * fetched parts, htmx adds no styles and runs no scripts. htmx caches no pages, because a later session could see them.
 */
const HTMX = JSON.stringify({
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  responseHandling: [
    { code: '204', swap: false },
    { code: '...', swap: true },
  ],
});

/** Returns an address without its host. After signing in or changing the language, the user returns to this address. */
export function placeOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/**
 * The frame of all pages. The frame has the sections, the search, the person's menu, and messages for a lost connection
 * or an ended session.
 */
export function Frame(props: Shown & { page: Viewer; saved?: boolean }) {
  const { page, title, body, crumbs = [], scripts = [], styles = [], screen, saved = false } = props;
  if (screen !== undefined) return <ScreenFrame {...props} screen={screen} />;
  const { c, say, who, language, site } = page;
  const here = placeOf(c.req.url);
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={language}>
        <Loaded title={title} site={site} styles={styles} scripts={scripts} />
        <body class="desk">
          <a class="skip" href="#content">
            {say(FRAME, 'skip')}
          </a>
          <Head page={page} here={here} />
          <Rail page={page} />
          <div class="middle">
            <p class="strip is-stop" id="lost" role="alert" hidden>
              {say(FRAME, 'lost')}
            </p>
            <p class="strip is-stop" id="expired" role="alert" hidden>
              {say(FRAME, 'expired')} <a href={`/sign-in?back=${encodeURIComponent(here)}`}>{say(FRAME, 'signIn')}</a>
            </p>
            <Question say={say} />
            {who.session === undefined || who.kiosk !== undefined ? null : (
              <ConfirmPassword say={say} name={who.session.name} csrf={page.csrf} />
            )}
            <main id={CONTENT}>
              {saved ? (
                <p class="saved" role="status">
                  <Shape name="good" />
                  {say(COMMON, 'saved')}
                </p>
              ) : null}
              {crumbs.length === 0 ? null : <Crumbs page={page} crumbs={crumbs} title={title} />}
              {body}
              <p class="printed-on">
                {say(FRAME, 'printedOn', { who: actorSaid(page, page.who.actor) })} {printedAt(language)}
              </p>
            </main>
          </div>
        </body>
      </html>
    </>
  );
}

/** Returns the current time in words, for the printed page. */
function printedAt(language: Language): string {
  const style = { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat(language, style).format(new Date());
}

function Loaded({ title, site, styles, scripts }: { title: string; site: Site; styles: string[]; scripts: string[] }) {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{[title, ...(site.name === undefined ? [] : [site.name]), 'Claimstamp'].join(' – ')}</title>
      {['tokens.css', 'parts.css', 'console.css', 'plain.css', ...styles].map((name) => (
        <link rel="stylesheet" href={asset(name)} />
      ))}
      <link rel="icon" href="data:," />
      <meta name="htmx-config" content={HTMX} />
      <script defer src={asset('htmx.min.js')}></script>
      {['desk.js', 'suggest.js', ...scripts].map((name) => (
        <script type="module" src={asset(name)}></script>
      ))}
    </head>
  );
}

/** assets/suggest.js fills the list with suggestions. */
const COMBOBOX = {
  role: 'combobox',
  'aria-expanded': 'false',
  'aria-controls': 'suggested',
  'aria-autocomplete': 'list',
} as const;

function Head({ page, here }: { page: Viewer; here: string }) {
  const { who, say, site, c } = page;
  return (
    <header class="head">
      <a class="brand" href="/" aria-label={site.name ?? 'Claimstamp'}>
        {site.logo ? <img class="mark" src="/site-logo" alt="" /> : <Mark />}
        <span>
          <b>{site.name ?? 'Claimstamp'}</b>
          {site.code === undefined ? null : <small>{site.code}</small>}
        </span>
      </a>
      <div class="top">
        <button class="menu-open" popovertarget="rail">
          <Icon name="menu" />
          <span>{say(FRAME, 'menu')}</span>
        </button>
        {who.kiosk === undefined && who.may.has('units:list') ? (
          <form class="find" role="search" action="/units">
            <Icon name="find" />
            <input
              id="find"
              name="find"
              type="search"
              aria-label={say(FRAME, 'find')}
              placeholder={say(FRAME, 'findHint')}
              value={new URL(c.req.url).pathname === '/units' ? (c.req.query('find') ?? '') : ''}
              maxlength={MOST_LETTERS}
              autocomplete="off"
              {...(who.auditor === undefined ? COMBOBOX : {})}
            />
            <kbd aria-hidden="true">/</kbd>
            {who.auditor === undefined ? (
              <div class="suggest" id="suggest" data-searching={say(SEARCH, 'searching')} hidden></div>
            ) : null}
          </form>
        ) : (
          <span></span>
        )}
        <Tools page={page} here={here} />
      </div>
    </header>
  );
}

/** The menus at the right end of the header: language and person. */
function Tools({ page: { who, say, language, csrf }, here }: { page: Viewer; here: string }) {
  const name = who.actor.replace(/^[a-z]+:/, '');
  return (
    <div class="tools">
      <details class="drop">
        <summary aria-label={`${say(FRAME, 'language')}: ${LANGUAGES[language]}`}>
          <Icon name="language" />
          <span class="wide">{LANGUAGES[language]}</span>
        </summary>
        <ul>
          {Object.entries(LANGUAGES).map(([code, words]) => (
            <li>
              <LanguageLink code={code} words={words} here={here} language={language} />
            </li>
          ))}
        </ul>
      </details>
      <details class="drop">
        <summary aria-label={`${say(FRAME, 'account')}: ${name}`}>
          <Icon name="person" />
          <span class="wide">{name}</span>
        </summary>
        <ul>
          <li>
            <a href="/account">{say(FRAME, 'account')}</a>
          </li>
          {who.session === undefined || who.kiosk !== undefined ? null : (
            <li>
              <form method="post" action="/sign-out">
                <input type="hidden" name={CSRF_FIELD} value={csrf} />
                <button class="item">{say(FRAME, 'signOut')}</button>
              </form>
            </li>
          )}
        </ul>
      </details>
    </div>
  );
}

/** The navigation by sections. Only the section that contains the current page lists its pages. */
function Rail({ page }: { page: Viewer }) {
  const { c, say, who } = page;
  const sections = who.kiosk === undefined ? sectionsOf(who) : [];
  const here = placeAt(sections, new URL(c.req.url).pathname);
  return (
    <nav class="rail" id="rail" popover="auto" aria-label={say(FRAME, 'main')}>
      <ul>
        {sections.map(({ words, icon, places }) => {
          const isHere = here?.section.words === words;
          const [first] = places;
          const alone = isHere && places.length === 1 ? ({ 'aria-current': 'page' } as const) : {};
          return (
            <li>
              <a href={first?.address} {...(isHere ? { class: 'is-here' } : {})} {...alone}>
                <Icon name={icon} />
                <span>{say(FRAME, words)}</span>
                {words === 'line' && !isHere ? <Badge page={page} /> : null}
              </a>
              {isHere && places.length > 1 ? (
                <ul>
                  {places.map((place) => (
                    <li>
                      <a href={place.address} {...(here.place === place ? { 'aria-current': 'page' } : {})}>
                        {say(FRAME, place.words)}
                        {place.words === 'exceptions' ? <Badge page={page} /> : null}
                      </a>
                    </li>
                  ))}
                </ul>
              ) : null}
            </li>
          );
        })}
      </ul>
      <RailFoot
        say={say}
        state={page.state}
        isShown={sections.some(({ places }) => places.some(({ address }) => address === '/health'))}
      />
    </nav>
  );
}

/** The highest number that is shown beside a link. */
const MAX_BADGE = 99;

/** The number of open exceptions. While the section is collapsed, the link of the section shows this number. */
function Badge({ page: { say, exceptions } }: { page: Viewer }) {
  if (exceptions === undefined || exceptions.count === 0) return null;
  const { count, more } = exceptions;
  const shown = count > MAX_BADGE ? `${MAX_BADGE}+` : `${count}${more ? '+' : ''}`;
  return (
    <b class="count is-warn">
      <span aria-hidden="true">{shown}</span>
      <span class="sr">{say(EXCEPTIONS_PAGE, 'openCount', { count: shown })}</span>
    </b>
  );
}

function Crumbs({ page: { say }, crumbs, title }: { page: Viewer; crumbs: readonly Crumb[]; title: string }) {
  return (
    <nav class="crumbs" aria-label={say(FRAME, 'crumbs')}>
      <ol>
        {crumbs.map(([address, words]) => (
          <li>
            <a href={address}>{words}</a>
          </li>
        ))}
        <li aria-current="page">{title}</li>
      </ol>
    </nav>
  );
}

type Screen = Shown & { page: Viewer; screen: { html: string; body: string } };

/**
 * The frame of a station's screen. The screen fills the browser window, and loads only its own style sheet and scripts.
 */
function ScreenFrame({ page: { language, say }, title, body, screen, scripts = [] }: Screen) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={language} class={screen.html}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{title} – Claimstamp</title>
          {['tokens.css', 'parts.css', 'station.css'].map((name) => (
            <link rel="stylesheet" href={asset(name)} />
          ))}
          <link rel="icon" href="data:," />
          {scripts.map((name) => (
            <script type="module" src={asset(name)}></script>
          ))}
        </head>
        <body class={screen.body}>
          <a class="skip" href="#content">
            {say(FRAME, 'skip')}
          </a>
          {body}
        </body>
      </html>
    </>
  );
}

/** Links to the page in each language. */
export function LanguageLinks({ language, here }: { language: Language; here: string }) {
  return (
    <>
      {Object.entries(LANGUAGES).map(([code, words]) => (
        <LanguageLink code={code} words={words} here={here} language={language} />
      ))}
    </>
  );
}

interface LanguageLinkProps {
  code: string;
  words: string;
  here: string;
  language: Language;
}

function LanguageLink({ code, words, here, language }: LanguageLinkProps) {
  return (
    <a
      href={`/language/${code}?back=${encodeURIComponent(here)}`}
      lang={code}
      {...(code === language ? { 'aria-current': 'true' } : {})}
    >
      {words}
    </a>
  );
}

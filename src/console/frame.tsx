import type { Context } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { asset } from '../http/assets.ts';
import type { Principal } from '../http/auth.ts';
import { FRAME } from '../../words/console/frame.ts';
import { LANGUAGES, type Language } from '../../words/sentence.ts';
import type { Say } from '../http/words.ts';

export interface Viewer {
  c: Context;
  who: Principal;
  language: Language;
  say: Say;
}

export interface Shown {
  title: string;
  body: Child;
  /** Names of scripts. The scripts are in assets/ or come from libraries. */
  scripts?: string[];
  styles?: string[];
  /** The classes of a station's screen (assets/station.css). Such a page has a frame of its own, without navigation. */
  screen?: { html: string; body: string };
}

/**
 * htmx sends forms and fetches parts of pages. With these settings, htmx shows refusals and calls only this service.
 * htmx adds no styles, runs no scripts in fetched parts, and keeps no pages of an earlier session.
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

/**
 * The address and words of each link, and the permission that its page requires. The Setup page links to further pages,
 * which are not in this list.
 */
const LINKS = [
  ['/stations', 'stations', 'stations:read'],
  ['/exceptions', 'exceptions', 'units:list'],
  ['/units', 'units', 'units:list'],
  ['/returns', 'returns', 'units:return'],
  ['/work-orders', 'workOrders', 'catalog:read'],
  ['/shipping-lists', 'shippingLists', 'catalog:read'],
  ['/charts', 'charts', 'units:list'],
  ['/exports', 'exports', 'ledger:export'],
  ['/ledger', 'ledger', 'ledger:read'],
  ['/forecasts', 'forecasts', 'forecasts:handle'],
  ['/set-up', 'setUp', 'catalog:write'],
] as const;

/**
 * Additional links for a lead. A lead has no Setup page and no page of units, from which other people reach these
 * pages.
 */
const OF_LEAD = [
  ['/units/end', 'endUnits', 'units:void'],
  ['/people', 'people', 'access:operators'],
  ['/hold', 'hold', 'ledger:resume'],
] as const;

/** The links of an auditor. Other pages refuse auditors, or an auditor sees nothing there. */
const OF_AUDITOR = [
  ['/units', 'units', 'units:list'],
  ['/work-orders', 'workOrders', 'catalog:read'],
  ['/products', 'products', 'catalog:read'],
  ['/exports', 'exports', 'ledger:export'],
  ['/ledger', 'ledger', 'ledger:read'],
] as const;

function linksOf({ may, auditor }: Viewer['who']) {
  if (auditor !== undefined) return OF_AUDITOR;
  return may.has('units:list') ? LINKS : [...LINKS, ...OF_LEAD];
}

function Links({ page: { say, who }, here }: { page: Viewer; here: string }) {
  const seen = linksOf(who).filter(([, , may]) => who.may.has(may));
  return (
    <>
      {seen.map(([address, words]) => (
        <a
          href={address}
          {...(here.split('?')[0] === address || here.split(/[/?]/)[1] === address.slice(1)
            ? { 'aria-current': 'page' }
            : {})}
        >
          {say(FRAME, words)}
        </a>
      ))}
    </>
  );
}

/** Returns an address without its host. The user returns to this address after signing in or changing the language. */
export function placeOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** The frame of all pages: the navigation, the language, and messages for a lost connection or an expired session. */
export function Frame(props: Shown & { page: Viewer }) {
  const { page, title, body, scripts = [], styles = [], screen } = props;
  if (screen !== undefined) return <ScreenFrame {...props} screen={screen} />;
  const { c, say, language, who } = page;
  const here = placeOf(c.req.url);
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{title} – Claimstamp</title>
          <link rel="stylesheet" href={asset('page.css')} />
          <link rel="stylesheet" href={asset('console.css')} />
          {styles.map((name) => (
            <link rel="stylesheet" href={asset(name)} />
          ))}
          <link rel="icon" href="data:," />
          <meta name="htmx-config" content={HTMX} />
          <script defer src={asset('htmx.min.js')}></script>
          {scripts.map((name) => (
            <script type="module" src={asset(name)}></script>
          ))}
        </head>
        <body>
          <a class="skip" href="#content">
            {say(FRAME, 'skip')}
          </a>
          <header class="bar">
            <nav aria-label={say(FRAME, 'main')}>
              {who.kiosk === undefined ? <Links page={page} here={here} /> : null}
              <a href="/account">{say(FRAME, 'account')}</a>
            </nav>
            <nav aria-label={say(FRAME, 'language')} class="languages">
              <LanguageLinks language={language} here={here} />
            </nav>
          </header>
          <p class="banner" id="lost" role="alert" hidden>
            {say(FRAME, 'lost')}
          </p>
          <p class="banner" id="expired" role="alert" hidden>
            {say(FRAME, 'expired')} <a href={`/sign-in?back=${encodeURIComponent(here)}`}>{say(FRAME, 'signIn')}</a>
          </p>
          <main id="content">{body}</main>
        </body>
      </html>
    </>
  );
}

type Screen = Shown & { page: Viewer; screen: { html: string; body: string } };

/** The frame of a station's screen, which fills the browser and loads nothing but its own sheet and scripts. */
function ScreenFrame({ page: { language, say }, title, body, screen, scripts = [] }: Screen) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={language} class={screen.html}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{title} – Claimstamp</title>
          <link rel="stylesheet" href={asset('station.css')} />
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
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <a
          href={`/language/${code}?back=${encodeURIComponent(here)}`}
          lang={code}
          {...(code === language ? { 'aria-current': 'true' } : {})}
        >
          {name}
        </a>
      ))}
    </>
  );
}

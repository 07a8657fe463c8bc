import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Hono } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { Page } from '../../http/page.tsx';
import { isLanguage } from '../../http/words.ts';
import { CARD } from '../../../words/console/card.ts';
import { LANGUAGES, type Language } from '../../../words/sentence.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { refusal } from '../../platform/error.ts';
import { Card, cardRows } from './card.tsx';
import { plain, readDocuments, rowsOf, type Document } from './documents.ts';
import { toHtml, type Places } from './markdown.ts';
import { navigation, startHtml } from './navigation.ts';
import { problemDocuments } from './problem-pages.ts';
import { excerpt, find, VOCABULARY, type Row } from './search.ts';

/**
 * The documents at /help, for everyone who can reach the console: they contain no data of the site. The pages work
 * without scripts and without internet.
 */
export function helpPages(app: Hono): void {
  let read: Help | undefined;
  const help = (): Help => (read ??= openHelp());
  app.get('/help', (c) => c.html(<Start help={help()} />));
  app.get('/help/search', (c) =>
    c.html(<Found help={help()} words={(c.req.query('find') ?? '').slice(0, MAX_TYPED)} />),
  );
  app.get('/help/images/:name', (c) => picture(c));
  app.get('/help/card/:language', (c) => {
    const language = c.req.param('language');
    if (!isLanguage(language)) throw refusal('not-found', 'address', { method: 'GET' });
    return c.html(<CardPage language={language} />);
  });
  for (const address of ['/help/:name', '/help/:folder/:name'])
    app.get(address, (c) => {
      const slug = c.req.path.replace(/^\/help\//, '');
      const document = help().documents.find((one) => one.slug === slug);
      if (document === undefined) throw refusal('not-found', 'address', { method: 'GET' });
      return c.html(<Shown help={help()} document={document} />);
    });
}

/** The maximum number of characters of a search text. The rest is ignored. */
const MAX_TYPED = 200;

/**
 * `documents` includes a page for each problem. `html` returns the content of a page, and `rows` the sections for the
 * search. Both are made once.
 */
export interface Help {
  documents: Document[];
  html: (document: Document) => Promise<string>;
  rows: () => Row[];
}

const SERVED: Places = {
  page: (slug, anchor) => `/help/${slug}${anchor}`,
  picture: (path) => `/help/images/${path.split('/').at(-1) ?? ''}`,
};

export function openHelp(places: Places = SERVED): Help {
  const files = readDocuments();
  const documents = [...files, ...problemDocuments(files.find(({ slug }) => slug === 'api'))];
  const made = new Map<string, string>();
  let rows: Row[] | undefined;
  return {
    documents,
    async html(document) {
      const html = made.get(document.slug) ?? (await toHtml(document, documents, places));
      made.set(document.slug, html);
      return html;
    },
    rows: () => (rows ??= [...rowsOf(documents), ...cardRows()]),
  };
}

function Layout({
  title,
  help,
  document,
  words,
  children,
}: {
  title: string;
  /** What was searched for. */
  words?: string;
  help: Help;
  document?: Document;
  children?: Child;
}) {
  return (
    <Page title={title} styles={['page.css', 'help.css']}>
      <nav class="help-bar" aria-label="Help">
        <a href="/">Console</a>
        <a href="/help">Help</a>
        <a class="to-list" href="#documents">
          All documents
        </a>
        <form action="/help/search" method="get" role="search">
          <label>
            <span>Search the help</span>
            <input type="search" name="find" value={words} placeholder="Search the help" required />
          </label>
          <button>Search</button>
        </form>
      </nav>
      <div class="help-page">
        {children}
        {raw(navigation(help.documents, document, SERVED))}
      </div>
    </Page>
  );
}

function Start({ help }: { help: Help }) {
  return (
    <Layout title="Help" help={help}>
      <article class="help">{raw(startHtml(help.documents, SERVED))}</article>
    </Layout>
  );
}

async function Shown({ help, document }: { help: Help; document: Document }) {
  return (
    <Layout title={plain(document.title)} help={help} document={document}>
      <article class="help">{raw(await help.html(document))}</article>
    </Layout>
  );
}

function Found({ help, words }: { help: Help; words: string }) {
  const found = find(help.rows(), words);
  return (
    <Layout title="Search the help" help={help} words={words}>
      <article class="help">
        <h1>{found.length === 0 ? `Nothing found for “${words}”` : `Found for “${words}”`}</h1>
        <ul class="help-found">
          {found.map(({ address, heading, title, text }) => (
            <li>
              <a href={`/help/${address}`}>{heading}</a> <small>{title}</small>
              <p>{excerpt(text, words, VOCABULARY)}</p>
            </li>
          ))}
        </ul>
      </article>
    </Layout>
  );
}

/** The card for the wall beside a station. Browsers print it on one A4 page. */
function CardPage({ language }: { language: Language }) {
  return (
    <Page title={CARD[language].title} language={language} styles={['page.css', 'help.css']}>
      <nav class="help-bar">
        <a href="/help" lang="en">
          Help
        </a>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <a href={`/help/card/${code}`} lang={code} {...(code === language ? { 'aria-current': 'page' } : {})}>
            {name}
          </a>
        ))}
      </nav>
      <Card language={language} />
    </Page>
  );
}

/** Answers with a picture from docs/images, and from no other folder. */
function picture(c: Context): Response {
  const name = c.req.param('name') ?? '';
  if (!/^[\w-]+\.png$/.test(name)) throw refusal('not-found', 'address', { method: 'GET' });
  try {
    const bytes = readFileSync(join(packageRoot, 'docs', 'images', name));
    return c.body(new Uint8Array(bytes), 200, { 'content-type': 'image/png', 'cache-control': 'no-cache' });
  } catch {
    throw refusal('not-found', 'address', { method: 'GET' });
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Hono } from 'hono';
import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { Page } from '../../http/page.tsx';
import { packageRoot } from '../../platform/package-root.ts';
import { refusal } from '../../platform/error.ts';
import { excerpt, findSections, plain, readDocuments, type Document } from './documents.ts';
import { toHtml, type Places } from './markdown.ts';
import { PROBLEM_SLUG, problemDocuments } from './problem-pages.ts';

/**
 * The documents at /help, for everyone who can reach the console: they contain no data of the site. The pages work
 * without scripts and without internet.
 */
export function helpPages(app: Hono): void {
  let read: Help | undefined;
  const help = (): Help => (read ??= openHelp());
  app.get('/help', (c) => c.html(<Start help={help()} />));
  app.get('/help/search', (c) => c.html(<Found help={help()} words={c.req.query('find') ?? ''} />));
  app.get('/help/images/:name', (c) => picture(c));
  for (const address of ['/help/:name', '/help/:folder/:name'])
    app.get(address, (c) => {
      const slug = c.req.path.replace(/^\/help\//, '');
      const document = help().documents.find((one) => one.slug === slug);
      if (document === undefined) throw refusal('not-found', 'address', { method: 'GET' });
      return c.html(<Shown help={help()} document={document} />);
    });
}

/** `documents` includes a page for each problem. `html` returns the content of a page, and keeps it. */
export interface Help {
  documents: Document[];
  html: (document: Document) => string;
}

const SERVED: Places = {
  page: (slug, anchor) => (slug === 'readme' && anchor === '' ? '/help/readme' : `/help/${slug}${anchor}`),
  picture: (path) => `/help/images/${path.split('/').at(-1) ?? ''}`,
};

export function openHelp(places: Places = SERVED): Help {
  const files = readDocuments();
  const documents = [...files, ...problemDocuments(files.find(({ slug }) => slug === 'api'))];
  const made = new Map<string, string>();
  return {
    documents,
    html(document) {
      const html = made.get(document.slug) ?? toHtml(document, documents, places);
      made.set(document.slug, html);
      return html;
    },
  };
}

function Layout({ title, children }: { title: string; children?: Child }) {
  return (
    <Page title={title}>
      <nav class="help-bar" aria-label="Help">
        <a href="/">Console</a>
        <a href="/help">Help</a>
        <form action="/help/search" method="get" role="search">
          <label>
            <span>Search the help</span>
            <input type="search" name="find" required />
          </label>
          <button>Search</button>
        </form>
      </nav>
      {children}
    </Page>
  );
}

function Start({ help }: { help: Help }) {
  return (
    <Layout title="Help">
      <h1>Help</h1>
      {raw(startHtml(help, SERVED))}
      <p>
        <a href="/help/readme">Start: what Claimstamp is, and the first Claim ID</a>
      </p>
      <p>
        <a href={`/help/${PROBLEM_SLUG}`}>Problems that the service reports</a>
      </p>
    </Layout>
  );
}

/** The table of documents by reader, which the README contains. */
export function startHtml({ documents }: Help, places: Places): string {
  const readme = documents.find(({ slug }) => slug === 'readme');
  const table = /^## Documents\n[^|]*((?:\|.*\n)+)/m.exec(readme?.text ?? '')?.[1] ?? '';
  return toHtml({ path: 'README.md', text: table }, documents, places);
}

function Shown({ help, document }: { help: Help; document: Document }) {
  return (
    <Layout title={plain(document.title)}>
      <article class="help">{raw(help.html(document))}</article>
    </Layout>
  );
}

function Found({ help, words }: { help: Help; words: string }) {
  const found = findSections(help.documents, words.slice(0, 200));
  return (
    <Layout title="Search the help">
      <h1>{found.length === 0 ? `Nothing found for “${words}”` : `Found for “${words}”`}</h1>
      <ul class="help-found">
        {found.map(({ document, heading, anchor, text }) => (
          <li>
            <a href={SERVED.page(document.slug, `#${anchor}`)}>{heading}</a> <small>{plain(document.title)}</small>
            <p>{excerpt(text, words)}</p>
          </li>
        ))}
      </ul>
    </Layout>
  );
}

/** Only pictures of docs/images are served. */
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

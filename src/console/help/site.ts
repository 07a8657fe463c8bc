import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { html } from 'hono/html';
import { CARD } from '../../../words/console/card.ts';
import { LANGUAGES, type Language } from '../../../words/sentence.ts';
import { isLanguage } from '../../http/words.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { Card, cardRows } from './card.tsx';
import { plain, rowsOf, type Document } from './documents.ts';
import { openHelp } from './help-pages.tsx';
import { escaped, toHtml, type Places } from './markdown.ts';
import { navigation, startHtml } from './navigation.ts';
import { excerpt, rankedRows, VOCABULARY } from './search.ts';

/*
 * `npm run docs [FOLDER]` writes the pages of /help as files, with a search. The files need no server: a browser can
 * open them from a USB stick.
 */

const [, , folder = join(packageRoot, 'site')] = process.argv;
const { documents } = openHelp();

/** Returns relative addresses, because the folder may be anywhere. */
function placesFrom(slug: string): Places {
  const up = posix.relative(posix.dirname(slug), '.') || '.';
  return {
    page: (to, anchor) => `${up}/${to}.html${anchor}`,
    picture: (path) => `${up}/images/${basename(path)}`,
  };
}

interface Shown {
  slug: string;
  title: string;
  html: string;
  document?: Document;
  language?: Language;
}

function pageOf({ slug, title, html, document, language = 'en' }: Shown): string {
  const places = placesFrom(slug);
  const root = places.page('', '').replace('/.html', '');
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} – Claimstamp</title>
${STYLES.map((name) => `<link rel="stylesheet" href="${root}/${name}">`).join('')}
</head>
<body data-root="${root}">
<main>
<nav class="help-bar" aria-label="Help"><a href="${root}/index.html">Help</a><a class="to-list" href="#documents">All documents</a>
<form role="search"><label><span>Search the help</span><input type="search" name="find" placeholder="Search the help"></label></form></nav>
<div class="help-page">
<article class="help"><ul class="help-found" hidden></ul><div class="help-text">${html}</div></article>
${navigation(documents, document, places)}
</div>
</main>
<script src="${root}/search-index.js"></script><script src="${root}/help-search.js"></script>
</body>
</html>
`;
}

function write(slug: string, content: string): void {
  const file = join(folder, slug);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const STYLES = ['tokens.css', 'page.css', 'help.css'];

rmSync(folder, { recursive: true, force: true });
write('index.html', pageOf({ slug: 'index', title: 'Help', html: startHtml(documents, placesFrom('index')) }));
for (const document of documents) {
  const { slug, title } = document;
  const text = await toHtml(document, documents, placesFrom(slug));
  write(`${slug}.html`, pageOf({ slug, title: plain(title), html: text, document }));
}
for (const language of Object.keys(LANGUAGES).filter(isLanguage)) {
  const slug = `card/${language}`;
  const card = await html`${Card({ language })}`;
  write(`${slug}.html`, pageOf({ slug, title: CARD[language].title, html: card, language }));
}
// The build may rename functions, so the script of the pages assigns them to these names.
const parts = {
  SECTIONS: JSON.stringify([...rowsOf(documents), ...cardRows()]),
  VOCABULARY: JSON.stringify(VOCABULARY),
  rankedRows: String(rankedRows),
  excerpt: String(excerpt),
};
write(
  'search-index.js',
  Object.entries(parts)
    .map(([name, code]) => `const ${name} = ${code};\n`)
    .join(''),
);
for (const name of [...STYLES, 'help-search.js']) copyFileSync(join(packageRoot, 'assets', name), join(folder, name));
const images = join(packageRoot, 'docs', 'images');
mkdirSync(join(folder, 'images'), { recursive: true });
for (const name of existsSync(images) ? readdirSync(images) : [])
  if (name.endsWith('.png')) copyFileSync(join(images, name), join(folder, 'images', name));
process.stdout.write(`${documents.length + 4} pages are in ${folder}: open index.html\n`);

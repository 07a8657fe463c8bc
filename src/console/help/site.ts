import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';
import { plain, sectionsOf, type Document } from './documents.ts';
import { openHelp, startHtml } from './help-pages.tsx';
import { escaped, toHtml, type Places } from './markdown.ts';

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

function pageOf(slug: string, title: string, html: string): string {
  const { page } = placesFrom(slug);
  const root = page('', '').replace('/.html', '');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} – Claimstamp</title>
<link rel="stylesheet" href="${root}/tokens.css"><link rel="stylesheet" href="${root}/page.css">
</head>
<body data-root="${root}">
<main>
<nav class="help-bar" aria-label="Help"><a href="${root}/index.html">Help</a>
<form role="search"><label><span>Search the help</span><input type="search" name="find"></label></form></nav>
<ul class="help-found"></ul>
<article class="help">${html}</article>
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

const indexed = ({ slug }: Document): boolean => !slug.startsWith('problems');

rmSync(folder, { recursive: true, force: true });
write(
  'index.html',
  pageOf('index', 'Help', `<h1>Help</h1>${startHtml({ documents, html: () => '' }, placesFrom('index'))}`),
);
for (const document of documents) {
  const html = toHtml(document, documents, placesFrom(document.slug));
  write(`${document.slug}.html`, pageOf(document.slug, plain(document.title), html));
}
const sections = documents.filter((document) => indexed(document)).flatMap(sectionsOf);
const rows = sections.map(({ document: { slug, title }, heading, anchor, text }) => [
  `${slug}.html#${anchor}`,
  heading,
  plain(title),
  text,
]);
write('search-index.js', `const SECTIONS = ${JSON.stringify(rows)};\n`);
for (const name of ['tokens.css', 'page.css', 'help-search.js'])
  copyFileSync(join(packageRoot, 'assets', name), join(folder, name));
const images = join(packageRoot, 'docs', 'images');
mkdirSync(join(folder, 'images'), { recursive: true });
for (const name of existsSync(images) ? readdirSync(images) : [])
  if (name.endsWith('.png')) copyFileSync(join(images, name), join(folder, 'images', name));
process.stdout.write(`${documents.length + 1} pages are in ${folder}: open index.html\n`);

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';
import type { Row } from './search.ts';

/* The documents of Claimstamp. The service shows them under /help, and `npm run docs` makes a static site of them. */

/** A Markdown file. `slug` is its address below /help, and `path` is its path in the repository. */
export interface Document {
  slug: string;
  path: string;
  title: string;
  text: string;
}

/** The files in the top folder that have a page. The README is the first page. */
const TOP = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

/** Reads all documents that this installation contains. A container image may lack some of them. */
export function readDocuments(root = packageRoot): Document[] {
  const paths = [...TOP, ...markdownIn(root, 'docs'), ...markdownIn(root, 'docs/decisions')];
  return paths
    .filter((path) => existsSync(join(root, path)))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { slug: slugOf(path), path, title: /^# (.+)$/m.exec(text)?.[1] ?? slugOf(path), text };
    });
}

function markdownIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => `${folder}/${name}`);
}

/**
 * Returns the address of a document below /help: `docs/backup.md` is at `/help/backup`, and `README.md` at
 * `/help/readme`.
 */
export function slugOf(path: string): string {
  return path
    .replace(/^docs\//, '')
    .replace(/\.md$/, '')
    .toLowerCase();
}

/** A heading with the text below it, up to the next heading. The search finds sections. */
export interface Section {
  level: number;
  heading: string;
  anchor: string;
  text: string;
}

export function sectionsOf(document: Document): Section[] {
  const anchorOf = anchors();
  return partsOf(document.text).map((part) => {
    const [, marks = '#', heading = document.title] = /^(#{1,5}) (.+)$/m.exec(part) ?? [];
    const text = plain(part.replace(/^.*\n/, ''));
    return { level: marks.length, heading: plain(heading), anchor: anchorOf(heading), text };
  });
}

/** Splits a document before each heading. A comment in a shell example is not a heading. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  let isCode = false;
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) isCode = !isCode;
    if (parts.length === 0 || (!isCode && /^#{1,5} /.test(line))) parts.push('');
    parts[parts.length - 1] += `${line}\n`;
  }
  return parts;
}

/**
 * The weights of documents in the search. Guides count most, documents about the architecture less, and history least.
 */
const WEIGHTS: [RegExp, number][] = [
  [/^(decisions\/|changelog)/, 0.3],
  [/^(readme|architecture|promises|performance|reliability|security|contributing|asvs)$/, 0.6],
  [/^(cli|problems)/, 0.85],
];

/** A section longer than this, in characters, contains nearly every word, so it counts less. */
const LONG = 6_000;

/** Returns the sections of the documents for the search. The page about a problem is short, so it is one section. */
export function rowsOf(documents: Document[]): Row[] {
  return documents.flatMap((document) => {
    const { slug } = document;
    const title = plain(document.title);
    const weight = WEIGHTS.find(([slugs]) => slugs.test(slug))?.[1] ?? 1;
    const sections = sectionsOf(document);
    if (slug.startsWith('problems/')) {
      const text = sections.map((section) => section.text).join(' ');
      const heading = `${title} (${slug.slice('problems/'.length)})`;
      return [{ address: slug, heading, title: 'Problems', text, weight }];
    }
    return sections.map(({ heading, anchor, text }) => ({
      address: `${slug}#${anchor}`,
      heading,
      title,
      text,
      weight: text.length > LONG ? weight * 0.7 : weight,
    }));
  });
}

/** The documents for one kind of reader, from the table in the README. */
export interface Reader {
  name: string;
  links: { words: string; slug: string; anchor: string }[];
}

/** Reads the kinds of readers and their documents from the README, so that this list exists only once. */
export function readersOf(documents: Document[]): Reader[] {
  const readme = documents.find(({ slug }) => slug === 'readme')?.text ?? '';
  const slugs = new Set(documents.map(({ slug }) => slug));
  return [...readme.matchAll(/^\| \*\*(.+?)\*\* \| (.*) \|$/gm)].map(([, name = '', cell = '']) => ({
    name,
    links: [...cell.matchAll(/\[([^\]]*)\]\(([^)#]*)(#[^)]*)?\)/g)]
      .map(([, words = '', path = '', anchor = '']) => ({ words, slug: slugOf(path), anchor }))
      .filter(({ slug }) => slugs.has(slug)),
  }));
}

/** Returns the text without the marks of Markdown. */
export function plain(markdown: string): string {
  return markdown
    .replaceAll(/^```\w*$|^\|[-:| ]+\|$/gm, ' ')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*|]|^#+ |^ *- /gm, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Returns a function that makes the anchor of each heading of a page, as GitHub does. */
export function anchors(): (heading: string) => string {
  const used = new Map<string, number>();
  return (heading) => {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = used.get(anchor) ?? 0;
    used.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  };
}

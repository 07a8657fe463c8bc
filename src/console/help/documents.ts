import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';

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

/** `docs/backup.md` is at `/help/backup`, and `README.md` at `/help/readme`. */
export function slugOf(path: string): string {
  return path
    .replace(/^docs\//, '')
    .replace(/\.md$/, '')
    .toLowerCase();
}

/** A heading with the text below it, up to the next heading. The search finds sections. */
export interface Section {
  document: Document;
  heading: string;
  anchor: string;
  text: string;
}

export function sectionsOf(document: Document): Section[] {
  const parts = document.text.split(/^(?=#{1,4} )/m);
  const anchorOf = anchors();
  return parts.map((part) => {
    const heading = /^#{1,4} (.+)$/m.exec(part)?.[1] ?? document.title;
    return { document, heading: plain(heading), anchor: anchorOf(heading), text: plain(part.replace(/^.*\n/, '')) };
  });
}

/** Returns the text without the marks of Markdown. */
export function plain(markdown: string): string {
  return markdown
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*|]|^#+ |^-+$/gm, ' ')
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

const MAX_FOUND = 30;

/** Returns the sections that contain every word, those with the words in their heading first. */
export function findSections(documents: Document[], words: string): Section[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const found = documents.flatMap(sectionsOf).flatMap((section) => {
    const [heading, text] = [section.heading.toLowerCase(), section.text.toLowerCase()];
    if (!wanted.every((word) => heading.includes(word) || text.includes(word))) return [];
    // Decisions and the changelog explain the past, so the guides come first.
    const isGuide = !/^(decisions\/|changelog)/.test(section.document.slug);
    const rank = wanted.filter((word) => heading.includes(word)).length + (isGuide ? 0.5 : 0);
    return [{ section, rank }];
  });
  return found
    .toSorted((a, b) => b.rank - a.rank)
    .slice(0, MAX_FOUND)
    .map(({ section }) => section);
}

/** Returns the part of the text around the first of the words. */
export function excerpt(text: string, words: string): string {
  const [first = ''] = words.toLowerCase().split(/\s+/).filter(Boolean);
  const at = Math.max(0, text.toLowerCase().indexOf(first) - 80);
  return `${at > 0 ? '… ' : ''}${text.slice(at, at + 240)}${text.length > at + 240 ? ' …' : ''}`;
}

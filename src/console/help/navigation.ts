import { LANGUAGES } from '../../../words/sentence.ts';
import { readersOf, sectionsOf, type Document } from './documents.ts';
import { escaped, type Places } from './markdown.ts';
import { PROBLEM_SLUG } from './problem-pages.ts';

/*
 * The lists of documents: the first page, and the navigation beside each page. `npm run docs` uses the same lists, so
 * they are HTML strings and not JSX.
 */

/** The first page: a card for each reader, with links to this reader's documents. */
export function startHtml(documents: Document[], { page }: Places): string {
  const cards = readersOf(documents).map(({ name, links }) => {
    const own = name === 'Operators' ? cardLinks(page) : [];
    const items = [...links.map(({ words, slug, anchor }) => [page(slug, anchor), words]), ...own];
    return `<section><h2>${escaped(name)}</h2><ul>${items.map(([to = '', words = '']) => `<li>${linked(to, words)}</li>`).join('')}</ul></section>`;
  });
  return `<h1>Help</h1>
<p>Search for what you see or want to do, such as <em>printer does not print</em>. Or choose your work:</p>
<div class="help-readers">${cards.join('')}</div>
<p>${linked(page('admin', '#trouble'), 'Problems by symptom')} · ${linked(page(PROBLEM_SLUG, ''), 'Problems that the service reports')} · ${linked(page('readme', ''), 'What Claimstamp is')}</p>`;
}

function cardLinks(page: Places['page']): [string, string][] {
  return Object.entries(LANGUAGES).map(([code, name]) => [page(`card/${code}`, ''), `Card for the wall: ${name}`]);
}

/** The list beside a page. Below the document that is shown, its sections are listed. */
export function navigation(documents: Document[], shown: Document | undefined, places: Places): string {
  const { page } = places;
  const groups = readersOf(documents).map(({ name, links }) => {
    const items = links
      .filter(({ anchor }) => anchor === '')
      .map(({ words, slug }) => {
        const isShown = slug === shown?.slug;
        const sections = isShown && shown !== undefined ? sectionList(shown) : '';
        return `<li>${linked(page(slug, ''), words, isShown)}${sections}</li>`;
      });
    return `<h2>${escaped(name)}</h2><ul>${items.join('')}</ul>`;
  });
  return `<nav class="help-list" id="documents" aria-label="Documents">${groups.join('')}</nav>`;
}

function sectionList(document: Document): string {
  const items = sectionsOf(document)
    .filter(({ level }) => level === 2)
    .map(({ anchor, heading }) => `<li>${linked(`#${anchor}`, heading)}</li>`);
  return items.length === 0 ? '' : `<ul>${items.join('')}</ul>`;
}

function linked(address: string, words: string, isShown = false): string {
  return `<a href="${escaped(address)}"${isShown ? ' aria-current="page"' : ''}>${escaped(words)}</a>`;
}

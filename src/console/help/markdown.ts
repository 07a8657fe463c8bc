import { posix } from 'node:path';
import type { Tokens } from 'marked';
import { anchors, slugOf, type Document } from './documents.ts';

/** Where a page or a picture is: below /help, or in a folder of static pages. */
export interface Places {
  /** `slug` is the address of a document, and `anchor` begins with `#` if it is not empty. */
  page: (slug: string, anchor: string) => string;
  /** `path` is the path of a picture in the repository. */
  picture: (path: string) => string;
}

/**
 * Returns the HTML of a document. Links to documents lead to their pages. A link to a file without a page, such as a
 * source file, becomes text, because an installation does not contain the file.
 */
export async function toHtml(
  { path, text }: Pick<Document, 'path' | 'text'>,
  documents: Document[],
  places: Places,
): Promise<string> {
  const anchorOf = anchors();
  const slugs = new Set(documents.map(({ slug }) => slug));
  const target = (href: string): { path: string; anchor: string } => {
    const [file = '', anchor] = href.split('#');
    const full = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
    return { path: full, anchor: anchor === undefined ? '' : `#${anchor}` };
  };
  const { Marked } = await import('marked');
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text: heading }: Tokens.Heading): string {
        return `<h${depth} id="${escaped(anchorOf(heading))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        const inside = this.parser.parseInline(tokens);
        if (/^(https?|mailto):/.test(href)) return `<a href="${escaped(href)}" rel="noreferrer">${inside}</a>`;
        const { path: file, anchor } = target(href);
        const slug = slugOf(file);
        return slugs.has(slug) ? `<a href="${escaped(places.page(slug, anchor))}">${inside}</a>` : inside;
      },
      image({ href, text: words }: Tokens.Image): string {
        const source = /^https?:/.test(href) ? href : places.picture(target(href).path);
        return `<img src="${escaped(source)}" alt="${escaped(words)}" loading="lazy">`;
      },
      // The documents contain no HTML, so text that looks like HTML is a placeholder.
      html({ text: html }: Tokens.HTML | Tokens.Tag): string {
        return escaped(html);
      },
    },
  });
  // An element that scrolls on its own must be reachable by keyboard.
  return marked
    .parse(text, { async: false })
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll(/<table>[\s\S]*?<\/table>/g, '<div class="wide" tabindex="0">$&</div>');
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

import { REFUSALS } from '../../../words/refusals/table.ts';
import type { Document } from './documents.ts';

/** The pages of problems are below this address in /help. The field `help` of an error (RFC 9457) links to its page. */
export const PROBLEM_SLUG = 'problems';

/** Matches a sentence that consists only of placeholders. */
const ONLY_VALUES = /^(?:\{\w+\}|[\s().:,])+$/;

/** A row of the table in docs/api.md: code, status, title, why, what to do. */
const ROW = /^\| `([\w-]+)` \| \d+ \| [^|]* \| ([^|]*) \| ([^|]*) \|$/gm;

/**
 * Returns a document for each problem that the API can answer. The document says why the problem happens and what to do
 * (from docs/api.md), and lists all sentences that `detail` may contain.
 */
export function problemDocuments(errors: Document | undefined): Document[] {
  const rows = new Map(
    // Outside docs/api.md, a link to one of its sections needs the name of the document.
    [...(errors?.text ?? '').replaceAll('](#', '](api.md#').matchAll(ROW)].map(([, code, why, what]) => [
      code,
      { why, what },
    ]),
  );
  const pages = Object.entries(REFUSALS).map(([code, { status, title, sentences }]) => {
    const said = Object.values(sentences).map(([english]) => english);
    const shown = said.filter((one) => !ONLY_VALUES.test(one)).map((one) => `- ${quoted(one)}`);
    const { why, what } = rows.get(code) ?? {};
    const text = [
      `# ${title}`,
      `\`${code}\`, status ${status}.`,
      ...(why === undefined ? [] : [`## Why\n\n${why}.`]),
      `## What to do\n\n${what === undefined ? 'The field `detail` of the answer says what to change' : what}.`,
      ...(shown.length === 0 ? [] : [`## What the service says\n\n${shown.join('\n')}`]),
      'All problems: [API errors](api.md#errors). If this does not help, run `claimstamp doctor`, and look for the `requestId` of the answer in the log.',
    ].join('\n\n');
    return { slug: `${PROBLEM_SLUG}/${code}`, path: `docs/${PROBLEM_SLUG}.md`, title, text };
  });
  // This problem has no code in the table of refusals, because it is a fault of the service.
  pages.push({
    slug: `${PROBLEM_SLUG}/internal`,
    path: `docs/${PROBLEM_SLUG}.md`,
    title: 'Something is wrong inside',
    text: '# Something is wrong inside\n\n`internal`, status 500.\n\n## What to do\n\nThis is a fault of the service. The log contains the reason: look for the `requestId` of the answer. Send the support bundle to the people who help you ([Support bundle](admin.md#support-bundle)).',
  });
  const list = pages.map(({ slug, title, text }) => `- [${title}](${slug}.md) ${/`[\w-]+`/.exec(text)?.[0] ?? ''}`);
  const overview = {
    slug: PROBLEM_SLUG,
    path: `docs/${PROBLEM_SLUG}.md`,
    title: 'Problems',
    text: `# Problems\n\nEach problem that the service reports has a page that says what to do.\n\n${list.join('\n')}`,
  };
  return [overview, ...pages];
}

/**
 * Returns the sentence as Markdown text, and not as a code span, because backticks in it would end the span.
 * Placeholders are in braces, which Markdown leaves as they are.
 */
function quoted(sentence: string): string {
  return sentence.replaceAll('<', '&lt;');
}

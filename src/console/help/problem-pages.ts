import { REFUSALS } from '../../../words/refusals/table.ts';
import type { Document } from './documents.ts';

/** Below /help, the page of each problem has this address. The member `help` of a problem links to it (RFC 9457). */
export const PROBLEM_SLUG = 'problems';

/**
 * Returns a document for each problem that the API can answer. It says what the problem means, what to do (the row of
 * docs/api.md), and all sentences that `detail` may contain.
 */
export function problemDocuments(errors: Document | undefined): Document[] {
  const advice = new Map(
    [...(errors?.text ?? '').matchAll(/^\| `([\w-]+)` \| \d+ \| [^|]* \| (.*) \|$/gm)].map(([, code, what]) => [
      code,
      // On its own page, a link to a section of docs/api.md needs the name of the document.
      what?.replaceAll('](#', '](api.md#'),
    ]),
  );
  const pages = Object.entries(REFUSALS).map(([code, { status, title, sentences }]) => {
    const shown = Object.values(sentences).map(([english]) => `- ${quoted(english)}`);
    const text = [
      `# ${title}`,
      `\`${code}\`, status ${status}.`,
      `## What to do\n\n${advice.get(code) ?? 'The field `detail` of the answer says what to change.'}`,
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

/** Placeholders are in braces, which Markdown leaves as they are. Backticks would end a code span. */
function quoted(sentence: string): string {
  return sentence.replaceAll('<', '&lt;');
}

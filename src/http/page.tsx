import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { asset } from './assets.ts';
import { LANGUAGES, type Language } from '../../words/sentence.ts';

/**
 * The frame for pages outside the console. Pages outside the console load only files of this service, and have no
 * inline scripts or styles.
 */
export function Page({
  title,
  language = 'en',
  onward,
  styles = ['page.css'],
  children,
}: {
  title: string;
  language?: Language;
  /** The address to which this page sends the browser at once, even without scripts. */
  onward?: string | undefined;
  /** Style sheets in assets/ that the page loads after tokens.css. */
  styles?: string[];
  children?: Child;
}) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang={language}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          {onward === undefined ? null : <meta http-equiv="refresh" content={`0;url=${onward}`} />}
          <title>{title} – Claimstamp</title>
          {['tokens.css', ...styles].map((name) => (
            <link rel="stylesheet" href={asset(name)} />
          ))}
          <link rel="icon" href="data:," />
        </head>
        <body>
          <main>{children}</main>
        </body>
      </html>
    </>
  );
}

/**
 * Links to the page in the other languages. The links contain `back` and not the address of the page, because that
 * address may be secret.
 */
export function Languages({ language, label, back }: { language: Language; label: string; back: string | undefined }) {
  return (
    <nav aria-label={label} class="languages">
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <a
          href={`?${new URLSearchParams({ language: code, ...(back === undefined ? {} : { back }) }).toString()}`}
          lang={code}
          {...(code === language ? { 'aria-current': 'true' } : {})}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}

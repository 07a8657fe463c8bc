import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { asset } from './assets.ts';

/** The frame of every page. Nothing in it comes from elsewhere, and no script or style stands in the page itself. */
export function Page({ title, children }: { title: string; children?: Child }) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{title} – Claimstamp</title>
          <link rel="stylesheet" href={asset('page.css')} />
          <link rel="icon" href="data:," />
        </head>
        <body>
          <main>{children}</main>
        </body>
      </html>
    </>
  );
}

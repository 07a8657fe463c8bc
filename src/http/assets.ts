import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join } from 'node:path';
import type { Hono } from 'hono';
import { refusal } from '../platform/error.ts';
import { packageRoot } from '../platform/package-root.ts';
import { defined } from '../platform/own.ts';
import { readSiteLogo } from '../platform/site-logo.ts';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Library files, which the service reads from the installed packages. */
const LIBRARIES = ['htmx.org/dist/htmx.min.js', 'uplot/dist/uPlot.esm.js', 'uplot/dist/uPlot.min.css'];

/**
 * The content security policy for workers. A worker gets the policy of its own file, not that of the page that starts
 * it.
 */
const WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

const folder = join(packageRoot, 'assets');
const { resolve } = createRequire(import.meta.url);
const paths = [...readdirSync(folder).map((name) => join(folder, name)), ...LIBRARIES.map((name) => resolve(name))];
const files = new Map(
  paths.filter((path) => extname(path) in TYPES).map((path) => [basename(path), readFileSync(path)] as const),
);

/** All files share one version number, because a module's import statements contain no version. */
const version = hashOf(files.values());

function hashOf(contents: Iterable<Uint8Array>): string {
  const hash = createHash('sha256');
  for (const bytes of contents) hash.update(bytes);
  return hash.digest('hex').slice(0, 12);
}

/**
 * Returns the address at which pages load a file. When any file changes, all these addresses change, so that browsers
 * load the new files.
 */
export function asset(name: string): string {
  if (!files.has(name)) throw new Error(`assets/${name} does not exist`);
  return `/assets/${version}/${name}`;
}

export function assetRoutes(app: Hono): void {
  app.get('/assets/:version/:name', (c) => {
    const bytes = files.get(c.req.param('name'));
    if (bytes === undefined) throw refusal('not-found', 'address', { method: 'GET' });
    // A page from an earlier version still gets the current file, but browsers do not cache it.
    if (c.req.param('name').endsWith('-worker.js')) c.header('content-security-policy', WORKER_POLICY);
    const lasting = c.req.param('version') === version;
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': defined(TYPES[extname(c.req.param('name'))]),
      'cache-control': lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  });
}

/**
 * `/site-logo`: the logo of the site, read once when the service starts. The pages before sign-in also show the logo,
 * so anybody may read it.
 */
export function siteLogoRoute(app: Hono, path: string | undefined): void {
  const logo = path === undefined ? undefined : readSiteLogo(path);
  app.get('/site-logo', (c) => {
    if (logo === undefined) throw refusal('not-found', 'address', { method: 'GET' });
    return c.body(logo.bytes, 200, { 'content-type': logo.type, 'cache-control': 'no-cache' });
  });
}

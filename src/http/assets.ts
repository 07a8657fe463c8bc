import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { packageRoot } from '../root.ts';

const TYPES = { 'page.css': 'text/css; charset=utf-8' };

/** Files that pages refer to: read once, from the package. */
export function assetRoutes(app: Hono): void {
  for (const [name, type] of Object.entries(TYPES)) {
    const text = readFileSync(join(packageRoot, 'assets', name), 'utf8');
    app.get(`/assets/${name}`, (c) => c.body(text, 200, { 'content-type': type, 'cache-control': 'no-cache' }));
  }
}

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { isAgents } from './host-check.ts';
import type { Source } from './source.ts';

/** Nothing of an API's answer is ever shown as a page. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** A page takes everything from this service and nothing inline: what gets into a page by a unit's name stays text. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Scanners on the line are keyboards to a browser.
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/**
 * Half a year, as browsers remember it: longer than any pause of the line, and the name is not lost for ever when TLS
 * has to go. Of this name only: what runs on its subdomains is not ours.
 */
const HSTS = `max-age=${180 * 24 * 3600}`;

const HTTPS = 'https';

/** Tells browsers how little the answer may do. Agents read none of it: their answers get the two that cost least. */
export function securityHeaders(source: Source) {
  return createMiddleware(async (c, next) => {
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    if (outgoing !== undefined && isAgents(c.req.path)) {
      // Straight onto Node's answer: to touch the headers of Hono's costs every agent several times as much.
      outgoing.setHeader('cache-control', 'no-store');
      outgoing.setHeader('x-content-type-options', 'nosniff');
      return next();
    }
    const https = source.https(c);
    c.set(HTTPS, https);
    await next();
    const { headers } = c.res;
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    // A page says its own where it knows better.
    for (const [name, value] of Object.entries(EVERYWHERE)) if (!headers.has(name)) headers.set(name, value);
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', policyOf(c));
    if (https) headers.set('strict-transport-security', HSTS);
  });
}

/** Whether this request's client has an encrypted connection, for its cookies. */
export function cameOverTls(c: Context): boolean {
  return c.get(HTTPS) === true;
}

function policyOf(c: Context): string {
  return c.res.headers.get('content-type')?.startsWith('text/html') ? PAGE_POLICY : API_POLICY;
}

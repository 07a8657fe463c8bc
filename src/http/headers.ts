import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { isAgents } from './host-check.ts';
import type { Source } from './source.ts';

/** The policy for API answers, which are never shown as a page. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Pages load files of this service only and run nothing inline, so markup in a unit's name cannot run. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Scanners act as keyboards.
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/**
 * Half a year: longer than any pause of the production line, but it ends at some time if TLS must be turned off.
 * Subdomains are not included, because they belong to other services.
 */
const HSTS = `max-age=${180 * 24 * 3600}`;

const HTTPS = 'https';

/** Security headers for browsers. Agents ignore them and get only the two cheapest. */
export function securityHeaders(source: Source) {
  return createMiddleware(async (c, next) => {
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    if (outgoing !== undefined && isAgents(c.req.path)) {
      // Set on Node's response, because changing the headers of Hono's response costs several times as much per agent.
      outgoing.setHeader('cache-control', 'no-store');
      outgoing.setHeader('x-content-type-options', 'nosniff');
      return next();
    }
    const https = source.https(c);
    c.set(HTTPS, https);
    await next();
    const { headers } = c.res;
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    // A page may set its own values.
    for (const [name, value] of Object.entries(EVERYWHERE)) if (!headers.has(name)) headers.set(name, value);
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', policyOf(c));
    if (https) headers.set('strict-transport-security', HSTS);
  });
}

/** Whether this request's client has an encrypted connection. The kind of cookie depends on it. */
export function cameOverTls(c: Context): boolean {
  return c.get(HTTPS) === true;
}

function policyOf(c: Context): string {
  return c.res.headers.get('content-type')?.startsWith('text/html') ? PAGE_POLICY : API_POLICY;
}

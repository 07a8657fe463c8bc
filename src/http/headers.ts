import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { isAgents } from './host-check.ts';
import { bindingsOf, type Source } from './source.ts';

/** The policy for API answers. Browsers never show API answers as a page. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Pages load only this service's files and run no inline scripts, so script markup in a unit's data cannot run. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const EVERYWHERE = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Barcode scanners act as keyboards, so pages need no camera.
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/**
 * For half a year after each visit, browsers connect to the service only with TLS. Half a year is longer than any
 * shutdown of the production line. If TLS has to be turned off, browsers still require TLS until the half year is over.
 * Subdomains are not included, because they may belong to other services.
 */
const HSTS = `max-age=${180 * 24 * 3600}`;

const HTTPS = 'https';

/**
 * Sets security headers for browsers. Agents ignore security headers. To save time, agents get only two of these
 * headers.
 */
export function securityHeaders(source: Source) {
  return createMiddleware(async (c, next) => {
    const { outgoing } = bindingsOf(c);
    if (outgoing !== undefined && isAgents(c.req.path)) {
      // These two headers are set on Node's response, because setting them on Hono's response would take several times
      // as long.
      outgoing.setHeader('cache-control', 'no-store');
      outgoing.setHeader('x-content-type-options', 'nosniff');
      return next();
    }
    const https = source.https(c);
    c.set(HTTPS, https);
    await next();
    const { headers } = c.res;
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    // If a page has set its own values for these headers, its values are kept.
    for (const [name, value] of Object.entries(EVERYWHERE)) if (!headers.has(name)) headers.set(name, value);
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', policyOf(c));
    if (https) headers.set('strict-transport-security', HSTS);
  });
}

/**
 * Returns true if the client's connection is encrypted. The service sets a different kind of cookie on an encrypted
 * connection.
 */
export function cameOverTls(c: Context): boolean {
  return c.get(HTTPS) === true;
}

function policyOf(c: Context): string {
  return c.res.headers.get('content-type')?.startsWith('text/html') ? PAGE_POLICY : API_POLICY;
}

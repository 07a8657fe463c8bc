import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { createMiddleware } from 'hono/factory';
import type { Config } from '../config.ts';
import { isLoopback } from '../platform/loopback.ts';
import { ClaimstampError, refusal } from '../platform/error.ts';
import { DEFAULT_STATION } from '../model/station.ts';
import type { Refusals } from './refusals.ts';
import type { Source } from './source.ts';

/*
 * Two kinds of attack use a browser inside the factory network. In DNS rebinding, a foreign page points its own domain
 * name at this service and reads the answers. The Host header reveals this attack. With cross-site POST requests, a
 * foreign page could use up Claim IDs. The Origin header reveals this attack.
 */

/** Refuses requests with a foreign host name, and browser requests to the agents' addresses. */
export function judgesHost(config: Config, source: Source, refusals: Refusals) {
  const isOurs = ownNames(config);
  return createMiddleware(async (c, next) => {
    const agents = isAgents(c.req.path);
    const name = nameIn(c.req.url);
    let refused: ClaimstampError | undefined;
    if (!isOurs(name)) {
      refused = refusal('misdirected', 'name', { name });
    } else if (agents && c.req.header('origin') !== undefined) {
      refused = refusal('web-origin', 'origin');
    }
    if (refused === undefined) return next();
    // The refusal is counted, so that the station's screen shows it.
    if (agents) refusals.note(DEFAULT_STATION, source.address(c), refused);
    throw refused;
  });
}

/** Returns true for the paths that agents call (docs/firmware.md). No browser uses them. */
export function isAgents(path: string): boolean {
  return path.startsWith('/ioto/') || path.startsWith('/api/');
}

/**
 * Accepts localhost, this machine's name, and the configured name. Also accepts IP addresses, because DNS rebinding
 * needs a domain name. Without CLAIMSTAMP_PUBLIC_URL, a service that listens on a network does not know its own DNS
 * names, so it accepts all names.
 */
function ownNames({ host, publicUrl }: Config): (name: string) => boolean {
  if (!isLoopback(host) && publicUrl === undefined) return () => true;
  const ours = new Set(['localhost', hostname().toLowerCase()]);
  if (publicUrl !== undefined) ours.add(nameIn(publicUrl));
  return (name) => isIP(name) !== 0 || ours.has(name);
}

/**
 * Returns the host of a URL without port, brackets and final dot. The host comes from the Host header, or from an
 * absolute request target, which has priority (RFC 9112, 3.2.2). Every agent request needs the host. So the host is cut
 * out of the string, which is faster than parsing the URL.
 */
function nameIn(url: string): string {
  const from = url.indexOf('://') + 3;
  const slash = url.indexOf('/', from);
  const host = slash < 0 ? url.slice(from) : url.slice(from, slash);
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  const colon = host.indexOf(':');
  const name = colon < 0 ? host : host.slice(0, colon);
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}

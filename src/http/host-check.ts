import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { createMiddleware } from 'hono/factory';
import { isLoopback, type Config } from '../config.ts';
import { ClaimstampError, refusal } from '../platform/error.ts';
import { DEFAULT_STATION } from '../model/station.ts';
import type { Refusals } from './refusals.ts';
import type { Source } from './source.ts';

/*
 * What a web page could make a browser inside the factory do. By DNS rebinding it points a name of its own at this
 * service and reads the answers as its own; by a plain cross-site POST it burns Claim IDs. The browser tells on it both
 * times: by the Host it names, and by the Origin it adds.
 */

/** Refuses requests under a foreign name, and browsers at the agents' addresses. */
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
    // A device that is refused for its address's sake must be seen on the line.
    if (agents) refusals.note(DEFAULT_STATION, source.address(c), refused);
    throw refused;
  });
}

/** Where agents ask (agent/CONTRACT.md): the hot path, and no place for browsers. */
export function isAgents(path: string): boolean {
  return path.startsWith('/ioto/') || path.startsWith('/api/');
}

/**
 * Names that need no DNS, this machine's own, and the one that was set. An IP address in Host cannot be rebound. Bound to
 * the line's network without CLAIMSTAMP_PUBLIC_URL, the service cannot know what its DNS calls it, and judges nothing.
 */
function ownNames({ host, publicUrl }: Config): (name: string) => boolean {
  if (!isLoopback(host) && publicUrl === undefined) return () => true;
  const ours = new Set(['localhost', hostname().toLowerCase()]);
  if (publicUrl !== undefined) ours.add(nameIn(publicUrl));
  return (name) => isIP(name) !== 0 || ours.has(name);
}

/**
 * The host of an address, without port, brackets and the root's dot. Of a request it comes from its Host header, or from
 * its target where that is absolute, which overrules Host (RFC 9112, 3.2.2). Sliced, since each agent's request pays for it.
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

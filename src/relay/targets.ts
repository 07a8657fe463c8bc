import { lookup as resolve, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { blocks, isCidr, plainAddress } from '../model/station.ts';

/*
 * The addresses to which webhooks may send events. Even a caller that may add webhooks must not be able to reach the
 * services of the internal network, or to send events to a place that the settings do not name.
 */

/**
 * Addresses that are not on the internet: this machine, private networks, link-local and multicast addresses, and IPv6
 * addresses with an embedded IPv4 address.
 */
const isInternal = blocks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '168.63.129.16',
  '::/8',
  '64:ff9b::/32',
  '2001::/23',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

/** The reason why a connection is not allowed. The delivery log shows this code. */
export type TargetProblem = 'NOT_ALLOWED' | 'PRIVATE_ADDRESS' | 'NOT_ENCRYPTED';

export interface Targets {
  /**
   * Checks a webhook's address itself, and returns a problem if there is one. A host name is resolved only when an
   * event is sent, because its address may change.
   */
  problem: (target: URL) => TargetProblem | undefined;
  /**
   * Returns a function for `http.request` that resolves the host name, and leaves out addresses that are not allowed.
   */
  lookup: (target: URL) => LookupFunction;
}

/**
 * A host name must be in the list. Its addresses must be on the internet, or in a block of the list. Only connections
 * to addresses in a block of the list may be without TLS.
 */
export function targetsIn(allow: readonly string[]): Targets {
  const isListed = blocks(allow.filter(isCidr));
  const names = new Set(allow.filter((entry) => !isCidr(entry)).map((name) => name.toLowerCase()));

  const addressProblem = (address: string, { protocol }: URL): TargetProblem | undefined => {
    const plain = plainAddress(address.replace(/%.*/, ''));
    if (isListed(plain)) return undefined;
    if (isInternal(plain)) return 'PRIVATE_ADDRESS';
    return protocol === 'https:' ? undefined : 'NOT_ENCRYPTED';
  };
  return {
    problem(target) {
      const host = hostOf(target);
      if (isIP(host) !== 0) return isListed(plainAddress(host)) ? undefined : 'NOT_ALLOWED';
      return names.has(host) ? undefined : 'NOT_ALLOWED';
    },
    lookup: (target) => (host, options, done) =>
      resolve(host, { ...options, all: true }, (error, addresses) => {
        // If the name has no address, Node passes only an error.
        const found: LookupAddress[] = error ? [] : addresses;
        const problems = found.map(({ address }) => addressProblem(address, target));
        const [first, ...more] = found.filter((_one, at) => problems[at] === undefined);
        if (first === undefined) done(error ?? new NotAllowed(problems.find(Boolean) ?? 'NOT_ALLOWED'), '', 0);
        else if (options.all) done(null, [first, ...more]);
        else done(null, first.address, first.family);
      }),
  };
}

class NotAllowed extends Error {
  readonly code: TargetProblem;

  constructor(code: TargetProblem) {
    super(code);
    this.code = code;
  }
}

/** Returns the host in the spelling of the list. The class `URL` has already read spellings such as `0x7f.1`. */
function hostOf({ hostname }: URL): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

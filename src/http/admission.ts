import { isIPv4 } from 'node:net';
import type { Config } from '../config.ts';
import { refusal } from '../platform/error.ts';
import type { Ledger } from '../contract/ledger.ts';
import { isLive, type Credential } from '../model/credential.ts';
import { secretHash } from './secret.ts';
import { blocks, DEFAULT_STATION, plainAddress } from '../model/station.ts';

/** The source of an agent's request. */
export interface At {
  station: string;
  /** The agent's address. */
  source: string;
  /**
   * The sender of the request: the station's key or the agent's address. The limits count requests by sender
   * (`senderOf`).
   */
  sender: string;
}

/** Finds the station that an agent's request belongs to, or refuses the request. */
export interface Gate {
  /**
   * Finds the station by the key in the URL or, if there is no key, by the source address. Throws `forbidden` or
   * `not-found`.
   */
  admit: (source: string, key: string | undefined) => Promise<string>;
  /** Reloads the stations' addresses after a change. */
  refresh: () => Promise<void>;
  /**
   * Returns the addresses whose last request at the station used this key. Considers only requests since the service
   * started. Returns no addresses for a key without an expiry time.
   */
  usersOf: (key: { name: string; hash: Uint8Array }) => string[];
}

/**
 * A station has a few dozen devices. A longer list would not help the person who changes the devices' configuration.
 */
const MAX_USERS = 100;

export async function openGate(
  ledger: Ledger,
  config: Pick<Config, 'agentAccess' | 'agentAllow'>,
  now: () => number,
): Promise<Gate> {
  const allowed = blocks(config.agentAllow);
  /** The address blocks of all stations, narrowest first. */
  let sources: { name: string; bits: number; holds: (address: string) => boolean }[] = [];
  const refresh = async (): Promise<void> => {
    sources = (await ledger.stations())
      .flatMap(({ name, sources: own }) => own.map((cidr) => ({ name, bits: prefixBits(cidr), holds: blocks([cidr]) })))
      .toSorted((a, b) => b.bits - a.bits);
  };
  await refresh();
  // The ledger stores no time of last use for a station key, because every device request would have to write it.
  const keys = new Map<string, Map<string, string>>();
  const noteUser = (key: Credential, source: string): void => {
    const used = keys.get(key.name) ?? new Map<string, string>();
    // The newest key is the only key without an expiry time. So the device at this address already uses the newest key.
    if (key.expiresAt === undefined) used.delete(source);
    else if (used.size < MAX_USERS || used.has(source)) keys.set(key.name, used.set(source, hex(key.hash)));
  };

  const admit = async (address: string, key: string | undefined): Promise<string> => {
    const source = plainAddress(address);
    const bySource = sources.find(({ holds }) => holds(source))?.name;
    if (config.agentAccess === 'allowlist' && bySource === undefined && !allowed(source)) {
      throw refusal('source-not-allowed', 'add', { source });
    }
    if (key !== undefined) {
      const found = await ledger.credential(secretHash(key));
      if (found?.kind === 'station-key' && isLive(found, now())) {
        noteUser(found, source);
        return found.name;
      }
      throw refusal('station-key-unknown', 'check');
    }
    if (config.agentAccess === 'key') {
      throw refusal('station-key-needed', 'set');
    }
    return bySource ?? DEFAULT_STATION;
  };
  return {
    admit,
    refresh,
    usersOf: ({ name, hash }) =>
      [...(keys.get(name) ?? [])].filter(([, used]) => used === hex(hash)).map(([source]) => source),
  };
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}

/** Returns the prefix length of a block in IPv6 bits: 120 for 10.0.8.0/24, and 128 for a single address. */
function prefixBits(cidr: string): number {
  const [address = '', prefix] = cidr.split('/');
  if (prefix === undefined) return 128;
  return Number(prefix) + (isIPv4(address) ? 96 : 0);
}

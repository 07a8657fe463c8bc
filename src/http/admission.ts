import { isIPv4 } from 'node:net';
import type { Config } from '../config.ts';
import { refusal } from '../platform/error.ts';
import type { Ledger } from '../contract/ledger.ts';
import { isLive } from '../model/credential.ts';
import { secretHash } from './secret.ts';
import { blocks, DEFAULT_STATION, plainAddress } from '../model/station.ts';

/** Where an agent's request comes from. */
export interface At {
  station: string;
  /** The agent's address. */
  source: string;
  /**
   * The sender: the station's key or the agent's address. The limits count the request of an agent under its sender
   * (`senderOf`).
   */
  sender: string;
}

/** Finds the station of an agent's request, or refuses the request. */
export interface Gate {
  /**
   * Finds the station by the key in the URL or, without a key, by the source address. Throws `forbidden` or
   * `not-found`.
   */
  admit: (source: string, key: string | undefined) => Promise<string>;
  /** Reads the stations' addresses again after a change. */
  refresh: () => Promise<void>;
}

export async function openGate(
  ledger: Ledger,
  config: Pick<Config, 'agentAccess' | 'agentAllow'>,
  now: () => number,
): Promise<Gate> {
  const allowed = blocks(config.agentAllow);
  /** The address blocks of all stations, the narrowest first. */
  let sources: { name: string; bits: number; holds: (address: string) => boolean }[] = [];
  const refresh = async (): Promise<void> => {
    sources = (await ledger.stations())
      .flatMap(({ name, sources: own }) => own.map((cidr) => ({ name, bits: prefixBits(cidr), holds: blocks([cidr]) })))
      .toSorted((a, b) => b.bits - a.bits);
  };
  await refresh();

  const admit = async (address: string, key: string | undefined): Promise<string> => {
    const source = plainAddress(address);
    const bySource = sources.find(({ holds }) => holds(source))?.name;
    if (config.agentAccess === 'allowlist' && bySource === undefined && !allowed(source)) {
      throw refusal('source-not-allowed', 'add', { source });
    }
    if (key !== undefined) {
      const found = await ledger.credential(secretHash(key));
      if (found?.kind === 'station-key' && isLive(found, now())) return found.name;
      throw refusal('station-key-unknown', 'check');
    }
    if (config.agentAccess === 'key') {
      throw refusal('station-key-needed', 'set');
    }
    return bySource ?? DEFAULT_STATION;
  };
  return { admit, refresh };
}

/** Returns the prefix length of a block in IPv6 bits: 120 for 10.0.8.0/24, and 128 for a single address. */
function prefixBits(cidr: string): number {
  const [address = '', prefix] = cidr.split('/');
  if (prefix === undefined) return 128;
  return Number(prefix) + (isIPv4(address) ? 96 : 0);
}

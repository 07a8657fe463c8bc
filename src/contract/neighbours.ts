/** The reasons why the link address of a request is not known. */
export const NO_LINK = [
  'proxy',
  'routed',
  'gateway',
  'shared',
  'twice',
  'placeholder',
  'unreadable',
  'system',
] as const;
export type NoLink = (typeof NO_LINK)[number];

/** A request from this machine itself has no `none`, because it needs no explanation. */
export type FoundLink = { mac: string; none?: never } | { mac?: never; none?: NoLink };

/**
 * The devices on the network segments of this machine.
 *
 * The kernel of this machine learned the MAC of a device before it accepted the device's connection. So `linkOf` reads
 * the kernel's table after it is called, and never answers from an earlier read, because another device may have the
 * address by now. All calls that arrive before a read begins share that read. `linkOf` never rejects, and takes at most
 * about a second.
 */
export interface Neighbours {
  /** Finds the link address of the other end of a connection. `address` may have a zone, such as `fe80::1%eth0`. */
  linkOf: (address: string) => Promise<FoundLink>;
  close: () => void;
}

/** The reasons why the service does not know the link address of a request. */
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

/**
 * If a request comes from this machine itself, `none` is absent, because in this case the missing link address needs no
 * explanation.
 */
export type FoundLink = { mac: string; none?: never } | { mac?: never; none?: NoLink };

/**
 * The devices on the network segments of this machine.
 *
 * The kernel of this machine learns the MAC of a device before it accepts the device's connection. `linkOf` always
 * reads the kernel's table after the call and never uses an earlier read. Since an earlier read, another device may
 * have got the address. All calls that arrive before a read begins share the result of this read. `linkOf` never
 * rejects, and it takes at most about a second.
 */
export interface Neighbours {
  /**
   * Finds the link address of the machine at the other end of a connection. `address` may contain a zone, as in
   * `fe80::1%eth0`.
   */
  linkOf: (address: string) => Promise<FoundLink>;
  close: () => void;
}

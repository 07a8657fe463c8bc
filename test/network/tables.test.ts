import { describe, expect, it } from 'vitest';
import { sharing } from '../../src/network/neighbours.ts';
import {
  openLookup,
  readArp,
  readGateways4,
  readGateways6,
  readNeighbours6,
  type Lookup,
} from '../../src/network/tables.ts';

const ARP = `IP address       HW type     Flags       HW address            Mask     Device
10.0.8.11        0x1         0x2         a4:c1:38:aa:00:01     *        eth0
10.0.8.12        0x1         0x0         a4:c1:38:aa:00:02     *        eth0
10.0.8.13        0x1         0x6         a4:c1:38:aa:00:03     *        eth0
10.0.8.14        0x20        0x2         a4:c1:38:aa:00:04     *        ib0
10.0.8.15        0x1         0x2         00:00:00:00:00:00     *        tun0
10.0.8.1         0x1         0x2         02:00:00:00:00:01     *        eth0
10.0.9.9         0x1         0x2         02:00:00:00:00:01     *        eth0
10.0.8.20        0x1         0x2         02:00:00:00:00:20     *        eth0
10.0.8.21        0x1         0x2         02:00:00:00:00:20     *        eth0
10.0.8.30        0x1         0x2         02:00:00:00:00:30     *        eth0
10.0.8.30        0x1         0x2         02:00:00:00:00:31     *        eth1
`;
const ROUTE = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0108000A	0003	0	0	0	00000000	0	0	0
eth0	0008000A	00000000	0001	0	0	0	00FFFFFF	0	0	0
`;
const IP6 = `fe80::11 dev eth0 lladdr a4:c1:38:aa:00:01 REACHABLE
fd00::11 dev eth0 lladdr a4:c1:38:aa:00:01 STALE
fd00::12 dev eth0 FAILED
fd00::13 dev eth0 INCOMPLETE
fe80::1 dev eth0 lladdr 02:00:00:00:00:01 router REACHABLE
fd00::30 dev eth0 lladdr 02:00:00:00:00:30 STALE
fd00::31 dev eth0 lladdr 02:00:00:00:00:30 STALE
fe80::40 dev eth0 lladdr 02:00:00:00:00:40 DELAY
fe80::40 dev eth1 lladdr 02:00:00:00:00:41 DELAY
`;
const ROUTE6 = `00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
`;

describe('the neighbour table', () => {
  const lookup4 = openLookup(readArp(ARP), readGateways4(ROUTE));
  const lookup6 = openLookup(readNeighbours6(IP6), readGateways6(ROUTE6));

  it.each<[string, Lookup, string, string | undefined, object]>([
    ['a neighbour', lookup4, '10.0.8.11', undefined, { mac: 'a4:c1:38:aa:00:01' }],
    ['an entry that an admin made', lookup4, '10.0.8.13', undefined, { mac: 'a4:c1:38:aa:00:03' }],
    ['an entry that is being looked up', lookup4, '10.0.8.12', undefined, { none: 'routed' }],
    ['an interface that is no Ethernet', lookup4, '10.0.8.14', undefined, { none: 'routed' }],
    ['a tunnel without MACs', lookup4, '10.0.8.15', undefined, { none: 'routed' }],
    ['an address of another network', lookup4, '192.0.2.7', undefined, { none: 'routed' }],
    ['a gateway', lookup4, '10.0.8.1', undefined, { none: 'gateway' }],
    ['another address with the MAC of a gateway', lookup4, '10.0.9.9', undefined, { none: 'gateway' }],
    ['an address of a MAC with several addresses', lookup4, '10.0.8.21', undefined, { none: 'shared' }],
    ['an address on two interfaces', lookup4, '10.0.8.30', undefined, { none: 'twice' }],
    ['a link-local address', lookup6, 'fe80::11', 'eth0', { mac: 'a4:c1:38:aa:00:01' }],
    ['the other address of the same device', lookup6, 'fd00::11', undefined, { mac: 'a4:c1:38:aa:00:01' }],
    ['an IPv6 gateway', lookup6, 'fe80::1', 'eth0', { none: 'gateway' }],
    ['an address that did not answer', lookup6, 'fd00::12', undefined, { none: 'routed' }],
    ['one of two IPv6 addresses of a kind', lookup6, 'fd00::31', undefined, { none: 'shared' }],
    [
      'a link-local address on two interfaces, with the interface',
      lookup6,
      'fe80::40',
      'eth1',
      { mac: '02:00:00:00:00:41' },
    ],
    [
      'a link-local address on two interfaces, without the interface',
      lookup6,
      'fe80::40',
      undefined,
      { none: 'twice' },
    ],
  ])('says of %s what it knows', (_what, lookup, address, device, found) => {
    expect(lookup(address, device)).toEqual(found);
  });

  it('of any text gives no error', () => {
    for (const text of ['', '\n\n', 'a b c d e f g h i j', ARP.slice(0, 130), IP6.slice(0, 30)]) {
      expect(
        openLookup([...readArp(text), ...readNeighbours6(text)], readGateways4(text))('10.0.8.99', undefined),
      ).toEqual({
        none: 'routed',
      });
      expect(readGateways6(text)).toEqual([]);
    }
  });
});

it('a look-up shares a read with all that came before the read began, and never with a read that had begun', async () => {
  let reads = 0;
  const ends: (() => void)[] = [];
  const look = sharing(async () => {
    const mine = ++reads;
    await new Promise<void>((resolve) => ends.push(resolve));
    return mine;
  });
  const first = [look(), look()];
  await new Promise(setImmediate);
  const second = [look(), look(), look()];
  ends[0]?.();
  expect(await Promise.all(first)).toEqual([1, 1]);
  await new Promise(setImmediate);
  ends[1]?.();
  expect(await Promise.all(second)).toEqual([2, 2, 2]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRODUCT, start, type Service } from '../harness/service.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import { openRow, type Row } from './check.ts';
import { HERE, HERE6, openSegment, type Device, type Segment } from '../src/simulate/segment.ts';

/* Runs the check `swaps` inside its own network namespace. Prints its rows as JSON. */

const [folder = '.', size] = process.argv.slice(2);
const isShort = size === 'short';
const SWAPS = isShort ? 12 : 1000;

/** The station's screen must show a swap within this time in ms. */
const SHOWN_MS = 2000;

const BODY = { product: PRODUCT, name: 'Demo' };
const ADDRESS = '10.77.0.50';
const ADDRESS6 = 'fd77::50';

const macOf = (n: number): string => `02:00:5e:77:${hex(n >> 8)}:${hex(n & 255)}`;
const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

interface Line {
  service: Service;
  segment: Segment;
  /** Changes the settings of the station `default`, where all devices of this check ask. */
  set: (settings: object) => Promise<void>;
  press: (verb: string, body?: object) => Promise<void>;
  /** Returns the reasons why a link address was not known, as shown at the station. */
  notices: () => Promise<string>;
}

/**
 * Devices are swapped at one address while the slot is open. The operator presses "Next" only after the screen has
 * turned red.
 */
async function swapped({ segment, service, set, press }: Line): Promise<Row> {
  const row = openRow(`${SWAPS} devices swapped at one address of a slot`);
  await set({ mode: 'slot', linkAddress: true });
  const screen = await openScreen(service);
  const given = new Set<string>();
  const shownMs: number[] = [];
  for (let n = 0; n < SWAPS; n++) {
    row.tried();
    const device = await segment.plug({ mac: macOf(n), addresses: [`${ADDRESS}/24`] });
    if (n > 0) {
      const begun = performance.now();
      const refused = await device.ask(BODY);
      if (refused.code !== 'other-device') row.fail(`swap ${n}: ${refused.status} ${refused.code ?? refused.id}`);
      await screen.shows(n);
      shownMs.push(performance.now() - begun);
      await press('next');
    }
    const { id } = await device.ask(BODY);
    await device.askInVain(BODY);
    const again = await device.ask(BODY);
    if (id === undefined || given.has(id)) row.fail(`swap ${n}: two devices have the same Claim ID`);
    if (again.id !== id) row.fail(`swap ${n}: a second Claim ID`);
    given.add(id ?? '');
    await device.unplug();
    if (n % 100 === 99) process.stderr.write(`swaps: ${n + 1} of ${SWAPS}\n`);
  }
  screen.close();
  if (shownMs.some((ms) => ms > SHOWN_MS)) row.fail('a swap was shown on the screen too late');
  return row.row(
    `${given.size} Claim IDs; each swap was on the screen after ${Math.max(...shownMs).toFixed(0)} ms at most`,
  );
}

/** Follows the station's events as its screen does. */
async function openScreen({
  url,
  data,
}: Service): Promise<{ shows: (swap: number) => Promise<void>; close: () => void }> {
  const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8'));
  const ended = new AbortController();
  const answer = await fetch(`${url}/v1/stations/default/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: ended.signal,
  });
  const shown = { refused: 0 };
  let wake = (): void => {};
  void (async () => {
    let text = '';
    for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      const counts = [...text.matchAll(/"code":"other-device"[^}]*?"count":(\d+)/g)].map(([, count]) => Number(count));
      shown.refused = Math.max(shown.refused, ...counts);
      text = text.slice(-10_000);
      wake();
    }
  })().catch(() => {});
  return {
    /** Resolves when the screen has shown as many refusals as there were swaps. */
    async shows(swap) {
      for (; shown.refused < swap;) await new Promise<void>((resolve) => (wake = resolve));
    },
    close: () => ended.abort(),
  };
}

/** Replies are lost and devices restart, in both station modes. */
async function lost({ segment, set, press }: Line): Promise<Row> {
  const perDevice = isShort ? 4 : 50;
  const devices = Math.ceil(SWAPS / perDevice);
  const row = openRow(`${devices * perDevice} lost replies and reboots of ${devices} devices`);
  const given = new Set<string>();
  for (let n = 0; n < devices; n++) {
    await set({ mode: n % 2 === 0 ? 'open' : 'slot', linkAddress: true });
    const device = await segment.plug({ mac: macOf(0x1000 + n), addresses: [`${ADDRESS}/24`] });
    const own = new Set<string>();
    for (let time = 0; time < perDevice; time++) {
      row.tried();
      await device.askInVain(BODY);
      if (time % 2 === 1) await device.reboot();
      const { id, status } = await device.ask(BODY);
      own.add(id ?? `status ${status}`);
      if (own.size > 1) row.fail(`device ${n} got ${own.size} Claim IDs`);
    }
    for (const id of own) given.add(id);
    await device.unplug();
    if (n % 2 === 1) await press('next');
  }
  if (given.size !== devices) row.fail(`${given.size} Claim IDs for ${devices} devices`);
  return row.row(`${given.size} Claim IDs`);
}

/** The same swaps over IPv6, at a global and at a link-local address. */
async function swapped6({ segment, set, press }: Line): Promise<Row> {
  const swaps = isShort ? 3 : 50;
  const row = openRow(`${swaps} devices swapped at one IPv6 address of a slot`);
  await set({ mode: 'slot', linkAddress: true });
  const link = (await segment.shell.run('ip -o -6 addr show dev br0 scope link')).match(/fe80::[0-9a-f:]+/)?.[0];
  const given = new Set<string>();
  for (let n = 0; n < swaps; n++) {
    row.tried();
    const to = n % 2 === 0 ? HERE6 : `${link}%eth0`;
    const addresses = [`${ADDRESS6}/64`, 'fe80::50/64'];
    const after =
      'ip -6 addr del $(ip -o -6 addr show dev eth0 scope link | grep -v fe80::50/ | grep -o "fe80[^ ]*") dev eth0';
    const device = await segment.plug({ mac: macOf(0x2000 + n), addresses, after });
    if (n > 0) {
      const other = await device.ask(BODY, to);
      if (other.code !== 'other-device' && other.code !== 'slot-held') row.fail(`swap ${n}: ${other.code ?? other.id}`);
      await press('next');
    }
    const { id, code } = await device.ask(BODY, to);
    await device.reboot();
    const again = await device.ask(BODY, to);
    if (id === undefined || given.has(id) || again.id !== id) row.fail(`swap ${n}: ${code ?? id}, then ${again.id}`);
    given.add(id ?? '');
    await device.unplug();
  }
  await press('next');
  return row.row(`${given.size} Claim IDs`);
}

/**
 * Tests devices that are connected through a router. No device may get the Claim ID of another one, and the station
 * must say why link addresses are not known.
 */
async function routed(
  line: Line,
  fault: string,
  says: RegExp,
  build: (router: Device) => Promise<Asker[]>,
): Promise<Row> {
  const row = openRow(fault);
  row.tried();
  await line.set({ mode: 'open', linkAddress: true });
  const router = await line.segment.plug({
    mac: macOf(0x3000),
    addresses: ['10.77.0.2/24'],
    after: 'sysctl -qw net.ipv4.ip_forward=1',
  });
  const ids = new Set<string>();
  const asks = await build(router);
  for (const ask of asks) {
    const { id, code } = await ask();
    if (id === undefined) row.fail(`no Claim ID: ${code}`);
    else ids.add(id);
  }
  if (ids.size !== asks.length) row.fail(`${ids.size} Claim IDs for ${asks.length} devices`);
  const said = await line.notices();
  if (!says.test(said)) row.fail(`not said: ${said}`);
  await router.unplug();
  await line.segment.shell.run('ip route del default; ip route del 10.78.0.0/24; ip neigh flush all; true');
  return row.row(says.source);
}

type Asker = () => ReturnType<Device['ask']>;

/** Connects a device to the router. Returns a function that makes the device ask for a Claim ID. */
async function behind({ segment }: Line, router: Device, n: number, address: string, gateway: string): Promise<Asker> {
  const device = await segment.plug({ mac: macOf(0x4000 + n), addresses: [] });
  const [own, port] = [device.shell.pid, `down${n}`];
  await router.shell.run(`ip link add ${port} type veth peer name wan netns ${own} && ip link set ${port} up`);
  await router.shell.run(`ip addr add ${gateway}/32 dev ${port} && ip route add ${address} dev ${port}`);
  await device.shell.run(
    `ip link set eth0 down && ip addr add ${address}/32 dev wan && ip link set wan up && ip route add ${gateway} dev wan && ip route add default via ${gateway}`,
  );
  return () => device.ask(BODY);
}

const ROUTERS: [string, RegExp, (line: Line) => (router: Device) => Promise<Asker[]>][] = [
  [
    'two devices behind a router',
    /not on a network segment/,
    (line) => async (router) => {
      await line.segment.shell.run('ip route add 10.78.0.0/24 via 10.77.0.2');
      return [
        await behind(line, router, 0, '10.78.0.60', '10.78.0.1'),
        await behind(line, router, 1, '10.78.0.61', '10.78.0.1'),
      ];
    },
  ],
  [
    'a gateway that asks on behalf of two devices',
    /a gateway sent the request/,
    (line) => async (router) => {
      await line.segment.shell.run('ip route add default via 10.77.0.2');
      return [() => router.ask(BODY), () => router.ask(BODY)];
    },
  ],
  [
    'two devices behind proxy ARP',
    /several addresses have the same MAC/,
    (line) => async (router) => {
      await router.shell.run('sysctl -qw net.ipv4.conf.all.proxy_arp=1');
      const asks = [
        await behind(line, router, 2, '10.77.0.60', '10.77.0.2'),
        await behind(line, router, 3, '10.77.0.61', '10.77.0.2'),
      ];
      // Both devices are in the neighbour table before they ask.
      await line.segment.shell.run(
        `(exec 3<>/dev/tcp/10.77.0.60/9) 2>/dev/null; (exec 3<>/dev/tcp/10.77.0.61/9) 2>/dev/null; true`,
      );
      return asks;
    },
  ],
];

/**
 * If the fixture has a network adapter, all devices share the adapter's link address. So the slot must work as if there
 * were no link addresses.
 */
async function adapter({ segment, set, press }: Line): Promise<Row> {
  const row = openRow('a network adapter that belongs to the fixture');
  row.tried();
  const mac = macOf(0x5000);
  await set({ mode: 'slot', linkAddress: true, fixtureAdapters: [mac] });
  const device = await segment.plug({ mac, addresses: [`${ADDRESS}/24`] });
  const first = await device.ask(BODY);
  const again = await device.ask(BODY);
  await press('next');
  const next = await device.ask(BODY);
  if (first.id === undefined || again.id !== first.id) row.fail('another Claim ID before Next');
  if (next.id === undefined || next.id === first.id) row.fail('the same Claim ID after Next');
  await device.unplug();
  await press('next');
  return row.row();
}

/**
 * Compares the rates of new Claim IDs with and without the look-up of link addresses. The MAC is listed as an adapter
 * of the fixture, so each request causes a look-up and gets a new unit.
 */
async function rates({ segment, set, service }: Line): Promise<Row> {
  const row = openRow('Claim IDs per second with the look-up, compared with the rate without it');
  row.tried();
  const mac = macOf(0x6000);
  const device = await segment.plug({ mac, addresses: [`${ADDRESS}/24`] });
  const program = join(packageRoot, 'dist', 'torture', 'segment-load.js');
  const load = async (settings: object): Promise<number> => {
    await set({ mode: 'open', ...settings });
    const forMs = isShort ? 300 : 3000;
    return Number(await device.shell.run(`${process.execPath} ${program} http://${HERE}:${service.port} ${forMs}`));
  };
  await load({});
  const ratios: number[] = [];
  const figures = { without: 0, looked: 0 };
  for (let round = 0; round < (isShort ? 1 : 9); round++) {
    figures.without = await load({});
    figures.looked = await load({ linkAddress: true, fixtureAdapters: [mac] });
    ratios.push(figures.looked / figures.without);
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0;
  if (!(median > 0)) row.fail('no figure');
  await device.unplug();
  return row.row(
    `${median.toFixed(2)} × (32 clients; at the end ${figures.looked}/s with and ${figures.without}/s without the look-up)`,
  );
}

async function run(): Promise<Row[]> {
  const off = { CLAIMSTAMP_ADDRESS_RATE: 'off', CLAIMSTAMP_STATION_RATE: 'off' };
  const caps = { CLAIMSTAMP_HOURLY_CAP: 'off', CLAIMSTAMP_SOURCE_CAP: 'off', HOST: '::' };
  const port = 4100;
  const segment = await openSegment(port);
  const env = { ...off, ...caps, PORT: String(port), CLAIMSTAMP_AGENT_ACCESS: 'open' };
  const service = await start(join(folder, 'swaps'), { env });
  const line: Line = {
    segment,
    service,
    async set(settings) {
      const { status, body } = await service.api('PUT', '/v1/stations/default', settings);
      if (status !== 200) throw new Error(`the station was not set up: ${JSON.stringify(body)}`);
    },
    press: async (verb, body = {}) => void (await service.api('POST', `/v1/stations/default/${verb}`, body)),
    async notices() {
      const { body } = await service.api<{ alarms: { detail: string }[] }>('GET', '/v1/stations/default');
      return body.alarms.map(({ detail }) => detail).join('; ');
    },
  };
  if (size === 'rates') return [await rates(line)];
  const rows = [await swapped(line)];
  await line.press('next');
  rows.push(await lost(line));
  await line.press('next');
  rows.push(await swapped6(line), await adapter(line));
  for (const [fault, says, build] of ROUTERS) rows.push(await routed(line, fault, says, build(line)));
  rows.push(await rates(line));
  await service.end('SIGTERM');
  segment.close();
  return rows;
}

process.stdout.write(JSON.stringify(await run()));

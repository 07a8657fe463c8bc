import { join } from 'node:path';
import { openRow, type Check } from './check.ts';
import { ask, start, type Service } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

const REPEATS = 20;
const KILLS = 3;

/**
 * Devices ask many times in parallel, lose replies, and restart. Meanwhile, the service is killed several times.
 */
export const retryStorm: Check = async ({ short, folder, say }) => [
  await known(short ? 60 : 500, join(folder, 'storm-known'), say),
  await unknown(short ? 20 : 100, join(folder, 'storm-unknown'), say),
];

async function known(devices: number, data: string, say: (text: string) => void) {
  const row = openRow(`${devices} devices with an identity, each asks ${REPEATS} times at once, ${KILLS} kills`);
  const given = new Map<string, Set<string>>();
  let service = await start(data);
  for (let round = 0; round <= KILLS; round++) {
    say(`storm: devices with an identity, ${round + 1} of ${KILLS + 1}`);
    const asking = storm(service, devices, given);
    if (round < KILLS) {
      await Promise.race([asking, new Promise((resolve) => setTimeout(resolve, 400))]);
      await service.end('SIGKILL');
    }
    await asking;
    if (round < KILLS) service = await start(data);
  }
  await service.end('SIGTERM');
  const { ucis, macs, findings } = await contentsOf(ledgerIn(data));
  for (let device = 0; device < devices; device++) {
    row.tried();
    const ids = given.get(`mac-${device}`) ?? new Set();
    const [id = ''] = ids;
    if (ids.size !== 1 || macs.get(`mac-${device}`) !== id) row.fail(`device ${device} got ${ids.size} IDs`);
  }
  if (ucis.size !== devices) row.fail(`${ucis.size} units for ${devices} devices`, Math.abs(ucis.size - devices));
  if (findings.length > 0) row.fail(findings[0] as string);
  return row.row(`${ucis.size} units`);
}

/** Each device asks many times in parallel and discards half of the replies. */
async function storm({ port }: Service, devices: number, given: Map<string, Set<string>>): Promise<void> {
  const one = async (device: number, repeat: number): Promise<void> => {
    const mac = `mac-${device}`;
    const { id } = await ask(port, { mac });
    // The reply was lost, so the device never received the Claim ID.
    if (id === undefined || repeat % 2 === 1) return;
    given.set(mac, (given.get(mac) ?? new Set()).add(id));
  };
  const all = Array.from({ length: devices * REPEATS }, (_one, n) => [n % devices, Math.floor(n / devices)] as const);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < all.length; n = next++) {
      const [device, repeat] = all[n] as (typeof all)[number];
      await one(device, repeat);
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
}

/**
 * If a reply to a device without an identity is lost, no device has the unit in that reply. All such units must be
 * listed as unaccounted.
 */
async function unknown(devices: number, data: string, say: (text: string) => void) {
  const row = openRow(`${devices} devices without identity, half of the replies lost`);
  say('storm: devices without an identity');
  const service = await start(data);
  const onDevices = new Set<string>();
  const orphans = new Set<string>();
  for (let device = 0; device < devices; device++) {
    row.tried();
    for (let boot = 0; boot < 2; boot++) {
      const { id } = await ask(service.port, {});
      if (id === undefined) row.fail('no answer');
      else (boot === 0 ? orphans : onDevices).add(id);
    }
  }
  for (const id of onDevices)
    if ((await service.api('POST', `/v1/units/${id}/scrap`, { reason: 'test-failed' })).status !== 200)
      row.fail('not scrapped');
  const { body } = await service.api<{ units: { uci: string }[] }>('GET', '/v1/units?part=unaccounted&limit=1000');
  const listed = new Set(body.units.map(({ uci }) => uci));
  const missing = [...orphans].filter((uci) => !listed.has(uci));
  if (missing.length > 0) row.fail(`${missing.length} orphans are not listed`, missing.length);
  const wrong = [...onDevices].filter((uci) => listed.has(uci));
  if (wrong.length > 0) row.fail(`${wrong.length} units on devices are listed as unaccounted`);
  await service.end('SIGTERM');
  return row.row(`${orphans.size} orphans, all listed as unaccounted`);
}

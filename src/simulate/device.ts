import { askUntilAnswered, type Agent, type Wire } from './agent.ts';

export interface Device {
  number: number;
  product: string;
  body: string;
  /**
   * True if the device runs the standard program of agent 3.0.0. This program never saves device.json5, so the device
   * asks at every boot.
   */
  stock: boolean;
  /** The Claim ID that is saved in device.json5. The device still has the saved Claim ID after a reboot. */
  saved?: string;
  /** The Claim ID in the device's memory. A reboot erases the Claim ID in the memory. */
  running?: string;
  /** The device's connection to a network segment. Present if devices are identified by their link addresses. */
  link?: { send: Wire; reboot: () => Promise<void> };
  /** All Claim IDs that the device has received, including those that it has lost. */
  received: string[];
}

/**
 * How the service can identify a device. `none`: standard firmware sends no property that identifies the device.
 * `link`: the service finds the device's link address on the network segment.
 */
export type Identity = 'none' | 'serial' | 'mac' | 'link';

/** `broke-down`: the device got a Claim ID but never left the line. */
export type Boot = 'running' | 'gave-up' | 'cut-off' | 'broke-down';

/**
 * The product in the standard body. The standard body has the same bytes as `device.json5` in the demo of the agent.
 */
export const STOCK_PRODUCT = '01H4R15D3478JD26YDYK408XE6';

export function newDevice(
  number: number,
  { product, identity, seed, stock }: { product: string; identity: Identity; seed: number; stock: boolean },
): Device {
  const body = { product, name: 'Demo', description: 'Demo App', model: 'Demo-01', ...own(identity, seed, number) };
  return { number, product, body: JSON.stringify(body), stock, received: [] };
}

/**
 * Returns the property that a start-up hook on the device adds to the body. S/Ns contain the letter U, so that they
 * cannot be mistaken for Claim IDs.
 */
function own(identity: Identity, seed: number, number: number): { serial?: string; mac?: string } {
  if (identity === 'serial') return { serial: `SIMU-${seed}-${String(number).padStart(6, '0')}` };
  if (identity === 'mac') return { mac: macFor(seed, number) };
  return {};
}

/** Returns the MAC address of a device. */
export function macFor(seed: number, number: number): string {
  // The first byte, 02, marks a MAC address as locally administered. Such an address belongs to no manufacturer. The
  // next two bytes identify the run, and the last three bytes identify the device.
  const hex = ((seed % 0x10000) * 0x1000000 + number).toString(16).padStart(10, '0');
  return `02:${(hex.match(/../g) ?? []).join(':')}`;
}

/**
 * The maximum number of times in a row that a device loses power. Without this limit, and with the largest allowed
 * share of power losses, 1 % of devices would lose power more than 20 times in a row.
 */
const MAX_BOOTS = 20;

/**
 * Turns the device on. A device that has no saved Claim ID asks for one. `losesPower` returns true if the device loses
 * power before it saves the Claim ID.
 */
export async function powerOn(device: Device, agent: Agent, losesPower: () => boolean): Promise<Boot> {
  delete device.running;
  for (let boots = 1; device.saved === undefined; boots++) {
    if (device.received.length > 0) await device.link?.reboot();
    const id = await askUntilAnswered(agent);
    if (id === undefined) return agent.signal?.aborted ? 'cut-off' : 'gave-up';
    device.received.push(id);
    if (boots < MAX_BOOTS && losesPower()) continue;
    device.running = id;
    if (device.stock) return 'running';
    device.saved = id;
  }
  device.running = device.saved;
  return 'running';
}

/**
 * Returns the body of a registration. The body consists of the device section, the Claim ID, and the time that a device
 * without a clock reports.
 */
export function registrationBody({ body }: Device, id: string): string {
  return JSON.stringify({ ...JSON.parse(body), id, created: '1970-01-01T00:00:00.000Z' });
}

/** Returns the MAC that the device sends. The same MAC is printed on the device. */
export function macOf({ body }: Device): string {
  const { mac }: { mac?: unknown } = JSON.parse(body);
  if (typeof mac !== 'string') throw new Error('the device has no MAC');
  return mac;
}

/** Returns the Claim ID that the device would use to register. */
export function holds(device: Device): string | undefined {
  return device.saved ?? device.running;
}

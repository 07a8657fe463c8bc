import { askUntilAnswered, type Agent, type Wire } from './agent.ts';

export interface Device {
  number: number;
  product: string;
  body: string;
  /**
   * True if the device runs the standard program of agent 3.0.0. The standard program never saves device.json5, so the
   * device asks at every boot.
   */
  stock: boolean;
  /** The Claim ID in device.json5. The device keeps this Claim ID after a reboot. */
  saved?: string;
  /** The Claim ID in the device's memory. A reboot erases this Claim ID. */
  running?: string;
  /** If its link address identifies the device, the device's connection to a network segment. */
  link?: { send: Wire; reboot: () => Promise<void> };
  /** All Claim IDs that the device received. The device may have lost some of them. */
  received: string[];
}

/**
 * What identifies a device. Standard firmware sends no property that identifies the device. With `link`, the service
 * knows the link address of the device from its network segment.
 */
export type Identity = 'none' | 'serial' | 'mac' | 'link';

/** `broke-down`: the device got a Claim ID and never left the line. */
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
 * Returns the property that a start-up hook of the device adds. An S/N contains the letter U, so that it cannot be
 * mistaken for a Claim ID.
 */
function own(identity: Identity, seed: number, number: number): { serial?: string; mac?: string } {
  if (identity === 'serial') return { serial: `SIMU-${seed}-${String(number).padStart(6, '0')}` };
  if (identity === 'mac') return { mac: macFor(seed, number) };
  return {};
}

/** Returns the MAC address of a device. */
export function macFor(seed: number, number: number): string {
  // The first byte 02 means that the MAC address is locally administered and belongs to no manufacturer. Two more bytes
  // identify the run, and three bytes identify the device.
  const hex = ((seed % 0x10000) * 0x1000000 + number).toString(16).padStart(10, '0');
  return `02:${(hex.match(/../g) ?? []).join(':')}`;
}

/**
 * The maximum number of power losses in a row. With the largest allowed share of power losses, 1 % of devices would
 * have more than 20 power losses in a row.
 */
const MAX_BOOTS = 20;

/**
 * Turns the device on. A device without a saved Claim ID asks for a Claim ID. `losesPower` returns true if power fails
 * before the device saves the Claim ID.
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
 * Returns the body of a registration. The body has the device section, the Claim ID, and the time of a device without a
 * clock.
 */
export function registrationBody({ body }: Device, id: string): string {
  return JSON.stringify({ ...JSON.parse(body), id, created: '1970-01-01T00:00:00.000Z' });
}

/** Returns the MAC that the device sends and that is printed on it. */
export function macOf({ body }: Device): string {
  const { mac }: { mac?: unknown } = JSON.parse(body);
  if (typeof mac !== 'string') throw new Error('the device has no MAC');
  return mac;
}

/** Returns the Claim ID with which the device would register. */
export function holds(device: Device): string | undefined {
  return device.saved ?? device.running;
}

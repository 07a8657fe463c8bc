import { askUntilAnswered, type Agent } from './agent.ts';

export interface Device {
  number: number;
  body: string;
  /**
   * Whether the device runs the standard program of agent 3.0.0. That program never saves device.json5, so it asks at
   * every boot.
   */
  stock: boolean;
  /** The Claim ID in device.json5. The device keeps it after a reboot. */
  saved?: string;
  /** The Claim ID in the device's memory. A reboot erases it. */
  running?: string;
  /** All Claim IDs that the device received. It may have lost some of them. */
  received: string[];
}

/** The property that identifies a device. Standard firmware does not send one. */
export type Identity = 'none' | 'serial' | 'mac';

export type Boot = 'running' | 'gave-up' | 'cut-off';

/**
 * The product in the standard body. The standard body has the same bytes as `device.json5` in the demo of the agent.
 */
export const STOCK_PRODUCT = '01H4R15D3478JD26YDYK408XE6';

export function newDevice(
  number: number,
  { product, identity, seed, stock }: { product: string; identity: Identity; seed: number; stock: boolean },
): Device {
  const body = { product, name: 'Demo', description: 'Demo App', model: 'Demo-01', ...own(identity, seed, number) };
  return { number, body: JSON.stringify(body), stock, received: [] };
}

/**
 * Returns the property that a start-up hook of the device adds. An S/N contains the letter U, so that it cannot be
 * mistaken for a Claim ID.
 */
function own(identity: Identity, seed: number, number: number): { serial?: string; mac?: string } {
  if (identity === 'serial') return { serial: `SIMU-${seed}-${String(number).padStart(6, '0')}` };
  if (identity === 'mac') {
    // 02 means that the address is locally administered and belongs to no manufacturer. Two bytes identify the run, and
    // three bytes identify the device.
    const hex = ((seed % 0x10000) * 0x1000000 + number).toString(16).padStart(10, '0');
    return { mac: `02:${(hex.match(/../g) ?? []).join(':')}` };
  }
  return {};
}

/**
 * The maximum number of power losses in a row. Without this limit, 1 % of devices would have more if the share is the
 * largest that is allowed.
 */
const MAX_BOOTS = 20;

/**
 * Turns the device on. If the device has no saved Claim ID, it asks for one. `losesPower` returns whether power fails
 * before the device saves it.
 */
export async function powerOn(device: Device, agent: Agent, losesPower: () => boolean): Promise<Boot> {
  delete device.running;
  for (let boots = 1; device.saved === undefined; boots++) {
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
 * Returns the body of a registration. It has the device section, the Claim ID, and the time of a device without a
 * clock.
 */
export function registrationBody({ body }: Device, id: string): string {
  return JSON.stringify({ ...JSON.parse(body), id, created: '1970-01-01T00:00:00.000Z' });
}

/** Returns the Claim ID with which the device would register. */
export function holds(device: Device): string | undefined {
  return device.saved ?? device.running;
}

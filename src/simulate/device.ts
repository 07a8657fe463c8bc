import { askUntilAnswered, type Agent } from './agent.ts';

export interface Device {
  number: number;
  body: string;
  /** Uses the standard program of agent 3.0.0, which never saves device.json5 and so asks at every boot. */
  stock: boolean;
  /** The Claim ID in device.json5. It is not lost in a reboot. */
  saved?: string;
  /** The Claim ID in memory since the last boot. */
  running?: string;
  /** All Claim IDs that the device ever received, including those that it lost. */
  received: string[];
}

/** The property by which a device identifies itself. Standard firmware has none. */
export type Identity = 'none' | 'serial' | 'mac';

export type Boot = 'running' | 'gave-up' | 'cut-off';

/** The standard body, with the same bytes as `device.json5` in the demo of the agent. */
export const STOCK_PRODUCT = '01H4R15D3478JD26YDYK408XE6';

export function newDevice(
  number: number,
  { product, identity, seed, stock }: { product: string; identity: Identity; seed: number; stock: boolean },
): Device {
  const body = { product, name: 'Demo', description: 'Demo App', model: 'Demo-01', ...own(identity, seed, number) };
  return { number, body: JSON.stringify(body), stock, received: [] };
}

/** The property that a start-up hook of the device adds. The letter U makes clear that the S/N is not a Claim ID. */
function own(identity: Identity, seed: number, number: number): { serial?: string; mac?: string } {
  if (identity === 'serial') return { serial: `SIMU-${seed}-${String(number).padStart(6, '0')}` };
  if (identity === 'mac') {
    // 02 means locally administered, so no maker owns the address. Two bytes are for the run, three for the device.
    const hex = ((seed % 0x10000) * 0x1000000 + number).toString(16).padStart(10, '0');
    return { mac: `02:${(hex.match(/../g) ?? []).join(':')}` };
  }
  return {};
}

/** Most power losses in a row. With the largest allowed share, one device in a hundred would have more. */
const MAX_BOOTS = 20;

/** Power on: the firmware asks if it has no saved Claim ID. `losesPower` decides whether it fails before saving. */
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

/** The body of a registration: the device section, the Claim ID, and the time of a device without a clock. */
export function registrationBody({ body }: Device, id: string): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), id, created: '1970-01-01T00:00:00.000Z' });
}

/** The Claim ID with which the device would register. */
export function holds(device: Device): string | undefined {
  return device.saved ?? device.running;
}

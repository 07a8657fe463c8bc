import { askUntilAnswered, type Agent } from './agent.ts';

export interface Device {
  number: number;
  body: string;
  /** Whether it runs the standard program of agent 3.0.0, which never saves device.json5 and so asks at every boot. */
  stock: boolean;
  /** The Claim ID in device.json5. It is not lost in a reboot. */
  saved?: string;
  /** The Claim ID in memory since the last boot. */
  running?: string;
  /** All Claim IDs that the device received. It may have lost some of them. */
  received: string[];
}

/** The property that identifies a device. Standard firmware does not send one. */
export type Identity = 'none' | 'serial' | 'mac';

export type Boot = 'running' | 'gave-up' | 'cut-off';

/** The product of the standard body, which has the same bytes as `device.json5` in the demo of the agent. */
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
    // 02 means locally administered: the address belongs to no maker. Two bytes identify the run, three the device.
    const hex = ((seed % 0x10000) * 0x1000000 + number).toString(16).padStart(10, '0');
    return { mac: `02:${(hex.match(/../g) ?? []).join(':')}` };
  }
  return {};
}

/** The maximum number of power losses in a row. Even at the largest allowed share, 1 % of devices would have more. */
const MAX_BOOTS = 20;

/** Turns the device on. It asks if it has no saved Claim ID. `losesPower` says whether power fails before saving. */
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
  return JSON.stringify({ ...JSON.parse(body), id, created: '1970-01-01T00:00:00.000Z' });
}

/** The Claim ID with which the device would register. */
export function holds(device: Device): string | undefined {
  return device.saved ?? device.running;
}

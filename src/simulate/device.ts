import { askUntilAnswered, type Agent } from './agent.ts';

export interface Device {
  number: number;
  body: string;
  /** The stock program of agent 3.0.0 never saves device.json5, so it asks at every boot. */
  stock: boolean;
  /** The Claim ID in device.json5, which survives a reboot. */
  saved?: string;
  /** The Claim ID in memory since this boot. */
  running?: string;
  /** All Claim IDs that it ever received, including lost ones. */
  received: string[];
}

/** How a device identifies itself. Stock firmware: none. */
export type Identity = 'none' | 'serial' | 'mac';

export type Boot = 'running' | 'gave-up' | 'cut-off';

/** The stock body, byte for byte: `device.json5` of the agent's own demo. */
export const STOCK_PRODUCT = '01H4R15D3478JD26YDYK408XE6';

export function newDevice(
  number: number,
  { product, identity, seed, stock }: { product: string; identity: Identity; seed: number; stock: boolean },
): Device {
  const body = { product, name: 'Demo', description: 'Demo App', model: 'Demo-01', ...own(identity, seed, number) };
  return { number, body: JSON.stringify(body), stock, received: [] };
}

/** Added by its start-up hook. The letter U keeps the S/N from being read as a Claim ID. */
function own(identity: Identity, seed: number, number: number): { serial?: string; mac?: string } {
  if (identity === 'serial') return { serial: `SIMU-${seed}-${String(number).padStart(6, '0')}` };
  if (identity === 'mac') {
    // 02: locally administered, so assigned to no maker; two bytes for the run, three for the device.
    const hex = ((seed % 0x10000) * 0x1000000 + number).toString(16).padStart(10, '0');
    return { mac: `02:${(hex.match(/../g) ?? []).join(':')}` };
  }
  return {};
}

/** Power losses in a row: with the largest share allowed, one device in a hundred would have more. */
const MAX_BOOTS = 20;

/** Power on: the firmware asks unless it has saved its Claim ID; `losesPower` is drawn before it saves. */
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

/** Its device section, its Claim ID, and the time of a device without a clock. */
export function registrationBody({ body }: Device, id: string): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), id, created: '1970-01-01T00:00:00.000Z' });
}

/** The Claim ID that it would register with. */
export function holds(device: Device): string | undefined {
  return device.saved ?? device.running;
}

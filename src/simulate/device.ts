import { askUntilAnswered, type Agent } from './agent.ts';

/** A device on the line: what its firmware says of it, and what it knows of its Claim ID. */
export interface Device {
  number: number;
  body: string;
  /** The stock program of agent 3.0.0 never rewrites device.json5: it asks at every boot. */
  stock: boolean;
  /** In device.json5: survives a reboot. */
  saved?: string;
  /** In memory since this boot. */
  running?: string;
  /** Every Claim ID it was ever answered, those it lost again included. */
  received: string[];
}

/** What a device identifies itself by. Stock firmware: by nothing. */
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

/** What its start-up hook adds. The letter U keeps the S/N from being read as a Claim ID. */
function own(identity: Identity, seed: number, number: number): { serial?: string; mac?: string } {
  if (identity === 'serial') return { serial: `SIMU-${seed}-${String(number).padStart(6, '0')}` };
  if (identity === 'mac') {
    // 02: locally administered, so that it is nobody's; two bytes say which run, three which device.
    const hex = ((seed % 0x10000) * 0x1000000 + number).toString(16).padStart(10, '0');
    return { mac: `02:${(hex.match(/../g) ?? []).join(':')}` };
  }
  return {};
}

/** Power losses in a row at one device: with the largest share allowed, more happen once in a hundred. */
const MAX_BOOTS = 20;

/** Power on: the firmware asks unless it has saved its Claim ID; `losesPower` strikes before it saves. */
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

/** What it registers with: its device section, the ID it holds, and the time of a device without a clock. */
export function registrationBody({ body }: Device, id: string): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), id, created: '1970-01-01T00:00:00.000Z' });
}

/** What the cloud will see of it. */
export function holds(device: Device): string | undefined {
  return device.saved ?? device.running;
}

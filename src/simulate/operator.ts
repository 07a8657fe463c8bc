import { setTimeout as sleep } from 'node:timers/promises';
import { ClaimstampError, isCode } from '../platform/error.ts';
import type { VerifyAnswer } from '../decide/station-actions.ts';
import type { Made } from '../decide/make-units.ts';
import type { Station } from '../model/station.ts';
import { holds, type Boot, type Device } from './device.ts';
import type { Mode } from './options.ts';
import type { Service } from './stations.ts';

/** One device at one nest: what the operator has in hand. */
export interface Job {
  device: Device;
  desk: Desk;
  roll: Roll;
  /** Power on. `meanwhile`: what the operator does after a refused attempt. */
  boot: (meanwhile?: () => Promise<void>) => Promise<Boot>;
  /** It boots once more after its PASS. */
  bootsAgain: boolean;
  /** The label that the operator puts on by mistake: another unit's, where there is one yet. */
  mistaken: (right: string) => string | undefined;
}

export interface Handled {
  boot: Boot;
  /** The Claim ID on the label it leaves with. */
  label?: string;
  /** PASS, or why not. */
  verdict?: string;
  /** It had another unit's label first: whether the scan said so. */
  swap?: 'found' | 'missed';
}

/** How a device goes through a nest, by mode. */
export const HANDLE: Record<Mode, (job: Job) => Promise<Handled>> = {
  /** Power on, power off. Nobody scans: the ledger shows its unit as unaccounted until it is verified or registered. */
  async open({ boot, bootsAgain }) {
    const first = await boot();
    return { boot: first === 'running' && bootsAgain ? await boot() : first };
  },

  /** Power on, stick on the label that the station shows, scan it, take the device out, press Next. */
  async slot(job) {
    const boot = await job.boot();
    const label = boot === 'running' ? await job.desk.unitInNest() : undefined;
    const handled = label === undefined ? { boot } : await labelAndScan(job, label);
    if (boot !== 'cut-off') await job.desk.next();
    return handled;
  },

  /** Scan the next label of the roll, power on, scan it again on the device. The closed slot waits for the next label. */
  async armed(job) {
    const label = await job.roll();
    await job.desk.arm(label);
    const boot = await job.boot();
    const handled: Handled = boot === 'running' ? await labelAndScan(job, label) : { boot };
    if (handled.boot !== 'cut-off' && handled.verdict !== 'PASS') await job.desk.clear();
    return handled;
  },
};

/** The label goes on and is scanned; a wrong one comes off again when the scan says so. */
async function labelAndScan(job: Job, right: string): Promise<Handled> {
  const wrong = job.mistaken(right);
  if (wrong === undefined) return passAndReboot(job, right);
  const verdict = await job.desk.verify(wrong);
  if (verdict === 'PASS') return { boot: 'running', label: wrong, verdict, swap: 'missed' };
  return { ...(await passAndReboot(job, right)), swap: 'found' };
}

/** A device that asks again after its PASS is refused, until the operator says that it is still the same one. */
async function passAndReboot({ device, desk, boot, bootsAgain }: Job, label: string): Promise<Handled> {
  const verdict = await desk.verify(label);
  if (!bootsAgain || verdict !== 'PASS') return { boot: 'running', label, verdict };
  let reopened = false;
  const again = await boot(async () => {
    reopened = true;
    await desk.sameDevice();
  });
  if (!reopened || holds(device) === undefined) return { boot: again, label, verdict };
  return { boot: again, label, verdict: await desk.verify(label) };
}

/** Gives the Claim ID of the next label. */
export type Roll = () => Promise<string>;

/** Labels on one roll. */
const ROLL_LABELS = 500;

/** Rolls of pre-printed labels; a new one is reserved when the last is used up, by whoever comes first. */
export function openRoll({ request }: Service, product: string, devices: number, signal: AbortSignal): Roll {
  let labels: string[] = [];
  let fetching: Promise<void> | undefined;
  const body = { name: 'simulated', product, count: Math.min(ROLL_LABELS, devices) };
  const fetch = async (): Promise<void> => {
    const made = await untilThere(signal, () => request<Made>('POST', '/v1/reservations', body));
    labels = made.units.map(({ uci }) => uci);
    fetching = undefined;
  };
  return async () => {
    while (labels.length === 0) await (fetching ??= fetch());
    return labels.shift() as string;
  };
}

/** What the operator can press and scan at one station. While the service is away it is pressed again. */
export interface Desk {
  unitInNest: () => Promise<string | undefined>;
  verify: (label: string) => Promise<string>;
  arm: (label: string) => Promise<void>;
  sameDevice: () => Promise<void>;
  next: () => Promise<void>;
  /** Whatever is armed or open is given up. */
  clear: () => Promise<void>;
}

export function openDesk({ request }: Service, station: string, signal: AbortSignal): Desk {
  const path = `/v1/stations/${station}`;
  const look = (): Promise<Station> => request('GET', path);
  const press = async (key: string, body?: object): Promise<void> => {
    await untilThere(signal, () => request('POST', `${path}/${key}`, body));
  };
  return {
    unitInNest: () => untilThere(signal, async () => openIn(await look())),
    verify: (label) =>
      untilThere(signal, async (tries) => {
        // The scan before may have been recorded and only its answer lost.
        if (tries > 1 && passedAlready(await look(), label)) return 'PASS';
        return scan(request<VerifyAnswer>('POST', `${path}/verify`, { label }));
      }),
    arm: (label) => press('arm', { code: label, reason: 'label' }),
    sameDevice: () => press('same-device'),
    next: () => press('next'),
    clear: async () => {
      await press('cancel');
      await press('next');
    },
  };
}

function openIn({ slot }: Station): string | undefined {
  return slot.state === 'open' ? slot.uci : undefined;
}

function passedAlready({ slot }: Station, label: string): boolean {
  return slot.state === 'closed' && slot.uci === label;
}

async function scan(answer: Promise<VerifyAnswer>): Promise<string> {
  try {
    const verdict = await answer;
    return verdict.result === 'PASS' ? 'PASS' : verdict.reason;
  } catch (error) {
    if (isCode(error, 'slot-closed')) return 'no unit is open';
    throw error;
  }
}

/** An operator gives a service that restarts two minutes, as the agents do. */
const MAX_TRIES = 60;
const TRY_AGAIN_MS = 2000;
const AWAY = ['ledger-unavailable', 'busy', 'stopping', 'disk-full'];

async function untilThere<T>(signal: AbortSignal, act: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act(tries);
    } catch (error) {
      const away = error instanceof ClaimstampError && AWAY.includes(error.code);
      if (!away || tries === MAX_TRIES || signal.aborted) throw error;
    }
    await sleep(TRY_AGAIN_MS);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ClaimstampError, isCode } from '../platform/error.ts';
import type { VerifyAnswer } from '../decide/scans/verify.ts';
import type { Made } from '../decide/make-units.ts';
import { mask } from '../model/claim-id.ts';
import type { PrintJob } from '../model/print-job.ts';
import type { Station } from '../model/station.ts';
import { holds, type Boot, type Device } from './device.ts';
import type { Mode } from './options.ts';
import type { Service } from './stations.ts';
import type { LedgerUnit } from './units.ts';
import { defined } from '../platform/own.ts';

/** One device in one nest, and what the operator can do with it. */
export interface Job {
  device: Device;
  controls: Controls;
  roll: Roll;
  /** Turns the device on. After each refused attempt, the operator does `meanwhile`. */
  boot: (meanwhile?: () => Promise<void>) => Promise<Boot>;
  /**
   * Sometimes replaces the device with another one, which gets the same address. Returns true if this device was
   * replaced, and is now back in its nest without a Claim ID.
   */
  swap: () => Promise<boolean>;
  /** True if the device boots once more after its PASS. */
  bootsAgain: boolean;
  /** If the operator takes the label of another unit by mistake, returns that label. Otherwise returns undefined. */
  mistaken: (right: string) => string | undefined;
}

export interface Handled {
  boot: Boot;
  /** The Claim ID on the device's label when the device leaves the station. */
  label?: string;
  /** `PASS`, or the reason why the device did not pass. */
  verdict?: string;
  /**
   * Set if the wrong label was stuck on first. The value is `found` if a scan revealed the mistake, and otherwise
   * `missed`.
   */
  swap?: 'found' | 'missed';
}

/** What the operator does with a device in a nest, for each mode. */
export const HANDLE: Record<Exclude<Mode, 'shift'>, (job: Job) => Promise<Handled>> = {
  /**
   * The operator turns the device on, and later off. In open mode, nothing is scanned. So the unit is unaccounted for
   * until it is verified or registered.
   */
  async open(job) {
    const first = await bootWithSwap(job);
    return { boot: first === 'running' && job.bootsAgain ? await job.boot() : first };
  },

  /**
   * The operator turns on the device, sticks on the label that the station shows, scans it, takes the device out, and
   * presses "Next".
   */
  async slot(job) {
    const boot = await bootWithSwap(job);
    const label = boot === 'running' ? await job.controls.unitInNest() : undefined;
    const handled = label === undefined ? { boot } : await labelAndScan(job, label);
    if (boot !== 'cut-off') await job.controls.next();
    return handled;
  },

  /**
   * The operator scans the next label of the roll, turns on the device, sticks the label on, and rescans it. After this
   * second scan, the station waits for the next label.
   */
  async armed(job) {
    const label = await job.roll();
    await job.controls.arm(label);
    const boot = await job.boot();
    const handled: Handled = boot === 'running' ? await labelAndScan(job, label) : { boot };
    if (handled.boot !== 'cut-off' && handled.verdict !== 'PASS') await job.controls.clear();
    return handled;
  },
};

async function bootWithSwap({ boot, swap }: Job): Promise<Boot> {
  const first = await boot();
  return first === 'running' && (await swap()) ? boot() : first;
}

/**
 * The operator sticks the label on the device and scans it. If the scan shows that it is the wrong label, the operator
 * replaces it.
 */
async function labelAndScan(job: Job, right: string): Promise<Handled> {
  const wrong = job.mistaken(right);
  if (wrong === undefined) return passAndReboot(job, right);
  const verdict = await job.controls.verify(wrong);
  if (verdict === 'PASS') return { boot: 'running', label: wrong, verdict, swap: 'missed' };
  return { ...(await passAndReboot(job, right)), swap: 'found' };
}

/** If a device asks again after its PASS, it is refused until the operator presses "Same device". */
async function passAndReboot({ device, controls, boot, bootsAgain }: Job, label: string): Promise<Handled> {
  const verdict = await controls.verify(label);
  if (!bootsAgain || verdict !== 'PASS') return { boot: 'running', label, verdict };
  let reopened = false;
  const again = await boot(async () => {
    reopened = true;
    await controls.sameDevice();
  });
  if (!reopened || holds(device) === undefined) return { boot: again, label, verdict };
  return { boot: again, label, verdict: await controls.verify(label) };
}

/** Takes the next label from the roll and returns its Claim ID. */
export type Roll = () => Promise<string>;

/** How many labels one roll has. */
const ROLL_LABELS = 500;

/** Opens the rolls of pre-printed labels. When one roll is used up, a new one is reserved. */
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
    return defined(labels.shift());
  };
}

export type Controls = ReturnType<typeof openControls>;

/**
 * The scans and button presses of an operator at one station. While the service cannot be reached, the operator repeats
 * the scan or the button press.
 */
export function openControls({ request }: Service, station: string, signal: AbortSignal) {
  const path = `/v1/stations/${station}`;
  const look = (): Promise<Station> => request('GET', path);
  const press = async (key: string, body?: object): Promise<void> => {
    await untilThere(signal, () => request('POST', `${path}/${key}`, body));
  };
  return {
    async unitInNest(): Promise<string | undefined> {
      const { slot } = await untilThere(signal, look);
      return slot.state === 'open' ? slot.uci : undefined;
    },
    verify: (label: string): Promise<string> =>
      untilThere(signal, async (tries) => {
        // An earlier scan may have been recorded although the answer to it was lost.
        if (tries > 1 && passedAlready(await look(), label)) return 'PASS';
        return scan(request<VerifyAnswer>('POST', `${path}/verify`, { label }));
      }),
    /**
     * Sends what a scanner has read, as the screen of the station does. `device` is the device's own code, which was
     * scanned before the label.
     */
    scan: (codes: { label: string; device?: string }): Promise<VerifyAnswer> =>
      untilThere(signal, () => request('POST', `${path}/verify`, codes)),
    unit: (uci: string): Promise<LedgerUnit> => untilThere(signal, () => request('GET', `/v1/units/${uci}`)),
    print: async (uci: string, reason: string): Promise<void> => {
      await untilThere(signal, () => request('POST', `/v1/units/${uci}/print`, { station, reason }));
    },
    /** True while a label of the unit is queued or being sent. */
    isPrinting: async (uci: string): Promise<boolean> => {
      const query = `/v1/print-jobs?station=${station}`;
      const { jobs } = await untilThere(signal, () => request<{ jobs: PrintJob[] }>('GET', query));
      return jobs.some((job) => job.uci === mask(uci) && (job.state === 'queued' || job.state === 'sending'));
    },
    arm: (label: string, reason: 'label' | 'rework' = 'label') => press('arm', { code: label, reason }),
    changeOver: (workOrder: string) => press('change-over', { workOrder }),
    sameDevice: () => press('same-device'),
    next: () => press('next'),
    /** Disarms the station, or closes its open unit. */
    clear: async () => {
      await press('cancel');
      await press('next');
    },
  };
}

function passedAlready({ slot }: Station, label: string): boolean {
  return slot.state === 'closed' && slot.uci === label;
}

async function scan(answer: Promise<VerifyAnswer>): Promise<string> {
  try {
    const verdict = await answer;
    return 'reason' in verdict ? verdict.reason : verdict.result;
  } catch (error) {
    if (isCode(error, 'slot-closed')) return 'no unit is open';
    throw error;
  }
}

/**
 * The maximum number of attempts. Together, they take two minutes. Agents wait just as long for a restart of the
 * service.
 */
const MAX_TRIES = 60;
const TRY_AGAIN_MS = 2000;
/**
 * Refusals that are temporary. The last two occur after too many wrong scans in a short time, and while a label is
 * being printed.
 */
const AWAY = ['ledger-unavailable', 'busy', 'stopping', 'disk-full', 'lookups-throttled', 'print-queued'];

export async function untilThere<T>(signal: AbortSignal, act: (tries: number) => Promise<T>): Promise<T> {
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

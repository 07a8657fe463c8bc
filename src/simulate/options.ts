import { ClaimstampError } from '../platform/error.ts';
import { STOCK_PRODUCT, type Identity } from './device.ts';

/** Open: nobody helps. Slot: an operator scans each label. Armed: each device gets the ID of a label printed before. */
export type Mode = 'open' | 'slot' | 'armed';

export interface LineOptions {
  mode: Mode;
  identity: Identity;
  stations: number;
  /** Stations that are loaded and powered at once. */
  panel: number;
  devices: number;
  /** No device is started later than this; 0: as long as it takes. */
  durationMs: number;
  /** Devices started per second; 0: as fast as the stations allow. */
  ratePerS: number;
  /** All stations behind one address, told apart by the keys in their URLs. */
  sharedAddress: boolean;
  /** Share of replies that get lost on the way. */
  lose: number;
  /** Share of boots that end before the Claim ID is saved. */
  reboot: number;
  /** Share of devices that boot once more after their PASS. */
  rebootAfterPass: number;
  /** Share of labels that are stuck on the wrong device before they are scanned. */
  swap: number;
  /** Devices boot once more when they are done, and register. */
  register: boolean;
  /** The stock program, which never saves its Claim ID. */
  stock: boolean;
  product: string;
  seed: number;
  retryMs: number;
  timeoutMs: number;
  /** After this many a device is given up; an agent would ask for ever. */
  maxAttempts: number;
}

/** A line of stock devices that goes as fast as it can, and the agent's own times. */
export const DEFAULTS: LineOptions = {
  mode: 'open',
  identity: 'none',
  stations: 4,
  panel: 1,
  devices: 100,
  durationMs: 0,
  ratePerS: 0,
  sharedAddress: false,
  lose: 0,
  reboot: 0,
  rebootAfterPass: 0,
  swap: 0,
  register: false,
  stock: false,
  product: STOCK_PRODUCT,
  seed: 1,
  retryMs: 2000,
  timeoutMs: 30_000,
  // Two minutes of asking: longer than a restart of the service takes.
  maxAttempts: 60,
};

/** A shift of eight hours at five a second is 144,000; each is kept for the report, in some 500 bytes. */
export const MAX_DEVICES = 200_000;
/** Two hundred times the floor of a contract manufacturer would be less. */
export const MAX_STATIONS = 500;
/** Above, a device would as good as never get through. */
const MAX_SHARE = 0.8;
const MAX_DURATION_MS = 7 * 24 * 3_600_000;

/** Throws one `invalid` error that names every option that is wrong, alone or beside another. */
export function checkOptions(options: LineOptions, url: string): void {
  const problems = [...wrongNumbers(options), ...wrongTogether(options, new URL(url))];
  if (problems.length > 0) throw new ClaimstampError('invalid', problems.join('\n'));
}

function wrongNumbers(options: LineOptions): string[] {
  const problems: string[] = [];
  const whole = (name: string, value: number, least: number, most: number): void => {
    if (!Number.isSafeInteger(value) || value < least || value > most)
      problems.push(`${name} must be a whole number from ${least} to ${most}`);
  };
  whole('--stations', options.stations, 1, MAX_STATIONS);
  whole('--panel', options.panel, 1, MAX_STATIONS);
  whole('--devices', options.devices, 1, MAX_DEVICES);
  whole('--seed', options.seed, 0, 999_999_999);
  whole('--retry-ms', options.retryMs, 0, 600_000);
  whole('--timeout-ms', options.timeoutMs, 1, 600_000);
  for (const name of ['lose', 'reboot', 'swap'] as const) {
    if (!(options[name] >= 0 && options[name] <= MAX_SHARE))
      problems.push(`--${name} is a share from 0 to ${MAX_SHARE}`);
  }
  if (!(options.rebootAfterPass >= 0 && options.rebootAfterPass <= 1))
    problems.push('--reboot-after-pass is a share from 0 to 1');
  if (!(options.ratePerS >= 0)) problems.push('--rate is a number of devices per second, 0 for no limit');
  if (!(options.durationMs >= 0 && options.durationMs <= MAX_DURATION_MS))
    problems.push('--duration is a number of seconds, a week at the most');
  return problems;
}

function wrongTogether({ stations, panel, sharedAddress, swap, mode }: LineOptions, url: URL): string[] {
  const problems: string[] = [];
  if (swap > 0 && mode === 'open') problems.push('--swap: nobody scans labels in open mode, use --mode slot or armed');
  if (stations % panel !== 0) {
    problems.push(`--panel ${panel} does not divide --stations ${stations}: a panel of four is four stations`);
  }
  if (url.protocol !== 'http:')
    problems.push(`${url.origin}: simulated agents speak http only, this version has no TLS`);
  if (!sharedAddress && !/^(127\.|localhost$)/.test(url.hostname)) {
    problems.push(
      `${url.host} would see all stations at this machine's one address: add --shared-address, so that each has its key`,
    );
  }
  return problems;
}

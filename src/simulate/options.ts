import { ClaimstampError } from '../platform/error.ts';
import { STOCK_PRODUCT, type Identity } from './device.ts';
import { MAX_SEGMENT_STATIONS } from './segment.ts';

/**
 * `open`: there is no operator. `slot`: an operator scans each label. `armed`: the labels are printed before the
 * devices start. `shift`: there are stations in slot mode and in open mode, printers, and operators who scan as real
 * people do.
 */
export type Mode = 'open' | 'slot' | 'armed' | 'shift';

export interface LineOptions {
  mode: Mode;
  identity: Identity;
  stations: number;
  /** How many stations share one panel of boards. The devices of a panel are put in and turned on together. */
  panel: number;
  devices: number;
  /** How long the simulation keeps starting devices. 0 means that there is no limit. */
  durationMs: number;
  /** How many devices start per second. 0 means that there is no limit. */
  ratePerS: number;
  /** True if all stations have the same address. The service then tells stations apart by the keys in their URLs. */
  sharedAddress: boolean;
  /** The share of replies that get lost. */
  lose: number;
  /** The share of boots at which a device loses power before it saves its Claim ID. */
  reboot: number;
  /** The share of devices that boot once more after their PASS. */
  rebootAfterPass: number;
  /** The share of labels that operators first stick on the wrong device. */
  swap: number;
  /** True if all devices reboot at the end and then register. */
  register: boolean;
  /** True if the labels of a shift are scanned at a gate when the shift is over. */
  gate: boolean;
  /** How many times each station of a shift is changed over to the next work order and product. */
  changeOvers: number;
  /**
   * How many devices a station makes between two checks with the reference device. 0 means that there is no reference
   * device.
   */
  reference: number;
  /** The share of a shift's passed units that are returned after their work orders were closed. */
  returns: number;
  /** True if a tester reports the results of the devices of a shift. Some devices fail, and some results come late. */
  tester: boolean;
  /** True if each unit of a shift gets a number from a pool of its product. */
  pool: boolean;
  /** True if devices run the standard program, which never saves the Claim ID. */
  stock: boolean;
  product: string;
  seed: number;
  retryMs: number;
  timeoutMs: number;
  /** The maximum number of attempts of a simulated device. A real agent never stops asking. */
  maxAttempts: number;
}

/** The test procedure that the products of a shift require. */
export const PROCEDURE = 'functional-test';

/**
 * By default, the devices have standard firmware. By default, devices start as fast as possible, and have the time
 * limits of the real agent.
 */
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
  gate: false,
  changeOvers: 0,
  reference: 0,
  returns: 0,
  tester: false,
  pool: false,
  stock: false,
  product: STOCK_PRODUCT,
  seed: 1,
  retryMs: 2000,
  timeoutMs: 30_000,
  // 60 attempts take two minutes, which is longer than a restart of the service.
  maxAttempts: 60,
};

/**
 * The maximum number of devices. A production line that makes five devices a second makes 144,000 devices in a shift of
 * eight hours. The report needs about 500 bytes for each device.
 */
export const MAX_DEVICES = 200_000;
/** No factory has more stations than this. */
export const MAX_STATIONS = 500;
/** The largest share that is allowed. If a share were larger, almost no device would ever succeed. */
const MAX_SHARE = 0.8;
/** The limit allows a change-over every five minutes in a shift of eight hours. */
const MAX_CHANGE_OVERS = 100;
const MAX_DURATION_MS = 7 * 24 * 3_600_000;

/** Throws a single `invalid` error that lists all options that are wrong or contradict each other. */
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
  whole('--change-overs', options.changeOvers, 0, MAX_CHANGE_OVERS);
  whole('--reference', options.reference, 0, MAX_DEVICES);
  whole('--seed', options.seed, 0, 999_999_999);
  whole('--retry-ms', options.retryMs, 0, 600_000);
  whole('--timeout-ms', options.timeoutMs, 1, 600_000);
  for (const name of ['lose', 'reboot', 'swap', 'returns'] as const) {
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

function wrongTogether(options: LineOptions, url: URL): string[] {
  const { stations, panel, sharedAddress, swap, mode, identity } = options;
  const problems = mode === 'shift' ? wrongInShift(options) : [];
  if (identity === 'link') problems.push(...wrongOnSegment(options));
  if (swap > 0 && mode === 'open')
    problems.push('--swap: labels are not scanned in open mode, use --mode slot or armed');
  if (options.gate && mode !== 'shift')
    problems.push('--gate: only the labels of a shift are scanned, use --mode shift');
  if ((options.changeOvers > 0 || options.reference > 0 || options.returns > 0) && mode !== 'shift')
    problems.push('--change-overs, --reference, --returns: only a shift has work orders, use --mode shift');
  if ((options.tester || options.pool) && mode !== 'shift')
    problems.push('--tester, --pool: only a shift has a tester and labels with numbers, use --mode shift');
  if (stations % panel !== 0) {
    problems.push(`--panel ${panel} does not divide --stations ${stations}: a panel of four is four stations`);
  }
  if (url.protocol !== 'http:') problems.push(`${url.origin}: simulated agents use http only, not TLS`);
  if (!sharedAddress && !/^(127\.|localhost$)/.test(url.hostname)) {
    problems.push(
      `${url.host} would see the same address for all stations: add --shared-address, so that each station gets a key`,
    );
  }
  return problems;
}

function wrongOnSegment({ stations, sharedAddress, mode, register }: LineOptions): string[] {
  const problems: string[] = [];
  if (mode === 'shift' || mode === 'armed') problems.push('--identity link: use --mode open or --mode slot');
  if (stations > MAX_SEGMENT_STATIONS)
    problems.push(`--identity link: the network segment has addresses for --stations ${MAX_SEGMENT_STATIONS} at most`);
  if (sharedAddress || register) problems.push('--identity link: leave out --shared-address and --register');
  return problems;
}

/** How many stations a shift needs in order to have one of each kind (stations.ts). */
const MIN_SHIFT = 4;

function wrongInShift({ stations, panel, swap, rebootAfterPass, stock, identity }: LineOptions): string[] {
  const problems: string[] = [];
  if (identity !== 'mac') problems.push('--mode shift: the devices show their MAC as device code, add --identity mac');
  if (stations < MIN_SHIFT) problems.push(`--mode shift needs --stations ${MIN_SHIFT} or more`);
  if (panel > 1 || swap > 0 || rebootAfterPass > 0 || stock)
    problems.push(
      '--mode shift has its own panels and mistakes: leave out --panel, --swap, --reboot-after-pass, --stock',
    );
  return problems;
}

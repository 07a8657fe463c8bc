import { isBlind, type DeviceLine, type MustBeZero, type Report } from './report.ts';

/** The report for people: what was asked for, the counts, what must be 0, and device by device where that is short. */
export function describe(report: Report): string {
  return [
    heading(report),
    columns(counts(report)),
    mustBeZero(report),
    orphans(report),
    devices(report),
    verdict(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function heading({ options, devices, elapsedMs }: Report): string {
  const { stations, panel, mode, identity, stock, sharedAddress, seed, lose, reboot, rebootAfterPass } = options;
  const line = [
    `${stations} stations${panel > 1 ? ` in panels of ${panel}` : ''}${sharedAddress ? ' behind one address' : ''}`,
    `${mode} mode`,
    identity === 'none' ? 'devices that identify themselves by nothing' : `devices that tell their ${identity}`,
    ...(stock ? ['the stock program, which saves nothing'] : []),
  ];
  const seconds = elapsedMs / 1000;
  return [
    line.join(', '),
    `${devices} devices in ${seconds.toFixed(1)} s (${(devices / Math.max(seconds, 0.001)).toFixed(1)}/s); ` +
      `replies lost ${lose}, reboots before saving ${reboot}, after PASS ${rebootAfterPass}; --seed ${seed}`,
  ].join('\n');
}

function counts(report: Report): [string, string | number][] {
  const { options, answerMs } = report;
  return [
    ['devices on the line', report.devices],
    ['… that hold a Claim ID', report.holding],
    ...(report.cutOff > 0 ? [['… cut off at the end', report.cutOff] as [string, number]] : []),
    ['units given out (ledger)', report.issued],
    ['… on no device: unaccounted', report.orphans.length],
    ...(options.mode === 'open' ? [] : [['labels scanned: PASS', report.passed] as [string, number]]),
    ...(options.swap > 0 ? [['labels on the wrong device first', report.swapped] as [string, number]] : []),
    ...(options.register ? [['devices registered', report.registered] as [string, number]] : []),
    ...(options.mode === 'armed' ? [['labels left on the roll', report.leftOnRoll] as [string, number]] : []),
    ['requests', report.attempts],
    ['… answered again (ledger)', report.repeats],
    ['… whose reply was lost', report.lost],
    ...named('refused', report.refusals),
    ...named('without a reply', report.failures),
    ['ms to an answer', `median ${answerMs.median}, p99 ${answerMs.p99}, most ${answerMs.max}`],
  ];
}

function named(what: string, counted: Record<string, number>): [string, number][] {
  return Object.entries(counted).map(([why, count]) => [`… ${what}: ${why}`, count]);
}

const WORDS: Record<MustBeZero, string> = {
  sameIdInTwoDevices: 'Claim IDs that two devices were given',
  heldButNotInLedger: 'Claim IDs on a device and not in the ledger',
  labelOfAnotherUnit: "devices whose label is another unit's, or did not PASS",
  swapsMissed: 'labels of another unit that PASSed',
  registeredNotInLedger: 'devices registered that the ledger did not hear of',
  orphansUnexplained: 'units on no device, beyond the devices without one',
  devicesGivenUp: 'devices that were never answered',
};

function mustBeZero({ mustBeZero, options }: Report): string {
  const rows = (Object.keys(WORDS) as MustBeZero[])
    .filter((name) => name !== 'orphansUnexplained' || !isBlind(options))
    .filter((name) => name !== 'labelOfAnotherUnit' || options.mode !== 'open')
    .filter((name) => name !== 'swapsMissed' || options.swap > 0)
    .filter((name) => name !== 'registeredNotInLedger' || options.register)
    .map((name): [string, string] => [WORDS[name], `${mustBeZero[name]}${mustBeZero[name] > 0 ? '  <-- WRONG' : ''}`]);
  return `must be 0\n${columns(rows)}`;
}

/** More are in --json. */
const MAX_SHOWN = 20;

function orphans({ orphans, options }: Report): string {
  if (orphans.length === 0) return '';
  const asks = options.stock ? 'lost power, or just booted again' : 'lost power before it saved';
  const why = [
    `A device whose reply was lost, or that ${asks}, sends the same bytes as a new one. In open mode it`,
    'gets a new unit, and the one before stays unaccounted for. --identity serial or --mode slot leaves none.',
  ];
  return [`unaccounted for, on no device: ${some(orphans)}`, ...(isBlind(options) ? why : [])].join('\n');
}

function some(list: string[]): string {
  const rest = list.length - MAX_SHOWN;
  return list.slice(0, MAX_SHOWN).join(' ') + (rest > 0 ? ` and ${rest} more (--json lists all)` : '');
}

/** All of them where they are few, else those that are not as they should be. */
function devices({ lines, options }: Report): string {
  const shown = lines.length <= MAX_SHOWN ? lines : lines.filter((line) => !isRight(line, options.mode !== 'open'));
  if (shown.length === 0) return '';
  const head = ['DEVICE', 'STATION', 'HOLDS', ...(options.mode === 'open' ? [] : ['LABEL', 'SCAN']), 'LEDGER', 'S/N'];
  const rows = shown.slice(0, MAX_SHOWN).map((line) => deviceRow(line, options.mode !== 'open'));
  const rest = shown.length - MAX_SHOWN;
  return columns([head, ...rows]) + (rest > 0 ? `\nand ${rest} more (--json lists all)` : '');
}

function deviceRow({ device, station, holds, label, verdict, boot, ledger }: DeviceLine, labels: boolean): string[] {
  const scans = labels ? [label ?? '-', verdict ?? '-'] : [];
  return [String(device), station, holds ?? boot, ...scans, ledger?.status ?? '-', ledger?.serial ?? '-'];
}

function isRight({ boot, holds, label, verdict, ledger }: DeviceLine, labels: boolean): boolean {
  if (boot !== 'running' || holds === undefined || ledger === undefined) return false;
  return !labels || label === undefined || (label === holds && verdict === 'PASS');
}

function verdict({ ok, mustBeZero, orphans }: Report): string {
  const wrong = (Object.keys(WORDS) as MustBeZero[]).filter((name) => mustBeZero[name] > 0);
  if (!ok) return `The devices and the ledger DISAGREE: ${wrong.map((name) => WORDS[name]).join('; ')}.`;
  if (orphans.length === 0) return 'The devices and the ledger agree.';
  return `Every Claim ID on a device is in the ledger; ${orphans.length} in the ledger are on no device.`;
}

function columns(rows: (string | number)[][]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => String(row[i] ?? '').length)));
  return rows
    .map((row) => `  ${row.map((cell, i) => String(cell).padEnd(widths[i] as number)).join('  ')}`.trimEnd())
    .join('\n');
}

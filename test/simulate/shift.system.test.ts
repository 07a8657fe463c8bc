import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { reachService } from '../../src/cli/commands/simulate/line.ts';
import { readConfig } from '../../src/config.ts';
import { readServeFile } from '../../src/jobs/data-folder.ts';
import { startService } from '../../src/main.ts';
import { withNames } from '../../src/platform/own.ts';
import { openLog } from '../../src/platform/log.ts';
import type { WorkOrder } from '../../src/model/work-order.ts';
import { throwDice } from '../../src/simulate/dice.ts';
import { newFigures } from '../../src/simulate/lead.ts';
import { runLine } from '../../src/simulate/line.ts';
import { checkOptions, DEFAULTS, type LineOptions } from '../../src/simulate/options.ts';
import { compareOrders } from '../../src/simulate/orders.ts';
import {
  compare,
  ORDER_ZEROS,
  REFERENCE_ZEROS,
  SHIFT_ZEROS,
  type Left,
  type Tally,
} from '../../src/simulate/report.ts';
import { compareNumbers, POOL_ZEROS } from '../../src/simulate/pool.ts';
import type { Numbered } from '../../src/simulate/pool-numbers.ts';
import { RETURN_ZEROS } from '../../src/simulate/returns.ts';
import { scanOfLabel, scanOfMac, swapped } from '../../src/simulate/scanner.ts';
import { newTally, type ShiftFigures } from '../../src/simulate/shift.ts';
import type { Service } from '../../src/simulate/stations.ts';
import type { LedgerUnit } from '../../src/simulate/units.ts';
import { newWays, TESTER_ZEROS } from '../../src/simulate/tester.ts';
import { describe as inWords } from '../../src/simulate/words.ts';

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

/** A service that is reached with the local token, because all stations of a simulation share one token. */
async function service(): Promise<Service> {
  const data = mkdtempSync(join(tmpdir(), 'claimstamp-test-'));
  cleanUp.push(() => rmSync(data, { recursive: true, force: true }));
  const running = await startService(readConfig({ PORT: '0', CLAIMSTAMP_DATA: data }), openLog('silent'));
  cleanUp.push(() => running.stop());
  return reachService(running.url, readServeFile(data)?.token ?? '');
}

const SHIFT: Partial<LineOptions> = {
  mode: 'shift',
  identity: 'mac',
  stations: 20,
  devices: 300,
  lose: 0.02,
  reboot: 0.02,
  retryMs: 50,
  seed: 9,
};

const WITH_TESTER: Partial<LineOptions> = { tester: true, pool: true, gate: true };

/** Makes mistakes that the simulation must find: no product and no station asks for tests, and two units have one number. */
async function careless<T>({ request }: Service, method: string, path: string, body: unknown): Promise<T> {
  if (method === 'PUT' && /^\/v1\/(products|stations)\//.test(path))
    return request(method, path, { ...Object(body), tests: undefined });
  const answer = await request<T>(method, path, body);
  const { identity } = Object(answer);
  if (method === 'GET' && typeof identity?.uid === 'string') identity.uid = identity.uid.replace(/.$/, '0');
  return answer;
}

describe('a shift', () => {
  it('whose operators scan as people do passes no wrong label and fails no right scan, and its gate stops exactly the bad units', async () => {
    const warnings: string[] = [];
    const warned = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', warned);
    cleanUp.push(() => void process.removeListener('warning', warned));
    const report = await runLine(await service(), { ...SHIFT, gate: true });
    expect(report.shift?.unexpected).toEqual({});
    expect(report.mustBeZero).toEqual(Object.fromEntries(Object.keys(report.mustBeZero).map((name) => [name, 0])));
    const { shift } = report;
    // A short run may end before the paper ends for the second time.
    expect([1, 2]).toContain(shift?.paperOut);
    for (const what of ['doubleReads', 'wrongUnits', 'neighbours', 'layoutsTold', 'reprints', 'brokenDown'] as const)
      expect(shift?.[what], what).toBeGreaterThan(0);
    expect(report.passed).toBe(300 - (shift?.brokenDown ?? 0));
    expect(report.orphans).toHaveLength(shift?.brokenDown ?? 0);
    expect(inWords(report)).toContain('swapped keyboard layout, told');
    const { stopped = {}, shipped = 0 } = report.gate ?? {};
    expect(Object.keys(stopped).toSorted()).toEqual([
      'not-verified',
      'reference',
      'return-open',
      'test-failed',
      'void',
    ]);
    expect(shipped + Object.values(stopped).reduce((sum, count) => sum + count, 0)).toBe(300);
    expect(inWords(report)).toContain('labels at the gate: SHIP');
    // The signal of a line has as many listeners as devices in nests, and no leak.
    expect(warnings.filter((name) => name === 'MaxListenersExceededWarning')).toEqual([]);
  });

  it('changes its stations over as a lead does, runs reference devices that no figure counts, and takes returns back', async () => {
    const there = await service();
    const given = { ...SHIFT, stations: 4, devices: 60, changeOvers: 2, reference: 5, returns: 0.4, gate: true };
    const report = await runLine(there, given);
    expect(Object.entries(report.mustBeZero).filter(([, count]) => count > 0)).toEqual([]);
    const { changeOvers = 0, stragglers = 0, referenceRuns = 0 } = report.lead ?? {};
    // A slow station may have no device of a work order.
    expect(changeOvers).toBeGreaterThan(3);
    expect(stragglers).toBeGreaterThan(3);
    expect(report.refusals['409 order-required']).toBe(stragglers);
    expect(referenceRuns).toBeGreaterThanOrEqual(changeOvers + 4);
    const { workOrders } = await there.request<{ workOrders: WorkOrder[] }>('GET', '/v1/work-orders');
    const made = workOrders.filter(({ purpose }) => purpose === undefined);
    expect(made.map(({ closed }) => closed !== undefined)).toEqual([true, true, true]);
    expect(made.reduce((sum, { units }) => sum + units, 0)).toBe(60);
    expect(new Set(made.map(({ product }) => product)).size).toBe(2);
    expect(workOrders.filter(({ purpose }) => purpose === 'engineering')).toHaveLength(2);
    for (const end of ['shipped', 'scrapped', 'kept', 'open'] as const)
      expect(report.returns?.ends[end], end).toBeGreaterThan(0);
    expect(report.returns?.relabelled).toBeGreaterThan(0);
    for (const words of ['devices of the former product, refused', 'return: shipped'])
      expect(inWords(report)).toContain(words);
  });

  it('releases no unit untested, and gives no number of the pool twice', async () => {
    const there = await service();
    const given = {
      ...SHIFT,
      stations: 8,
      devices: 80,
      changeOvers: 1,
      reference: 20,
      returns: 0.2,
      seed: 18,
      ...WITH_TESTER,
    };
    const report = await runLine(there, given);
    expect(Object.entries(report.mustBeZero).filter(([, count]) => count > 0)).toEqual([]);
    for (const way of ['late', 'repaired', 'passed'] as const) expect(report.tester?.ways[way]).toBeGreaterThan(0);
    expect(report.gate?.stopped['not-tested']).toBeGreaterThan(0);
    // Also the reference devices have numbers.
    expect(report.pool?.drawn).toBe(report.issued + 2);
    for (const words of ['results of the tester', 'devices: late', 'units with a number of the pool'])
      expect(inWords(report)).toContain(words);
  });

  it('reports units that a service releases untested, and numbers that it gives twice', async () => {
    const there = await service();
    const faulty: Service = { ...there, request: (method, path, body) => careless(there, method, path, body) };
    const report = await runLine(faulty, { ...SHIFT, stations: 8, devices: 80, seed: 35, ...WITH_TESTER });
    expect(report.ok).toBe(false);
    const found = Object.entries(report.mustBeZero).filter(([, count]) => count > 0);
    expect(found.map(([name]) => name).toSorted()).toEqual([
      'badShipped',
      'numberDiffers',
      'numberTwice',
      'orderMiscounted',
      'untestedPassed',
      'untestedReleased',
    ]);
  });

  it('refuses options that contradict it, and a product without device code', async () => {
    const given: LineOptions = { ...DEFAULTS, mode: 'shift', swap: 0.1, stations: 2 };
    const check = (): void => checkOptions(given, 'http://127.0.0.1');
    for (const problem of ['--identity mac', '--stations 4', 'leave out --panel']) expect(check).toThrow(problem);
    const open: LineOptions = { ...DEFAULTS, changeOvers: 1 };
    expect(() => checkOptions(open, 'http://127.0.0.1')).toThrow('only a shift has work orders');
    const there = await service();
    await there.request('PUT', `/v1/products/${DEFAULTS.product}`, { name: 'Without' });
    await expect(runLine(there, { ...SHIFT, devices: 4 })).rejects.toThrow('deviceCode (mac)');
    const settings = { deviceCode: 'mac', qr: 'https://example.com/{uci}' };
    await there.request('PUT', `/v1/products/${DEFAULTS.product}`, settings);
    await expect(runLine(there, { ...SHIFT, devices: 4, changeOvers: 1 })).rejects.toThrow('orderRequired');
  });
});

describe('the report of a shift', () => {
  const uci = 'A000000001';
  const left: Left[] = [
    { device: 1, station: 's', boot: 'running', held: uci, received: [uci], label: uci, verdict: 'PASS' },
    { device: 2, station: 's', boot: 'broke-down', received: ['A000000002'] },
  ];
  const tally: Tally = { attempts: 2, lost: 0, refusals: {}, failures: {}, answerMs: [1], elapsedMs: 10 };
  const issued = '2026-11-23T00:00:00.000Z';
  const units = (verified: object) =>
    new Map([
      [uci, { uci, status: 'verified', facts: { issued, ...verified } }],
      ['A000000002', { uci: 'A000000002', status: 'issued', facts: { issued } }],
    ]);
  const good = {
    before: new Map(),
    after: units({ verified: issued }),
    repeats: 0,
    unaccounted: new Set(['A000000002']),
  };
  const figures: ShiftFigures = { ...newTally(), labelsPrinted: 2, paperOut: 2 };
  const options: LineOptions = { ...DEFAULTS, ...SHIFT };

  it.each([...ORDER_ZEROS, ...REFERENCE_ZEROS])('is not ok if %s of the lead is not 0', (name) => {
    const lead = { ...newFigures(), wrongOrder: 0, orderMiscounted: 0, referenceInFigures: 0 };
    expect(compare(options, left, tally, good, { shift: figures, lead }).ok).toBe(true);
    const report = compare(options, left, tally, good, { shift: figures, lead: { ...lead, [name]: 1 } });
    expect(report).toMatchObject({ ok: false, mustBeZero: { [name]: 1 } });
  });

  it.each([...TESTER_ZEROS, ...POOL_ZEROS])('is not ok if %s of the tester or of the pool is not 0', (name) => {
    const tester = { ...withNames(TESTER_ZEROS, () => 0), results: 0, ways: newWays() };
    const pool = { ...withNames(POOL_ZEROS, () => 0), drawn: 0 };
    const given = { shift: figures, tester: { ...tester, [name]: 1 }, pool: { ...pool, [name]: 1 } };
    expect(compare(options, left, tally, good, { shift: figures, tester, pool }).ok).toBe(true);
    expect(compare(options, left, tally, good, given)).toMatchObject({ ok: false, mustBeZero: { [name]: 1 } });
  });

  it.each([
    [
      'two units have one number',
      [
        ['A', '1'],
        ['B', '1'],
      ],
      [],
      [],
      { numberTwice: 1 },
    ],
    [
      'a device has a number of another unit',
      [
        ['A', '1'],
        ['B', '2'],
      ],
      [['A', '2']],
      [],
      { numberTwice: 1, numberDiffers: 1 },
    ],
    ['a label has a number that the ledger does not have', [['A', '1']], [], [['A', '3']], { numberDiffers: 1 }],
    [
      'a unit, a device or a label has no number',
      [['A', undefined]],
      [['A', undefined]],
      [['A', undefined]],
      { numberMissing: 3 },
    ],
    [
      'all numbers are right',
      [
        ['A', '1'],
        ['B', '2'],
      ],
      [
        ['A', '1'],
        ['A', '1'],
      ],
      [['B', '2']],
      {},
    ],
  ] satisfies [string, Numbered, Numbered, Numbered, object][])(
    'compares the numbers of a pool: %s',
    (_what, ledger, answers, labels, faults) => {
      const found = compareNumbers(new Map(ledger), answers, labels);
      expect(withNames(POOL_ZEROS, (name) => found[name])).toEqual({ ...withNames(POOL_ZEROS, () => 0), ...faults });
    },
  );

  it.each(RETURN_ZEROS)('is not ok if %s is not 0', (name) => {
    const ends = { shipped: 0, scrapped: 0, void: 0, kept: 0, open: 0 };
    const returns = { ...withNames(RETURN_ZEROS, () => 0), received: 0, relabelled: 0, ends, [name]: 1 };
    const report = compare(options, left, tally, good, { shift: figures, returns });
    expect(report).toMatchObject({ ok: false, mustBeZero: { [name]: 1 } });
  });

  it.each(SHIFT_ZEROS)('is not ok if %s is not 0', (name) => {
    expect(compare(options, left, tally, good, { shift: figures }).ok).toBe(true);
    const ledger =
      name === 'orphansNotListed'
        ? { ...good, unaccounted: new Set<string>() }
        : name === 'passedNotInLedger'
          ? { ...good, after: units({}) }
          : good;
    const report = compare(options, left, tally, ledger, { shift: { ...figures, [name]: 1 } });
    expect(report).toMatchObject({ ok: false, mustBeZero: { [name]: 1 } });
    expect(inWords(report)).toContain('<-- WRONG');
  });
});

describe('the work orders of a shift', () => {
  const order = { id: 'WO-1', product: 'P' };
  const unit = (uci: string, workOrder: string): LedgerUnit => ({
    uci,
    workOrder,
    status: 'verified',
    facts: { issued: '2026-11-23T00:00:00.000Z', verified: '2026-11-23T00:00:00.000Z' },
  });
  const figures = (issued: number, released: number) => ({
    issued,
    parts: { void: 0, scrapped: 0, released, unaccounted: issued - released },
  });
  const devices = [
    { order, received: ['A'] },
    { order, received: ['B'] },
  ];
  const right = [unit('A', 'WO-1'), unit('B', 'WO-1')];

  it.each([
    ['agree with their devices', right, figures(2, 2), { wrongOrder: 0, orderMiscounted: 0 }],
    [
      'have a unit that another order counts',
      [unit('A', 'WO-1'), unit('B', 'WO-2')],
      figures(1, 1),
      { wrongOrder: 1, orderMiscounted: 0 },
    ],
    [
      'have a unit of no device and of no order',
      [...right, unit('C', 'WO-9')],
      figures(2, 2),
      { wrongOrder: 1, orderMiscounted: 0 },
    ],
    ['were closed with a unit too few', right, figures(1, 1), { wrongOrder: 0, orderMiscounted: 2 }],
    ['were closed with a unit too few released', right, figures(2, 1), { wrongOrder: 0, orderMiscounted: 1 }],
  ])('are compared with their units: they %s', (_what, issued, counted, faults) => {
    expect(compareOrders(issued, [{ order, figures: counted }], devices)).toEqual(faults);
  });
});

describe('a scanner', () => {
  it('with the US layout swaps letters and signs on a German computer', () => {
    expect(swapped(']Q1https://example.com/claim/YZ-7?a=b')).toBe('+Q1httpsÖ--example.com-claim-ZYß7_a´b');
  });

  it('sends each code in all its forms, with the prefix of the station', () => {
    const sent = Array.from({ length: 200 }, (_, at) => {
      const dice = throwDice(1, at);
      const label = { uci: 'JT08FFQXWQ', qr: 'https://example.com/claim/JT08FFQXWQ', serial: 'P12648U0000001' };
      const scanner = { prefix: '~', isSwapped: false };
      return [scanOfLabel(label, scanner, dice).text, scanOfMac('02:00:00:00:00:ab', scanner, dice)];
    }).flat();
    expect(sent.every((text) => text.startsWith('~'))).toBe(true);
    for (const text of ['~JT08FFQXWQ', '~]Q1https://', '~HTTPS://', '~P12648U0000001\r', '~0200.0000.00ab', '~]C0'])
      expect(
        sent.some((one) => one.startsWith(text)),
        text,
      ).toBe(true);
  });
});

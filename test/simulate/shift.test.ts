import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { reachService } from '../../src/cli/commands/simulate.ts';
import { readConfig } from '../../src/config.ts';
import { readServeFile } from '../../src/jobs/data-folder.ts';
import { startService } from '../../src/main.ts';
import { openLog } from '../../src/platform/log.ts';
import { throwDice } from '../../src/simulate/dice.ts';
import { runLine } from '../../src/simulate/line.ts';
import { checkOptions, DEFAULTS, type LineOptions } from '../../src/simulate/options.ts';
import { compare, SHIFT_ZEROS, type Left, type Tally } from '../../src/simulate/report.ts';
import { scanOfLabel, scanOfMac, swapped } from '../../src/simulate/scanner.ts';
import { newTally, type ShiftFigures } from '../../src/simulate/shift.ts';
import type { Service } from '../../src/simulate/stations.ts';
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

  it('refuses options that contradict it, and a product without device code', async () => {
    const given: LineOptions = { ...DEFAULTS, mode: 'shift', swap: 0.1, stations: 2 };
    const check = (): void => checkOptions(given, 'http://127.0.0.1');
    for (const problem of ['--identity mac', '--stations 4', 'leave out --panel']) expect(check).toThrow(problem);
    const there = await service();
    await there.request('PUT', `/v1/products/${DEFAULTS.product}`, { name: 'Without' });
    await expect(runLine(there, { ...SHIFT, devices: 4 })).rejects.toThrow('device code mac');
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

  it.each(SHIFT_ZEROS)('is not ok if %s is not 0', (name) => {
    expect(compare(options, left, tally, good, figures).ok).toBe(true);
    const ledger =
      name === 'orphansNotListed'
        ? { ...good, unaccounted: new Set<string>() }
        : name === 'passedNotInLedger'
          ? { ...good, after: units({}) }
          : good;
    const report = compare(options, left, tally, ledger, { ...figures, [name]: 1 });
    expect(report).toMatchObject({ ok: false, mustBeZero: { [name]: 1 } });
    expect(inWords(report)).toContain('<-- WRONG');
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

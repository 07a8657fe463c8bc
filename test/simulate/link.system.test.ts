import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { built } from '../../src/platform/package-root.ts';
import { checkOptions, DEFAULTS } from '../../src/simulate/options.ts';
import type { Report } from '../../src/simulate/report.ts';
import { tempFolder } from '../support/service.ts';

/** Runs the command, and returns its report. */
function simulate(args: string[]): Promise<{ report: Report | undefined; stderr: string }> {
  const env = { PATH: process.env['PATH'], TMPDIR: tempFolder() };
  const given = [built('cli/claimstamp.js'), 'simulate', '--identity', 'link', '--json', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, given, { env }, (_error, stdout, stderr) =>
      resolve({ report: stdout === '' ? undefined : JSON.parse(stdout), stderr }),
    );
  });
}

const LINE =
  '--stations 4 --devices 20 --rate 0 --lose 0.2 --reboot 0.2 --reboot-after-pass 0.3 --retry-ms 50 --seed 5';

describe.runIf(process.platform === 'linux')('devices that only their link address tells apart', () => {
  it.each(['slot', 'open'])(
    'share no Claim ID and get no second one, when they are swapped at one address (%s mode)',
    async (mode) => {
      const { report, stderr } = await simulate(['--mode', mode, ...LINE.split(' ')]);
      expect(report, stderr).toMatchObject({ ok: true, holding: 20, issued: 20, orphans: [] });
      expect(report?.lost).toBeGreaterThan(0);
      expect(report?.swaps?.swaps).toBeGreaterThan(0);
    },
    120_000,
  );

  it('are refused at a service that is not on their network segment', async () => {
    const { report, stderr } = await simulate(['--url', 'http://127.0.0.1:4100']);
    expect(report).toBeUndefined();
    expect(stderr).toContain('--identity link: the devices and the temporary service are on a network segment');
  });

  it('are refused in modes in which the device must identify itself', () => {
    const check = (): void => checkOptions({ ...DEFAULTS, identity: 'link', mode: 'armed' }, 'http://127.0.0.1');
    expect(check).toThrow('--identity link: use --mode open or --mode slot');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reachService } from '../../src/cli/commands/simulate/line.ts';
import { runLine } from '../../src/simulate/line.ts';
import type { LineOptions } from '../../src/simulate/options.ts';
import { readUnits } from '../../src/simulate/units.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, startService, tempFolder, type Service } from '../support/service.ts';
import { openStandIn, type StandIn } from '../support/cloud-stand-in.ts';

/** The mishaps, with agents that sleep a moment only. */
const MISHAPS: Partial<LineOptions> = {
  lose: 0.05,
  swap: 0.02,
  reboot: 0.05,
  register: true,
  retryMs: 20,
  timeoutMs: 3000,
};

describe('a line from serialization to registration', () => {
  let cloud: StandIn;
  let service: Service;
  beforeAll(async () => {
    cloud = await openStandIn();
    service = await startService(tempFolder(), {
      CLAIMSTAMP_BUILDER_URL: cloud.url,
      NODE_EXTRA_CA_CERTS: cloud.authority,
    });
  });
  afterAll(async () => {
    await service.end('SIGTERM');
    await cloud.close();
  });

  it.each([
    ['slot', 'none'],
    ['armed', 'mac'],
  ] as const)(
    '%s mode, identity %s: every swapped label is found, every device is registered',
    async (mode, identity) => {
      const product = `LINE-${mode}`;
      const options: Partial<LineOptions> = { ...MISHAPS, mode, identity, product, devices: 300, stations: 4, seed: 7 };
      const report = await runLine(reachService(service.url, ADMIN_TOKEN), options);
      expect(report.mustBeZero).toEqual(Object.fromEntries(Object.keys(report.mustBeZero).map((name) => [name, 0])));
      expect(report.swapped, 'some labels were swapped').toBeGreaterThan(0);
      expect(report.lost, 'some replies were lost').toBeGreaterThan(0);
      expect(report.registered).toBe(300);
      const units = await readUnits(reachService(service.url, ADMIN_TOKEN), [product]);
      const held = new Set(report.lines.map(({ holds }) => holds));
      for (const { uci, status, facts } of units.values()) {
        if (!held.has(uci)) continue;
        expect(status).toBe('registered');
        expect(facts).toMatchObject({ verified: expect.any(String), reported: expect.any(String) });
      }
      // A swapped label is a failed scan, and no alarm stands in the end.
      const failed = audit(service.data).lines.filter((line) => line.includes('"type":"verify-failed"'));
      expect(failed.length).toBeGreaterThanOrEqual(report.swapped);
      expect([...units.values()].filter((unit) => 'alarm' in unit)).toEqual([]);
    },
  );
});

import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger, type VerifyOptions } from '../../src/jobs/verify-file.ts';
import { packageRoot, version } from '../../src/platform/package-root.ts';
import { originOf, parseCheckpoint, readSigningKey, verifierKey } from '../../src/proof/checkpoint.ts';
import { audit } from '../support/audit.ts';
import { openDesk, tempFolder } from '../support/service.ts';

/* test/fixtures/ledger-<version>: a data folder of each released version. Its README says how it was made. */

const FIXTURES = join(packageRoot, 'test', 'fixtures');
const VERSIONS = readdirSync(FIXTURES).flatMap((name) => /^ledger-(.+)$/.exec(name)?.[1] ?? []);

/** So many types of events are in the smallest of these ledgers. */
const TYPES = 18;

test('there is a ledger of this version, and of each version that the changes name', () => {
  const changes = readFileSync(join(packageRoot, 'CHANGELOG.md'), 'utf8');
  const released = [...changes.matchAll(/^## \[(\d+\.\d+\.\d+)\]/gm)].map(([, name]) => name);
  expect(VERSIONS).toEqual(expect.arrayContaining([version, ...released]));
});

describe.each(VERSIONS)('a ledger of version %s', (of) => {
  let data: string;
  let kept: Required<Pick<VerifyOptions, 'checkpoints' | 'keys'>>;
  let events: number;
  const ledger = (): string => join(data, 'ledger.db');

  beforeAll(() => {
    data = tempFolder();
    const fixture = join(FIXTURES, `ledger-${of}`);
    for (const file of readdirSync(fixture)) cpSync(join(fixture, file), join(data, file));
    const privateKey = readSigningKey(readFileSync(join(data, 'signing-key.pem'), 'utf8'));
    const checkpoint = readFileSync(join(data, 'checkpoint'), 'utf8');
    kept = { checkpoints: [checkpoint], keys: [verifierKey({ origin: originOf(privateKey), privateKey })] };
    events = parseCheckpoint(checkpoint).size;
  });

  async function expectVerified(size: number): Promise<void> {
    const { ok, findings, size: found } = await verifyLedger(ledger(), kept);
    expect({ ok, findings, size: found }).toEqual({ ok: true, findings: [], size });
  }

  test('verifies against its own checkpoint and key', () => expectVerified(events));

  test('opens, issues one more, and verifies again against the checkpoint from before', async () => {
    const desk = await openDesk({}, data);
    const before = await desk.size();
    expect((await desk.agent({ product: 'LAMP', mac: '02:aa:bb:cc:dd:99' })).status).toBe(200);
    const size = await desk.size();
    expect(size).toBeGreaterThan(before);
    await desk.close();
    await expectVerified(size);
    const types = new Set(audit(data).lines.map((line) => (JSON.parse(line) as { type: string }).type));
    expect(types.size).toBeGreaterThanOrEqual(TYPES);
  });
});

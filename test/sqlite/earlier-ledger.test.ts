import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { verifyLedger, type VerifyOptions } from '../../src/jobs/verify-file.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { originOf, parseCheckpoint, readSigningKey, verifierKey } from '../../src/proof/checkpoint.ts';
import { audit } from '../support/audit.ts';
import { openDesk, tempFolder } from '../support/service.ts';

/* test/fixtures/ledger-0.1.0: the data folder of an earlier version. */

const EVENTS = 62;
const TYPES = 18;

let data: string;
let kept: Required<Pick<VerifyOptions, 'checkpoints' | 'keys'>>;
const ledger = (): string => join(data, 'ledger.db');

beforeAll(() => {
  data = tempFolder();
  const fixture = join(packageRoot, 'test', 'fixtures', 'ledger-0.1.0');
  for (const file of readdirSync(fixture)) cpSync(join(fixture, file), join(data, file));
  const privateKey = readSigningKey(readFileSync(join(data, 'signing-key.pem'), 'utf8'));
  const checkpoint = readFileSync(join(data, 'checkpoint'), 'utf8');
  kept = { checkpoints: [checkpoint], keys: [verifierKey({ origin: originOf(privateKey), privateKey })] };
});

async function expectVerified(size: number): Promise<void> {
  const { ok, findings, size: found } = await verifyLedger(ledger(), kept);
  expect({ ok, findings, size: found }).toEqual({ ok: true, findings: [], size });
}

test('a ledger of an earlier version verifies against its own checkpoint and key', async () => {
  expect(parseCheckpoint(kept.checkpoints[0] as string).size).toBe(EVENTS);
  await expectVerified(EVENTS);
});

test('it opens, issues one more, and verifies again against the checkpoint from before', async () => {
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

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/* The examples for testers, against a real service. */

const run = promisify(execFile);
const EXAMPLES = join(packageRoot, 'examples');

interface Tested {
  tests?: { procedure: string; outcome: string }[];
}

describe('an example for testers', () => {
  let service: Service;
  let environment: Record<string, string>;
  beforeAll(async () => {
    service = await startService(tempFolder());
    const scopes = { name: 'tester', role: 'service', scopes: ['tests:report'] };
    const { body } = await api<{ token: string }>(service, 'POST', '/v1/tokens', scopes);
    environment = {
      PATH: process.env['PATH'] ?? '',
      CLAIMSTAMP_URL: service.url,
      CLAIMSTAMP_TOKEN: body.token,
      PYTHONPATH: [EXAMPLES, join(EXAMPLES, 'openhtf'), join(EXAMPLES, 'pytest')].join(':'),
      PYTHONDONTWRITEBYTECODE: '1',
    };
  });

  const made = async (): Promise<{ uci: string; serial: string }> => {
    const { body } = await api<{ units: { uci: string; serial: string }[] }>(service, 'POST', '/v1/units', {
      product: 'DEMO',
    });
    return body.units[0] as { uci: string; serial: string };
  };
  const resultsOf = async (uci: string): Promise<Record<string, string>> => {
    const { tests = [] } = (await api<Tested>(service, 'GET', `/v1/units/${uci}`)).body;
    return Object.fromEntries(tests.map(({ procedure, outcome }) => [procedure, outcome]));
  };

  it('records the result that a shell script reports', async () => {
    const { uci, serial } = await made();
    const script = join(EXAMPLES, 'shell', 'report-result.sh');
    await run(script, [serial, 'ict', 'failed', 'log/1'], { env: environment });
    expect(await resultsOf(uci)).toEqual({ ict: 'failed' });
    await expect(run(script, ['NONE', 'ict', 'passed'], { env: environment })).rejects.toThrow();
    await expect(run(script, ['a"b', 'ict', 'passed'], { env: environment })).rejects.toThrow();
  });

  it.each([
    ['passed', 'def test_one(): assert True'],
    ['failed', 'def test_one(): assert False'],
    ['error', 'import pytest\n@pytest.fixture\ndef jig(): raise OSError()\ndef test_one(jig): pass'],
    ['error', '# no test'],
  ])('records %s by the plug-in of pytest', async (outcome, test) => {
    const { uci, serial } = await made();
    const folder = join(tempFolder(), 'tests');
    mkdirSync(folder);
    writeFileSync(join(folder, 'test_device.py'), `${test}\n`);
    const options = ['-p', 'claimstamp_pytest', '-p', 'no:cacheprovider', '--claimstamp-unit', serial];
    await run('pytest', [...options, folder], { env: environment, cwd: folder }).catch(() => null);
    expect(await resultsOf(uci)).toEqual({ pytest: outcome });
  });

  it('records the outcome that the output callback of OpenHTF gets', async () => {
    const { uci, serial } = await made();
    // The members of openhtf.core.test_record.TestRecord that the callback reads.
    const program = `
import types, sys
from claimstamp_output import ClaimstampOutput
outcome = types.SimpleNamespace(name=sys.argv[2])
record = types.SimpleNamespace(dut_id=sys.argv[1], outcome=outcome, end_time_millis=1795968000000,
                               station_id="tester-3", metadata={"test_name": "radio"})
ClaimstampOutput(firmware={"version": "1.4"}, reference=lambda record: "log/7")(record)
`;
    for (const [outcome, recorded] of [
      ['FAIL', 'failed'],
      ['TIMEOUT', 'error'],
      ['PASS', 'passed'],
    ] as const) {
      await run('python3', ['-c', program, serial, outcome], { env: environment });
      expect(await resultsOf(uci)).toEqual({ radio: recorded });
    }
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/platform/package-root.ts';
import { openRow, type Check } from './check.ts';
import { ask, start } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

/** The number of devices. The devices need more random values than the service reads in advance. */
const DEVICES = 1000;

const FAULTS = { stuck: 'is stuck', repeats: 'repeats itself', fails: 'fails' } as const;

/** The random source fails while devices ask. The service must not issue any Claim ID until the source is repaired. */
export const randomSource: Check = async ({ folder, say }) => {
  const control = join(folder, 'random');
  const preload = join(packageRoot, 'dist', 'torture', 'preload', 'random.js');
  writeFileSync(control, 'good');
  const data = join(folder, 'random-source');
  const service = await start(data, { env: { TORTURE_RANDOM: control, NODE_OPTIONS: `--import=${preload}` } });
  const given = new Set<string>();
  const rows = [];
  for (const [mode, what] of Object.entries(FAULTS)) {
    say(`random source: ${what}`);
    const row = openRow(`the random source ${what}`);
    row.tried();
    const twice = await devices(() => writeFileSync(control, mode), row.fail);
    if (twice > 0) row.fail(`${twice} IDs were issued twice`, twice);
    writeFileSync(control, 'good');
    if ((await ask(service.port, {})).status !== 200) row.fail('no Claim ID after the repair');
    rows.push(row);
  }
  await service.end('SIGTERM');
  const { findings } = await contentsOf(ledgerIn(data));
  if (findings.length > 0) rows[0]?.fail(findings[0] as string);
  return rows.map((row) => row.row('noticed; 503 until the repair'));

  async function devices(breaks: () => void, fail: (what: string) => void): Promise<number> {
    let twice = 0;
    let refused = 0;
    breaks();
    for (let n = 0; n < DEVICES; n++) {
      const { status, id } = await ask(service.port, {});
      if (status === 503) refused++;
      else if (refused > 1) fail(`device ${n} got a Claim ID after the fault was noticed`);
      if (id === undefined) continue;
      if (given.has(id) || /^(.)\1+$/.test(id)) twice++;
      given.add(id);
      if (refused > 20) break;
    }
    if (refused === 0) fail('the service never noticed the fault');
    return twice;
  }
};

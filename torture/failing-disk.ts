import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openRow, type Check } from './check.ts';
import { compileFailio } from './failio.ts';
import { ask, start, type Answer } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

/** The approximate number of system calls in one commit and the WAL checkpoint that follows it. */
const CALLS = 50;

const FAULTS = [
  { fault: 'a write fails (EIO)', rule: 'write -wal N EIO fail once' },
  { fault: 'a write finds no space (ENOSPC)', rule: 'write -wal N ENOSPC fail once' },
  { fault: 'a write is incomplete', rule: 'write -wal N EIO half once' },
  { fault: 'a sync fails and loses what was written (EIO)', rule: 'sync -wal N EIO lose once' },
] as const;

/** The maximum time in ms to wait for the recovery. The writer should reopen the file in less time than this. */
const RECOVERY_MS = 20_000;

/** Makes each of the first 50 writes and syncs fail once. After each failure, the service must continue. */
export const failingDisk: Check = async ({ short, folder, say }) => {
  const failio = compileFailio(folder);
  const data = join(folder, 'failing');
  const service = await start(data, { env: failio.env });
  const answered = new Map<string, string>();
  const rows = [];
  for (const { fault, rule } of FAULTS) {
    say(`failing disk: ${fault}`);
    const row = openRow(`${fault}, at each of ${short ? 4 : CALLS} calls`);
    for (const n of short ? [1, 2, 7, 23] : Array.from({ length: CALLS }, (_one, i) => i + 1)) {
      row.tried();
      failio.arm(rule.replace('N', String(n)));
      for (let device = 0; !failio.made() && device < 200; device++) await one(`${rule}-${n}-${device}`);
      if (!failio.made()) row.fail('the fault did not happen');
      failio.disarm();
      if (!(await recovers(`${rule}-${n}-after`))) row.fail(`no recovery after call ${n}`);
    }
    const { ucis, macs, findings } = await contentsOf(ledgerIn(data));
    const gone = [...answered].filter(([mac, id]) => macs.get(mac) !== id || ucis.get(id) !== 1);
    if (gone.length > 0) row.fail(`${gone.length} delivered IDs are not in the ledger`, gone.length);
    if (findings.length > 0) row.fail(findings[0] as string);
    rows.push(row.row('no delivered ID is lost; continues without a restart'));
  }
  await service.end('SIGTERM');
  return rows;

  async function one(mac: string): Promise<Answer> {
    const answer = await ask(service.port, { mac });
    if (answer.id !== undefined) answered.set(mac, answer.id);
    return answer;
  }
  async function recovers(mac: string): Promise<boolean> {
    for (const end = performance.now() + RECOVERY_MS; performance.now() < end; await pause(50))
      if ((await one(mac)).status === 200) return true;
    return false;
  }
};

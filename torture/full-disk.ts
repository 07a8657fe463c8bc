import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openRow, type Check } from './check.ts';
import { ask, start } from '../harness/service.ts';
import { contentsOf, ledgerIn } from './contents.ts';

/**
 * The size of the disk: room for a small ledger, logs and labels, and 64 MiB more. With less than 64 MiB free, the
 * service does not report that it is ready.
 */
const DISK = '160m';

/** Fills the disk that contains the ledger, the log and the labels. At the end, frees the space. */
export const fullDisk: Check = async ({ short, folder, say }) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk], { encoding: 'utf8' });
  if (mounted.status !== 0)
    throw new Error(`the full disk needs its own mount, which requires root: ${mounted.stderr.trim()}`);
  try {
    return [await fill(disk, short ? 2 : 10, say)];
  } finally {
    spawnSync('umount', ['-l', disk]);
  }
};

async function fill(disk: string, rounds: number, say: (text: string) => void) {
  const row = openRow('the disk is full, with log and labels on it');
  const data = join(disk, 'data');
  const service = await start(data, { log: join(disk, 'log'), env: { CLAIMSTAMP_LOG_LEVEL: 'info' } });
  mkdirSync(join(disk, 'labels'));
  await service.api('PUT', '/v1/printers/folder', { kind: 'file', folder: join(disk, 'labels'), format: 'pdf' });
  await service.api('PUT', '/v1/stations/default', { printer: 'folder', autoPrint: true });
  const answered = new Map<string, string>();
  const filler = join(disk, 'filler');
  for (let round = 0; round < rounds; round++) {
    say(`full disk: ${round + 1} of ${rounds}`);
    row.tried();
    fillUp(filler);
    const statuses = new Set<number>();
    for (let n = 0; n < 400 && ![...statuses].some((status) => status === 507 || status === 503); n++) {
      const mac = `${round}-full-${n}`;
      const { status, id } = await ask(service.port, { mac, note: 'x'.repeat(8000) });
      statuses.add(status);
      if (id !== undefined) answered.set(mac, id);
    }
    if (![...statuses].some((status) => status === 507 || status === 503)) row.fail('the disk was never full');
    if ([...statuses].some((status) => ![200, 503, 507].includes(status)))
      row.fail(`answered ${[...statuses].join(', ')}`);
    const [known] = answered.values();
    if (known !== undefined && (await service.api('GET', `/v1/units/${known}`)).status !== 200) row.fail('reads fail');
    rmSync(filler);
    rmSync(join(disk, 'log'), { force: true });
    if (!(await recovers(service.port, `${round}-after`))) row.fail('no recovery without a restart');
  }
  await service.end('SIGTERM');
  const { ucis, macs, findings } = await contentsOf(ledgerIn(data));
  const gone = [...answered].filter(([mac, id]) => macs.get(mac) !== id || ucis.get(id) !== 1);
  if (gone.length > 0) row.fail(`${gone.length} delivered IDs were lost`, gone.length);
  if (findings.length > 0) row.fail(findings[0] as string);
  return row.row(`507 or 503, reads work, recovers without a restart; all ${answered.size} delivered IDs present`);

  async function recovers(port: number, mac: string): Promise<boolean> {
    for (let tries = 0; tries < 100; tries++, await pause(100)) {
      const { id } = await ask(port, { mac });
      if (id === undefined) continue;
      answered.set(mac, id);
      return true;
    }
    return false;
  }
}

/** Fills the disk until there is no free space. */
function fillUp(file: string): void {
  for (let size = 1024 * 1024; size >= 4096;) {
    try {
      writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {
      size /= 2;
    }
  }
}

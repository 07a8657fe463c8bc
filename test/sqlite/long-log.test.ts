import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { untilLogIsShort } from '../../src/sqlite/long-log.ts';
import { tempFolder } from '../support/service.ts';

const MIB = 1024 * 1024;

/** A log of so many MiB (holes: they take no room), which grows until `end`. */
function logOf(mib: number): { file: string; cut: () => void; end: () => void } {
  const file = join(tempFolder(), 'ledger.db');
  const log = `${file}-wal`;
  let size = mib * MIB;
  writeFileSync(log, '');
  truncateSync(log, size);
  const growing = setInterval(() => truncateSync(log, (size += 4096)), 50);
  return {
    file,
    cut: () => truncateSync(log, (size = 64 * MIB)),
    end: () => clearInterval(growing),
  };
}

async function tookMs(act: Promise<void>): Promise<number> {
  const begun = performance.now();
  await act;
  return performance.now() - begun;
}

describe('who reads the ledger beside the line', () => {
  it('begins at once where its log is short, or there is none', async () => {
    const log = logOf(200);
    expect(await tookMs(untilLogIsShort(log.file))).toBeLessThan(200);
    log.end();
    expect(await tookMs(untilLogIsShort(join(tempFolder(), 'ledger.db')))).toBeLessThan(200);
  });

  it('waits where it is long and grows, until it was begun anew', async () => {
    const log = logOf(300);
    setTimeout(log.cut, 4000);
    const took = await tookMs(untilLogIsShort(log.file));
    log.end();
    expect(took).toBeGreaterThan(3900);
    expect(took).toBeLessThan(6000);
  });

  it('does not wait for long where nobody writes, or nobody waits for it', async () => {
    const log = logOf(300);
    expect(await tookMs(untilLogIsShort(log.file, AbortSignal.timeout(500)))).toBeLessThan(2000);
    log.end();
    const took = await tookMs(untilLogIsShort(log.file));
    expect(took).toBeGreaterThan(2900);
    expect(took).toBeLessThan(6000);
  });
});

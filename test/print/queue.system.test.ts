import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFailio } from '../../torture/failio.ts';
import { ADMIN_TOKEN, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { startEvePrinter, type EvePrinter } from '../support/ippeveprinter.ts';
import { printClient, statesOf } from '../support/print-client.ts';
import { neverCloses, startRawPrinter } from '../support/raw-printer.ts';

describe('a real IPP printer', () => {
  let service: Service;
  let eve: EvePrinter;
  const on = printClient(() => service);
  beforeAll(async () => {
    service = await startService(tempFolder());
    eve = await startEvePrinter({});
    await on.printer('eve', { kind: 'ipp', url: eve.url, dpi: 300 });
  });
  afterAll(async () => {
    await eve.stop();
    await service.end('SIGTERM');
  });

  it('gets the very PDF of GET label.pdf, and only its own word makes the unit printed', async () => {
    const [uci = ''] = await on.make();
    await on.reaches(await on.print(uci, 'eve'), 'done');
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await fetch(`${service.url}/v1/units/${uci}/label.pdf?dpi=300`, { headers });
    expect(eve.received()).toHaveLength(1);
    expect(eve.received()[0]?.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
    expect(await on.unit(uci)).toMatchObject({ status: 'printed', labels: 1 });
  });

  it('copies are pages', async () => {
    const [uci = ''] = await on.make();
    await on.reaches(await on.print(uci, 'eve', { copies: 3 }), 'done');
    expect(
      eve
        .received()
        .at(-1)
        ?.toString('latin1')
        .match(/\/Type \/Page\b/g),
    ).toHaveLength(3);
    expect(await on.unit(uci)).toMatchObject({ labels: 3 });
  });

  it('a job that the printer gives up is failed, not printed', async () => {
    const broken = await startEvePrinter({ command: 'exit 1' });
    try {
      await on.printer('broken', { kind: 'ipp', url: broken.url });
      const [uci = ''] = await on.make();
      const job = await on.reaches(await on.print(uci, 'broken'), 'failed');
      expect(job.reason).toMatch(/printer broken: job/);
      expect((await on.unit(uci)).facts['printed']).toBeUndefined();
    } finally {
      await broken.stop();
    }
  });
});

describe('a ledger that cannot write', () => {
  const failio = compileFailio(tempFolder());

  it.each([
    ['a full disk', 'write /ledger.db-wal 1 ENOSPC fail always'],
    ['a latched writer', 'write /ledger.db-wal 1 EIO fail always'],
  ])('%s while a label is on its way: the printer’s word is recorded once there is room', async (_, rule) => {
    const data = tempFolder();
    const raw = await startRawPrinter(neverCloses);
    const service = await startService(data, failio.env);
    const on = printClient(() => service);
    await on.raw('slow', raw.port, { closeMs: 1500 });
    const [uci = '', next = ''] = await on.make(2);
    const job = await on.print(uci, 'slow');
    const waiting = await on.print(next, 'slow');
    await on.reaches(job, 'sending');
    failio.arm(rule);
    await until(async () => (failio.made() ? true : undefined));
    // Longer than the printer's `closeMs`, and than the queue waits before it looks again.
    await pause(2500);
    expect(raw.connections).toHaveLength(1);
    failio.disarm();
    await on.reaches(job, 'sent');
    await on.reaches(waiting, 'sent');
    expect(raw.received().map((zpl) => zpl.includes(uci))).toEqual([true, false]);
    await service.end('SIGTERM');
    expect(statesOf(data, job)).toEqual(['sending', 'sent']);
  });

  it('nothing leaves while the sending cannot be recorded, and SIGTERM does not wait for the disk', async () => {
    const data = tempFolder();
    const raw = await startRawPrinter(neverCloses);
    const service = await startService(data, failio.env);
    const on = printClient(() => service);
    await on.raw('slow', raw.port, { closeMs: 1500 });
    const [uci = '', next = ''] = await on.make(2);
    const job = await on.print(uci, 'slow');
    await on.print(next, 'slow');
    await on.reaches(job, 'sending');
    failio.arm('write /ledger.db-wal 1 ENOSPC fail always');
    await until(async () => (failio.made() ? true : undefined));
    // Longer than the queue waits before it looks again.
    await pause(1500);
    expect(raw.received().join('')).not.toContain(next);
    expect((await service.end('SIGTERM')).code).toBe(0);
    failio.disarm();
  });
});

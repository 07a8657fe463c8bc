import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { expectQuiet, startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { printClient, PRODUCT, statesOf, type Job } from '../support/print-client.ts';
import { openZebra } from '../../src/simulate/zebra/zebra.ts';
import { freePort } from '../support/free-port.ts';
import { answer, jobGroup, oddPrinter, PRINT_JOB } from '../support/odd-ipp.ts';
import { neverCloses, neverReads, resetsHalfWay, startRawPrinter } from '../support/raw-printer.ts';

/* The real service as a process of its own, and printers that behave as printers do. */

describe('the print queue', () => {
  let service: Service;
  const on = printClient(() => service);
  beforeAll(async () => {
    service = await startService(tempFolder());
  });
  afterAll(async () => {
    await service.end('SIGTERM');
    expectQuiet(service.log(), audit(service.data).ucis);
  });

  describe('how far a job gets', () => {
    it('a folder: done, with the complete file, and the unit is printed', async () => {
      const folder = tempFolder();
      await on.printer('folder', { kind: 'file', folder, format: 'zpl' });
      const [uci = ''] = await on.make();
      const job = await on.reaches(await on.print(uci, 'folder'), 'done');
      expect(job).toMatchObject({ printer: 'folder', copies: 1, firstCopy: 1 });
      expect(readdirSync(folder)).toEqual([`${job.id}.zpl`]);
      expect(readFileSync(join(folder, `${job.id}.zpl`), 'utf8')).toContain(uci);
      expect(await on.unit(uci)).toMatchObject({ status: 'printed', labels: 1 });
      expect(statesOf(service.data, job.id)).toEqual(['sending', 'printed']);
    });

    it('raw 9100: sent with its note and no further, and the unit is not printed', async () => {
      const raw = await startRawPrinter();
      await on.raw('zebra', raw.port);
      const [uci = ''] = await on.make();
      const job = await on.reaches(await on.print(uci, 'zebra', { copies: 3 }), 'sent');
      expect(job.note).toMatch(/does not report whether the label was printed/);
      expect(raw.received()).toHaveLength(1);
      expect(raw.received()[0]).toMatch(/\^JZN/);
      expect(raw.received()[0]).toMatch(/\^PQ3/);
      const unit = await on.unit(uci);
      expect(unit).toMatchObject({ status: 'issued', labels: 3 });
      expect(unit.facts['printed']).toBeUndefined();
    });

    it('a reset half-way: unknown, one connection, and never again', async () => {
      const raw = await startRawPrinter(resetsHalfWay);
      await on.raw('resets', raw.port);
      const [uci = ''] = await on.make();
      const job = await on.reaches(await on.print(uci, 'resets'), 'unknown');
      expect(job.note).toMatch(/check the printer/);
      expect(job.reason).toMatch(/broke the connection/);
      // Its turn would come before that of a later job.
      const [later = ''] = await on.make();
      await on.reaches(await on.print(later, 'resets'), 'unknown');
      expect(raw.connections).toHaveLength(2);
      expect(statesOf(service.data, job.id)).toEqual(['sending', 'unknown']);
    });

    it('jobs for a printer that is off wait, and leave in their order when it comes back', async () => {
      const port = await freePort();
      await on.raw('off', port);
      const ucis = await on.make(4);
      const jobs: number[] = [];
      for (const uci of ucis) jobs.push(await on.print(uci, 'off'));
      expect(await on.trouble('off')).toMatch(/refused the connection/);
      expect((await on.job(jobs[0] as number)).state).toBe('queued');
      expect(await on.unit(ucis[0] as string)).toMatchObject({ labels: 0 });
      const raw = await startRawPrinter(undefined, port);
      for (const job of jobs) await on.reaches(job, 'sent');
      expect(raw.received().map((zpl, n) => zpl.includes(ucis[n] as string))).toEqual([true, true, true, true]);
      expect(service.log().match(/"printer":"off".*printer not reached/g)).toHaveLength(1);
    });

    it('a dead printer and one that never reads hold up nobody else', async () => {
      const dead = await freePort();
      const deaf = await startRawPrinter(neverCloses);
      await on.raw('dead', dead);
      await on.raw('deaf', deaf.port, { closeMs: 60_000 });
      const raw = await startRawPrinter();
      await on.raw('alive', raw.port);
      const [a = '', b = '', c = ''] = await on.make(3);
      await on.print(a, 'dead');
      const held = await on.print(b, 'deaf');
      await on.reaches(held, 'sending');
      await on.reaches(await on.print(c, 'alive'), 'sent');
      expect((await on.job(held)).state).toBe('sending');
      await deaf.off();
      await on.reaches(held, 'sent', 'unknown');
    });

    it('a printer that takes the job and says nothing has a problem within two seconds', async () => {
      const silent = await oddPrinter(() => {});
      await on.printer('silent', { kind: 'ipp', url: silent.url, answerMs: 30_000 });
      const [uci = ''] = await on.make();
      const held = await on.print(uci, 'silent');
      await on.reaches(held, 'sending');
      const since = performance.now();
      expect(await on.trouble('silent')).toMatch(/does not answer/);
      expect(performance.now() - since).toBeLessThan(2000);
      silent.hangUp();
      await on.reaches(held, 'unknown');
    });

    it('a printer that takes no job now: the job waits, no label counts, and it prints once it is taken', async () => {
      let isBusy = true;
      const busy = await oddPrinter(({ response, operation }) =>
        isBusy ? answer(response, 0x0507) : answer(response, 0, operation === PRINT_JOB ? [jobGroup(9, 'none')] : []),
      );
      await on.printer('busy', { kind: 'ipp', url: busy.url });
      const [uci = '', next = ''] = await on.make(2);
      const job = await on.print(uci, 'busy', { copies: 2 });
      const later = await on.print(next, 'busy');
      expect(await on.trouble('busy')).toMatch(/is not accepting jobs \(server-error-busy\)/);
      await until(() => (statesOf(service.data, job).includes('queued') ? true : undefined));
      expect(await on.job(job)).toMatchObject({ state: 'queued' });
      expect(await on.unit(uci)).toMatchObject({ labels: 0 });
      isBusy = false;
      await on.reaches(later, 'done');
      expect(await on.unit(uci)).toMatchObject({ labels: 2, status: 'printed' });
      expect(busy.counts.get(PRINT_JOB)).toBe(3);
      expect(statesOf(service.data, job)).toEqual(['sending', 'queued', 'sending', 'printed']);
      expect(service.log().match(/"printer":"busy".*printer is not accepting jobs/g)).toHaveLength(1);
    });

    it('a Zebra is asked whether it answers; then a job is done on its word, and its stop is on the screen', async () => {
      const zebra = await openZebra();
      await on.raw('asked', zebra.port);
      const said = await on.ok<{ answers: boolean; says: string[] }>('POST', '/v1/printers/asked/ask');
      expect(said).toMatchObject({ answers: true, stopped: false, says: ['it waits for labels', expect.any(String)] });
      const { printers } = await on.ok<{ printers: { name: string; answers?: boolean }[] }>('GET', '/v1/printers');
      expect(printers.find(({ name }) => name === 'asked')?.answers).toBe(true);
      const [uci = '', next = ''] = await on.make(2);
      await on.reaches(await on.print(uci, 'asked', { copies: 2 }), 'done');
      expect(await on.unit(uci)).toMatchObject({ status: 'printed', labels: 2 });
      zebra.happens('open');
      const waiting = await on.print(next, 'asked');
      const since = performance.now();
      expect(await on.trouble('asked')).toBe('printer asked: its head is open');
      expect(performance.now() - since).toBeLessThan(2000);
      expect(await on.unit(next)).toMatchObject({ labels: 0 });
      zebra.help();
      await on.reaches(waiting, 'done');
      expect(zebra.labels).toHaveLength(3);
      await zebra.close();
    });

    it('an idle printer is asked once a minute at most, and its stop is on the screen before the next label', async () => {
      const zebra = await openZebra();
      zebra.happens('paperOut');
      await on.raw('idle', zebra.port, { answers: true });
      expect(await on.trouble('idle')).toBe('printer idle: it has no labels');
      // The queue looks at its printers many times in this time.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(zebra.connections()).toBe(1);
      await zebra.close();
    });

    it('a printer that ignores the question does not answer, and is not asked again', async () => {
      const zebra = await openZebra({ answers: 'silent' });
      await on.raw('mute', zebra.port);
      expect(await on.ok('POST', '/v1/printers/mute/ask')).toEqual({ answers: false, stopped: false, says: [] });
      const [uci = ''] = await on.make();
      await on.reaches(await on.print(uci, 'mute'), 'sent');
      expect(zebra.connections()).toBe(2);
      await zebra.close();
    });

    it('a job that can never print fails, counts no label, and needs no reason to be printed again', async () => {
      const noPdf = await oddPrinter(({ response }) => answer(response, 0x040a));
      await on.printer('no-pdf', { kind: 'ipp', url: noPdf.url });
      const [uci = ''] = await on.make();
      const job = await on.reaches(await on.print(uci, 'no-pdf'), 'failed');
      expect(job.reason).toMatch(/does not accept PDF/);
      expect(await on.unit(uci)).toMatchObject({ labels: 0 });
      await on.reaches(await on.print(uci, 'folder'), 'done');
    });

    it.each(['void', 'next'])('a job that is turned away while its unit goes (%s) is cancelled', async (how) => {
      const arrived: (() => void)[] = [];
      const slow = await oddPrinter(({ response }) => void arrived.push(() => answer(response, 0x0507)));
      await on.printer(`slow-${how}`, { kind: 'ipp', url: slow.url });
      const key = await on.station(`turned-${how}`, { mode: 'slot', printer: `slow-${how}`, autoPrint: true });
      const { id } = await on.agent(key);
      const turnAway = await until(() => arrived[0]);
      if (how === 'next') await on.ok('POST', `/v1/stations/turned-${how}/next`);
      else await on.ok('POST', `/v1/units/${id}/void`, { reason: 'label-damaged' });
      turnAway();
      const [job] = await on.jobsOf(`slow-${how}`);
      await on.reaches(job?.id as number, 'cancelled');
      expect(await on.unit(id)).toMatchObject({ labels: 0 });
    });

    it('a label that cannot be drawn fails, names its box, and does not hold up the next', async () => {
      const folder = tempFolder();
      await on.printer('draws', { kind: 'file', folder, format: 'pdf' });
      const init = { method: 'POST', body: JSON.stringify({ product: PRODUCT, name: 'جهاز' }) };
      const { id } = (await (await fetch(`${service.url}/ioto/serialize`, init)).json()) as { id: string };
      const [good = ''] = await on.make();
      const first = await on.print(id, 'draws');
      const second = await on.print(good, 'draws');
      expect((await on.reaches(first, 'failed')).reason).toMatch(/device-62x40.*box "product name".*ج/);
      await on.reaches(second, 'done');
      expect(await on.unit(id)).toMatchObject({ labels: 0 });
    });
  });

  describe('what may be asked', () => {
    it('a printer or station that is not there, none at all, and a unit that is not there', async () => {
      const [uci = ''] = await on.make();
      for (const [path, body, status, detail] of [
        [`/v1/units/${uci}/print`, { printer: 'nowhere' }, 404, /no printer nowhere/],
        [`/v1/units/${uci}/print`, {}, 400, /name a printer/],
        [`/v1/units/${uci}/print`, { station: 'default' }, 400, /name a printer/],
        [`/v1/units/${uci}/print`, { printer: 'folder', host: '10.0.0.1' }, 400, /host/],
        [`/v1/units/${uci}/print`, { printer: 'folder', copies: 101 }, 400, /copies/],
        ['/v1/units/0000000000/print', { printer: 'folder' }, 404, /no unit/],
      ] as const) {
        const answer = await on.ask('POST', path, body);
        expect(answer.status, answer.body.detail).toBe(status);
        expect(answer.body.detail).toMatch(detail);
      }
    });

    it('a reprint needs a reason, counts its copies on, and withdraws the PASS', async () => {
      await on.ok('PUT', '/v1/products/SCANNED', { deviceCode: 'mac' });
      const body = { product: 'SCANNED', mac: 'A4:C1:38:AA:00:01' };
      const { id: uci } = await on.ok<{ id: string }>('POST', '/ioto/serialize', body);
      await on.reaches(await on.print(uci, 'folder', { copies: 2 }), 'done');
      const scans = { label: uci, device: 'A4C138AA0001' };
      expect(await on.ok('POST', '/v1/stations/default/verify', scans)).toMatchObject({ result: 'PASS' });
      const refused = await on.ask('POST', `/v1/units/${uci}/print`, { printer: 'folder' });
      expect(refused.status).toBe(400);
      expect(refused.body.detail).toMatch(/already has a label \(labels: 2\): give a reason/);
      expect((await on.unit(uci)).status).toBe('verified');
      const job = await on.reaches(await on.print(uci, 'folder', { reason: 'smudged' }), 'done');
      expect(job).toMatchObject({ firstCopy: 3, reprint: 'smudged' });
      const unit = await on.unit(uci);
      expect(unit).toMatchObject({ status: 'printed', labels: 3 });
      expect(unit.facts['verified']).toBeUndefined();
    });

    it.each(['void', 'scrap'])('%s: an ended unit is not printed, nor one that ends while it waits', async (kind) => {
      const port = await freePort();
      await on.raw(`ends-${kind}`, port);
      const [ended = '', waiting = ''] = await on.make(2);
      await on.ok('POST', `/v1/units/${ended}/${kind}`, { reason: 'other', note: 'test' });
      expect((await on.ask('POST', `/v1/units/${ended}/print`, { printer: 'folder' })).status).toBe(409);
      const job = await on.print(waiting, `ends-${kind}`);
      await on.trouble(`ends-${kind}`);
      await on.ok('POST', `/v1/units/${waiting}/${kind}`, { reason: 'other', note: 'test' });
      expect(await on.job(job)).toMatchObject({
        state: 'cancelled',
        reason: expect.stringMatching(/void|scrap/) as string,
      });
      const raw = await startRawPrinter(undefined, port);
      // Its turn would come before that of a later job.
      const [later = ''] = await on.make();
      await on.reaches(await on.print(later, `ends-${kind}`), 'sent');
      expect(raw.received().map((zpl) => zpl.includes(later))).toEqual([true]);
      expect(await on.unit(waiting)).toMatchObject({ labels: 0 });
    });

    it('one label of a unit waits at a time, and a waiting one can be cancelled once', async () => {
      await on.raw('waits', await freePort());
      const [uci = ''] = await on.make();
      const job = await on.print(uci, 'waits');
      expect((await on.ask('POST', `/v1/units/${uci}/print`, { printer: 'folder' })).status).toBe(409);
      await on.ok('POST', `/v1/print-jobs/${job}/cancel`);
      await on.ok('POST', `/v1/print-jobs/${job}/cancel`);
      expect(statesOf(service.data, job)).toEqual(['cancelled']);
      await on.reaches(await on.print(uci, 'folder'), 'done');
      const done = (await on.jobsOf('folder')).at(-1) as Job;
      expect((await on.ask('POST', `/v1/print-jobs/${done.id}/cancel`)).status).toBe(409);
      expect((await on.ask('POST', '/v1/print-jobs/999999/cancel')).status).toBe(404);
    });

    it('a test label is printed with made-up data and is in no ledger', async () => {
      const folder = tempFolder();
      await on.printer('try', { kind: 'file', folder, format: 'zpl' });
      const before = audit(service.data).lines.length;
      expect(await on.ok('POST', '/v1/printers/try/test')).toEqual({ state: 'done' });
      expect(audit(service.data).lines).toHaveLength(before);
      const [file = ''] = readdirSync(folder);
      expect(readFileSync(join(folder, file), 'utf8')).toContain('^FDTEST-00000^FS');
      expect((await on.ask('POST', '/v1/printers/nowhere/test')).status).toBe(404);
    });

    it('the list of units that a device has and no label', async () => {
      const listed = async (): Promise<string[]> => {
        const query = `printed=false&limit=1000&product=${PRODUCT}`;
        return (await on.ok<{ units: { uci: string }[] }>('GET', `/v1/units?${query}`)).units.map(({ uci }) => uci);
      };
      const [printed = '', sent = '', failed = '', none = '', ended = ''] = await on.make(5);
      await on.reaches(await on.print(printed, 'folder'), 'done');
      await on.reaches(await on.print(sent, 'zebra'), 'sent');
      await on.reaches(await on.print(failed, 'resets'), 'unknown');
      await on.ok('POST', `/v1/units/${ended}/void`, { reason: 'label-damaged' });
      const { units } = await on.ok<{ units: { uci: string }[] }>('POST', '/v1/reservations', {
        name: 'roll',
        product: PRODUCT,
        count: 1,
      });
      const list = await listed();
      expect([printed, sent, failed, none, ended, units[0]!.uci].map((uci) => list.includes(uci))).toEqual([
        false,
        false,
        true,
        true,
        false,
        false,
      ]);
      expect((await on.ask('GET', '/v1/units?printed=yes')).status).toBe(400);
    });
  });

  describe('auto-print', () => {
    it('prints when a device gets its unit, and not again when it asks again', async () => {
      const folder = tempFolder();
      await on.printer('auto', { kind: 'file', folder, format: 'zpl' });
      const key = await on.station('auto-1', { printer: 'auto', autoPrint: true });
      const { id } = await on.agent(key, { mac: '02:00:00:00:01:01' });
      const [job] = await until(async () => {
        const jobs = await on.jobsOf('auto');
        return jobs[0]?.state === 'done' ? jobs : undefined;
      });
      expect(job).toMatchObject({ uci: id, copies: 1, firstCopy: 1 });
      for (let n = 0; n < 3; n++) expect((await on.agent(key, { mac: '02:00:00:00:01:01' })).id).toBe(id);
      const later = await on.agent(key, { mac: '02:00:00:00:01:02' });
      await until(async () => (await on.jobsOf('auto')).at(-1)?.uci === later.id);
      expect((await on.jobsOf('auto')).map((one) => one.uci)).toEqual([id, later.id]);
    });

    it('a label not yet sent is cancelled by the next device, and by Next', async () => {
      await on.raw('auto-off', await freePort());
      const open = await on.station('auto-2', { printer: 'auto-off', autoPrint: true });
      const ids = [(await on.agent(open)).id, (await on.agent(open)).id, (await on.agent(open)).id];
      const jobs = await on.jobsOf('auto-off');
      expect(jobs.map(({ uci, state }) => [uci, state])).toEqual([
        [ids[0], 'cancelled'],
        [ids[1], 'cancelled'],
        [ids[2], 'queued'],
      ]);
      expect(jobs[0]?.reason).toMatch(/left the station/);
      const slot = await on.station('auto-3', { mode: 'slot', printer: 'auto-off', autoPrint: true });
      await on.agent(slot);
      expect((await on.jobsOf('auto-off')).at(-1)?.state).toBe('queued');
      await on.ok('POST', '/v1/stations/auto-3/next');
      expect((await on.jobsOf('auto-off')).at(-1)?.state).toBe('cancelled');
      // Another station's label stays.
      expect((await on.jobsOf('auto-off'))[2]?.state).toBe('queued');
    });

    it('a pre-printed unit gets no second label, nor does one that waits for its first', async () => {
      await on.raw('auto-roll', await freePort());
      const key = await on.station('auto-4', { printer: 'auto-roll', autoPrint: true });
      const made = { name: 'roll-2', product: PRODUCT, count: 2 };
      const { units } = await on.ok<{ units: { uci: string }[] }>('POST', '/v1/reservations', made);
      const [labelled = '', waiting = ''] = units.map(({ uci }) => uci);
      await on.reaches(await on.print(labelled, 'folder'), 'done');
      await on.print(waiting, 'auto-roll');
      for (const uci of [labelled, waiting]) {
        await on.ok('POST', '/v1/stations/auto-4/arm', { code: uci });
        expect((await on.agent(key)).id).toBe(uci);
      }
      expect((await on.jobsOf('auto-roll')).map(({ uci, state }) => [uci, state])).toEqual([[waiting, 'queued']]);
    });
  });
});

describe('when the service ends', () => {
  it('kill -9 while sending: unknown after the restart, and not sent again; what waited is sent', async () => {
    const data = tempFolder();
    const raw = await startRawPrinter(neverCloses);
    let service = await startService(data);
    const on = printClient(() => service);
    await on.raw('slow', raw.port, { closeMs: 60_000 });
    const [first = '', second = ''] = await on.make(2);
    const sending = await on.print(first, 'slow');
    const queued = await on.print(second, 'slow');
    await on.reaches(sending, 'sending');
    await until(async () => (raw.received()[0]?.includes(first) ? true : undefined));
    await service.end('SIGKILL');
    service = await startService(data);
    expect((await on.reaches(sending, 'unknown')).reason).toMatch(/the service stopped while it was sending the job/);
    await on.reaches(queued, 'sending');
    await until(async () => (raw.received()[1]?.includes(second) ? true : undefined));
    expect(raw.received().filter((zpl) => zpl.includes(first))).toHaveLength(1);
    expect(raw.connections).toHaveLength(2);
    const began = performance.now();
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(8000);
    audit(data);
  });

  it('SIGTERM with a job that is not taken: it ends soon, and the job says what is known', async () => {
    const data = tempFolder();
    const raw = await startRawPrinter(neverReads);
    let service = await startService(data);
    const on = printClient(() => service);
    await on.raw('deaf', raw.port, { closeMs: 60_000 });
    const [uci = '', next = ''] = await on.make(2);
    const job = await on.print(uci, 'deaf');
    const waiting = await on.print(next, 'deaf');
    await on.reaches(job, 'sending');
    expect(await service.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(['sent', 'unknown']).toContain(statesOf(data, job).at(-1));
    expect(statesOf(data, waiting)).toEqual([]);
    await raw.off();
    service = await startService(data);
    expect(['sent', 'unknown']).toContain((await on.job(job)).state);
    expect(service.log()).not.toMatch(/internal error in the print queue/);
    await service.end('SIGTERM');
  });
});

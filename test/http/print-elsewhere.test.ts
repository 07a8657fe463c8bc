import { beforeAll, describe, expect, it } from 'vitest';
import { fitsLabel, Printer } from '../../src/model/printer.ts';
import { kiosk, type Headers } from '../support/askers.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

/* The label of a job is printed on another printer, and never twice without a reason. */

const PRODUCT = '01H4R15D3478JD26YDYK408XE6';

interface Job {
  id: number;
  printer: string;
  state: string;
  reason?: string;
  reprint?: string;
  station?: string;
}

let desk: Desk;
let screen: Headers;

const ask = async (path: string, body: object, headers: Headers = screen) => {
  const answer = await desk.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Problem & { job: number; printer: string } };
};
const jobs = async (count: number): Promise<Job[]> =>
  (await desk.ask<{ jobs: Job[] }>('GET', `/v1/print-jobs?limit=${count}`)).body.jobs;
const printed = async (station = 'here'): Promise<{ uci: string; job: number }> => {
  const attributes = `{"product":"${PRODUCT}"}`;
  const asked = { product: PRODUCT, identity: [], attributes, station, source: '10.0.0.9', strict: false };
  const { uci } = await desk.house.ledger.record({ kind: 'issue', ...asked });
  const { job } = (await desk.ask<{ job: number }>('POST', `/v1/units/${uci}/print`, { station })).body;
  return { uci, job };
};
const move = (job: number, ...to: ('sending' | 'sent' | 'failed' | 'unknown')[]) =>
  to.reduce(
    (before, one) => before.then(() => desk.house.ledger.record({ kind: 'move-print', job, to: one, actor: 'test' })),
    Promise.resolve<unknown>(null),
  );

beforeAll(async () => {
  desk = await openDesk();
  await desk.ask('PUT', `/v1/products/${PRODUCT}`, {});
  for (const name of ['own', 'spare'])
    await desk.ask('PUT', `/v1/printers/${name}`, { kind: 'raw9100', host: '127.0.0.1', port: 9 });
  const ipp = { kind: 'ipp', url: 'ipp://127.0.0.1:9/printers/x' };
  await desk.ask('PUT', '/v1/printers/small', { ...ipp, media: 'om_label_20x20mm' });
  for (const name of ['here', 'there']) await desk.ask('PUT', `/v1/stations/${name}`, { mode: 'open', printer: 'own' });
  screen = await kiosk(desk, 'here');
});

describe('a label goes to another printer', () => {
  it('as the same job if nothing was sent: the first job is cancelled, and says where it went', async () => {
    const { job } = await printed();
    const moved = await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'spare' });
    expect(moved).toMatchObject({ status: 202, body: { printer: 'spare' } });
    const [after, before] = await jobs(2);
    expect(after).toMatchObject({ id: moved.body.job, printer: 'spare', state: 'queued', station: 'here' });
    expect(after?.reprint).toBeUndefined();
    expect(before).toMatchObject({ id: job, printer: 'own', state: 'cancelled', reason: 'moved to printer spare' });
  });

  it('only as a reprint with a reason if bytes may have left, and not while they leave', async () => {
    for (const states of [
      ['sending', 'unknown'],
      ['sending', 'failed'],
      ['sending', 'sent'],
    ] as const) {
      const { job } = await printed();
      await move(job, states[0]);
      expect((await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'spare', reason: 'jam' })).body.type).toMatch(
        /print-job-moved$/,
      );
      await move(job, states[1]);
      expect((await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'spare' })).body.type).toMatch(/reprint-reason$/);
      expect((await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'spare', reason: 'jam' })).status).toBe(202);
      const [after, before] = await jobs(2);
      expect(after).toMatchObject({ printer: 'spare', state: 'queued', reprint: 'jam' });
      expect(before).toMatchObject({ id: job, printer: 'own', state: states[1] });
    }
  });

  it('not if that printer has labels of another size, does not exist, or is the same one', async () => {
    const { job } = await printed();
    const size = await desk.size();
    const small = await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'small' });
    expect(small.body).toMatchObject({ status: 409, detail: expect.stringMatching(/of the size 20x20/) as string });
    expect((await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'own' })).status).toBe(409);
    expect((await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'none' })).status).toBe(404);
    expect(await desk.size()).toBe(size);
  });

  it('from a screen only for a job of its own station', async () => {
    const { job } = await printed('there');
    expect((await ask(`/v1/print-jobs/${job}/elsewhere`, { printer: 'spare' })).status).toBe(404);
    expect((await ask('/v1/print-jobs/999999/elsewhere', { printer: 'spare' })).status).toBe(404);
  });
});

it('a printer fits a label of the size that its media name has, and one that names none fits every label', () => {
  const ipp = (media?: string): Printer => Printer.parse({ name: 'P', kind: 'ipp', url: 'ipp://host/x', media });
  const label = { width: 62, height: 40 };
  expect(fitsLabel(ipp('om_label_62x40mm'), label)).toBe(true);
  expect(fitsLabel(ipp('oe_label_2.44x1.575in'), label)).toBe(true);
  expect(fitsLabel(ipp('om_label_62x29mm'), label)).toBe(false);
  expect(fitsLabel(ipp('na_index-4x6_4x6in'), label)).toBe(false);
  for (const unknown of [ipp(), ipp('custom-roll')]) expect(fitsLabel(unknown, label)).toBe(true);
});

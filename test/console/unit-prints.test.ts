import { RENDERER } from '../../src/label/renderer.ts';
import { beforeAll, expect, it } from 'vitest';
import { labelsOf } from '../../src/contract/labels.ts';
import { openDrawing } from '../../src/label/pictures/draw.ts';
import { printedWith } from '../../src/label/printed-with.ts';
import { openWithSource } from '../../src/label/saved.ts';
import type { DrawnSet } from '../../src/model/labels/render-set.ts';
import { invited, type Browser } from '../support/form-client.ts';
import { openDesk, tempFolder, type Desk } from '../support/service.ts';

/* The labels of a unit as they were printed, on the unit's page. */

let desk: Desk;
let admin: Browser;
let uci: string;

/** Records a print as the print queue does. */
async function print(change: (drawn: DrawnSet) => DrawnSet = (drawn) => drawn, reason?: string): Promise<number> {
  const { ledger } = desk.house;
  const found = await ledger.unit(uci);
  const [label] = found === undefined ? [] : await labelsOf(ledger, [found.unit]);
  if (label === undefined) throw new Error('no label');
  await openDrawing();
  const drawn = await printedWith(openWithSource('device-62x40'), label, { dpi: 203 });
  const more = reason === undefined ? {} : { reason };
  const { job } = await ledger.record({ kind: 'print', uci, printer: 'P', copies: 1, ...more, actor: 'person:ines' });
  await ledger.record({ kind: 'move-print', job, to: 'sending', set: change(drawn), actor: 'system' });
  await ledger.record({ kind: 'move-print', job, to: 'done', actor: 'system' });
  return job;
}

beforeAll(async () => {
  desk = await openDesk({}, tempFolder());
  admin = await invited(desk, 'ines', 'admin');
  await desk.ask('PUT', '/v1/printers/P', { kind: 'file', folder: '/proc/nowhere', format: 'zpl' });
  uci = (await desk.agent({ product: 'DEMO' })).body.id;
});

it('a unit without a label says so', async () => {
  expect((await admin.get(`/units/${uci}`)).text).toContain('No label was printed');
});

it('each label shows what it was printed with, and is drawn again with the same dots', async () => {
  const job = await print();
  const page = (await admin.get(`/units/${uci}`)).text;
  expect(page).toContain(`Print job ${job} on P`);
  expect(page).toMatch(/device-62x40, the file [0-9a-f]{12}/);
  expect(page).toContain(`hx-get="/units/${uci}/prints/${job}"`);
  const part = (await admin.get(`/units/${uci}/prints/${job}`)).text;
  expect(part).toContain('These are the dots that were printed.');
  expect(part).toContain(`/v1/units/${uci}/prints/${job}/label.png`);
  const picture = await desk.app.request(`/v1/units/${uci}/prints/${job}/label.png`, { headers: { cookie: '' } });
  expect(picture.status).toBe(401);
});

it('a label that this program draws in another way says what differs', async () => {
  const job = await print(
    ({ set, ...rest }) => ({
      ...rest,
      sample: 'other',
      set: { ...set, renderer: 7, fonts: { ...set.fonts, sans: 'x' } },
    }),
    'damaged',
  );
  expect((await admin.get(`/units/${uci}`)).text).toContain('Reprinted: damaged');
  const part = (await admin.get(`/units/${uci}/prints/${job}`)).text;
  expect(part).toContain(`the renderer: 7 when printed, ${RENDERER} now`);
  expect(part).toContain('sans is a different file now');
  expect(part).toContain('the dots of a sample label');
});

it('the API lists the prints, and draws the label of one', async () => {
  const { body } = await desk.ask<{ prints: { job: number; set: { number: number } }[] }>(
    'GET',
    `/v1/units/${uci}/prints`,
  );
  expect(body.prints.map(({ set }) => set.number)).toEqual([1, 2]);
  const [first] = body.prints;
  const drawn = await desk.ask<{ same: boolean }>('GET', `/v1/units/${uci}/prints/${first?.job}`);
  expect(drawn).toMatchObject({ status: 200, body: { same: true } });
  expect((await desk.ask('GET', `/v1/units/${uci}/prints/999`)).status).toBe(404);
});

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kiosk } from '../support/askers.ts';
import { ADMIN_TOKEN, openDesk, type Desk, type Problem } from '../support/service.ts';

/* A product has several labels, each with its role. */

interface Job {
  id: number;
  uci: string;
  printer: string;
  state: string;
  role?: string;
  copies: number;
  firstCopy: number;
  reprint?: string;
}

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
const SET = {
  box: { template: 'box-100x50', copies: 2, release: true },
  card: { template: 'card-85x54', secret: true },
};

let desk: Desk;
const open = async (): Promise<void> => {
  desk = await openDesk();
  await desk.ask('PUT', '/v1/products/P', { name: 'Thermostat' });
  for (const name of ['small', 'large'])
    await desk.ask('PUT', `/v1/printers/${name}`, { kind: 'raw9100', host: '127.0.0.1', port: 9 });
};

const set = (body: object) => desk.ask<Problem & { labels?: Record<string, object> }>('PATCH', '/v1/products/P', body);
const station = (body: object) => desk.ask<Problem>('PATCH', '/v1/stations/one', { mode: 'slot', ...body });
const issued = async (at: Desk = desk): Promise<string> =>
  at.house.ledger
    .record({
      kind: 'issue',
      product: 'P',
      identity: [],
      attributes: '{"product":"P"}',
      station: 'one',
      source: '10.0.0.9',
      strict: false,
    })
    .then(({ uci }) => uci);
const jobs = async (): Promise<Job[]> =>
  (await desk.ask<{ jobs: Job[] }>('GET', '/v1/print-jobs?reveal=true')).body.jobs.toReversed();
const print = (uci: string, body: object = {}) =>
  desk.ask<Problem & { job: number; firstCopy: number; printer: string }>('POST', `/v1/units/${uci}/print`, {
    station: 'one',
    ...body,
  });
const send = async (job: number): Promise<void> => {
  for (const to of ['sending', 'sent'] as const)
    await desk.house.ledger.record({ kind: 'move-print', job, to, actor: 'test' });
};

describe('a label that is marked as secret, and that people could see from outside', () => {
  const OWN = `{ media: { width: 62, height: 40 }, boxes: [{ name: 'QR', type: 'qr', x: 2, y: 2, w: 30, h: 30 }] }`;
  const inside = OWN.replace('{', "{ role: 'card',");
  const sentence = 'nothing says that the label "crate" is on the device or inside its box';
  const save = (name: string, source: string, revision = 0) =>
    desk.ask<{ check: { warnings: string[] } }>('PUT', `/v1/label-templates/${name}`, { source, revision });
  beforeAll(async () => {
    await open();
    await save('own', OWN);
    await save('insert', inside);
  });
  beforeEach(() => set({ labels: null }));
  const warnings = async (labels: object): Promise<string[] | undefined> =>
    (await desk.ask<{ warnings?: string[] }>('PATCH', '/v1/products/P', { labels })).body.warnings;

  it('is warned of when the product is set, in the language of the caller', async () => {
    const crate = { crate: { template: 'own', secret: true } };
    expect(await warnings(crate)).toEqual([expect.stringContaining(sentence)]);
    const answer = await desk.house.app.request('/v1/products/P', {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json', 'accept-language': 'es' },
      body: JSON.stringify({ labels: crate }),
    });
    expect(await answer.json()).toMatchObject({ warnings: [expect.stringContaining('la etiqueta «crate»')] });
  });

  it.each([
    ['a card', { card: { template: 'own', secret: true } }],
    ['a label that shows no secret', { crate: { template: 'box-100x50' } }],
    ['a label whose template says that it is inside', { crate: { template: 'insert', secret: true } }],
  ])('is not %s', async (_, labels) => {
    expect(await warnings(labels)).toBeUndefined();
  });

  it('is warned of at its template, when it is looked at, edited and saved', async () => {
    await set({ labels: { crate: { template: 'own', secret: true } } });
    const found = [expect.stringContaining(`P: ${sentence}`)];
    expect((await desk.ask<{ warnings: string[] }>('GET', '/v1/label-templates/own')).body.warnings).toEqual(found);
    const draft = (source: string) =>
      desk.ask<{ warnings: { why: string }[] }>('POST', '/v1/label-draft', { source, name: 'own' });
    expect((await draft(OWN)).body.warnings).toEqual([{ why: found[0] }]);
    expect((await draft(inside)).body.warnings).toEqual([]);
    expect((await draft(OWN.replace('{', "{ role: 'box',"))).body.warnings).toEqual([
      { box: 0, why: expect.stringContaining('outside of a box') },
    ]);
    expect((await save('own', OWN.replace('2,', '3,'), 1)).body.check.warnings).toEqual(found);
  });
});

describe('the settings of a label set', () => {
  beforeAll(open);
  beforeEach(() => set({ labels: null }));

  it('are merged by role and by setting, and null removes a role or restores a default', async () => {
    expect((await set({ labels: SET })).body.labels).toEqual(SET);
    const copies = await set({ labels: { box: { copies: 3 } } });
    expect(copies.body.labels).toEqual({ ...SET, box: { ...SET.box, copies: 3 } });
    expect((await set({ labels: { box: { copies: null }, card: null } })).body.labels).toEqual({
      box: { template: 'box-100x50', release: true },
    });
    expect((await set({ labels: null })).body.labels).toBeUndefined();
  });

  it.each([
    [{ box: { template: 'nothing' } }, /nothing/],
    [{ box: {} }, /labels\.box\.template/],
    [{ Box: { template: 'box-100x50' } }, /1 to 12 small letters/],
    [{ device: { template: 'box-100x50' } }, /belongs in the setting "label"/],
    [{ box: { template: 'box-100x50', secret: true } }, /anyone can photograph a box/],
    [{ device: { release: false } }, /whose scan gives a PASS/],
    [{ outer: { template: 'card-85x54' } }, /shows a secret, but labels of the role "outer" must not/],
    [{ box: { template: 'box-100x50', copies: 11 } }, /copies/],
  ])('%j are refused', async (labels, why) => {
    const { status, body } = await set({ labels });
    expect([400, 422]).toContain(status);
    expect(JSON.stringify(body).replaceAll('\\', '')).toMatch(why);
  });

  it('are refused if a PASS needs a label that no code tells from the others', async () => {
    const source = '{ media: { width: 50, height: 25 }, boxes: [{ type: "code128", x: 0, y: 2, w: 50, h: 9 }] }';
    await desk.ask('PUT', '/v1/label-templates/plain', { source, revision: 0 });
    const { status, body } = await set({ labels: { box: { template: 'plain', release: true } } });
    expect({ status, detail: body.detail }).toMatchObject({ status: 422, detail: /\{serial\} \{role\}/ });
    expect((await set({ labels: { box: { template: 'plain' } } })).status).toBe(200);
  });

  it('are refused if two secret labels are needed for a PASS, and the Claim ID alone would tell them apart', async () => {
    const card = { template: 'card-85x54', secret: true, release: true };
    expect((await set({ labels: { card } })).body.detail).toMatch(/label "device"/);
    expect((await set({ labels: { card, device: { release: false } } })).status).toBe(200);
  });

  it('keep a template from showing a secret later', async () => {
    const shown = (text: string) =>
      `{ media: { width: 50, height: 25 }, boxes: [{ type: "text", x: 2, y: 2, w: 46, h: 9, size: 5, text: "${text}" }] }`;
    await desk.ask('PUT', '/v1/label-templates/mine', { source: shown('{serial}'), revision: 0 });
    expect((await set({ labels: { outer: { template: 'mine' } } })).status).toBe(200);
    const changed = await desk.ask<Problem>('PUT', '/v1/label-templates/mine', { source: shown('{uci}'), revision: 1 });
    expect({ status: changed.status, detail: changed.body.detail }).toMatchObject({ status: 422, detail: /"outer"/ });
    expect((await desk.ask<Problem>('DELETE', '/v1/label-templates/mine')).body.type).toMatch(/template-in-use/);
  });
});

describe('the labels of a set are printed', () => {
  beforeEach(async () => {
    await open();
    await set({ labels: SET });
    await station({ printer: 'small', printers: { box: 'large' }, autoPrint: true });
  });

  it('together after a device got its Claim ID, each with its copies on the printer of its role', async () => {
    const uci = await issued();
    expect(await jobs()).toMatchObject([
      { uci, printer: 'small', copies: 1, firstCopy: 1 },
      { uci, printer: 'large', copies: 2, firstCopy: 1, role: 'box' },
      { uci, printer: 'small', copies: 1, firstCopy: 1, role: 'card' },
    ]);
  });

  it('only if they are required', async () => {
    await set({ labels: { card: { required: false } } });
    await issued();
    expect((await jobs()).map(({ role }) => role)).toEqual([undefined, 'box']);
  });

  it('again only with a reason, which each role needs for itself', async () => {
    await station({ autoPrint: false });
    const uci = await issued();
    const first = await print(uci, { role: 'box' });
    expect(first.body).toMatchObject({ printer: 'large', firstCopy: 1 });
    expect((await print(uci, { role: 'box' })).body.type).toMatch(/print-queued/);
    await send(first.body.job);
    expect((await print(uci, { role: 'box' })).body.type).toMatch(/reprint-reason/);
    const device = await print(uci);
    expect(device.body).toMatchObject({ printer: 'small', firstCopy: 1 });
    const again = await print(uci, { role: 'box', reason: 'torn', copies: 1 });
    expect(again.body.firstCopy).toBe(3);
    await send(again.body.job);
    const { body } = await desk.ask<{ labels: number; roleLabels?: object }>('GET', `/v1/units/${uci}`);
    expect(body).toMatchObject({ labels: 0, roleLabels: { box: 3 } });
    const { prints } = (await desk.ask<{ prints: Job[] }>('GET', `/v1/units/${uci}/prints`)).body;
    expect(prints).toMatchObject([
      { role: 'box', copies: 2, firstCopy: 1 },
      { role: 'box', copies: 1, firstCopy: 3, reprint: 'torn' },
    ]);
  });

  it('on another printer with the same role', async () => {
    const uci = await issued();
    const box = (await jobs()).find(({ role }) => role === 'box');
    const moved = await desk.ask('POST', `/v1/print-jobs/${box?.id}/elsewhere`, { printer: 'small' });
    expect(moved.status).toBe(202);
    expect((await jobs()).at(-1)).toMatchObject({ uci, printer: 'small', role: 'box', copies: 2 });
  });

  it('not with a role that the product does not have', async () => {
    const { status, body } = await print(await issued(), { role: 'pallet' });
    expect({ status, detail: body.detail }).toMatchObject({ status: 404, detail: /device, box, card/ });
  });

  it('at a kiosk too, on the printer of the role', async () => {
    await station({ autoPrint: false });
    const headers = await kiosk(desk, 'one');
    const uci = await issued();
    const answer = await desk.app.request(`/v1/units/${uci}/print`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ role: 'box' }),
    });
    expect(await answer.json()).toMatchObject({ printer: 'large' });
  });

  it('as a roll of one role', async () => {
    await station({ autoPrint: false });
    await desk.ask('POST', '/v1/reservations', { name: 'roll-1', product: 'P', count: 3 });
    const roll = { reservation: 'roll-1', from: 1, reason: 'new roll', role: 'box' };
    const { body } = await desk.ask<{ printer: string; queued: number }>('POST', '/v1/stations/one/roll', roll);
    expect(body).toMatchObject({ printer: 'large', queued: 3 });
    expect((await jobs()).every(({ role, copies }) => role === 'box' && copies === 2)).toBe(true);
  });

  it('as one file, with the role and without the Claim ID', async () => {
    const uci = await issued();
    const data = async (role: string) =>
      (
        await desk.ask<{ data: Record<string, string>; product: { label: string } }>(
          'GET',
          `/v1/units/${uci}/label.json?role=${role}`,
        )
      ).body;
    expect(await data('box')).toMatchObject({ product: { label: 'box-100x50' }, data: { role: 'box' } });
    const svg = await desk.app.request(`/v1/units/${uci}/label.svg?role=box&template=card-85x54`, { headers });
    expect(await svg.json()).toMatchObject({ type: /template-wrong/ });
    const file = await desk.app.request('/v1/labels', {
      method: 'POST',
      headers,
      body: JSON.stringify({ units: [uci], role: 'box', format: 'zpl' }),
    });
    expect(file.status).toBe(200);
    expect(await file.text()).not.toContain(uci);
  });

  it('not without their printer: a printer that a role has cannot be removed', async () => {
    expect((await desk.ask<Problem>('DELETE', '/v1/printers/large')).body.type).toMatch(/printer-in-use/);
    expect((await station({ printers: { box: 'none-such' } })).body.type).toMatch(/not-found/);
    expect((await station({ printers: { box: null } })).status).toBe(200);
  });
});

it('the first label of a product without a set is recorded as before', async () => {
  await open();
  await station({ printer: 'small', autoPrint: true });
  const uci = await issued();
  const lines = (await desk.house.ledger.unit(uci))?.lines ?? [];
  const last = JSON.parse(lines.at(-1) ?? '') as { type: string; data: object };
  expect(last.type).toBe('print-queued');
  expect(last.data).toEqual({ printer: 'small', copies: 1, firstCopy: 1 });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isCode } from '../../src/platform/error.ts';
import { Printer } from '../../src/model/printer.ts';
import { WorkOrderDefinition } from '../../src/model/work-order.ts';
import { processOf } from '../../src/jobs/orders/close-order.ts';
import { openDesk, type Desk } from './service.ts';

/**
 * What every store keeps to (src/ledger.ts), through the service's own routes. `settings` opens it: the environment of a
 * service on a new, empty ledger each time.
 */
export function ledgerContract(store: string, settings: () => Promise<Record<string, string>>): void {
  const open = async (): Promise<Desk> => openDesk(await settings());

  describe(`the ledger over ${store}`, () => {
    it('refuses commands once it is closed, and says that it has stopped', async () => {
      const desk = await open();
      await desk.close();
      const late = desk.house.ledger.record({ kind: 'cancel', station: 'default', actor: 'admin' });
      await expect(late).rejects.toSatisfy((error) => isCode(error, 'stopping'));
      expect(await desk.house.ledger.problems()).toEqual(['the ledger has stopped: restart the service']);
    });

    it('finishes what was asked before it was closed', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      const asked = Array.from({ length: 50 }, () => desk.agent({ product: 'DEMO' }));
      // The requests reach the ledger before the close does.
      await new Promise((resolve) => setImmediate(resolve));
      await desk.close();
      const answers = await Promise.all(asked);
      const again = await openDesk(env, desk.data);
      for (const { status, body } of answers) {
        expect([200, 503]).toContain(status);
        if (status === 200) expect((await again.ask('GET', `/v1/units/${body.id}`)).status).toBe(200);
      }
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    });

    it('requests of one moment share a commit', async () => {
      const desk = await open();
      const before = desk.house.ledger.figures();
      const answers = await Promise.all(Array.from({ length: 200 }, () => desk.agent({ product: 'DEMO' })));
      const after = desk.house.ledger.figures();
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(200);
      expect(after.commands - before.commands).toBe(200);
      expect(after.commits - before.commits).toBeLessThan(50);
    });

    it('a refused command in a group leaves the others as they are', async () => {
      const desk = await open();
      const asked = Array.from({ length: 40 }, (_, i) => desk.agent(i % 4 === 0 ? {} : { product: 'DEMO' }));
      const statuses = (await Promise.all(asked)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 400).length).toBe(10);
      expect(statuses.filter((status) => status === 200).length).toBe(30);
    });

    it('a shift leaves the same events, units and tree whichever store it is', async () => {
      const desk = await open();
      await shift(desk);
      const { lines, units } = await told(desk);
      expect(lines).toEqual(SHIFT);
      expect(units).toEqual([
        ['SN-1', 'scrapped'],
        ['SN-2', 'verified'],
        ['SN-3', 'void'],
        ['SN-4', 'issued'],
      ]);
      const note = await text(desk, '/v1/ledger/checkpoint');
      const { root, size } = await desk.house.ledger.head().then((head) => ({ ...head, root: Buffer.from(head.root) }));
      expect(note.split('\n').slice(1, 3)).toEqual([String(size), root.toString('base64')]);
      const csv = await text(desk, '/v1/ledger.csv');
      expect(csv.split('\r\n').filter((line) => line !== '')).toHaveLength(5);
    });

    it('reads a product, a station, a work order and a printer by name, and none by a name that is not there', async () => {
      const desk = await open();
      const { ledger } = desk.house;
      await desk.ask('PUT', '/v1/products/DEMO', { name: 'Meter' });
      await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 3 });
      await desk.ask('PUT', '/v1/printers/P1', { kind: 'file', folder: 'labels', format: 'zpl' });
      await desk.ask('PUT', '/v1/stations/S1', { printer: 'P1' });
      expect(await ledger.product('DEMO')).toMatchObject({ id: 'DEMO', name: 'Meter' });
      expect(await ledger.workOrder('WO-1')).toMatchObject({ id: 'WO-1', planned: 3, units: 0 });
      expect(await ledger.printer('P1')).toEqual({
        name: 'P1',
        confined: true,
        kind: 'file',
        folder: 'labels',
        format: 'zpl',
        dpi: 203,
      });
      expect(await ledger.station('S1')).toMatchObject({ name: 'S1', printer: 'P1', slot: { state: 'ready' } });
      const absent = [ledger.product('X'), ledger.workOrder('X'), ledger.printer('X'), ledger.station('X')];
      expect(await Promise.all(absent)).toEqual([undefined, undefined, undefined, undefined]);
    });

    it('keeps the revisions of a label template, and refuses the second of two people who changed the same one', async () => {
      const { ledger } = (await open()).house;
      const save = (source: string, revision: number) =>
        ledger.record({ kind: 'save-template', name: 'mine', source, revision, actor: 'person:ines' });
      await save('{ a: 1 }', 0);
      const changes = await Promise.allSettled([save('{ a: 2 }', 1), save('{ a: 3 }', 1)]);
      const refused = changes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused.map((reason) => isCode(reason, 'template-changed'))).toEqual([true]);
      const newest = await ledger.template('mine');
      expect(newest).toMatchObject({ revision: 2, by: 'person:ines' });
      expect(await ledger.template('mine', 1)).toMatchObject({ revision: 1, source: '{ a: 1 }' });
      expect((await ledger.templateRevisions({ name: 'mine', before: 3, limit: 9 })).map((one) => one.hash)).toEqual([
        newest?.hash,
        (await ledger.template('mine', 1))?.hash,
      ]);
      expect((await ledger.templates()).map(({ name, revision }) => [name, revision])).toEqual([['mine', 2]]);
      await ledger.record({ kind: 'remove-template', name: 'mine', actor: 'person:ines' });
      expect([await ledger.template('mine'), await ledger.templates()]).toEqual([undefined, []]);
      expect(await ledger.template('mine', 2)).toMatchObject({ revision: 2 });
      expect((await ledger.templateRevisions({ name: 'mine', before: 9, limit: 9 })).length).toBe(2);
      await save('{ a: 4 }', 0);
      expect(await ledger.template('mine')).toMatchObject({ revision: 4 });
    });

    it('keeps the pictures for labels, and removes what nothing uses', async () => {
      const { ledger } = (await open()).house;
      const [actor, png] = ['person:ines', Buffer.from('a picture').toString('base64')];
      await ledger.record({ kind: 'save-logo', name: 'a.png', width: 1, height: 1, png, actor });
      expect(await ledger.logo('a.png')).toMatchObject({ revision: 1, png, bytes: 9, by: actor });
      expect((await ledger.logos()).map(({ name }) => name)).toEqual(['a.png']);
      expect(await ledger.templates()).toEqual([]);
      await ledger.record({ kind: 'remove-logo', name: 'a.png', templates: [], actor });
      expect([await ledger.logo('a.png'), await ledger.logos()]).toEqual([undefined, []]);
      expect(await ledger.logo('a.png', 1)).toMatchObject({ png });
    });

    it('removes a station, a printer and a work order, and keeps their names on units', async () => {
      const desk = await open();
      const { ledger } = desk.house;
      const actor = 'person:ines';
      const station = 'line-9';
      await desk.ask('PUT', `/v1/stations/${station}`, {});
      const key = (await desk.ask<{ url: string }>('POST', `/v1/stations/${station}/key`)).body;
      const body = JSON.stringify({ product: 'DEMO', mac: 'A4:C1:38:AA:07:01' });
      const answer = await desk.app.request(new URL(key.url).pathname, { method: 'POST', body });
      const uci = ((await answer.json()) as { id: string }).id;
      expect((await ledger.unit(uci))?.unit.station).toBe(station);
      await ledger.record({
        kind: 'set-work-order',
        workOrder: WorkOrderDefinition.parse({ id: 'WO-X', product: 'DEMO', planned: 1 }),
        actor,
      });
      await ledger.record({
        kind: 'set-printer',
        printer: Printer.parse({ kind: 'raw9100', name: 'Z', host: '192.0.2.9' }),
        actor,
      });
      await ledger.record({ kind: 'remove-work-order', id: 'WO-X', actor });
      await ledger.record({ kind: 'remove-printer', name: 'Z', actor });
      await ledger.record({ kind: 'remove-station', name: station, actor });
      expect([await ledger.workOrder('WO-X'), await ledger.printer('Z'), await ledger.station(station)]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect((await ledger.stations()).map(({ name }) => name)).not.toContain(station);
      await ledger.record({ kind: 'void', units: [{ uci }], reason: 'test', actor });
      expect((await ledger.unit(uci))?.unit.station).toBe(station);
    });

    it('the same request with the same key is recorded once, with another body refused', async () => {
      const desk = await open();
      const make = (count: number) =>
        desk.app.request('/v1/units', {
          method: 'POST',
          headers: { authorization: `Bearer ${desk.house.localToken}`, 'idempotency-key': 'one' },
          body: JSON.stringify({ product: 'DEMO', count }),
        });
      const [first, again, other] = [await make(2), await make(2), await make(3)];
      expect(await again.json()).toEqual(await first.json());
      expect(other.status).toBe(422);
      const { units } = await told(desk);
      expect(units).toHaveLength(2);
    });

    it('closes a work order from a snapshot, and releases one whose closing ended with the service', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      await desk.ask('PUT', '/v1/products/DEMO', {});
      await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 3 });
      await desk.ask('POST', '/v1/units', { product: 'DEMO', workOrder: 'WO-1', count: 2 });
      const begin = { kind: 'begin-closing', workOrder: 'WO-1', process: processOf(desk.data), actor: 'test' } as const;
      await desk.house.ledger.record(begin);
      await desk.close();
      const again = await openDesk(env, desk.data);
      expect(await again.house.ledger.workOrder('WO-1')).toMatchObject({ interrupted: { by: 'test' } });
      const body = { signOff: { all: 'test' } };
      const closed = await again.ask<{ signedOff: number }>('POST', '/v1/work-orders/WO-1/close', body);
      expect(closed).toMatchObject({ status: 200, body: { signedOff: 2 } });
      expect((await again.ask('POST', '/v1/units', { product: 'DEMO', workOrder: 'WO-1' })).status).toBe(409);
    });

    it('knows the sources of a device, and how often they changed, when it is opened again', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      const device = { product: 'DEMO', mac: 'm-1' };
      const { id } = (await desk.agent(device, '10.0.0.1')).body;
      expect((await desk.agent(device, '10.0.0.2')).body.id).toBe(id);
      await desk.close();
      const again = await openDesk(env, desk.data);
      expect((await again.ask('GET', `/v1/units/${id}`)).body).toMatchObject({ sourceChanges: 1 });
      // Both sources named the identity within a minute, which needs the sightings of the time before.
      expect((await again.agent(device, '10.0.0.1')).body.id).toBe(id);
      const { units } = (await again.ask<{ units: { uci: string }[] }>('GET', '/v1/units?alarm=true')).body;
      expect(units.map(({ uci }) => uci)).toEqual([id]);
      await again.ask('PUT', '/v1/products/DEMO', { sameSource: true });
      const refused = await again.agent(device, '10.0.0.3');
      expect(refused.body).toMatchObject({ type: 'urn:claimstamp:problem:other-source', status: 409 });
    });

    it('knows released samples, reference devices and the last change-over when it is opened again', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      await desk.ask('PUT', '/v1/products/DEMO', { orderRequired: true });
      await desk.ask('PUT', '/v1/work-orders/WO', { product: 'DEMO', planned: 9, purpose: 'sample' });
      await desk.ask('POST', '/v1/stations/default/change-over', { workOrder: 'WO' });
      const device = { product: 'DEMO', mac: 'm-1' };
      const { id } = (await desk.agent(device)).body;
      await desk.ask('POST', `/v1/units/${id}/release-sample`, { reason: 'sold' });
      await desk.ask('PUT', `/v1/units/${id}/reference`, { reference: true, note: 'golden' });
      await desk.agent(device);
      const size = await desk.size();
      await desk.close();
      const again = await openDesk(env, desk.data);
      const unit = (await again.ask('GET', `/v1/units/${id}`)).body;
      expect(unit).toMatchObject({
        purpose: 'sample',
        releasedSample: { reason: 'sold' },
        reference: { note: 'golden' },
      });
      expect((await again.agent(device)).body.id).toBe(id);
      expect(await again.size()).toBe(size);
      const station = (await again.ask('GET', '/v1/stations/default')).body;
      expect(station).toMatchObject({ product: 'DEMO', workOrders: { DEMO: 'WO' } });
    });

    it('knows shipping lists, shipped units and test results when it is opened again', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      const ids: string[] = [];
      for (const mac of ['m-1', 'm-2']) {
        const { id } = (await desk.agent({ product: 'DEMO', mac })).body;
        expect((await desk.ask('POST', '/v1/stations/default/verify', { label: id })).body).toMatchObject({
          result: 'PASS',
        });
        ids.push(id);
      }
      const [good, bad] = ids;
      await desk.ask('POST', `/v1/units/${bad}/results`, { procedure: 'ict', outcome: 'failed' });
      await desk.ask('PUT', '/v1/shipping-lists/LIST', { target: 2 });
      await desk.ask('PUT', '/v1/stations/gate', { mode: 'gate', shippingList: 'LIST' });
      const scan = async (at: Desk, label: string | undefined) =>
        (await at.ask('POST', '/v1/stations/gate/verify', { label })).body;
      expect(await scan(desk, good)).toMatchObject({ result: 'SHIP' });
      const size = await desk.size();
      await desk.close();
      const again = await openDesk(env, desk.data);
      expect(await again.size()).toBe(size);
      expect((await again.ask('GET', '/v1/shipping-lists/LIST')).body).toMatchObject({ target: 2, units: 1 });
      expect(await scan(again, bad)).toMatchObject({ result: 'STOP', reasonCode: 'test-failed' });
      expect((await again.ask('GET', `/v1/units/${good}`)).body).toMatchObject({ shipped: { list: 'LIST' } });
    });

    it('skips the S/Ns and the numbers of lost events once an older ledger is accepted, also when it is opened again', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      const pools = {
        pools: ['mac=A4C138000001-A4C138000100'],
        poolAnswers: ['mac'],
        serialPattern: '{yy}{ww}{seq:4}',
      };
      expect((await desk.ask('PUT', '/v1/products/DEMO', pools)).status).toBe(200);
      await desk.agent({ product: 'DEMO' });
      const { size } = await desk.house.ledger.head();
      const seen = { size: size + 5, root: '00'.repeat(32) };
      await desk.house.ledger.record({ kind: 'accept-ledger', skips: true, seen, actor: 'admin' });
      await desk.close();
      const again = await openDesk(env, desk.data);
      const { body } = await again.agent({ product: 'DEMO' });
      // Two margins of a tenth, and one number for each lost event.
      const unit = await again.ask<{ serial: string }>('GET', `/v1/units/${body.id}`);
      expect([unit.body.serial.slice(4), body]).toEqual([
        String(1 + 2 * 999 + 5 + 1),
        expect.objectContaining({ mac: 'A4:C1:38:00:00:39' }),
      ]);
    });

    it('limits the products and the new Claim IDs of each source, also when it is opened again', async () => {
      const env = { ...(await settings()), CLAIMSTAMP_PRODUCT_CAP: '1', CLAIMSTAMP_SOURCE_CAP: '2' };
      const desk = await openDesk(env);
      expect((await desk.agent({ product: 'ONE' }, '10.0.0.1')).status).toBe(200);
      expect((await desk.agent({ product: 'TWO' }, '10.0.0.1')).body.detail).toMatch(/has added 1 new products today/);
      expect((await desk.agent({ product: 'TWO' }, '10.0.0.2')).status).toBe(200);
      expect((await desk.agent({ product: 'ONE' }, '10.0.0.1')).status).toBe(200);
      const third = await desk.agent({ product: 'ONE' }, '10.0.0.1');
      expect(third.body).toMatchObject({ type: 'urn:claimstamp:problem:hourly-cap', status: 429 });
      await desk.close();
      const again = await openDesk(env, desk.data);
      expect((await again.agent({ product: 'THREE' }, '10.0.0.1')).body.detail).toMatch(
        /has added 1 new products today/,
      );
    });

    it('finds people by issuer and subject, and ends the sessions that the issuer names', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      const { ledger } = desk.house;
      const signOn = (subject: string, issuerSession: string, secret: number) =>
        ledger.record({
          kind: 'sign-on',
          issuer: 'https://login.example.com',
          subject,
          role: 'qa',
          names: ['kim@example.com'],
          session: { hash: new Uint8Array(32).fill(secret), expiresAt: Date.now() + 60_000, issuerSession },
        });
      expect(await signOn('sub-1', 'one', 1)).toEqual({ name: 'kim' });
      expect(await signOn('sub-2', 'two', 2)).toEqual({ name: 'kim-2' });
      expect(await signOn('sub-1', 'three', 3)).toEqual({ name: 'kim' });
      const end = { kind: 'end-sign-on', issuer: 'https://login.example.com', before: Date.now() + 60_000 } as const;
      expect(await ledger.record({ ...end, issuerSession: 'one' })).toEqual({ ended: 1 });
      expect(await ledger.record({ ...end, subject: 'sub-2' })).toEqual({ ended: 1 });
      const refused = { kind: 'refuse-sign-on', issuer: 'https://login.example.com' } as const;
      expect(await ledger.record({ ...refused, subject: 'sub-2' })).toEqual({ ended: 0 });
      expect(await ledger.record({ ...refused, subject: 'sub-3' })).toEqual({ ended: 0 });
      await desk.close();
      const again = (await openDesk(env, desk.data)).house.ledger;
      expect(await again.people()).toMatchObject([
        { name: 'kim', subject: 'sub-1' },
        { name: 'kim-2', ends: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string },
      ]);
      expect(await again.credentials('session')).toMatchObject([{ name: 'kim', issuerSession: 'three' }]);
    });

    it('takes over a catalogue as a whole, and nothing of one that is refused', async () => {
      const desk = await openDesk(await settings());
      const before = await desk.size();
      const products = [{ id: 'VALVE', code: 'VA' }];
      const wrong = await desk.ask('POST', '/v1/catalog', { products, stations: [{ name: 'a', printer: 'none' }] });
      expect([wrong.status, await desk.size()]).toEqual([404, before]);
      expect((await desk.ask('POST', '/v1/catalog', { products, stations: [{ name: 'a' }] })).status).toBe(200);
      expect(await desk.size()).toBe(before + 2);
    });

    it('people, tokens and badges come back as they were when it is opened again', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      await desk.ask('PUT', '/v1/people/olga', { role: 'operator', badge: 'OP-0001' });
      const { body } = await desk.ask<{ token: string }>('POST', '/v1/tokens', { name: 'ci', role: 'qa' });
      await desk.close();
      const again = await openDesk(env, desk.data);
      const hash = createHash('sha256').update(body.token).digest();
      expect(await again.house.ledger.credential(hash)).toMatchObject({ kind: 'token', name: 'ci', role: 'qa' });
      expect(await again.house.ledger.people()).toMatchObject([{ name: 'olga', role: 'operator', badge: 'OP-0001' }]);
    });
  });
}

/** Types of the units' events, in their order. */
const SHIFT = [
  'SN-1 issued',
  'SN-2 issued',
  'SN-3 issued',
  'SN-1 verified',
  'SN-2 verified',
  'SN-1 scrapped',
  'SN-3 void',
  'SN-4 issued',
];

async function shift(desk: Desk): Promise<void> {
  const ids: string[] = [];
  for (const serial of ['SN-1', 'SN-2', 'SN-3'])
    ids.push((await desk.agent({ product: 'DEMO', serial, mac: `MAC ${serial}` })).body.id);
  await desk.ask('PATCH', '/v1/products/DEMO', { deviceCode: 'mac' });
  for (const n of [0, 1]) {
    const scans = { label: ids[n], device: `MAC SN-${n + 1}` };
    await desk.ask('POST', '/v1/stations/default/verify', scans);
  }
  await desk.ask('POST', `/v1/units/${ids[0]}/scrap`, { reason: 'test-failed' });
  await desk.ask('POST', `/v1/units/${ids[2]}/void`, { reason: 'label-damaged' });
  await desk.agent({ product: 'DEMO', serial: 'SN-4' });
  // Asked again: counted, no event.
  await desk.agent({ product: 'DEMO', serial: 'SN-4' });
}

async function told(desk: Desk): Promise<{ lines: string[]; units: [string | undefined, string][] }> {
  const { units } = (await desk.ask<{ units: { uci: string; serial?: string; status: string }[] }>('GET', '/v1/units'))
    .body;
  const serials = new Map(units.map(({ uci, serial }) => [uci, serial]));
  const jsonl = await text(desk, '/v1/ledger.jsonl?of=events');
  const events = jsonl
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; uci?: string });
  return {
    lines: events.flatMap(({ type, uci }) => (uci === undefined ? [] : [`${serials.get(uci)} ${type}`])),
    units: units.map(({ serial, status }) => [serial, status]),
  };
}

async function text(desk: Desk, path: string): Promise<string> {
  const headers = { authorization: `Bearer ${desk.house.localToken}` };
  return (await desk.app.request(path, { headers })).text();
}

import { expect, it } from 'vitest';
import { invited } from '../support/form-client.ts';
import { ADMIN_TOKEN, openDesk, type Desk } from '../support/service.ts';

interface Entry {
  actor: string;
  details: Record<string, unknown>;
}

const HOUR_MS = 60 * 60 * 1000;

const views = async (desk: Desk): Promise<Entry[]> =>
  (await desk.ask<{ entries: Entry[] }>('GET', '/v1/audit?kind=read')).body.entries.filter(
    ({ details }) => details['what'] === 'unit',
  );

it('records who looked at the page of one unit, if the site wants it, and once an hour', async () => {
  let now = Date.now();
  const desk = await openDesk({ CLAIMSTAMP_AUDIT_VIEWS: 'on' }, undefined, () => now);
  const { id: uci } = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01' })).body;
  const other = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:02' })).body.id;
  const quinn = await invited(desk, 'quinn', 'qa');
  for (let n = 0; n < 3; n++) expect((await quinn.get(`/units/${uci}`)).status).toBe(200);
  await quinn.get(`/units/${other}`);
  const seen = await views(desk);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toMatchObject({ actor: 'person:quinn', details: { what: 'unit', count: 1 } });
  expect(seen[1]?.details['unit']).toMatch(new RegExp(`^\\*{8}${uci.slice(-2)}\\.\\d+$`));
  expect(JSON.stringify(seen)).not.toContain(uci);

  now += HOUR_MS + 1;
  const lin = await invited(desk, 'lin', 'qa');
  await lin.get(`/units/${uci}`);
  expect(await views(desk), 'of another person').toHaveLength(3);
  const before = await desk.size();
  await desk.ask('GET', `/v1/units/${uci}`);
  expect(await desk.size(), 'a program').toBe(before);
});

it('records no view by itself', async () => {
  const desk = await openDesk();
  const { id: uci } = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01' })).body;
  const quinn = await invited(desk, 'quinn', 'qa');
  await quinn.get(`/units/${uci}`);
  expect(await views(desk)).toEqual([]);
});

it('names the unit of an export by its masked Claim ID and its S/N', async () => {
  const desk = await openDesk();
  const { id: uci } = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01' })).body;
  const { serial } = (await desk.ask<{ serial: string }>('GET', `/v1/units/${uci}`)).body;
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  expect((await desk.app.request(`/v1/ledger.csv?of=events&unit=${uci}`, { headers })).status).toBe(200);
  const { entries } = (await desk.ask<{ entries: Entry[] }>('GET', `/v1/audit?kind=exported&unit=${uci}`)).body;
  expect(entries.map(({ details }) => details['unit'])).toEqual([`********${uci.slice(-2)}, S/N ${serial}`]);
});

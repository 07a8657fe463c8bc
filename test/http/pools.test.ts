import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../src/contract/labels.ts';
import { fill } from '../../src/label/template.ts';
import { openFindings } from '../../src/proof/verification.ts';
import { existing } from '../../src/sqlite/existing.ts';
import { replay } from '../../src/sqlite/replay.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { poolContract } from '../support/pool-contract.ts';
import { ADMIN_TOKEN, openDesk, type Desk, type Problem } from '../support/service.ts';

poolContract('SQLite', () => Promise.resolve({}));

const TEMPLATE =
  "{ media: { width: 40, height: 12 }, boxes: [{ name: 'MAC', type: 'text', x: 1, y: 1, w: 38, h: 6, size: 6, text: 'MAC {pool.mac}' }] }";

const set = (desk: Desk, settings: object) => desk.ask<Problem>('PUT', '/v1/products/DEMO', settings);

describe('a pool of a product', () => {
  it('has an identity property', async () => {
    const desk = await openDesk();
    const { status, body } = await set(desk, { pools: ['wifi=A4C138000001-A4C138000009'] });
    expect(status).toBe(400);
    expect(body.type).toMatch(/pool-wrong/);
    expect(body.detail).toMatch(/CLAIMSTAMP_IDENTITY_PROPERTIES/);
    const more = await openDesk({ CLAIMSTAMP_IDENTITY_PROPERTIES: 'serial,mac,wifi' });
    expect((await set(more, { pools: ['wifi=A4C138000001-A4C138000009'] })).status).toBe(200);
  });

  it('is refused with a code of its own if its range is wrong or shared', async () => {
    const desk = await openDesk();
    expect((await set(desk, { pools: ['mac=020000000001-020000000009'] })).body.type).toMatch(/pool-wrong/);
    await set(desk, { pools: ['mac=A4C138000001-A4C138000009'] });
    const other = await desk.ask<Problem>('PUT', '/v1/products/B', { pools: ['mac=A4C138000009-A4C138000010'] });
    expect(other).toMatchObject({ status: 409, body: { type: expect.stringContaining('pools-shared') } });
  });

  it('is kept by a change of another setting, and removed by null', async () => {
    const desk = await openDesk();
    await set(desk, { pools: ['mac=A4C138000001-A4C138000009'], poolAnswers: ['mac'] });
    const change = (settings: object) => desk.ask<{ pools?: string[] }>('PATCH', '/v1/products/DEMO', settings);
    expect((await change({ name: 'Meter' })).body.pools).toEqual(['mac=A4C138000001-A4C138000009']);
    expect((await change({ pools: null, poolAnswers: null })).body.pools).toBeUndefined();
  });

  it('is on labels, where a device that brings its own number shows that one', async () => {
    const desk = await openDesk();
    expect((await desk.ask('PUT', '/v1/label-templates/mine', { source: TEMPLATE, revision: 0 })).status).toBe(200);
    await set(desk, { pools: ['mac=A4C138000001-A4C138000009'], label: 'mine' });
    const label = async (body: object): Promise<(string | undefined)[]> => {
      const { id } = (await desk.agent({ product: 'DEMO', ...body })).body;
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      expect((await desk.app.request(`/v1/units/${id}/label.svg`, { headers })).status).toBe(200);
      const history = await desk.house.ledger.unit(id ?? '');
      const labels = await labelsOf(desk.house.ledger, history === undefined ? [] : [history.unit]);
      return labels.map(({ data }) => fill('MAC {pool.mac}', data));
    };
    expect(await label({})).toEqual(['MAC A4:C1:38:00:00:01']);
    expect(await label({ mac: 'A4:C1:38:FF:00:01' })).toEqual(['MAC A4:C1:38:FF:00:01']);
  });

  it('cannot be the device code if the label shows its number', async () => {
    const desk = await openDesk();
    expect((await desk.ask('PUT', '/v1/label-templates/mine', { source: TEMPLATE, revision: 0 })).status).toBe(200);
    const { body } = await set(desk, { pools: ['mac=A4C138000001-A4C138000009'], label: 'mine', deviceCode: 'mac' });
    expect(body.type).toMatch(/device-code-needed/);
  });

  it('is forecast and measured', async () => {
    const desk = await openDesk();
    await set(desk, { pools: ['mac=A4C138000001-A4C138000002+A4C138000101-A4C138000102'] });
    for (let count = 0; count < 3; count++) await desk.agent({ product: 'DEMO' });
    await desk.house.startForecasts(() => undefined);
    const listed = await desk.ask<{ forecasts: object[] }>('GET', '/v1/forecasts');
    expect(listed.body.forecasts).toContainEqual(
      expect.objectContaining({ code: 'number-pool', subject: 'DEMO mac', level: 'notice', remaining: 1 }),
    );
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const metrics = await (await desk.app.request('/metrics', { headers })).text();
    expect(metrics).toContain('claimstamp_number_pool_remaining{product="DEMO",pool="mac"} 1');
    expect(metrics).toContain('claimstamp_number_pool_capacity{product="DEMO",pool="mac"} 4');
  });

  it('is as the events say, when the ledger is verified', async () => {
    const desk = await openDesk();
    await set(desk, { pools: ['mac=A4C138000001-A4C138000004'] });
    const { id } = (await desk.agent({ product: 'DEMO' })).body;
    expect((await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'label-damaged' })).status).toBe(200);
    await desk.agent({ product: 'DEMO' });
    await desk.close();
    const db = new Database(ledgerFile(desk.data));
    const check = (): (string | undefined)[] => {
      const findings = openFindings();
      db.transaction(() => replay(db, existing(size.get()), findings, () => {}))();
      return findings.list().map(({ table }) => table);
    };
    const size = db.prepare<[], number>('SELECT size FROM tree_head').pluck();
    expect(check()).toEqual([]);
    db.prepare(`UPDATE serial_counter SET last = 1 WHERE prefix LIKE 'pool %'`).run();
    expect(check()).toEqual(['serial_counter']);
    db.prepare(`UPDATE serial_counter SET last = 2 WHERE prefix LIKE 'pool %'`).run();
    db.prepare(`UPDATE identity SET value = 'A4:C1:38:00:00:04' WHERE property = 'mac'`).run();
    expect(check()).toEqual(['identity']);
    db.close();
  });
});

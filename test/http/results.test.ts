import { beforeAll, describe, expect, it } from 'vitest';
import { parseLine } from '../../src/model/event.ts';
import { token, type Headers } from '../support/askers.ts';
import { audit } from '../support/audit.ts';
import { openDesk, type Desk, type Problem } from '../support/service.ts';

/* Testers report results by any code of a unit. */

const RESULT = { procedure: 'functional', outcome: 'passed' };

describe('the result of a test', () => {
  let desk: Desk;
  let tester: Headers;
  let unit: { uci: string; serial: string };
  beforeAll(async () => {
    desk = await openDesk();
    tester = await token(desk, 'tester', 'service', ['tests:report']);
    const uci = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01' })).body.id;
    const { body } = await desk.ask<{ serial: string }>('GET', `/v1/units/${uci}`);
    unit = { uci, serial: body.serial };
  });
  const report = async (code: string, body: object = RESULT, headers = tester) => {
    const path = `/v1/units/${encodeURIComponent(code)}/results`;
    const answer = await desk.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Partial<Problem> & { uci?: string } };
  };

  it('is refused for a code that no unit has, and for a body that says too much', async () => {
    for (const code of ['0000000000', 'NOT-A-SERIAL', 'A4:C1:38:AA:00:02', '*'.repeat(8) + unit.uci.slice(-2)])
      expect((await report(code)).status, code).toBe(404);
    const size = await desk.size();
    for (const body of [
      { ...RESULT, outcome: 'maybe' },
      { ...RESULT, procedure: 'x'.repeat(65) },
      { ...RESULT, reference: 'x'.repeat(201) },
      { ...RESULT, firmware: { version: '1', sha256: 'abc' } },
      { ...RESULT, more: 1 },
    ])
      expect((await report(unit.uci, body)).status).toBe(400);
    expect(await desk.size()).toBe(size);
  });

  it('names the unit by its Claim ID, S/N or identity, and reveals no Claim ID', async () => {
    const masked = `********${unit.uci.slice(-2)}`;
    expect(await report(unit.uci)).toEqual({ status: 201, body: { uci: unit.uci } });
    for (const code of [unit.serial, 'A4:C1:38:AA:00:01', 'a4c138aa0001'])
      expect(await report(code), code).toEqual({ status: 201, body: { uci: masked } });
    const reader = await token(desk, 'mes', 'service', ['tests:report', 'units:read']);
    expect((await report(unit.serial, RESULT, reader)).body).toEqual({ uci: unit.uci });
    const { body } = await desk.ask<{ tests: object[] }>('GET', `/v1/units/${unit.uci}`);
    expect(body.tests).toMatchObject([{ procedure: 'functional', outcome: 'passed' }]);
  });

  it('takes hashes and times in each usual spelling, and the ledger has one spelling of each', async () => {
    for (const at of ['2026-12-01T08:00:00+01:00', '2026-12-01T07:00:00.000Z', '2026-12-01T07:00:00Z'])
      for (const sha256 of ['AB'.repeat(32), 'ab'.repeat(32), 'aB'.repeat(32)]) {
        const sent = { ...RESULT, at, firmware: { version: '1.4', sha256 } };
        expect((await report(unit.uci, sent)).status, at).toBe(201);
        expect(parseLine(audit(desk.data).lines.at(-1) ?? '').data).toEqual({
          ...RESULT,
          at: '2026-12-01T07:00:00.000Z',
          firmware: { version: '1.4', sha256: 'ab'.repeat(32) },
        });
      }
    for (const at of ['2026-12-01', '2026-12-01T08:00:00', '2026-02-30T08:00:00+01:00', '2026-12-01T08:00:00+24:00'])
      expect((await report(unit.uci, { ...RESULT, at })).status, at).toBe(400);
  });

  it('makes one event, and none where tests are not used', async () => {
    const before = await desk.size();
    const more = { at: '2026-11-30T12:00:00Z', station: 'tester-3', operator: 'kim', reference: 'log/4711' };
    await report(unit.serial, { ...RESULT, ...more, firmware: { version: '1.4', sha256: 'a'.repeat(64) } });
    expect(await desk.size()).toBe(before + 1);
    const other = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:03' })).body.id;
    const { body } = await desk.ask<object>('GET', `/v1/units/${other}`);
    expect(body).not.toHaveProperty('tests');
  });
});

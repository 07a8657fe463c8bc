import { describe, expect, it } from 'vitest';
import type { ImportedUnit } from '../../src/model/imports/imported-unit.ts';
import { begin, claim, claimOf, first, imported, send, toImport, uciOf, unit } from './import-steps.ts';
import { openDesk, type Desk, type Problem } from './service.ts';

/** What every store keeps to when a large import is recorded in parts. `settings` opens a new, empty ledger. */
export function importContract(store: string, settings: () => Promise<Record<string, string>>): void {
  const open = async (): Promise<Desk> => openDesk(await settings());

  describe(`an import in parts over ${store}`, () => {
    it('imports every unit once, and answers a repetition with the same key to the byte', async () => {
      const desk = await open();
      const body = { units: toImport(0, 1010) };
      const first = await send(desk, body, 'key');
      expect(first).toEqual({ status: 201, text: '{"imported":1010}' });
      const size = await desk.size();
      expect(await send(desk, body, 'key')).toEqual(first);
      expect(await desk.size()).toBe(size);
      expect(await imported(desk)).toEqual(body.units.map(({ uci }) => uci));
      const other = await send(desk, { units: toImport(0, 1011) }, 'key');
      expect(other.status).toBe(422);
    });

    it('imports nothing and records no event if a unit of the last part has a problem', async () => {
      const desk = await open();
      expect((await desk.agent({ product: 'DEMO', uid: 'mac-600' })).status).toBe(200);
      const size = await desk.size();
      const units = toImport(0, 650);
      const { status, text } = await send(desk, { units: [...units, { ...first(units), place: 'line 651' }] });
      const { type, problems } = JSON.parse(text) as Problem & { problems: string[] };
      expect({ status, type }).toEqual({ status: 409, type: 'urn:claimstamp:problem:duplicate' });
      expect(problems).toEqual([expect.stringMatching(/^line 600: /), expect.stringMatching(/^line 651: .* line 0/)]);
      expect(await desk.size()).toBe(size);
      // The claims are gone, so a device gets its Claim ID, and so does a corrected file.
      expect((await desk.agent({ product: 'DEMO', uid: 'mac-5' })).status).toBe(200);
      expect((await send(desk, { units: toImport(6, 590) })).status).toBe(201);
    });

    it('only checks a large import in parts, and changes nothing', async () => {
      const desk = await open();
      const size = await desk.size();
      expect(await send(desk, { units: toImport(0, 450), check: true })).toEqual({
        status: 201,
        text: '{"imported":0}',
      });
      const twice = [...toImport(0, 450), ...toImport(449, 1)];
      expect((await send(desk, { units: twice, check: true })).status).toBe(409);
      expect(await desk.size()).toBe(size);
    });

    it('gives a claimed identity, S/N or Claim ID to no one else, and skips claimed S/Ns', async () => {
      const desk = await open();
      const set = await desk.ask('PUT', '/v1/products/DEMO', { serialPattern: 'A{seq:4}' });
      expect(set.status).toBe(200);
      const before = await desk.size();
      const units = [
        { ...unit(0), serial: 'A0001' },
        { ...unit(1), serial: 'A0002' },
        { ...unit(2), serial: 'B-7' },
      ];
      await claim(desk, 'import-1', units);
      for (const body of [
        { product: 'DEMO', uid: 'mac-1' },
        { product: 'DEMO', serial: 'B-7' },
      ]) {
        const refused = await desk.agent(body);
        expect(refused.status).toBe(503);
        expect(refused.body.type).toBe('urn:claimstamp:problem:importing');
        expect(refused.headers.get('retry-after')).toBe('2');
      }
      const small = await send(desk, { units: [{ place: 'line 1', uci: uciOf(2), device: { product: 'DEMO' } }] });
      expect(small.status).toBe(503);
      expect((await send(desk, { units: toImport(5, 3) })).status).toBe(201);
      expect(await desk.size()).toBe(before + 3);
      const { id } = (await desk.agent({ product: 'DEMO', mac: 'other' })).body;
      expect((await desk.ask('GET', `/v1/units/${id}`)).body).toMatchObject({ serial: 'A0003' });
      const { ledger } = desk.house;
      await begin(desk, 'import-1', units);
      expect(await ledger.record({ kind: 'drop-claims', import: 'import-1' })).toEqual({ goesOn: false, begun: true });
      expect(await ledger.record({ kind: 'record-units', import: 'import-1' })).toEqual({ imported: 3 });
      expect(await ledger.record({ kind: 'record-units', import: 'import-1' })).toEqual({ imported: 3 });
      expect((await desk.agent({ product: 'DEMO', uid: 'mac-1' })).body.id).toBe(uciOf(1));
    });

    it('gives a claimed S/N to no unit of another product', async () => {
      const desk = await open();
      const set = await desk.ask('PUT', '/v1/products/OTHER', { serialPattern: 'A{seq:4}' });
      expect(set.status).toBe(200);
      const units = [{ ...unit(0), serial: 'A0001' }];
      await claim(desk, 'import-1', units);
      const { status, body } = await desk.agent({ product: 'DEMO', mac: 'other', serial: 'A0001' });
      expect({ status, type: body.type }).toEqual({ status: 503, type: 'urn:claimstamp:problem:importing' });
      const serial = async (): Promise<unknown> => {
        const { id } = (await desk.agent({ product: 'OTHER' })).body;
        return (await desk.ask('GET', `/v1/units/${id}`)).body;
      };
      expect(await serial()).toMatchObject({ serial: 'A0002' });
      await begin(desk, 'import-1', units);
      expect(await desk.house.ledger.record({ kind: 'record-units', import: 'import-1' })).toEqual({ imported: 1 });
      expect(await serial()).toMatchObject({ serial: 'A0003' });
      const taken = await desk.agent({ product: 'OTHER', serial: 'A0001' });
      expect({ status: taken.status, type: taken.body.type }).toEqual({
        status: 409,
        type: 'urn:claimstamp:problem:serial-taken',
      });
    });

    it('records a void unit before the unit that got its S/N, also if another part has it', async () => {
      const desk = await open();
      const live = [{ ...unit(1), serial: 'S-1' }];
      const ended: ImportedUnit = { ...unit(0), serial: 'S-1', ends: [{ type: 'void', reason: 'other' }] };
      await claim(desk, 'import-1', live, 0, { total: 2 });
      await claim(desk, 'import-1', [ended], 1, { total: 2 });
      await begin(desk, 'import-1', [...live, ended]);
      const { ledger } = desk.house;
      const one = { kind: 'record-units', import: 'import-1' } as const;
      expect(await ledger.record(one)).toEqual({ goesOn: true });
      // The S/N is free for a moment, but the import still claims it.
      expect((await desk.agent({ product: 'DEMO', serial: 'S-1' })).status).toBe(503);
      expect(await ledger.record(one)).toEqual({ imported: 2 });
      expect((await desk.ask('GET', `/v1/units/${uciOf(1)}`)).body).toMatchObject({ serial: 'S-1' });
    });

    it('drops the claims of an import that did not begin when the service starts again', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      await claim(desk, 'import-1', [unit(0)]);
      const size = await desk.size();
      await desk.close();
      const again = await openDesk(env, desk.data);
      expect(await again.size()).toBe(size);
      const { status, body } = await again.agent({ product: 'DEMO', uid: 'mac-0' });
      expect(status).toBe(200);
      expect(body.id).not.toBe(uciOf(0));
    });

    it('completes an import that began when the service starts again, with its answer for the same key', async () => {
      const env = await settings();
      const desk = await openDesk(env);
      const units = Array.from({ length: 4 }, (_, i) => unit(i));
      const once = { key: new Uint8Array(32).fill(1), fingerprint: new Uint8Array(32).fill(2) };
      const onceOf = { key: '01'.repeat(32), fingerprint: '02'.repeat(32) };
      await claim(desk, 'import-1', units.slice(0, 2), 0, { onceOf, total: 4 });
      await claim(desk, 'import-1', units.slice(2), 1, { total: 4 });
      await begin(desk, 'import-1', units);
      await desk.house.ledger.record({ kind: 'record-units', import: 'import-1', once });
      await desk.close();
      const again = await openDesk(env, desk.data);
      expect(await imported(again)).toEqual(units.map(({ uci }) => uci));
      const size = await again.size();
      const repeat = { ...claimOf(again, 'import-2', units, 0, { onceOf, total: 4 }), once };
      expect(await again.house.ledger.record(repeat)).toEqual({ imported: 4 });
      expect(await again.size()).toBe(size);
    });

    it('tells a repetition with the same key that the import goes on, and another import to wait', async () => {
      const desk = await open();
      const onceOf = { key: '01'.repeat(32), fingerprint: '02'.repeat(32) };
      await claim(desk, 'import-1', [unit(0)], 0, { onceOf });
      const { ledger } = desk.house;
      const same = ledger.record(claimOf(desk, 'import-2', [unit(0)], 0, { onceOf }));
      await expect(same).rejects.toMatchObject({ code: 'in-flight' });
      const other = ledger.record(claimOf(desk, 'import-2', [unit(5)]));
      await expect(other).rejects.toMatchObject({ code: 'importing' });
      await ledger.record({ kind: 'drop-claims', import: 'import-1' });
      const late = ledger.record(claimOf(desk, 'import-1', [unit(1)], 1));
      await expect(late).rejects.toMatchObject({ code: 'importing' });
    });

    it('of two imports with the same units, one wins completely', async () => {
      const desk = await open();
      const files = [toImport(0, 900), toImport(300, 900)];
      const both = await Promise.all(files.map((units, i) => send(desk, { units }, `key-${i}`)));
      // Both requests are read at the same time, so either may be first.
      const statuses = both.map(({ status }) => status);
      expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 409]);
      expect(await imported(desk)).toEqual(files[statuses.indexOf(201)]?.map(({ uci }) => uci));
    });

    it('closes no work order and removes no product while its units are imported', async () => {
      const desk = await open();
      await desk.ask('PUT', '/v1/products/DEMO', {});
      await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 3 });
      const { ledger } = desk.house;
      const units = [{ ...unit(0), workOrder: 'WO-1' }];
      await claim(desk, 'import-1', units);
      await begin(desk, 'import-1', units);
      const close = await desk.ask<Problem>('POST', '/v1/work-orders/WO-1/close', {});
      expect(close).toMatchObject({ status: 503, body: { type: 'urn:claimstamp:problem:importing' } });
      expect((await desk.ask('DELETE', '/v1/products/DEMO')).status).toBe(503);
      await ledger.record({ kind: 'record-units', import: 'import-1' });
      const closed = await desk.ask('POST', '/v1/work-orders/WO-1/close', { signOff: { all: 'test' } });
      expect(closed.status).toBe(200);
    });

    it('does not begin if its work order was closed after its units were checked', async () => {
      const desk = await open();
      await desk.ask('PUT', '/v1/products/DEMO', {});
      await desk.ask('PUT', '/v1/work-orders/WO-1', { product: 'DEMO', planned: 3 });
      const units = [{ ...unit(0), workOrder: 'WO-1' }];
      await claim(desk, 'import-1', units);
      expect((await desk.ask('POST', '/v1/work-orders/WO-1/close', {})).status).toBe(200);
      await expect(begin(desk, 'import-1', units)).rejects.toMatchObject({ code: 'work-order-closed' });
    });

    it('gives agents no S/N twice during an import of S/Ns of the pattern', async () => {
      const desk = await open();
      const set = await desk.ask('PUT', '/v1/products/DEMO', { serialPattern: 'A{seq:5}' });
      expect(set.status).toBe(200);
      const units = toImport(0, 1500).map((one, i) => ({
        ...one,
        serial: `A${String(2 * i + FIRST).padStart(5, '0')}`,
      }));
      const state = { isOver: false };
      const importing = send(desk, { units }).finally(() => (state.isOver = true));
      for (let n = 0; !state.isOver; n++) {
        const { status } = await desk.agent({ product: 'DEMO', mac: `agent-${n}` });
        expect(status).toBe(200);
      }
      expect((await importing).status).toBe(201);
      const serials: string[] = [];
      for (let next: number | null = 0; next !== null;) {
        const path: string = `/v1/units?limit=500&after=${next}`;
        const page = (await desk.ask<{ units: { serial: string }[]; next: number | null }>('GET', path)).body;
        serials.push(...page.units.map(({ serial }) => serial));
        next = page.next;
      }
      // Agents got S/Ns between the imported ones.
      expect(serials.filter((serial) => serial > `A0${FIRST}`).length).toBeGreaterThan(1500);
      expect(new Set(serials).size).toBe(serials.length);
    });
  });
}

/** Agents use fewer S/Ns than this before the import has claimed its S/Ns. */
const FIRST = 5001;

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readImport, type ToImport } from '../../src/cli/import-files.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { runFactory, WORK_ORDERS } from '../support/factory.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk, type Problem } from '../support/service.ts';

/** The columns that an import restores. */
const RESTORED = ['uci', 'serial', 'product', 'name', 'model', 'work_order', 'lot', 'reservation', 'identity'];
const ENDED = ['end_reason', 'end_note', 'issued_at', 'reserved_at', 'void_at', 'scrapped_at'];

async function exported(desk: Desk, path: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const answer = await desk.app.request(path, { headers });
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

/** The units of a ledger as the export tells them, by Claim ID. Of times, only whether there is one. */
async function unitsOf(desk: Desk): Promise<Map<unknown, object>> {
  const lines = (await exported(desk, '/v1/ledger.jsonl')).toString().trimEnd().split('\n');
  return new Map(
    lines.map((line) => {
      const unit = JSON.parse(line) as Record<string, unknown>;
      const told = [...RESTORED, ...ENDED].map((name) => [name, name.endsWith('_at') ? name in unit : unit[name]]);
      return [unit['uci'], Object.fromEntries(told) as object];
    }),
  );
}

async function read(name: string, bytes: Buffer | string): Promise<ToImport> {
  const path = join(tempFolder(), name);
  writeFileSync(path, bytes);
  return readImport([path], { product: undefined, properties: DEFAULT_IDENTITY.properties });
}

describe('an export of this program', () => {
  let old: Desk;
  beforeAll(async () => {
    old = await openDesk();
    await runFactory(old);
    await old.agent({ product: 'PLAIN', mac: 'a4:c1:38:aa:00:01', name: 'Meter' });
  });

  it.each(['csv', 'jsonl', 'xlsx'])(
    'as .%s gives back units, identities, ends, rolls, orders and names',
    async (format) => {
      const { units, problems, warnings } = await read(`units.${format}`, await exported(old, `/v1/ledger.${format}`));
      expect(problems).toEqual([]);
      expect(warnings).toEqual([expect.objectContaining({ why: expect.stringContaining('claimstamp restore') })]);
      const desk = await openDesk();
      await desk.ask('PUT', '/v1/products/METER', { name: 'Meter; =1+1', code: 'M1' });
      await desk.ask('PUT', '/v1/products/PLAIN', { serialPattern: null });
      const missing = await desk.ask<Problem>('POST', '/v1/units/import', { units });
      expect([missing.status, missing.body.detail]).toEqual([
        404,
        expect.stringMatching(/no work order WO-.: make it before the import \(claimstamp work-order set WO-/),
      ]);
      for (const { id, ...settings } of WORK_ORDERS) await desk.ask('PUT', `/v1/work-orders/${id}`, settings);
      expect(await desk.ask('POST', '/v1/units/import', { units })).toMatchObject({ status: 201 });
      expect(await unitsOf(desk)).toEqual(await unitsOf(old));
      const asked = await desk.agent({ product: 'PLAIN', mac: 'A4-C1-38-AA-00-01' });
      expect(asked.body.id).toBe((await old.agent({ product: 'PLAIN', mac: 'a4:c1:38:aa:00:01' })).body.id);
    },
  );

  it('restores a device whose S/N its next unit has, whichever comes first', async () => {
    const desk = await openDesk();
    const head = 'uci,serial,product,identity,issued_at,void_at,end_reason\n';
    const lines = ['1111111111,S-1,P,"{""serial"":""S-1""}",x,,', '2222222222,S-1,P,,x,x,duplicate'];
    const { units, problems } = await read('turn.csv', `${head}${lines.join('\n')}\n`);
    expect(problems).toEqual([]);
    expect((await desk.ask('POST', '/v1/units/import', { units })).status).toBe(201);
    expect((await desk.agent({ product: 'P', serial: 'S-1' })).body.id).toBe('1111111111');
  });

  it('is refused with the command to use, where an import cannot restore it', async () => {
    const why = async (name: string, bytes: Buffer | string): Promise<string | undefined> =>
      (await read(name, bytes)).problems[0]?.why;
    expect(await why('events.csv', await exported(old, '/v1/ledger.csv?of=events'))).toMatch(/claimstamp restore/);
    expect(await why('events.jsonl', await exported(old, '/v1/ledger.jsonl?of=events'))).toMatch(/claimstamp restore/);
    expect(await why('units.zip', await exported(old, '/v1/ledger.zip'))).toMatch(/claimstamp verify/);
    expect(await why('masked.csv', 'uci,identity\n********WQ.17,\n')).toMatch(/masked/);
    expect(await why('edited.csv', 'uci,product,identity\n1111111111,P,m-1\n')).toMatch(/identity: is not the JSON/);
    expect(await why('ended.csv', 'uci,product,identity,void_at\n1111111111,P,,x\n')).toMatch(/no end_reason/);
    const { units } = await read('imei.csv', 'uci,product,identity\n1111111111,P,"{""imei"":""1""}"\n');
    const desk = await openDesk();
    const { status, body } = await desk.ask<Problem>('POST', '/v1/units/import', { units });
    expect([status, body.detail]).toEqual([400, expect.stringMatching(/CLAIMSTAMP_IDENTITY_PROPERTIES, or restore/)]);
  });
});

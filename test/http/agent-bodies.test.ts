import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyLedger } from '../../src/jobs/verify-file.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openDesk, type Desk } from '../support/service.ts';

interface Case {
  note: string;
  text?: string;
  base64?: string;
  parts?: [string, number][];
  status: '2xx' | '4xx' | '2xx|4xx';
  identity?: [string, string][];
  settings?: { identityProperties: string[] };
}

const FILE = join(packageRoot, 'test', 'fixtures', 'agent-bodies.json');
const CASES = JSON.parse(readFileSync(FILE, 'utf8')) as Case[];

const bytesOf = ({ text, base64, parts }: Case): Buffer =>
  base64 === undefined
    ? Buffer.from(text ?? (parts ?? []).map(([part, times]) => part.repeat(times)).join(''))
    : Buffer.from(base64, 'base64');

describe('a body as devices send it', () => {
  const desks = new Map<string, Promise<Desk>>();
  const deskOf = ({ settings }: Case): Promise<Desk> => {
    const properties = settings?.identityProperties.filter((name) => name !== '__proto__').join(',') ?? '';
    const env = properties === '' ? {} : { CLAIMSTAMP_IDENTITY_PROPERTIES: properties };
    const desk = desks.get(properties) ?? openDesk(env);
    desks.set(properties, desk);
    return desk;
  };

  it.each(CASES.map((one): [string, Case] => [one.note, one]))('%s', async (_, one) => {
    const desk = await deskOf(one);
    const post = async (): Promise<{ status: number; id: string }> => {
      const init = { method: 'POST', body: bytesOf(one) };
      const incoming = { socket: { remoteAddress: '10.0.0.1' } };
      const answer = await desk.app.request('/ioto/serialize', init, { incoming });
      const { id = '' } = (await answer.json()) as { id?: string };
      return { status: answer.status, id };
    };
    const first = await post();
    const classes = one.status.split('|').map((name) => Number(name[0]));
    expect(classes).toContain(Math.floor(first.status / 100));
    if (one.identity === undefined) return;
    const { body } = await desk.ask<{ identity: Record<string, string> }>('GET', `/v1/units/${first.id}`);
    expect(new Map(Object.entries(body.identity))).toEqual(new Map(one.identity));
    expect((await post()).id === first.id).toBe(one.identity.length > 0);
  });
});

describe('a MAC in another spelling', () => {
  const SPELLINGS = ['A4:C1:38:AA:00:01', 'a4-c1-38-aa-00-01', 'a4c1.38aa.0001', 'A4C138AA0001', 'A4 C1 38 AA 00 01'];

  it('names the same device, and stays as the device sent it first', async () => {
    const desk = await openDesk({ CLAIMSTAMP_IDENTITY_PROPERTIES: 'mac,eui64' });
    const { id } = (await desk.agent({ product: 'DEMO', mac: SPELLINGS[1], eui64: 'a4c138fffeaa0001' })).body;
    for (const mac of SPELLINGS) expect((await desk.agent({ product: 'DEMO', mac })).body.id).toBe(id);
    expect((await desk.agent({ product: 'DEMO', eui64: 'A4:C1:38:FF:FE:AA:00:01' })).body.id).toBe(id);
    expect((await desk.agent({ product: 'OTHER', mac: SPELLINGS[0] })).body.id).not.toBe(id);
    const { body } = await desk.ask<{ identity: object }>('GET', `/v1/units/${id}`);
    expect(body.identity).toEqual({ mac: SPELLINGS[1], eui64: 'a4c138fffeaa0001' });
    for (const mac of SPELLINGS.slice(0, 4)) {
      const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', `/v1/units?find=${mac}&product=DEMO`))
        .body;
      expect(units.map(({ uci }) => uci)).toEqual([id]);
    }
    const device = { product: 'DEMO', mac: SPELLINGS[2] };
    const units = [{ place: 'line 2', uci: '2222222222', device }];
    expect((await desk.ask('POST', '/v1/units/import', { units })).status).toBe(409);
  });

  const SHORT = ['a4:c1:38:aa:0:1', 'a4-c1-38-aa-0-1', 'A4:C1:38:AA:00:1', 'a4 c1 38 aa 0 01', 'a4.c1.38.aa.0.1'];

  it.each([
    ['without', SHORT[0], [...SPELLINGS, ...SHORT]],
    ['with', SPELLINGS[0], SHORT],
  ])('names the same device where a byte lacks its zero; the ledger has it %s zeros', async (_, first, others) => {
    const desk = await openDesk();
    const { id } = (await desk.agent({ product: 'DEMO', mac: first })).body;
    for (const mac of others) {
      expect([mac, (await desk.agent({ product: 'DEMO', mac })).body.id]).toEqual([mac, id]);
      for (const query of ['find', 'identity']) {
        const path = `/v1/units?${query}=${encodeURIComponent(mac)}`;
        const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', path)).body;
        expect([mac, query, units.map(({ uci }) => uci)]).toEqual([mac, query, [id]]);
      }
      const units = [{ place: 'line 2', uci: '2222222222', device: { product: 'DEMO', mac } }];
      const { status, body } = await desk.ask('POST', '/v1/units/import', { units });
      expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('duplicate')]);
    }
    for (const mac of ['a4:c1:38:aa:1:0', 'a4:c1:38:aa:0:0:0:1', 'a4:c1:38:aa::1', 'a4c1:38:aa:0:1'])
      expect((await desk.agent({ product: 'DEMO', mac })).body.id).not.toBe(id);
  });

  it('is found twice where an older ledger has two units: with and without zeros', async () => {
    const old = await openDesk({ CLAIMSTAMP_IDENTITY_MACS: ',' });
    const ids = [];
    for (const mac of [SHORT[0], SPELLINGS[0]]) ids.push((await old.agent({ product: 'DEMO', mac })).body.id);
    await old.close();
    const desk = await openDesk({}, old.data);
    for (const mac of [SHORT[0], SPELLINGS[1]]) {
      const { status, body } = await desk.agent({ product: 'DEMO', mac });
      expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('identity-conflict')]);
      const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', `/v1/units?identity=${mac}`)).body;
      expect(new Set(units.map(({ uci }) => uci))).toEqual(new Set(ids));
    }
  });

  it('in an import gets no second unit where a byte lacks its zero', async () => {
    const desk = await openDesk();
    const units = ['a4:c1:38:aa:0:1', 'A4:C1:38:AA:00:01'].map((mac, at) => ({
      place: `line ${at + 2}`,
      uci: `222222222${at}`,
      device: { product: 'DEMO', mac },
    }));
    expect((await desk.ask('POST', '/v1/units/import', { units })).status).toBe(409);
    expect((await desk.ask('POST', '/v1/units/import', { units: units.slice(0, 1) })).status).toBe(201);
    expect((await desk.agent({ product: 'DEMO', mac: SPELLINGS[1] })).body.id).toBe('2222222220');
  });

  const CYRILLIC = 'А4:С1:38:АА:00:01';
  const UNUSUAL = [
    '0xA4C138AA0001',
    'A4_C1_38_AA_00_01',
    '0xA4, 0xC1, 0x38, 0xAA, 0x00, 0x01',
    '\\xa4\\xc1\\x38\\xaa\\x00\\x01',
    'a4c1.38:aa-00 01',
    'A4 : C1 : 38 : AA : 00 : 01',
    ' A4:C1:38:AA:00:01 ',
    '"A4:C1:38:AA:00:01"',
    '{A4C138AA0001}',
    '<a4-c1-38-aa-00-01>',
    '(a4:c1:38:aa:0:1)',
    'mac:A4C138AA0001',
    'MAC=a4:c1:38:aa:00:01',
    'MACA4C138AA0001',
    'wifi_mac: a4:c1:38:aa:00:01',
    'MAC address: "A4-C1-38-AA-00-01"',
    'link/ether a4:c1:38:aa:00:01',
    'urn:dev:mac:a4c138aa0001',
    'Ａ４：Ｃ１：３８：ＡＡ：００：０１',
    'ａ４ｃ１３８ａａ０００１',
    'A4–C1–38–AA–00–01',
    'a4/c1/38/aa/00/01',
    'a4%3Ac1%3A38%3Aaa%3A00%3A01',
    CYRILLIC,
    '181149786308609',
  ];

  const EACH_WAY = UNUSUAL.flatMap((one): { first: string; others: string[] }[] => [
    { first: 'A4:C1:38:AA:00:01', others: [one] },
    { first: one, others: ['A4:C1:38:AA:00:01', 'a4:c1:38:aa:0:1', '0xA4C138AA0001'] },
  ]);
  // Each pair has a product of its own, so that five of them need one service. More requests would be refused.
  const FIVES = Array.from({ length: EACH_WAY.length / 5 }, (_, at) => EACH_WAY.slice(at * 5, at * 5 + 5));

  it.each(FIVES)('names the same device in any other spelling: %j and four more', async (...pairs) => {
    const desk = await openDesk();
    for (const [nth, { first, others }] of pairs.entries()) await expectOneDevice(desk, `P${nth}`, first, others);
    await desk.close();
    const { findings } = await verifyLedger(join(desk.data, 'ledger.db'), {});
    expect(findings).toEqual([]);
  });

  async function expectOneDevice(desk: Desk, product: string, first: string, others: string[]): Promise<void> {
    const { id } = (await desk.agent({ product, mac: first })).body;
    for (const mac of others) {
      expect([first, mac, (await desk.agent({ product, mac })).body.id]).toEqual([first, mac, id]);
      const path = `/v1/units?product=${product}&find=${encodeURIComponent(mac)}`;
      const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', path)).body;
      expect([first, mac, units.map(({ uci }) => uci)]).toEqual([first, mac, [id]]);
      const imported = [{ place: 'line 2', uci: '2222222222', device: { product, mac } }];
      const { status } = await desk.ask('POST', '/v1/units/import', { units: imported });
      expect([first, mac, status]).toEqual([first, mac, mac === CYRILLIC ? 400 : 409]);
    }
    const { body } = await desk.ask<{ identity: object }>('GET', `/v1/units/${id}`);
    expect(body.identity).toEqual({ mac: first });
    expect((await desk.ask('POST', `/v1/units/${id}/void`, { reason: 'duplicate' })).status).toBe(200);
    const again = (await desk.agent({ product, mac: SPELLINGS[0] })).body.id;
    expect(again).not.toBe(id);
    expect((await desk.agent({ product, mac: first })).body.id).toBe(again);
  }

  /** Not scanned: the last byte may have been cut off, and a decimal number may be the code of an article. */
  const NOT_SCANNED = /\b0:1\b|^\d{13,15}$/;

  it('is scanned in any spelling that was not cut off', async () => {
    const desk = await openDesk();
    await desk.ask('PUT', '/v1/products/DEMO', { deviceCode: 'mac' });
    const sent = [SPELLINGS[0], '0xA4C138AA0002', 'mac:A4C1_38AA_0003', '4:C1:38:AA:00:04'] as const;
    const ids: string[] = [];
    for (const mac of sent) ids.push((await desk.agent({ product: 'DEMO', mac })).body.id);
    const scan = async (label: string, device: string): Promise<string | undefined> =>
      (await desk.ask<{ result?: string }>('POST', '/v1/stations/default/verify', { label, device })).body.result;
    const of = (id: number, devices: string[]): [string, string][] => devices.map((device) => [ids[id] ?? '', device]);
    const named = [
      ...of(0, [...SPELLINGS, ...UNUSUAL.filter((one) => !NOT_SCANNED.test(one))]),
      ...of(1, ['A4:C1:38:AA:00:02', 'MAC=a4c138aa0002']),
      ...of(2, ['A4-C1-38-AA-00-03', '"a4:c1:38:aa:0:03"']),
    ];
    for (const [label, device] of named)
      expect([device, await scan(label, device)]).toEqual([device, expect.stringMatching(/^(?:PASS|ALREADY)$/)]);
    const cut = [
      ...of(
        0,
        UNUSUAL.filter((one) => NOT_SCANNED.test(one)),
      ),
      ...of(3, ['"4:C1:38:AA:00:04"']),
    ];
    for (const [label, device] of cut) expect([device, await scan(label, device)]).toEqual([device, 'FAIL']);
  });

  it('takes the JSON number of a MAC for this MAC', async () => {
    const desk = await openDesk();
    const { id } = (await desk.agent({ product: 'DEMO', mac: 0xa4c138aa0001 })).body;
    expect((await desk.agent({ product: 'DEMO', mac: SPELLINGS[0] })).body.id).toBe(id);
  });

  it('is found twice where an older ledger has two units in unusual spellings', async () => {
    const old = await openDesk({ CLAIMSTAMP_IDENTITY_MACS: ',' });
    const ids = [];
    for (const mac of UNUSUAL.slice(0, 2)) ids.push((await old.agent({ product: 'DEMO', mac })).body.id);
    await old.close();
    const desk = await openDesk({}, old.data);
    for (const mac of ['a4:c1:38:aa:0:1', 'a4-c1-38-aa-00-01', '0xA4C138AA0001']) {
      const { status, body } = await desk.agent({ product: 'DEMO', mac });
      expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('identity-conflict')]);
      const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', `/v1/units?identity=${mac}`)).body;
      expect(new Set(units.map(({ uci }) => uci))).toEqual(new Set(ids));
    }
  });

  it.each([
    ['a letter that is no digit', 'A4:C1:38:AA:OO:01'],
    ['letters of another script', CYRILLIC],
    ['lost zeros', '4C138AA0001'],
  ])('is refused in an import for %s, and a device still gets its answer', async (_, mac) => {
    const desk = await openDesk();
    const units = [{ place: 'line 2', uci: '2222222222', device: { product: 'DEMO', mac } }];
    const { status, body } = await desk.ask('POST', '/v1/units/import', { units });
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('not a MAC')]);
    const { id } = (await desk.agent({ product: 'DEMO', mac })).body;
    expect((await desk.agent({ product: 'DEMO', mac })).body.id).toBe(id);
  });

  it('is another device for an S/N, for a uid, and for properties that are not set', async () => {
    const desk = await openDesk({
      CLAIMSTAMP_IDENTITY_PROPERTIES: 'serial,uid,imei,mac',
      CLAIMSTAMP_IDENTITY_MACS: ',',
    });
    for (const name of ['serial', 'uid', 'imei', 'mac']) {
      const ids = ['A4C138AA0001', 'A4C1-38AA-0001'].map((value) => desk.agent({ product: 'DEMO', [name]: value }));
      const [first, second] = await Promise.all(ids);
      expect([first?.status, second?.status, first?.body.id === second?.body.id]).toEqual([200, 200, false]);
    }
  });

  it('is refused when an older ledger gave two units to the spellings; the search lists both, and a void settles it', async () => {
    const old = await openDesk({ CLAIMSTAMP_IDENTITY_MACS: ',' });
    const asks = SPELLINGS.slice(0, 2).map(async (mac) => (await old.agent({ product: 'DEMO', mac })).body.id);
    const [one, other] = await Promise.all(asks);
    await old.close();
    const desk = await openDesk({}, old.data);
    for (const mac of SPELLINGS.slice(0, 3)) {
      const { status, body } = await desk.agent({ product: 'DEMO', mac });
      expect(status).toBe(409);
      expect(JSON.stringify(body)).toMatch(/units \*+.. and \*+.. have the same \\"mac\\" in two spellings: void/);
    }
    const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units?identity=a4c138aa0001')).body;
    expect(new Set(units.map(({ uci }) => uci))).toEqual(new Set([one, other]));
    expect((await desk.ask('POST', `/v1/units/${other}/void`, { reason: 'duplicate' })).status).toBe(200);
    expect((await desk.agent({ product: 'DEMO', mac: SPELLINGS[3] })).body.id).toBe(one);
  });
});

describe('a property whose name has other letters in capitals', () => {
  it('identifies the device as the name of the setting does', async () => {
    const desk = await openDesk();
    const { id } = (await desk.agent({ product: 'DEMO', MAC: 'A4:C1:38:AA:00:01', Uid: 'u-1' })).body;
    for (const body of [{ mac: 'a4c138aa0001' }, { Mac: 'a4:c1:38:aa:0:1' }, { UID: 'u-1' }, { uid: 'u-1' }])
      expect([body, (await desk.agent({ product: 'DEMO', ...body })).body.id]).toEqual([body, id]);
    const { body } = await desk.ask<{ identity: object }>('GET', `/v1/units/${id}`);
    expect(body.identity).toEqual({ mac: 'A4:C1:38:AA:00:01', uid: 'u-1' });
    expect((await desk.agent({ product: 'DEMO', MAC: 'A4:C1:38:AA:00:02' })).body.id).not.toBe(id);
    await desk.close();
    const { findings } = await verifyLedger(join(desk.data, 'ledger.db'), {});
    expect(findings).toEqual([]);
  });

  it('counts only if the exact name is missing, and is refused if two names are possible', async () => {
    const desk = await openDesk();
    const { id } = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01', MAC: 'x', Mac: 'y' })).body;
    const { body } = await desk.ask<{ identity: object }>('GET', `/v1/units/${id}`);
    expect(body.identity).toEqual({ mac: 'A4:C1:38:AA:00:01' });
    const refused = await desk.agent({ product: 'DEMO', MAC: 'A4:C1:38:AA:00:01', Mac: 'A4:C1:38:AA:00:02' });
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      400,
      expect.stringContaining('send only one of them'),
    ]);
  });

  it('stays another property where the settings name both, and where the device told its S/N so', async () => {
    const desk = await openDesk({ CLAIMSTAMP_IDENTITY_PROPERTIES: 'serial,mac,MAC' });
    const { id } = (await desk.agent({ product: 'DEMO', MAC: 'm-1', Serial: 'S-1' })).body;
    const { body } = await desk.ask<{ identity: object }>('GET', `/v1/units/${id}`);
    expect(body.identity).toEqual({ MAC: 'm-1' });
  });
});

describe('an identity with characters that nobody sees', () => {
  it.each([
    ['a zero-width space', '\u200b', 'U+200B'],
    ['a no-break space', '\u00a0', 'U+00A0'],
    ['a direction mark', '\u200e', 'U+200E'],
    ['a byte order mark', '\ufeff', 'U+FEFF'],
    ['a soft hyphen', '\u00ad', 'U+00AD'],
    ['a full-width space', '\u3000', 'U+3000'],
  ])('is refused with the place of %s, and the search leaves it out at the ends', async (_, sign, code) => {
    const desk = await openDesk();
    const { id } = (await desk.agent({ product: 'DEMO', mac: 'A4:C1:38:AA:00:01', uid: 'u-1' })).body;
    for (const body of [{ uid: `u-1${sign}` }, { uid: `u${sign}-1` }, { mac: `${sign}A4:C1:38:AA:00:01` }]) {
      const { status, body: told } = await desk.agent({ product: 'DEMO', ...body });
      const [name = ''] = Object.keys(body);
      const detail = expect.stringMatching(
        new RegExp(`"${name}" has the invisible character ${code.replace('+', '.')} at`),
      );
      expect([status, told]).toEqual([400, expect.objectContaining({ detail })]);
      const units = [{ place: 'line 2', uci: '2222222222', device: { product: 'DEMO', ...body } }];
      const imported = await desk.ask<{ detail: string }>('POST', '/v1/units/import', { units });
      expect([imported.status, imported.body.detail]).toEqual([400, expect.stringContaining(code)]);
    }
    for (const query of ['find', 'identity']) {
      const path = `/v1/units?${query}=${encodeURIComponent(`${sign}u-1${sign}`)}`;
      const { units } = (await desk.ask<{ units: { uci: string }[] }>('GET', path)).body;
      expect(units.map(({ uci }) => uci)).toEqual([id]);
    }
  });

  it('still identifies no device if it is a placeholder', async () => {
    const desk = await openDesk();
    expect((await desk.agent({ product: 'DEMO', uid: 'Default\u00a0string' })).status).toBe(200);
  });
});

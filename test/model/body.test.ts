import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityValue, MAX_BODY_BYTES, MAX_PROPERTIES, readBody } from '../../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../../src/model/identity/placeholders.ts';
import { ClaimstampError } from '../../src/platform/error.ts';
import { lineOf, parseLine } from '../../src/model/event.ts';
import { refusal } from '../support/map-ledger.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readBody(bytesOf(text), DEFAULT_IDENTITY);
const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
const withProperties = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, i])));

describe('a body', () => {
  test('of the stock firmware is read and kept', () => {
    const text = '{"product":"01G8YJKKRNTHW213TRZYX3YH0M","name":"Ioto Device","description":"x","model":"M1"}';
    expect(read(text)).toEqual({ product: '01G8YJKKRNTHW213TRZYX3YH0M', identity: [], attributes: text });
  });

  test.each(['', ' ', '\r\n\t '])('of nothing but blanks (%j) says nothing', (text) => {
    expect(read(text)).toEqual({ identity: [] });
  });

  test('with many spaces inside costs no more than one without', () => {
    // With a search that starts again at each space, these bodies take minutes, and the test ends by its time limit.
    const text = `x${' '.repeat(MAX_BODY_BYTES - 2)}x`;
    for (let i = 0; i < 500; i++) expect(() => read(text)).toThrow('not JSON');
  });

  test('keeps its blanks, its numbers as written and its escapes; line ends become blanks', () => {
    const body = read('\n{ "product":"P1",\r\n  "n": 1.50e+2,\n  "e": "\\u00e9 \\n" }\n');
    expect(body.attributes).toBe('{ "product":"P1",    "n": 1.50e+2,   "e": "\\u00e9 \\n" }');
  });

  test('names the device in the order of the settings, whatever its own', () => {
    const body = read('{"uid":"u1","mac":"m1","serial":"S-1"}');
    expect(body).toMatchObject({
      serial: 'S-1',
      identity: [
        ['serial', 'S-1'],
        ['mac', 'm1'],
        ['uid', 'u1'],
      ],
    });
  });

  test('names the device by the settings alone', () => {
    const rules = { ...DEFAULT_IDENTITY, properties: ['imei'] };
    const body = readBody(bytesOf('{"imei":356938035643809,"mac":"m1","serial":"S-1"}'), rules);
    expect(body).toMatchObject({ serial: 'S-1', identity: [['imei', '356938035643809']] });
  });

  test('leaves out a placeholder, as identity and as S/N', () => {
    const body = read('{"serial":"Unknown","mac":"00-00-00-00-00-00","uid":"u1"}');
    expect(body.serial).toBeUndefined();
    expect(body.identity).toEqual([['uid', 'u1']]);
  });

  test('that has none of a property has none of those that every object has', () => {
    const rules = { ...DEFAULT_IDENTITY, properties: ['constructor', 'toString', 'mac'] };
    expect(readBody(bytesOf('{"mac":"m1"}'), rules).identity).toEqual([['mac', 'm1']]);
    expect(readBody(bytesOf('{"toString":"t1"}'), rules).identity).toEqual([['toString', 't1']]);
  });
});

describe('a body is refused', () => {
  test.each<[string, string]>([
    ['is no JSON', 'product=P1'],
    ['is cut off', '{"product":"P1"'],
    ['has something behind it', '{"product":"P1"} x'],
    ['is JSON5 only', "{product:'P1'}"],
    ['has a comma too many', '{"product":"P1",}'],
    ['begins with a byte order mark', '\ufeff{"product":"P1"}'],
    ['is an array', '[{"product":"P1"}]'],
    ['is a string', '"P1"'],
    ['is a number', '1'],
    ['is null', 'null'],
    ['has a number as product', '{"product":1}'],
    ['has null as product', '{"product":null}'],
    ['has an empty product', '{"product":""}'],
    ['has a product that no path can carry', '{"product":"../P1"}'],
    ['has a product of 65 letters', `{"product":"${'P'.repeat(65)}"}`],
    ['has a number as name', '{"name":1}'],
    ['has null as name', '{"name":null}'],
    ['has an object as description', '{"description":{}}'],
    ['has an array as model', '{"model":[]}'],
    ['has a name of 256 characters', `{"name":"${'n'.repeat(256)}"}`],
    ['has a serial with letters no label has', '{"serial":"Ä-1"}'],
    ['has a serial of 33 characters', `{"serial":"${'1'.repeat(33)}"}`],
    ['has a serial with a blank in front', '{"serial":" 1"}'],
    ['has an empty serial', '{"serial":""}'],
    ['has a boolean as serial', '{"serial":true}'],
    ['has null as mac', '{"mac":null}'],
    ['has an array as mac', '{"mac":["m1"]}'],
    ['has a mac of 129 characters', `{"mac":"${'m'.repeat(129)}"}`],
    ['has a control character in an identity', '{"mac":"m\\u00001"}'],
    ['has half a character in an identity', '{"mac":"m\\ud800"}'],
    ['has a fraction as identity', '{"uid":1.5}'],
    ['has an unsafe integer as identity', '{"uid":9007199254740992}'],
    ['has another that reads as the same number', '{"uid":9007199254740993}'],
    ['has a number beyond all numbers', '{"x":1e999}'],
    ['names a property twice', '{"mac":"m1","mac":"m2"}'],
    ['names one twice, once in escapes', '{"mac":"m1","\\u006dac":"m2"}'],
    ['names one twice further down', '{"a":{"b":[{"c":1,"c":1}]}}'],
    ['has a __proto__', '{"__proto__":{"product":"P1"}}'],
    ['has a __proto__ in escapes', '{"\\u005f_proto__":1}'],
    ['has a __proto__ further down', '{"a":[{"__proto__":1}]}'],
    ['is nested nine levels', nested(9)],
    ['is nested as deep as bytes allow', nested(MAX_BODY_BYTES / 2 - 10)],
    ['has 65 properties', withProperties(65)],
  ])('that %s', (_what, text) => {
    expect(refusal(() => read(text))).toBe('invalid');
  });

  test.each<[string, number[]]>([
    ['a byte that begins nothing', [0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]],
    ['a letter cut in two', [0x7b, 0x22, 0xc3, 0x22, 0x3a, 0x31, 0x7d]],
    ['a letter longer than it need be', [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]],
    ['half a character', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['two bytes a letter', [0x7b, 0x00, 0x7d, 0x00]],
  ])('that is no UTF-8: %s', (_what, bytes) => {
    expect(refusal(() => readBody(Uint8Array.from(bytes), DEFAULT_IDENTITY))).toBe('invalid');
  });

  test('that is over 16 KiB, however little of it is said', () => {
    const full = `{"x":"${'x'.repeat(MAX_BODY_BYTES - 8)}"}`;
    expect(bytesOf(full)).toHaveLength(MAX_BODY_BYTES);
    expect(read(full).attributes).toBe(full);
    expect(refusal(() => read(`${full} `))).toBe('too-large');
    expect(refusal(() => read(' '.repeat(MAX_BODY_BYTES + 1)))).toBe('too-large');
  });
});

describe('a body is taken', () => {
  test.each<[string, string]>([
    ['of 64 properties', withProperties(MAX_PROPERTIES)],
    ['nested eight levels', nested(8)],
    ['with a name of 255 characters', `{"name":"${'n'.repeat(255)}"}`],
    ['with the same name on two levels', '{"a":{"a":1},"b":[{"a":1},{"a":2}]}'],
    ['with a colon behind a string in a list', '{"a":["b:","\\":","c"],"d":"e: f"}'],
    ['with the largest safe number as identity', '{"uid":9007199254740991}'],
    ['with an unsafe number that is no identity', '{"x":12345678901234567890}'],
    ['with constructor as a name', '{"constructor":{"prototype":1},"hasOwnProperty":1}'],
    ['with the letters of the world', '{"name":"Gerät 装置 😀"}'],
    ['with the line separators that JSON allows', '{"name":"a\u2028b\u2029c"}'],
  ])('%s', (_what, text) => {
    expect(read(text).attributes).toBe(text);
  });
});

describe('whatever comes', () => {
  const words = fc.constantFrom(
    'product',
    'serial',
    'mac',
    'uid',
    'name',
    '__proto__',
    'constructor',
    '\u0000',
    '\ud800',
    'unknown',
    '00:00',
    '"',
    '\\',
  );
  const text = fc.oneof(words, fc.string({ unit: 'binary', maxLength: 20 }));
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 10 }), fc.double(), fc.bigInt().map(Number));
  const json = fc
    .tuple(fc.array(fc.tuple(text, value), { maxLength: 6 }), fc.constantFrom('', ' ', '\t', '\r\n', ' \n '))
    .map(([pairs, blank]) => {
      const members = pairs.map(([name, held]) => `${JSON.stringify(name)}${blank}:${JSON.stringify(held)}`);
      return `${blank}{${members.join(`,${blank}`)}}${blank}`;
    });
  const broken = fc
    .tuple(json, fc.nat(), fc.string({ unit: 'binary', maxLength: 2 }))
    .map(([whole, at, cut]) => whole.slice(0, at % (whole.length + 1)) + cut + whole.slice((at + 1) % whole.length));
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    json.map(bytesOf),
    broken.map(bytesOf),
    fc.tuple(json.map(bytesOf), fc.nat(), fc.integer({ min: 0, max: 255 })).map(([bytes, at, byte]) => {
      const changed = bytes.slice();
      changed[at % bytes.length] = byte;
      return changed;
    }),
  );

  test('is read or refused, never anything else, and what is read keeps its bytes in the ledger', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const body = readOrRefuse(bytes);
        if (body?.attributes === undefined) return;
        taken++;
        const sent = Buffer.from(bytes).toString('utf8').trim();
        expect(body.attributes).toBe(sent.replace(/[\r\n]/g, ' '));
        expect(JSON.parse(body.attributes)).toEqual(JSON.parse(sent));
        const { attributes } = body;
        const line = lineOf({
          seq: 1,
          at: 0,
          type: 'issued',
          uci: 'JT08FFQXWQ',
          actor: 'agent:::1',
          data: { product: 'P1' },
          attributes,
        });
        expect(line).not.toContain('\n');
        expect(parseLine(line).attributes).toBe(attributes);
      }),
      { numRuns: 4000 },
    );
    expect(taken).toBeGreaterThan(400);
  });

  test('an identity is the same text for the ledger as for the look-up', () => {
    const anyValue = fc.oneof(text, fc.maxSafeInteger(), fc.constantFrom('0', 'f', -0));
    fc.assert(
      fc.property(anyValue, (held) => {
        const body = readOrRefuse(bytesOf(JSON.stringify({ mac: held })));
        for (const [property, found] of body?.identity ?? []) {
          expect(String((JSON.parse(body!.attributes!) as Record<string, unknown>)[property])).toBe(found);
          expect(Buffer.from(found, 'utf8').toString('utf8')).toBe(found);
        }
      }),
    );
  });

  function readOrRefuse(bytes: Uint8Array): ReturnType<typeof readBody> | undefined {
    try {
      return readBody(bytes, DEFAULT_IDENTITY);
    } catch (error) {
      expect(error).toBeInstanceOf(ClaimstampError);
      return undefined;
    }
  }
});

describe('a placeholder', () => {
  test.each([
    '0',
    '000000',
    '00:00:00:00:00:00',
    '0000.0000.0000',
    'ff-ff-ff-ff-ff-ff',
    'FFFF',
    '0x0000',
    '0xFFFF',
    ' - ',
    'UNKNOWN',
    ' default ',
    'N/A',
    'null',
    '${MAC}',
    'id-${serial}',
    '{{mac}}',
    '%s',
    '%02X',
    '$MAC',
    '%MAC%',
    '<mac>',
    '[object Object]',
    'xx:xx:xx:xx:xx:xx',
    'AAAAAAAA',
    '11111111',
    'aa:aa:aa:aa:aa:aa',
    'ÿÿÿÿÿÿÿÿ',
    '18:fe:34:00:00:00',
    'DEADBEEFCAFE',
    'aabb.ccdd.eeff',
    'not set',
    'Unprogrammed',
    '?',
    '123456789',
    '01:23:45:67:89:ab',
    '01-00-5e-00-00-fb',
    '3333.0000.0001',
    '1:0:5e:1:2:3',
    '03:23:45:ff:fe:67:89:ab',
    '00:0c:43:26:60:00',
    '66-55-44-33-22-11',
    'Your Serial',
    'YOUR_SERIAL',
    '12345678',
    '0123456789',
    '1234567890',
    '12345678901234567890',
    '0123456789ABCDEF',
    '87654321',
    '9876543210',
    'ABCDEFGH',
    'System Product Name',
    'SerialNumber',
    'Not Specified',
    'Unspecified',
    'No Asset Tag',
    'TBD by OEM',
    'SSN12345678901234567',
    '20:41:53:59:4E:FF',
    'mac:000000000000',
    '0x001122334455',
    '１２３４５６７８',
    0,
    -0,
  ])('is %j', (value) => {
    expect(identityValue('mac', value, DEFAULT_IDENTITY)).toBeUndefined();
  });

  test.each([
    '02:23:45:67:89:ab',
    '00:00:00:00:00:02',
    '00:00:00:00:00:01',
    '02:00:00:00:00:01',
    'FF:FF:FF:FF:FF:FE',
    '01:23:45',
    '1234567',
    '12345679',
    'M-12345678',
    '<a4:c1:38:aa:00:01>',
    '0f0f',
    'unknown-1',
    'A',
    'e',
    1,
    -1,
  ])('is not %j', (value) => {
    expect(identityValue('mac', value, DEFAULT_IDENTITY)).toBe(String(value));
  });

  test.each([
    'To be filled by O.E.M',
    'TO_BE_FILLED_BY_OEM',
    'N.A.',
    'n / a',
    'Default-String',
    't.b.d.',
    'NaN',
    '(null)',
  ])('such as %s identifies no device, whatever signs it has', (value) => {
    expect(identityValue('serial', value, DEFAULT_IDENTITY)).toBe(undefined);
  });

  test.each([
    'Unknown Serial Number',
    'No Serial Number',
    'Not Assigned',
    'Serial number not available',
    'INSERT SERIAL HERE',
    'Chassis Serial',
    'Read error',
    'timeout',
    'SN00000000',
    'SN-12345678',
    'S/N: 0',
    'x',
    'XX',
    '???',
    '***',
    '—',
    '\\N',
    '%(serial)s',
    '未知',
  ])('such as %s says nothing, in any order of its words', (value) => {
    expect(identityValue('serial', value, DEFAULT_IDENTITY)).toBe(undefined);
  });

  test.each(['SN-0042', 'X1', 'Unknown 7', 'toString', 'constructor', 'MB-17', 'N', 'SN12345679', 'M-00000000'])(
    'is not %s',
    (value) => {
      expect(identityValue('serial', value, DEFAULT_IDENTITY)).toBe(value);
    },
  );

  test.each([
    '10:20:30:40:50:60',
    '1a-2b-3c-4d-5e-6f',
    'fedc.ba98.7654',
    'F0:F1:F2:F3:F4:F5',
    '02:11:22:33:44:55',
    '00:AA:BB:CC:DD:EE',
    'DE:AD:BE:EF:FE:ED',
    '00:90:4C:11:22:33',
    '00:0A:35:00:01:22',
    '00:11:22:33:44:55:66:77',
  ])('is the MAC %s, whose bytes count, or which an example contains', (value) => {
    expect(identityValue('mac', value, DEFAULT_IDENTITY)).toBe(undefined);
  });

  test.each(['00:11:22:33:44:56', '02:00:00:00:00:03', 'A4:C1:38:38:38:38', '02:03:04:05:06:08'])(
    'is not the MAC %s',
    (value) => {
      expect(identityValue('mac', value, DEFAULT_IDENTITY)).toBe(value);
    },
  );

  test('has the group bit only if the property contains MACs', () => {
    expect(identityValue('serial', '012345678A01', DEFAULT_IDENTITY)).toBe('012345678A01');
  });

  test('may be set, in any case', () => {
    const rules = { ...DEFAULT_IDENTITY, placeholders: ['Factory'] };
    expect(identityValue('mac', 'fACTORY', rules)).toBeUndefined();
    expect(identityValue('mac', 'unknown', rules)).toBe('unknown');
    expect(identityValue('mac', '0000', rules)).toBeUndefined();
  });
});

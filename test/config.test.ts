import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import JSON5 from 'json5';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { isLoopback } from '../src/platform/loopback.ts';
import { ClaimstampError } from '../src/platform/error.ts';
import { parseJson5 } from '../src/platform/json5.ts';

const folder = mkdtempSync(join(tmpdir(), 'claimstamp-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string): string {
  const path = join(folder, `${files++}.json5`);
  writeFileSync(path, content);
  return path;
}
const withFile = (content: string, env: Record<string, string> = {}) =>
  readConfig({ ...env, CLAIMSTAMP_CONFIG: file(content) });

/** The problems, one a line, without the heading. */
function problems(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ClaimstampError) || error.code !== 'invalid') throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^ {2}- /, ''));
  }
}
const wrong = (env: Record<string, string>): string[] => problems(() => readConfig(env));

const TOKEN = 'a'.repeat(32);

describe('the configuration', () => {
  test('of nothing is an open service for this machine alone', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 4100,
      data: './data',
      agentAccess: 'open',
      products: 'open',
      identityProperties: ['serial', 'mac', 'uid'],
      logLevel: 'info',
      catalog: { products: [], workOrders: [], stations: [] },
    });
    for (const limit of ['stationRate', 'addressRate', 'hourlyCap']) expect(readConfig({})).not.toHaveProperty(limit);
  });

  test.each([
    ['PORT', '"4100"'],
    ['CLAIMSTAMP_ADMIN_TOKEN', `"${TOKEN}"`],
    ['CLAIMSTAMP_SITE_NAME', "'Hall 2'"],
    ['CLAIMSTAMP_IDENTITY_MACS', '"mac,eui64"\r'],
  ])('of a variable in quotation marks, which container tools keep, is refused: %s', (name, value) => {
    expect(wrong({ [name]: value })).toEqual([`${name}: must not be in quotation marks`]);
  });

  test('is the same by environment and by file', () => {
    const byEnv = readConfig({
      HOST: '0.0.0.0',
      PORT: '8080',
      CLAIMSTAMP_DATA: '/var/lib/claimstamp',
      CLAIMSTAMP_AGENT_ACCESS: 'allowlist',
      CLAIMSTAMP_AGENT_ALLOW: '10.0.8.0/24, 10.0.9.1',
      CLAIMSTAMP_STATION_RATE: '60',
      CLAIMSTAMP_ADDRESS_RATE: '120',
      CLAIMSTAMP_HOURLY_CAP: '20000000',
      CLAIMSTAMP_PRODUCTS: 'strict',
      CLAIMSTAMP_DEFAULT_PRODUCT: 'P1',
      CLAIMSTAMP_IDENTITY_PROPERTIES: 'mac,imei',
      CLAIMSTAMP_ADMIN_TOKEN: TOKEN,
      CLAIMSTAMP_LOG_LEVEL: 'warn',
      CLAIMSTAMP_PUBLIC_URL: 'https://claimstamp.example',
    });
    const byFile = withFile(`{
      host: '0.0.0.0', port: 8080, data: '/var/lib/claimstamp', agentAccess: 'allowlist',
      agentAllow: ['10.0.8.0/24', '10.0.9.1'], stationRate: 60, addressRate: 120, hourlyCap: 20000000, products: 'strict', defaultProduct: 'P1',
      identityProperties: ['mac', 'imei'], adminToken: '${TOKEN}', logLevel: 'warn',
      publicUrl: 'https://claimstamp.example', // a comment
    }`);
    const values = { sources: {}, file: undefined };
    expect({ ...byFile, ...values }).toEqual({ ...byEnv, ...values });
  });

  test('of the environment wins over that of the file', () => {
    const config = withFile("{ port: 1111, logLevel: 'debug' }", { PORT: '2222' });
    expect(config).toMatchObject({ port: 2222, logLevel: 'debug' });
  });

  test('takes an empty variable for one that is not set', () => {
    const config = withFile('{ port: 1111 }', {
      PORT: '',
      HOST: '',
      CLAIMSTAMP_ADMIN_TOKEN: '',
      CLAIMSTAMP_ADMIN_TOKEN_FILE: '',
      CLAIMSTAMP_AGENT_ACCESS: '',
      CLAIMSTAMP_LEDGER: '',
    });
    expect(config).toMatchObject({ port: 1111, host: '127.0.0.1', agentAccess: 'open' });
    expect(config.adminToken).toBeUndefined();
    expect(readConfig({ CLAIMSTAMP_CONFIG: '' }).port).toBe(4100);
  });

  test('reads a secret from a file, without the line end behind it', () => {
    expect(readConfig({ CLAIMSTAMP_ADMIN_TOKEN_FILE: file(`${TOKEN}\n`) }).adminToken).toBe(TOKEN);
  });

  test('leaves variables of others alone', () => {
    expect(readConfig({ PATH: '/bin', HOSTNAME: 'x', PORTS: '1', CLAIMSTAMPED: 'x' }).port).toBe(4100);
  });

  test('takes an empty list as a list of none', () => {
    expect(readConfig({ CLAIMSTAMP_IDENTITY_PROPERTIES: ',' }).identityProperties).toEqual([]);
    expect(withFile('{ identityProperties: [] }').identityProperties).toEqual([]);
  });
});

describe('a wrong configuration', () => {
  test('is told with every problem at once, each with the name under which it was set', () => {
    const told = problems(() =>
      withFile(
        `{ hots: 'x', logLevel: 'loud',
           catalog: {
             products: [{ id: 'P1', claimIdLength: 9 }, { id: 'P2', serialPattern: '{week}' }, { id: 'P3' },
                        { id: 'P3', claimIdLength: 30, serialPattern: '{seq:1}{seq:1}' }],
             stations: [{ name: 'nest 1', sources: ['10.0.0.300'], key: 'short' }],
             workOrders: [{ id: 'WO-1', product: 'P1', planned: 0 }],
           } }`,
        {
          HOST: '0.0.0.0',
          PORT: '99999',
          CLAIMSTAMP_ADMIN_TOKEN: 'short',
          CLAIMSTAMP_AGENT_ALLOW: '10.0.8.0/24,10.0.8',
          CLAIMSTAMP_TYPO: 'x',
        },
      ),
    );
    for (const name of [
      '"hots" in the file',
      'logLevel: ',
      'PORT: ',
      'CLAIMSTAMP_ADMIN_TOKEN: must be at least 32 printable ASCII characters',
      'CLAIMSTAMP_AGENT_ALLOW ([1]): must be an IP address',
      'CLAIMSTAMP_TYPO: there is no such setting',
      'catalog.products[0].claimIdLength: ',
      'catalog.products[1].serialPattern: has "{week}"',
      'catalog.products[1].serialPattern: needs exactly one {seq:N}',
      'catalog.products[3].claimIdLength: ',
      'catalog.products[3].serialPattern: needs exactly one',
      'catalog.stations[0].name: ',
      'catalog.stations[0].sources[0]: ',
      'catalog.stations[0].key: ',
      'catalog.workOrders[0].planned: ',
      'HOST=0.0.0.0 lets other machines connect: set CLAIMSTAMP_AGENT_ACCESS',
    ]) {
      expect(told, name).toContainEqual(expect.stringContaining(name));
    }
    expect(told).toHaveLength(16);
  });

  test('never shows a secret', () => {
    const secret = 'hunter2'.repeat(4);
    expect(wrong({ CLAIMSTAMP_ADMIN_TOKEN: secret }).join()).not.toContain('hunter2');
    const key = problems(() => withFile(`{ catalog: { stations: [{ name: 'a', key: '${secret.slice(0, 20)}!' }] } }`));
    expect(key.join()).not.toContain('hunter2');
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'factory.example'])(
    'lets no other machine in by HOST=%s until it is said who may come',
    (HOST) => {
      expect(wrong({ HOST })).toEqual([expect.stringContaining('CLAIMSTAMP_AGENT_ACCESS')]);
      expect(wrong({ HOST, CLAIMSTAMP_AGENT_ACCESS: 'open' })).toEqual([]);
      expect(wrong({ HOST, CLAIMSTAMP_AGENT_ACCESS: 'key' })).toEqual([]);
    },
  );

  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('is not HOST=%s by itself', (HOST) => {
    expect(isLoopback(HOST)).toBe(true);
    expect(wrong({ HOST })).toEqual([]);
  });

  test('is not a list of allowed addresses with nobody on it: stations may have theirs in the ledger', () => {
    const env = { HOST: '0.0.0.0', CLAIMSTAMP_AGENT_ACCESS: 'allowlist' };
    expect(wrong(env)).toEqual([]);
    const station = "{ catalog: { stations: [{ name: 'nest-1', sources: ['10.0.8.7'] }] } }";
    expect(problems(() => withFile(station, env))).toEqual([]);
  });

  test.each(['x', '-1', '65536', '80.5', ' ', '0x50', '1e3', '4100 4200'])('is PORT=%j', (PORT) => {
    expect(wrong({ PORT })).toEqual([expect.stringMatching(/^PORT: /)]);
  });

  test.each(['null', 'true', "''", '[]', '80.5', '{}'])('is a port of %s in the file', (port) => {
    expect(problems(() => withFile(`{ port: ${port} }`))).toEqual([expect.stringMatching(/^port: /)]);
  });

  test.each(['-1', '1.5', '1e3', 'on', '20000001'])('is a limit of %j', (limit) => {
    const limits = { CLAIMSTAMP_STATION_RATE: limit, CLAIMSTAMP_ADDRESS_RATE: limit, CLAIMSTAMP_HOURLY_CAP: limit };
    expect(wrong(limits)).toEqual([
      'CLAIMSTAMP_ADDRESS_RATE: must be off or a whole number of requests a minute from 0 to 1000000',
      'CLAIMSTAMP_STATION_RATE: must be off or a whole number of requests a minute from 0 to 1000000',
      'CLAIMSTAMP_HOURLY_CAP: must be off or a whole number of new Claim IDs an hour from 0 to 20000000',
    ]);
  });

  test.each([
    [
      'is not there',
      () => ({ CLAIMSTAMP_CONFIG: join(folder, 'nowhere.json5') }),
      /^CLAIMSTAMP_CONFIG=.*: there is no such file/,
    ],
    ['is a folder', () => ({ CLAIMSTAMP_CONFIG: folder }), /^CLAIMSTAMP_CONFIG=.*: the path is a folder/],
    ['is no JSON5', () => ({ CLAIMSTAMP_CONFIG: file('{ port: }') }), /^CLAIMSTAMP_CONFIG=.*JSON5/],
    ['holds a list', () => ({ CLAIMSTAMP_CONFIG: file('[]') }), /must hold one JSON5 object/],
    ['holds nothing', () => ({ CLAIMSTAMP_CONFIG: file('') }), /^CLAIMSTAMP_CONFIG=/],
    [
      'of a secret is not there',
      () => ({ CLAIMSTAMP_ADMIN_TOKEN_FILE: join(folder, 'x') }),
      /^CLAIMSTAMP_ADMIN_TOKEN_FILE=.*: there is no such file/,
    ],
    ['of a secret holds too little', () => ({ CLAIMSTAMP_ADMIN_TOKEN_FILE: file('short') }), /^CLAIMSTAMP_ADMIN_TOKEN/],
    [
      'of a secret stands beside the secret',
      () => ({ CLAIMSTAMP_ADMIN_TOKEN: TOKEN, CLAIMSTAMP_ADMIN_TOKEN_FILE: file(TOKEN) }),
      /both set: keep one/,
    ],
  ])('is a file that %s', (_what, env, told) => {
    expect(wrong(env())).toEqual([expect.stringMatching(told)]);
  });

  test('is a shared ledger that is no address of PostgreSQL, or has no key that its processes share', () => {
    expect(wrong({ CLAIMSTAMP_LEDGER: 'x' })).toContainEqual(
      expect.stringMatching(/^CLAIMSTAMP_LEDGER: .*postgres:\/\//),
    );
    const shared = 'postgres://claimstamp@db.example.com/claimstamp';
    expect(wrong({ CLAIMSTAMP_LEDGER: shared })).toEqual([expect.stringContaining('needs CLAIMSTAMP_SIGNING_KEY')]);
  });

  test('is a proxy to be trusted that is no address, or is everybody', () => {
    expect(readConfig({ CLAIMSTAMP_TRUSTED_PROXIES: '10.0.0.1, fd00::/64' }).trustedProxies).toEqual([
      '10.0.0.1',
      'fd00::/64',
    ]);
    for (const proxy of ['nginx', '10.0.0.1:80', '0177.0.0.1', 'fe80::1%eth0']) {
      expect(wrong({ CLAIMSTAMP_TRUSTED_PROXIES: proxy })).toEqual([
        expect.stringMatching(/must be an IP address or a block/),
      ]);
    }
    for (const all of ['0.0.0.0/0', '::/0']) {
      expect(wrong({ CLAIMSTAMP_TRUSTED_PROXIES: all })).toEqual([
        expect.stringMatching(/would make the service trust every machine: list only the proxies/),
      ]);
    }
  });

  test.each([
    ['~/data', 'only a shell would replace'],
    ['$HOME/data', 'only a shell would replace'],
    ['/srv/${NAME}', 'only a shell would replace'],
    ['%h/data', 'only a shell would replace'],
    ['"/srv/data"', 'quotation marks'],
    ["'/srv/data'", 'quotation marks'],
    [' /srv/data', 'a space'],
  ])('is a folder named %s, in which the service would make an empty ledger', (folder, why) => {
    expect(wrong({ CLAIMSTAMP_DATA: folder })).toEqual([
      expect.stringMatching(new RegExp(`^CLAIMSTAMP_DATA: .*${why}`)),
    ]);
    expect(wrong({ CLAIMSTAMP_BACKUP_FOLDER: folder }).join()).toContain(why);
    expect(wrong({ CLAIMSTAMP_PRINT_FOLDERS: `/srv,${folder}` }).join()).toContain(folder.startsWith(' ') ? '' : why);
  });

  test('is a station that prints automatically without a printer', () => {
    expect(problems(() => withFile(`{ catalog: { stations: [{ name: 'a', autoPrint: true }] } }`))).toEqual([
      'catalog: station a cannot print automatically without a printer: set one',
    ]);
  });

  test('is a name given twice in the catalog', () => {
    const told = problems(() =>
      withFile(`{ catalog: {
        products: [{ id: 'P1' }, { id: 'P1' }],
        workOrders: [{ id: 'WO', product: 'P1', planned: 1 }, { id: 'WO', product: 'P1', planned: 2 }],
        stations: [{ name: 'a', key: '${'k'.repeat(22)}' }, { name: 'a' }, { name: 'b', key: '${'k'.repeat(22)}' }],
      } }`),
    );
    expect(told).toEqual([
      'catalog: product P1 is listed twice: remove one',
      'catalog: station a is listed twice: remove one',
      'catalog: work order WO is listed twice: remove one',
      'catalog: two stations have the same key: give each station its own key',
    ]);
  });

  test('is told together with what two settings contradict each other in', () => {
    const told = problems(() =>
      withFile("{ port: 'x', catalog: { products: [{ id: 'P1' }, { id: 'P1' }, { id: '!' }] } }", {
        HOST: '0.0.0.0',
        CLAIMSTAMP_AGENT_ACCESS: 'everyone',
      }),
    );
    expect(told).toEqual([
      expect.stringMatching(/^port: must be a port/),
      expect.stringMatching(/^CLAIMSTAMP_AGENT_ACCESS: /),
      expect.stringMatching(/^catalog\.products\[2\]\.id: /),
      'catalog: product P1 is listed twice: remove one',
    ]);
  });

  test('is an S/N pattern that can be read as a Claim ID of any product in use', () => {
    const told = problems(() =>
      withFile(`{ catalog: { products: [
        { id: 'P1', serialPattern: '{yyyy}{ww}{seq:6}' }, { id: 'P2', claimIdLength: 12 },
      ] } }`),
    );
    expect(told).toEqual([expect.stringMatching(/^product P1: S\/N pattern .* Claim ID of 12 characters/)]);
  });

  test.each(['attributes', 'product', '__proto__', '1mac', 'm c', 'mac,mac'])(
    'is the identity property "%s"',
    (name) => {
      expect(wrong({ CLAIMSTAMP_IDENTITY_PROPERTIES: name })).toEqual([
        expect.stringMatching(/^CLAIMSTAMP_IDENTITY_PROPERTIES/),
      ]);
    },
  );
});

test('a list of addresses that nobody looks at is a problem', () => {
  const list = { CLAIMSTAMP_AGENT_ALLOW: '10.0.8.0/24' };
  expect(wrong(list)).toEqual([
    expect.stringMatching(/set CLAIMSTAMP_AGENT_ACCESS=allowlist, or remove CLAIMSTAMP_AGENT_ALLOW$/),
  ]);
  expect(wrong({ ...list, CLAIMSTAMP_AGENT_ACCESS: 'key' })).toHaveLength(1);
  expect(readConfig({ ...list, CLAIMSTAMP_AGENT_ACCESS: 'allowlist' }).agentAllow).toEqual(['10.0.8.0/24']);
});

test.each(['https://host/base', 'https://host/?x=1', 'https://host/#top'])(
  'an address with more than a host is none: %s',
  (address) => {
    expect(wrong({ CLAIMSTAMP_PUBLIC_URL: address })).toEqual([expect.stringMatching(/without a path/)]);
  },
);

describe('an address', () => {
  const ADDRESSES = [
    'CLAIMSTAMP_PUBLIC_URL',
    'CLAIMSTAMP_URL',
    'CLAIMSTAMP_CHECKPOINT_WEBHOOK',
    'CLAIMSTAMP_BUILDER_URL',
  ];
  const wrongIn = (name: string, value: string): string => {
    const told = wrong({ [name]: value });
    expect(told, `${name}=${value}`).toHaveLength(1);
    return told[0] ?? '';
  };

  test.each([
    'factory.example.com',
    'factory.example.com:4100',
    'localhost:4100',
    '//x.com',
    'https:x.com',
    'ftp://x.com',
  ])('without http:// or https:// is told to begin with it: %s', (address) => {
    for (const name of ADDRESSES)
      expect(wrongIn(name, address)).toMatch(/: must begin with (http:\/\/ or )?https:\/\//);
  });

  test.each(['https://a b.com', ' https://x.com', 'https://x.com ', 'https://x.com\\', 'https://x.com/\ta'])(
    'with a space or a backslash is refused: %j',
    (address) => {
      for (const name of ADDRESSES) expect(wrongIn(name, address)).toMatch(/: must be an address without spaces/);
    },
  );

  test.each(['https://', 'http://x.com:99999', 'https://[::1'])(
    'with a host that is none is refused: %s',
    (address) => {
      for (const name of ['CLAIMSTAMP_PUBLIC_URL', 'CLAIMSTAMP_URL', 'CLAIMSTAMP_CHECKPOINT_WEBHOOK'])
        expect(wrongIn(name, address)).toMatch(/: has a wrong host name or port/);
    },
  );

  test('with a name or a password is refused, because no request could be sent to it', () => {
    for (const name of ADDRESSES)
      expect(wrongIn(name, 'https://ann:hidden@x.com')).toMatch(/without a (name, a password|user name or password)/);
    expect(wrongIn('CLAIMSTAMP_CHECKPOINT_WEBHOOK', 'https://ann:hidden@x.com')).not.toContain('hidden');
  });

  test('of the service for commands has no query', () => {
    for (const end of ['?a=1', '#a'])
      expect(wrongIn('CLAIMSTAMP_URL', `https://x.com/${end}`)).toMatch(/without "\?" and "#"/);
    expect(readConfig({ CLAIMSTAMP_URL: 'https://x.com/ioto/serialize/key' }).url).toContain('/key');
    expect(wrong({ CLAIMSTAMP_CHECKPOINT_WEBHOOK: 'https://x.com/hook?token=1' })).toEqual([]);
  });

  test('to listen on is a host name or an IP address', () => {
    for (const host of ['http://x', 'x:80', '10.0.0.300', 'a b', '[::1]'])
      expect(wrong({ HOST: host, CLAIMSTAMP_AGENT_ACCESS: 'open' }), host).toEqual([
        'HOST: must be an IP address or a host name, without "http://", "[" and port',
      ]);
    for (const host of ['0.0.0.0', '::', '::1', 'fe80::1%eth0', 'localhost', 'factory-1.example.com'])
      expect(wrong({ HOST: host, CLAIMSTAMP_AGENT_ACCESS: 'open' }), host).toEqual([]);
  });
});

describe('a time zone', () => {
  test.each(['Mars/Olympus', 'CET-1CEST', '<-03>3', 'UTC0', 'GMT+1', 'europe/berlin', 'EUROPE/BERLIN', 'Berlin'])(
    'that this program does not know is refused: %s',
    (zone) => {
      expect(wrong({ TZ: zone })).toEqual([
        `TZ=${zone}: there is no such time zone, so all dates would be in UTC: set TZ to a name such as Europe/Berlin`,
      ]);
    },
  );

  test.each(['', 'UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Etc/GMT+1', 'America/Port-au-Prince', ':Europe/Berlin'])(
    'of the database is used: %s',
    (zone) => {
      expect(wrong({ TZ: zone })).toEqual([]);
    },
  );
});

test('a key that is in the file twice is refused with its lines, at any depth', () => {
  expect(problems(() => withFile("{\n port: 1,\n 'host': 'localhost',\n \"port\": 2 }"))).toEqual([
    expect.stringMatching(/^CLAIMSTAMP_CONFIG=.*: has the key "port" twice, in lines 2 and 4: keep one of them$/),
  ]);
  expect(
    problems(() =>
      withFile("{ catalog: { products: [{ id: 'P1', name: 'a', n\\u0061me: 'b' }] } } // port: 1, port: 2"),
    ),
  ).toEqual([expect.stringContaining('has the key "name" twice, in lines 1 and 1')]);
  const sound = "{ a: 1, /* a: */ b: [{ a: ':' }, { a: 2 }], c: '{ a:1, a:2 }', d: 'it\\'s a: ', \"e\": -1 }";
  expect(parseJson5(sound)).toEqual(JSON5.parse(sound));
});

test('a setting of ours in small letters is a typing error too', () => {
  expect(wrong({ claimstamp_data: '/x' })).toEqual(['claimstamp_data: there is no such setting']);
});

describe('whatever is set', () => {
  const names = [
    'HOST',
    'PORT',
    'CLAIMSTAMP_CONFIG',
    'CLAIMSTAMP_DATA',
    'CLAIMSTAMP_LEDGER',
    'CLAIMSTAMP_AGENT_ACCESS',
    'CLAIMSTAMP_AGENT_ALLOW',
    'CLAIMSTAMP_PRODUCTS',
    'CLAIMSTAMP_DEFAULT_PRODUCT',
    'CLAIMSTAMP_IDENTITY_PROPERTIES',
    'CLAIMSTAMP_ADMIN_TOKEN',
    'CLAIMSTAMP_ADMIN_TOKEN_FILE',
    'CLAIMSTAMP_URL',
    'CLAIMSTAMP___PROTO__',
    '__proto__',
    'constructor',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('open', 'key', 'allowlist', '0.0.0.0', '4100', 'P1,P2', '10.0.0.0/8,::1', folder, '\0', 'http://x'),
  );
  const readOrRefuse = (env: Record<string, string>): void => {
    try {
      const config = readConfig(env);
      expect(['open', 'allowlist', 'key']).toContain(config.agentAccess);
      expect(Number.isInteger(config.port)).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(ClaimstampError);
      expect((error as ClaimstampError).code).toBe('invalid');
    }
  };

  test('in the environment is read or refused, never anything else', () => {
    const anyName = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.string());
    fc.assert(fc.property(fc.dictionary(anyName, text, { maxKeys: 8 }), readOrRefuse), { numRuns: 300 });
  }, 30_000);

  test('in the file is read or refused, never anything else', () => {
    const member = fc.oneof(
      { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
      text,
      fc.constantFrom<unknown>(true, -1, null, [], {}, ['x', 1], { id: 'P1' }, { name: 'a', workOrders: { '!': 1 } }),
    );
    const anyKey = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('host', 'port', 'catalog', 'agentAllow', 'identityProperties', 'url') },
      fc.constantFrom('__proto__', 'constructor', 'toString', ''),
      fc.string(),
    );
    const part = fc.dictionary(
      fc.constantFrom(
        'id',
        'name',
        'product',
        'planned',
        'sources',
        'workOrders',
        'serialPattern',
        'code',
        'key',
        '__proto__',
      ),
      member,
    );
    const catalog = fc.dictionary(
      fc.constantFrom('products', 'stations', 'workOrders', 'x'),
      fc.array(part, { maxLength: 3 }),
    );
    const content = fc
      .record({ top: fc.dictionary(anyKey, member, { maxKeys: 6 }), catalog: fc.option(catalog, { nil: undefined }) })
      .map(({ top, catalog: held }) => JSON.stringify(held === undefined ? top : { ...top, catalog: held }));
    const path = file('');
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: content }, fc.string()), (json) => {
        writeFileSync(path, json);
        readOrRefuse({ CLAIMSTAMP_CONFIG: path });
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});

test.each([
  ['nonsense', /must begin with https:/],
  ['http://cloud.example/api', /must begin with https:/],
  ['https://name:word@cloud.example/api', /without a (user )?name/],
  ['https://cloud.example/api?site=1', /without "\?"/],
  ['https://cloud.example/api#site', /without "\?"/],
])('the device cloud cannot be at %s', (url, why) => {
  expect(problems(() => readConfig({ CLAIMSTAMP_BUILDER_URL: url }))).toEqual([expect.stringMatching(why)]);
});

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import JSON5 from 'json5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import {
  ADMIN_TOKEN,
  expectQuiet,
  run,
  api,
  startService,
  tempFolder,
  type Output,
  type Service,
} from '../support/service.ts';

const UCI = /^[0-9A-HJKMNP-TV-Z]{10}$/;

it('a command makes no ledger where none is', async () => {
  const data = join(tempFolder(), 'mistyped');
  for (const args of [
    ['issue', '--product', 'DEMO'],
    ['station', 'list'],
  ]) {
    const { code, stdout, stderr } = await run('claimstamp', args, data);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/mistyped has no running service and no ledger/);
    expect(existsSync(data)).toBe(false);
  }
});

describe.each(['with a running service', 'without a running service'])('claimstamp, %s', (how) => {
  let data: string;
  let files: string;
  let service: Service | undefined;
  beforeAll(async () => {
    data = tempFolder();
    files = tempFolder();
    // The service makes the ledger: commands never do.
    service = await startService(data);
    if (how === 'with a running service') return;
    await service.end('SIGTERM');
    service = undefined;
  });
  afterAll(async () => {
    await service?.end('SIGTERM');
    expectQuiet(service?.log() ?? '', audit(data).ucis);
  });
  const claimstamp = (...args: string[]): Promise<Output> => run('claimstamp', args, data);
  const file = (name: string, text: string): string => {
    writeFileSync(join(files, name), text);
    return join(files, name);
  };
  /** Refused: nothing on standard output, one sentence, status 1, and not one event. */
  const refused = async (why: RegExp, ...args: string[]): Promise<void> => {
    const before = existsSync(join(data, 'ledger.db')) ? audit(data).lines : undefined;
    const { code, stdout, stderr } = await claimstamp(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^\s+at /m);
    if (before) expect(audit(data).lines).toEqual(before);
  };

  it('issue prints a Claim ID that is in the ledger', async () => {
    const { code, stdout, stderr } = await claimstamp('issue', '--product', 'DEMO');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.endsWith('\n')).toBe(true);
    expect(stdout.trim()).toMatch(UCI);
    expect(audit(data).ucis).toContain(stdout.trim());
  });

  it('issue --json prints one object a line, with the S/N', async () => {
    const { stdout } = await claimstamp('issue', '--product', 'DEMO', '--count', '3', '--json');
    const units = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { uci: string; serial: string });
    expect(units.length).toBe(3);
    for (const { uci, serial } of units) {
      expect(uci).toMatch(UCI);
      expect(serial).toMatch(/U\d{7}$/);
    }
  });

  it('issue --out writes a stack of device.json5 files, each with an ID of its own from the ledger', async () => {
    const out = join(files, 'stack');
    const { code, stdout } = await claimstamp('issue', '--product', 'STACK', '--count', '1200', '--out', out);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(existsSync(`${out}.partial`)).toBe(false);
    const folders = readdirSync(out).filter((name) => name !== 'units.csv');
    expect(folders.length).toBe(1200);
    const recorded = new Set(audit(data).ucis);
    for (const folder of folders) {
      const path = join(out, folder, 'device.json5');
      expect(JSON5.parse(readFileSync(path, 'utf8'))).toEqual({ id: folder, product: 'STACK' });
      expect(recorded.has(folder)).toBe(true);
      expect(statSync(path).mode & 0o077).toBe(0);
    }
    const [head, ...lines] = readFileSync(join(out, 'units.csv'), 'utf8').trimEnd().split('\r\n');
    expect(head).toBe('uci,serial,product');
    expect(lines.map((line) => line.slice(0, 10)).toSorted()).toEqual(folders.toSorted());

    await refused(
      /is not an empty folder: name a new one; nothing was issued/,
      'issue',
      '--product',
      'STACK',
      '--out',
      out,
    );
    expect(readdirSync(out).length).toBe(1201);
  });

  it('issue that is refused leaves nothing behind that stands in the way of the next', async () => {
    const out = join(files, 'second');
    const order = ['--work-order', 'NONE'];
    await refused(/no work order NONE/, 'issue', '--product', 'STACK', '--out', out, ...order);
    const { code } = await claimstamp('issue', '--product', 'STACK', '--out', out);
    expect(code).toBe(0);
    expect(readdirSync(out).length).toBe(2);
  });

  it('issue refuses what it cannot do', async () => {
    await refused(/--product/, 'issue');
    await refused(/not a whole number/, 'issue', '--product', 'DEMO', '--count', 'many');
    await refused(/at least 1/, 'issue', '--product', 'DEMO', '--count', '0');
    await refused(/"product"/, 'issue', '--product', 'no spaces');
    await refused(/cannot be written/, 'issue', '--product', 'DEMO', '--out', join(file('plain', ''), 'stack'));
  });

  it('reserve writes the roll as CSV, and names a file that is there already', async () => {
    const out = join(files, 'roll.csv');
    const args = ['reserve', 'ROLL-1', '--product', 'ROLL', '--count', '600', '--out', out];
    expect((await claimstamp(...args)).code).toBe(0);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\r\n');
    expect(lines.length).toBe(601);
    expect(statSync(out).mode & 0o077).toBe(0);
    const recorded = new Set(audit(data).ucis);
    for (const line of lines.slice(1)) expect(recorded.has(line.split(',')[0] as string)).toBe(true);
    await refused(/exists: name a new file; nothing was reserved/, ...args);
    const { stdout } = await claimstamp('reserve', 'ROLL-2', '--product', 'ROLL', '--count', '2');
    expect(stdout).toMatch(/^uci,serial,product\n([0-9A-Z]{10},ROLL\d{4}U\d{7},ROLL\n){2}$/);
  });

  it('reserve that is refused leaves nothing behind that stands in the way of the next', async () => {
    const out = join(files, 'third.csv');
    await refused(/"product"/, 'reserve', 'ROLL-3', '--product', 'no spaces', '--count', '1', '--out', out);
    expect((await claimstamp('reserve', 'ROLL-3', '--product', 'ROLL', '--count', '1', '--out', out)).code).toBe(0);
    const nowhere = join(files, 'none', 'roll.csv');
    await refused(
      /cannot be written: .*; nothing was reserved/,
      'reserve',
      'ROLL-4',
      '--product',
      'ROLL',
      '--count',
      '1',
      '--out',
      nowhere,
    );
    await refused(/"product"/, 'reserve', 'ROLL-4', '--product', 'no spaces', '--count', '1');
  });

  it('import reads a CSV file, completely or not at all, and names the line', async () => {
    const good = file(
      'good.csv',
      '\ufeffuci,serial,product,mac\r\n1111-1111-11,A-1,IMP,m-1\r\n\r\n2222222222,,IMP,m-2\r\n',
    );
    expect(await claimstamp('import', good)).toMatchObject({ code: 0, stdout: '2 units imported\n' });
    expect(audit(data).identity.get('mac m-1')).toBe('1111111111');
    const again = file('again.csv', 'uci,product\n3333333333,IMP\n4444444444,IMP\no22222222z,IMP\n2222222222,IMP\n');
    await refused(
      /again\.csv line 5: the Claim ID \*+22 is already in the ledger; nothing was imported/,
      'import',
      again,
    );
    const twice = file('twice.csv', 'id\n3333333333\n4444444444\n3333333333\n');
    await refused(/twice\.csv line 4: .* is already in .*twice\.csv line 2/, 'import', twice, '--product', 'IMP');
    const bad = file('bad.csv', 'uci,product\n3333333333,IMP\nUUUUUUUUUU,IMP\n');
    await refused(/bad\.csv line 3: the Claim ID is malformed/, 'import', bad);
    await refused(/no product: give --product/, 'import', file('bare.csv', 'uci\n3333333333\n'));
    await refused(/none\.csv: cannot be read: there is no such file/, 'import', join(files, 'none.csv'));
    await refused(/empty\.csv line 1: the file has no units/, 'import', file('empty.csv', 'uci,product\n'));
    await refused(/line 2/, 'import', file('ragged.csv', 'uci,product\n3333333333,IMP,more\n'));
  });

  it('import --check shows how a file is read, and what is wrong with it, and imports nothing', async () => {
    const good = file('check.csv', 'sep=;\r\nS/N;Claim ID;;Colour\r\nA-77;7777-7777-77;;"red\nblue"\r\n');
    const before = audit(data).lines;
    const { code, stdout } = await claimstamp('import', '--check', good, '--product', 'IMP');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        `${good}: CSV in UTF-8, separated by semicolons`,
        'line  S/N       Claim ID    Colour',
        '      = serial  = uci       = Colour',
        '3     A-77      7777777777  red\\nblue',
        '1 unit can be imported: no problems were found',
        '',
      ].join('\n'),
    });
    const bad = file('two.csv', 'uci,serial,product\n8888888888,a*b,IMP\nU,B-1,IMP\n2222222222,B-2,IMP\n');
    const refusedCheck = await claimstamp('import', '--check', bad);
    expect(refusedCheck.code).toBe(1);
    expect(refusedCheck.stderr.split('\n')).toEqual([
      expect.stringMatching(/two\.csv line 2: "serial" must be at most/),
      expect.stringMatching(/two\.csv line 3: the Claim ID is malformed/),
      expect.stringMatching(/two\.csv line 4: the Claim ID \*+22 is already in the ledger$/),
      'nothing was imported',
      '',
    ]);
    expect(audit(data).lines).toEqual(before);
  });

  it('import reads a folder of device.json5 files, completely or not at all, and names the file', async () => {
    const stack = join(files, 'devices');
    for (const uci of ['5555555555', '6666666666']) {
      mkdirSync(join(stack, uci), { recursive: true });
      writeFileSync(
        join(stack, uci, 'device.json5'),
        `{ id: '${uci}', product: 'IMP', /* from the maker */ mac: '${uci}' }`,
      );
    }
    expect(await claimstamp('import', stack, '--reserved')).toMatchObject({ code: 0, stdout: '2 units imported\n' });
    await refused(/5555555555.device\.json5: the Claim ID \*+55 is already in the ledger/, 'import', stack);
    mkdirSync(join(files, 'odd', 'folder.json5'), { recursive: true });
    await refused(
      /folder\.json5: cannot be read: the path is a folder/,
      'import',
      join(files, 'odd'),
      '--product',
      'IMP',
    );
    await refused(/broken\.json5: /, 'import', file('broken.json5', '{ id: '));
    await refused(/must contain one object/, 'import', file('list.json5', '[]'));
    await refused(/no Claim ID: put it into the property/, 'import', file('anonymous.json5', "{ product: 'IMP' }"));
  });

  it('product, work-order and station set and list', async () => {
    const set = await claimstamp(
      'product',
      'set',
      'SET',
      '--name',
      'A thing',
      '--code',
      'T1',
      '--serial-pattern',
      '{code}-{seq:6}',
    );
    expect(JSON.parse(set.stdout)).toMatchObject({
      id: 'SET',
      name: 'A thing',
      code: 'T1',
      serialPattern: '{code}-{seq:6}',
    });
    // What is not named stays.
    const renamed = await claimstamp('product', 'set', 'SET', '--name', 'Another');
    expect(JSON.parse(renamed.stdout)).toMatchObject({ name: 'Another', code: 'T1', serialPattern: '{code}-{seq:6}' });
    const claiming = ['--claiming', 'pre', '--account', '01ACCOUNT', '--cloud', '01CLOUD', '--serial-pattern', 'none'];
    expect(JSON.parse((await claimstamp('product', 'set', 'PRE', ...claiming)).stdout)).toMatchObject({
      claiming: 'pre',
      account: '01ACCOUNT',
      cloud: '01CLOUD',
      serialPattern: null,
    });
    const user = JSON.parse(
      (await claimstamp('product', 'set', 'PRE', '--claiming', '', '--account', '')).stdout,
    ) as object;
    expect(user).toMatchObject({ cloud: '01CLOUD', serialPattern: null });
    expect(user).not.toHaveProperty('claiming');
    expect(user).not.toHaveProperty('account');
    expect((await claimstamp('product', 'list')).stdout).toMatch(/^PRODUCT +NAME.*\n(.*\n)*SET +Another +T1/);

    await claimstamp('work-order', 'set', 'WO-1', '--product', 'SET', '--planned', '5', '--over-issue', 'refuse');
    const orders = JSON.parse((await claimstamp('work-order', 'list', '--json')).stdout) as object[];
    expect(orders).toContainEqual({ id: 'WO-1', product: 'SET', planned: 5, overIssue: 'refuse', units: 0 });
    await refused(/work order WO-1/, 'issue', '--product', 'SET', '--work-order', 'WO-1', '--count', '6');

    await claimstamp('station', 'set', 'NEST', '--source', '10.0.8.11', '--work-order', 'WO-1', '--mode', 'slot');
    expect(JSON.parse((await claimstamp('station', 'show', 'NEST')).stdout)).toMatchObject({
      mode: 'slot',
      sources: ['10.0.8.11'],
      workOrders: { SET: 'WO-1' },
      refusals: [],
    });
    expect((await claimstamp('station', 'set', 'NEST', '--work-order', 'none')).stdout).toContain('"workOrders":{}');
    const { key, url } = JSON.parse((await claimstamp('station', 'key', 'NEST')).stdout) as {
      key: string;
      url: string;
    };
    expect(url.endsWith(key)).toBe(true);
    expect(audit(data).lines.join('\n')).not.toContain(key);
    expect(service?.log() ?? '').not.toContain(key);
    await refused(/can be mistaken for a Claim ID/, 'product', 'set', 'SET', '--serial-pattern', '{seq:5}00000');
  });

  it('unit release-sample and reference do what they say, and are refused for other units', async () => {
    await claimstamp('product', 'set', 'LAMP');
    await claimstamp('work-order', 'set', 'SAMPLES', '--product', 'LAMP', '--planned', '9', '--purpose', 'sample');
    const sample = (await claimstamp('issue', '--product', 'LAMP', '--work-order', 'SAMPLES')).stdout.trim();
    const sold = (await claimstamp('issue', '--product', 'LAMP')).stdout.trim();
    await refused(/--reason/, 'unit', 'release-sample', sample);
    await refused(/sample/, 'unit', 'release-sample', sold, '--reason', 'why not');
    const released = await claimstamp('unit', 'release-sample', sample, '--reason', 'the museum keeps it');
    expect(released).toMatchObject({ code: 0, stdout: `${sample} is released\n`, stderr: '' });
    const marked = await claimstamp('unit', 'reference', sold, '--note', 'golden 1');
    expect(marked).toMatchObject({ code: 0, stdout: `${sold} is a reference device\n`, stderr: '' });
    expect((await claimstamp('unit', 'show', sold)).stdout).toContain('golden 1');
    const ended = await claimstamp('unit', 'reference', sold, '--end');
    expect(ended).toMatchObject({ code: 0, stdout: `${sold} is no longer a reference device\n`, stderr: '' });
    const types = audit(data).lines.map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types.slice(-3)).toEqual(['sample-released', 'reference-set', 'reference-set']);
  });

  it('station arm, cancel and verify say what came of it by their exit status', async () => {
    const set = ['--qr', 'https://claim.example.com/c/{uci}', '--device-code', 'mac'];
    expect((await claimstamp('product', 'set', 'SCANNED', ...set)).code).toBe(0);
    // Devices ask a service, also where the commands run without one.
    const asks = service ?? (await startService(data));
    const asked = async (mac: string): Promise<string> =>
      (await api<{ id: string }>(asks, 'POST', '/ioto/serialize', { product: 'SCANNED', mac })).body.id;
    const [uci, other] = [await asked('A4:C1:38:AA:00:01'), await asked('A4:C1:38:AA:00:02')];
    if (service === undefined) await asks.end('SIGTERM');
    const qr = `]Q1HTTPS://claim.example.com/c/${uci}/`;
    expect((await claimstamp('station', 'arm', 'default', qr, '--reason', 'rework')).code).toBe(0);
    expect((await claimstamp('station', 'cancel', 'default')).code).toBe(0);
    const label = await claimstamp('station', 'verify', 'default', uci, '--device', qr);
    expect(label.stdout).toMatch(/^FAIL: that is the label again/);
    const pass = await claimstamp('station', 'verify', 'default', qr, '--device', 'a4c1.38aa.0001');
    expect(pass).toMatchObject({ code: 0, stdout: 'PASS\n' });
    const fail = await claimstamp('station', 'verify', 'default', uci, '--device', 'A4C138AA0002');
    expect(fail).toMatchObject({ code: 1, stdout: `FAIL: already verified (read: ${uci})\n` });
    for (const scan of [qr, ']C1010952000002121421A4C138AA0001', 'a4 c1 38 aa 00 01']) {
      expect((await claimstamp('unit', 'find', scan, '--json')).stdout, scan).toContain(uci);
    }
    expect((await claimstamp('unit', 'find', other.slice(0, 6), '--json')).stdout).toContain(other);
    for (const code of [uci, qr, 'A4C138AA0001', '0xA4:C1:38:AA:00:01', 'MAC=a4:c1:38:aa:0:1'])
      expect((await claimstamp('unit', 'show', code)).stdout, code).toContain(uci);
    await refused(/Claim ID/, 'unit', 'show', 'A4:C1:38:AA:00:0F');
    await refused(/there is no station NONE/, 'station', 'next', 'NONE');
  });
});

describe('claimstamp', () => {
  it('goes to the service named by CLAIMSTAMP_URL with its token, and to nobody else', async () => {
    const service = await startService(tempFolder());
    const data = join(tempFolder(), 'none');
    const there = { CLAIMSTAMP_URL: service.url, CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN };
    const issued = await run('claimstamp', ['issue', '--product', 'DEMO'], data, there);
    expect(issued.code).toBe(0);
    const bare = await run('claimstamp', ['issue', '--product', 'DEMO'], data, { CLAIMSTAMP_URL: service.url });
    expect(bare).toMatchObject({ code: 1, stdout: '' });
    expect(bare.stderr).toMatch(/needs CLAIMSTAMP_ADMIN_TOKEN/);
    const wrong = { ...there, CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN.toUpperCase() };
    expect((await run('claimstamp', ['issue', '--product', 'DEMO'], data, wrong)).stderr).toMatch(
      /a token that is valid/,
    );
    await service.end('SIGTERM');
    const gone = await run('claimstamp', ['issue', '--product', 'DEMO'], data, there);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toMatch(/does not answer .*: is the service running\?/);
    expect(existsSync(data)).toBe(false);
    expect(audit(service.data).ucis).toEqual([issued.stdout.trim()]);
  });

  it('config check lists every problem at once, or shows the configuration without its secrets', async () => {
    const file = join(tempFolder(), 'claimstamp.json5');
    writeFileSync(
      file,
      `{ port: 'many', colour: 'red', catalog: { products: [{ id: 'A', serialPattern: 'x' }, { id: 'A b' }], stations: [{ name: 'S', key: 'short' }] } }`,
    );
    const env = {
      CLAIMSTAMP_CONFIG: file,
      HOST: '0.0.0.0',
      CLAIMSTAMP_AGENT_ACCESS: 'perhaps',
      CLAIMSTAMP_TLS_CERT: 'x.pem',
      PORT: '',
    };
    const bad = await run('claimstamp', ['config', 'check'], tempFolder(), env);
    expect(bad).toMatchObject({ code: 1, stdout: '' });
    for (const place of [
      'port:',
      '"colour" in the file: there is no such setting',
      'CLAIMSTAMP_AGENT_ACCESS:',
      'CLAIMSTAMP_TLS_CERT is set and CLAIMSTAMP_TLS_KEY is not',
      'catalog.products[0].serialPattern: needs exactly one {seq:N}',
      'catalog.products[1].id: must be 1 to 64',
      'catalog.stations[0].key: must be 22 to 128',
    ]) {
      expect(bad.stderr).toContain(place);
    }
    expect(bad.stderr).toMatch(/the configuration has 7 problems/);

    const key = 'a-key-of-a-station-0123456789';
    writeFileSync(file, `{ catalog: { stations: [{ name: 'S', key: '${key}' }] } }`);
    const good = await run('claimstamp', ['config', 'check'], tempFolder(), {
      CLAIMSTAMP_CONFIG: file,
      CLAIMSTAMP_ADMIN_TOKEN: ADMIN_TOKEN,
      CLAIMSTAMP_LEDGER: 'postgres://claimstamp:a-password@db.example.com/claimstamp',
      CLAIMSTAMP_SIGNING_KEY: generateKeyPairSync('ed25519').privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }) as string,
    });
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(good.stdout)).toMatchObject({
      host: '127.0.0.1',
      adminToken: '(set)',
      ledger: '(set)',
      signingKey: '(set)',
      catalog: { stations: [{ key: '(set)' }] },
    });
    expectQuiet(good.stdout, [], [key]);
  });

  it('without a command it knows says which there are, on standard error', async () => {
    const { code, stderr } = await run('claimstamp', ['dance'], tempFolder());
    expect(code).toBe(1);
    expect(stderr).toMatch(/unknown command 'dance'[\s\S]*issue/);
  });
});

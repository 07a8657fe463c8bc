import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { Printer, type KeptPrinter } from '../../src/model/printer.ts';
import type { Outcome } from '../../src/model/printing/sending.ts';
import { packageRoot } from '../../src/platform/package-root.ts';
import { openAgentChannel } from '../../src/print/agents.ts';
import { printerPlaces, type PrinterPlaces } from '../../src/print/places.ts';
import { sender } from '../../src/print/send.ts';
import { job } from '../support/print-jobs.ts';
import { openDesk, tempFolder, type Problem } from '../support/service.ts';
import { until } from '../support/until.ts';

/* A service that other machines can reach, and a caller that may define printers. */

const OPEN = { HOST: '0.0.0.0', CLAIMSTAMP_AGENT_ACCESS: 'open', CLAIMSTAMP_PRINT_FOLDERS: '' };

const printer = (settings: object): KeptPrinter => ({ ...Printer.parse({ name: 'P', ...settings }), confined: true });
const raw = (host: string, port = 9100) =>
  printer({ kind: 'raw9100', host: host.includes(':') ? `[${host}]` : host, port });
const placesWith = (env: Record<string, string> = {}) =>
  printerPlaces(readConfig({ ...OPEN, CLAIMSTAMP_DATA: tempFolder(), ...env }));

function refusalOf(one: KeptPrinter, env?: Record<string, string>): string | undefined {
  try {
    placesWith(env).check(one);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const sendTo = (one: KeptPrinter, env?: Record<string, string>): Promise<Outcome> =>
  sender(placesWith(env), openAgentChannel())(
    one,
    job(one.kind === 'ipp' ? 'pdf' : 'zpl', '^XA^XZ'),
    { onSending() {} },
    new AbortController().signal,
  );

describe('an address', () => {
  let server: Server;
  let connections = 0;
  const port = (): number => (server.address() as AddressInfo).port;
  beforeAll(async () => {
    server = createServer((socket) => {
      connections++;
      socket.on('error', () => {}).end();
    }).listen(0, '::');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  it.for([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    'localhost',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '0:0:0:0:0:0:0:1',
    '::ffff:0.0.0.0',
    '169.254.169.254',
    '169.254.1.1',
    '2852039166',
    '0xa9fea9fe',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    'fe80::1',
    'fe80::1%lo',
    'febf::1',
    'fd00:ec2::254',
    '64:ff9b::a9fe:a9fe',
    '255.255.255.255',
    '224.0.0.1',
    'ff02::1',
  ])('%s is refused early and late unless it is listed', async (host) => {
    expect(refusalOf(raw(host))).toBe('printer-address-refused');
    const outcome = await sendTo(raw(host, port()));
    expect(outcome).toMatchObject({ state: 'failed', mayHaveLeft: false });
    expect((outcome as { reason: string }).reason).toContain('CLAIMSTAMP_PRINTER_ALLOW');
    const inUrl = host.includes(':') ? `[${host}]` : host;
    expect(refusalOf(printer({ kind: 'ipp', url: `ipp://${inUrl}:631/q` }))).toBe('printer-address-refused');
    expect(await sendTo(printer({ kind: 'ipp', url: `ipps://${inUrl}:${port()}/q` }))).toMatchObject({
      state: 'failed',
    });
    expect(connections).toBe(0);
  });

  it.for(['LOCALHOST.', 'a.localhost'])('%s is refused early', (host) => {
    expect(refusalOf(raw(host))).toBe('printer-address-refused');
  });

  it.for(['10.0.8.20', '192.168.1.9', '172.16.0.1', 'zebra-1', 'fd00::9', '192.0.2.40', '2001:db8::40'])(
    '%s is allowed without a list',
    (host) => {
      expect(refusalOf(raw(host))).toBeUndefined();
    },
  );

  it('of this machine in its network is refused like loopback', () => {
    const own = Object.values(networkInterfaces()).flatMap((one) => (one ?? []).filter(({ internal }) => !internal));
    for (const { address } of own) expect(refusalOf(raw(address)), address).toBe('printer-address-refused');
  });

  it('is judged after the name is resolved, for each connection', async () => {
    const { of } = placesWith();
    const asked: string[] = [];
    const rules = of(raw('zebra'));
    const watched: Pick<PrinterPlaces, 'of' | 'actual'> = {
      actual: (printer) => printer,
      of: () => ({
        ...rules,
        address: (address, host) => (asked.push(`${host} ${address}`), rules.address(address, host)),
      }),
    };
    const outcome = await sender(watched, openAgentChannel())(
      raw('localhost', port()),
      job('zpl', '^XA^XZ'),
      { onSending() {} },
      new AbortController().signal,
    );
    expect(outcome).toMatchObject({ state: 'failed', mayHaveLeft: false });
    expect(asked).toContain('localhost 127.0.0.1');
  });

  it('that is listed is used, in any spelling', async () => {
    const env = { CLAIMSTAMP_PRINTER_ALLOW: '127.0.0.0/8, 10.0.8.0/24, printhost' };
    for (const host of ['127.0.0.1', '2130706433', '10.0.8.20', 'printhost'])
      expect(refusalOf(raw(host), env), host).toBeUndefined();
    expect(await sendTo(raw('127.0.0.1', port()), env)).not.toMatchObject({ mayHaveLeft: false });
    expect(connections).toBeGreaterThan(0);
  });

  it('that is not listed is refused where there is a list', async () => {
    const env = { CLAIMSTAMP_PRINTER_ALLOW: '10.0.8.0/24' };
    expect(refusalOf(raw('10.0.9.20'), env)).toBe('printer-address-refused');
    expect(refusalOf(raw('printhost'), { CLAIMSTAMP_PRINTER_ALLOW: 'zebra-1,zebra-2' })).toBe(
      'printer-address-refused',
    );
    expect(await sendTo(raw('10.0.9.20'), env)).toMatchObject({ mayHaveLeft: false });
  });

  it('of a listed name is still refused if the name leads to this machine', async () => {
    // Not every machine has this name. A name without an address is not reached.
    const named = await sendTo(raw('ip6-localhost', port()), { CLAIMSTAMP_PRINTER_ALLOW: 'ip6-localhost' });
    expect(['failed', 'queued']).toContain(named.state);
    expect(await sendTo(raw('0x7f.1', port()), { CLAIMSTAMP_PRINTER_ALLOW: '0x7f.1' })).toMatchObject({
      mayHaveLeft: false,
    });
  });

  it('of this machine is allowed if only this machine reaches the service', () => {
    const local = { HOST: '127.0.0.1' };
    for (const host of ['127.0.0.1', 'localhost', '::1']) expect(refusalOf(raw(host), local)).toBeUndefined();
    expect(refusalOf(raw('169.254.169.254'), local)).toBe('printer-address-refused');
  });

  it.for(['0.0.0.0/0', '::/0', '127.1', 'a b', '10.0.0.0/33'])('%s cannot be listed', (entry) => {
    expect(() => placesWith({ CLAIMSTAMP_PRINTER_ALLOW: entry })).toThrow(/CLAIMSTAMP_PRINTER_ALLOW/);
  });
});

describe('a folder', () => {
  const file = (folder: string): KeptPrinter => printer({ kind: 'file', folder, format: 'zpl' });

  it('is <data>/print or a folder in it, which the service makes', async () => {
    const data = tempFolder();
    const env = { CLAIMSTAMP_DATA: data };
    expect(await sendTo(file(join(data, 'print')), env)).toEqual({ state: 'done' });
    mkdirSync(join(data, 'print', 'line-1'));
    expect(await sendTo(file(join(data, 'print', '..', 'print', 'line-1')), env)).toEqual({ state: 'done' });
    expect(readdirSync(join(data, 'print')).toSorted()).toEqual(['job-1.zpl', 'line-1']);
  });

  it('elsewhere is refused early and late, also through links and ".."', async () => {
    const data = tempFolder();
    const out = tempFolder();
    const env = { CLAIMSTAMP_DATA: data };
    mkdirSync(join(data, 'print'));
    mkdirSync(join(data, 'print-2'));
    symlinkSync(out, join(data, 'print', 'link'));
    symlinkSync(data, join(data, 'print', 'up'));
    writeFileSync(join(data, 'print', 'plain'), '');
    const outside = [
      out,
      data,
      '/',
      '/etc',
      join(data, 'print-2'),
      `${data}/print/../print-2`,
      join(data, 'print', 'link'),
    ];
    const odd = [
      `${data}/print/link/../..`,
      join(data, 'print', 'up', 'print-2'),
      `${data}/print/plain/x`,
      'a\0b',
      `/${'x'.repeat(300)}`,
    ];
    for (const folder of [...outside, ...odd]) {
      expect(refusalOf(file(folder), env), folder).toBe('printer-folder-refused');
      expect(await sendTo(file(folder), env), folder).toMatchObject({ state: 'failed', mayHaveLeft: false });
    }
    expect(readdirSync(out)).toEqual([]);
  });

  it('may be in any of the folders of the setting', async () => {
    const [one, two] = [tempFolder(), tempFolder()];
    const env = { CLAIMSTAMP_PRINT_FOLDERS: `${one}/, ${two}` };
    for (const folder of [one, two]) expect(await sendTo(file(folder), env)).toEqual({ state: 'done' });
    expect(refusalOf(file(`${one}-else`), env)).toBe('printer-folder-refused');
  });

  it('is made at once if it is missing, but never the allowed folder itself, which may be a disk that is gone', () => {
    const one = tempFolder();
    const check = (folder: string, allowed: string): string | undefined =>
      printerPlaces(readConfig({ CLAIMSTAMP_PRINT_FOLDERS: allowed })).check(file(folder));
    const inside = join(one, 'line', 'nest-1');
    expect(check(inside, one)).toBe(undefined);
    expect(readdirSync(inside)).toEqual([]);
    const gone = join(one, 'gone');
    expect(check(join(gone, 'nest-1'), gone)).toBe(`there is no folder ${gone}: create it`);
    expect(readdirSync(one)).toEqual(['line']);
    expect(check('/proc/nowhere', '/')).toContain('/proc/nowhere cannot be used');
  });
});

describe('the service', () => {
  it('refuses such a printer in three languages, says which setting to change, and records nothing', async () => {
    const desk = await openDesk(OPEN);
    const before = await desk.size();
    for (const settings of [
      { kind: 'raw9100', host: '169.254.169.254' },
      { kind: 'ipp', url: 'http://[::ffff:127.0.0.1]:4100/v1' },
    ]) {
      const { status, body } = await desk.ask<Problem>('PUT', '/v1/printers/P', settings);
      expect({ status, type: body.type }).toEqual({
        status: 422,
        type: 'urn:claimstamp:problem:printer-address-refused',
      });
      expect(body.detail).toContain('CLAIMSTAMP_PRINTER_ALLOW');
      expect((await desk.ask('PATCH', '/v1/printers/P', settings)).status).toBe(422);
    }
    const folder = await desk.ask<Problem>('PUT', '/v1/printers/P', { kind: 'file', folder: '/etc' });
    expect(folder.body).toMatchObject({ status: 422, type: 'urn:claimstamp:problem:printer-folder-refused' });
    expect(folder.body.detail).toContain('CLAIMSTAMP_PRINT_FOLDERS');
    expect(await desk.size()).toBe(before);
    const { body } = await desk.ask<object>('PUT', '/v1/printers/P', { kind: 'raw9100', host: '10.0.8.20' });
    expect(body).not.toHaveProperty('confined');
    expect((await desk.ask('GET', '/v1/printers')).body).toMatchObject({
      printers: [{ name: 'P', host: '10.0.8.20' }],
    });
    await desk.ask('PATCH', '/v1/printers/P', { host: '127.0.0.1' });
    expect((await desk.ask('GET', '/v1/printers')).body).toMatchObject({
      printers: [{ name: 'P', host: '10.0.8.20' }],
    });
  });

  it('fails a label whose printer is no longer allowed, with the reason', async () => {
    const data = tempFolder();
    const first = await openDesk({ ...OPEN, CLAIMSTAMP_PRINTER_ALLOW: '127.0.0.1' }, data);
    await first.ask('PUT', '/v1/printers/P', { kind: 'raw9100', host: '127.0.0.1' });
    await first.close();
    const desk = await openDesk(OPEN, data);
    desk.house.startPrinting();
    const { id } = (await desk.agent({ product: 'DEMO' })).body;
    const { job: number } = (await desk.ask<{ job: number }>('POST', `/v1/units/${id}/print`, { printer: 'P' })).body;
    const ended = await until(async () => {
      const { body } = await desk.ask<{ state: string; reason?: string }>('GET', `/v1/print-jobs/${number}`);
      return body.state === 'queued' ? undefined : body;
    });
    expect(ended.state).toBe('failed');
    expect(ended.reason).toContain('CLAIMSTAMP_PRINTER_ALLOW');
    expect((await desk.ask('POST', '/v1/printers/P/test')).body).toMatchObject({ state: 'failed' });
    await desk.close();
  });

  it('lets the printers of an earlier version and of the configuration file go on, and names them', async () => {
    const data = tempFolder();
    cpSync(join(packageRoot, 'test', 'fixtures', 'ledger-0.1.0'), data, { recursive: true });
    const file = join(tempFolder(), 'claimstamp.json5');
    writeFileSync(
      file,
      JSON.stringify({ catalog: { printers: [{ name: 'cups', kind: 'ipp', url: 'ipp://localhost/q' }] } }),
    );
    const desk = await openDesk({ ...OPEN, CLAIMSTAMP_CONFIG: file }, data);
    desk.house.startPrinting();
    const lines = await until(async () =>
      desk
        .log()
        .split('\n')
        .find((line) => line.includes('earlier version')),
    );
    expect(lines).toContain('p1 (/tmp/ledger-before-print)');
    expect(lines).toContain('cups (ipp://localhost/q)');
    const { printers } = { printers: await desk.house.ledger.printers() };
    const places = printerPlaces(readConfig({ ...OPEN, CLAIMSTAMP_CONFIG: file, CLAIMSTAMP_DATA: data }));
    expect(printers.map((one) => places.isListed(one))).toEqual(printers.map(() => true));
    // Another setting of such a printer may change, but not its place.
    expect((await desk.ask('PATCH', '/v1/printers/p1', { dpi: 300 })).status).toBe(200);
    expect((await desk.ask('PATCH', '/v1/printers/p1', { folder: '/tmp' })).status).toBe(422);
    const [p1] = (await desk.house.ledger.printers()).filter(({ name }) => name === 'p1');
    expect(p1 && places.isListed(p1)).toBe(true);
    await desk.close();
    // Without the file, its printer is one like any other.
    const later = printerPlaces(readConfig({ ...OPEN, CLAIMSTAMP_DATA: data }));
    expect(printers.filter((one) => !later.isListed(one)).map(({ name }) => name)).toEqual(['cups']);
  });
});

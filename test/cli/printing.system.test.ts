import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { expectQuiet, run, startService, tempFolder, type Output, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';
import { startRawPrinter } from '../support/raw-printer.ts';

interface Job {
  id: number;
  uci: string;
  state: string;
  copies: number;
}

describe('printing from the command line', () => {
  let service: Service;
  let folder: string;
  beforeAll(async () => {
    service = await startService(tempFolder());
    folder = tempFolder();
  });
  afterAll(async () => {
    await service.end('SIGTERM');
    expectQuiet(service.log(), audit(service.data).ucis);
  });
  const claimstamp = (...args: string[]): Promise<Output> => run('claimstamp', args, service.data);
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await claimstamp(...args);
    // The IPP printers of these tests do not exist, so they are saved with a warning.
    expect({ code, stderr: stderr.replace(/^saved, but: printer .*\n$/, '') }).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  };
  const refused = async (why: RegExp, ...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await claimstamp(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^\s+at /m);
  };
  const issue = (): Promise<string> => ok('issue', '--product', 'DEMO');
  const ended = (id: number): Promise<Job> =>
    until(async () => {
      const jobs = JSON.parse(await ok('printer', 'jobs', '--json')) as Job[];
      return jobs.find((job) => job.id === id && !['queued', 'sending'].includes(job.state));
    });

  it('printer set takes each kind, and list shows where they are and what is wrong', async () => {
    await ok('printer', 'set', 'spool', '--folder', folder, '--format', 'zpl', '--dpi', '300');
    await ok('printer', 'set', 'zebra', '--raw', '127.0.0.1:1');
    await ok('printer', 'set', 'six', '--raw', '[::1]:9101');
    const pin = '0123456789abcdef'.repeat(4);
    await ok(
      'printer',
      'set',
      'cups',
      '--ipp',
      'ipps://localhost/printers/labels',
      '--media',
      'om_label_62x40mm',
      '--certificate',
      pin,
    );
    const printers = JSON.parse(await ok('printer', 'list', '--json')) as { name: string }[];
    expect(printers.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject([
      { name: 'cups', kind: 'ipp', media: 'om_label_62x40mm', certificate: pin, dpi: 203 },
      { name: 'six', kind: 'raw9100', host: '::1', port: 9101 },
      { name: 'spool', kind: 'file', folder, format: 'zpl', dpi: 300 },
      { name: 'zebra', kind: 'raw9100', host: '127.0.0.1', port: 1 },
    ]);
    expect(await ok('printer', 'list')).toMatch(/^PRINTER +KIND +ADDRESS +DPI +TROUBLE\n/);
  });

  it('printer set changes what it names, and takes every setting', async () => {
    const pin = '0123456789abcdef'.repeat(4);
    await ok('printer', 'set', 'tls', '--ipp', 'ipps://h/q', '--certificate', pin, '--done-ms', '9000', '--dpi', '300');
    const slower = JSON.parse(await ok('printer', 'set', 'tls', '--answer-ms', '8000')) as object;
    expect(slower).toMatchObject({ url: 'ipps://h/q', certificate: pin, doneMs: 9000, answerMs: 8000, dpi: 300 });
    const raw = JSON.parse(await ok('printer', 'set', 'tls', '--raw', 'fd00::9101', '--stall-ms', '7000')) as object;
    expect(raw).toEqual({
      name: 'tls',
      kind: 'raw9100',
      host: 'fd00::9101',
      port: 9100,
      dpi: 300,
      connectMs: 5000,
      stallMs: 7000,
      closeMs: 3000,
    });
    const named = ['--kind', 'raw9100', '--host', 'zebra:9101'];
    expect(await ok('printer', 'set', 'named', ...named)).toContain('"host":"zebra","port":9101');
    expect(await ok('printer', 'set', 'tls', '--raw', '[fd00::9]:9101')).toContain('"host":"fd00::9","port":9101');
    expect(await ok('printer', 'list')).toContain('[fd00::9]:9101');
  });

  it('printer set refuses what is no printer, by name of the setting', async () => {
    await refused(/"kind": is missing/, 'printer', 'set', 'p');
    await refused(/give one of/, 'printer', 'set', 'p', '--raw', 'h', '--folder', '/tmp');
    await refused(/"dpi"/, 'printer', 'set', 'p', '--raw', 'h', '--dpi', '204');
    await refused(/"host"/, 'printer', 'set', 'p', '--raw', 'a host');
    await refused(/"url"/, 'printer', 'set', 'p', '--ipp', 'ftp://host/x');
    await refused(/"url"/, 'printer', 'set', 'p', '--ipp', 'ipp://user:word@host/x');
    await refused(/"certificate"/, 'printer', 'set', 'p', '--ipp', 'ipp://host/x', '--certificate', 'ab'.repeat(32));
  });

  it('printer test says how it went, with status 1 when it did not', async () => {
    expect(await ok('printer', 'test', 'spool')).toBe('done');
    const { code, stdout } = await claimstamp('printer', 'test', 'zebra');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failed: printer zebra: 127\.0\.0\.1:1 refused the connection/);
    await refused(/no printer nowhere/, 'printer', 'test', 'nowhere');
  });

  it('print queues a label and names its job; a second one needs a reason', async () => {
    const uci = await issue();
    const { job, ...rest } = JSON.parse(
      await ok('print', uci.toLowerCase(), '--printer', 'spool', '--copies', '2'),
    ) as { job: number };
    expect(rest).toEqual({ printer: 'spool', uci, firstCopy: 1 });
    expect(await ended(job)).toMatchObject({ state: 'done', copies: 2 });
    await refused(/already has a label \(labels: 2\): give a reason/, 'print', uci, '--printer', 'spool');
    const again = JSON.parse(await ok('print', uci, '--printer', 'spool', '--reason', 'smudged')) as { job: number };
    expect(await ended(again.job)).toMatchObject({ state: 'done' });
    await refused(/not a Claim ID/, 'print', 'UUU', '--printer', 'spool');
    await refused(/name a printer/, 'print', uci);
  });

  it('a waiting job is listed with its trouble, and cancelled', async () => {
    const uci = await issue();
    const { job } = JSON.parse(await ok('print', uci, '--printer', 'zebra')) as { job: number };
    await until(async () => ((await ok('printer', 'list')).includes('refused the connection') ? true : undefined));
    expect(await ok('printer', 'jobs', '--printer', 'zebra', '--state', 'queued')).toContain(`${job} `);
    await ok('printer', 'cancel', String(job));
    expect(await ended(job)).toMatchObject({ state: 'cancelled' });
    await refused(/"state"/, 'printer', 'jobs', '--state', 'lost');
  });

  it('a station prints by itself once it has a printer', async () => {
    await refused(/without a printer/, 'station', 'set', 'auto', '--auto-print', 'yes');
    await refused(/no printer nowhere/, 'station', 'set', 'auto', '--printer', 'nowhere');
    await refused(/choices are yes, no/i, 'station', 'set', 'auto', '--auto-print', 'maybe');
    const raw = await startRawPrinter();
    await ok('printer', 'set', 'line', '--raw', `127.0.0.1:${raw.port}`);
    await ok('station', 'set', 'auto', '--source', '127.0.0.1', '--printer', 'line', '--auto-print', 'yes');
    const answer = await fetch(`${service.url}/ioto/serialize`, { method: 'POST', body: '{"product":"DEMO"}' });
    const { id } = (await answer.json()) as { id: string };
    await until(async () => (raw.received()[0]?.includes(id) ? true : undefined));
    await ok('station', 'set', 'auto', '--auto-print', 'no');
  });

  describe('label make', () => {
    const out = (name: string): string => join(folder, name);

    it('draws PDF and ZPL, readable by the owner alone, and leaves no draft', async () => {
      for (const name of ['labels.pdf', 'labels.zpl']) {
        const { code, stderr } = await claimstamp('label', 'make', '--product', 'DEMO', '--out', out(name));
        expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/\d+ labels in /) as string });
        expect(statSync(out(name)).mode & 0o777).toBe(0o600);
      }
      expect(readFileSync(out('labels.pdf')).toString('latin1')).toMatch(/^%PDF-[^]*%%EOF\s*$/);
      expect(readFileSync(out('labels.zpl'), 'utf8')).toMatch(/^~JX\^XA[^]*\^XZ\s*$/);
      expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
    });

    it('the file is that of POST /v1/labels', async () => {
      await claimstamp(
        'label',
        'make',
        '--product',
        'DEMO',
        '--sheet',
        'L7160',
        '--start',
        '3',
        '--out',
        out('sheet.pdf'),
      );
      const { token } = JSON.parse(readFileSync(join(service.data, 'serve.json'), 'utf8')) as { token: string };
      const body = JSON.stringify({ product: 'DEMO', sheet: 'L7160', start: 3 });
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`${service.url}/v1/labels`, { method: 'POST', headers, body });
      expect(Buffer.from(await answer.arrayBuffer()).equals(readFileSync(out('sheet.pdf')))).toBe(true);
    });

    it.each([
      ['a file that exists', ['--product', 'DEMO', '--out', 'EXISTS'], /exists: name a new file/],
      ['no choice of units', ['--out', 'NEW'], /select units either/],
      ['a product that is not there', ['--product', 'NONE', '--out', 'NEW'], /there is no product NONE/],
      ['a choice that nothing fits', ['--product', 'DEMO', '--status', 'scrapped', '--out', 'NEW'], /no unit matches/],
      [
        'a template that is not there',
        ['--product', 'DEMO', '--template', 'nope', '--out', 'NEW'],
        /no label template nope/,
      ],
      [
        'a start without a sheet',
        ['--product', 'DEMO', '--start', '2', '--out', 'NEW'],
        /--start, --offset-x and --offset-y need a --sheet/,
      ],
      ['no copy', ['--product', 'DEMO', '--copies', '0', '--out', 'NEW'], /--copies: 1 to 100/],
      ['a folder that is not there', ['--product', 'DEMO', '--out', 'DIR/x.pdf'], /x\.pdf\.partial/],
      ['a folder that is not there, in ZPL', ['--product', 'DEMO', '--out', 'DIR/x.zpl'], /x\.zpl\.partial/],
    ])('%s is refused, and no file is made', async (_, args, why) => {
      writeFileSync(out('exists.pdf'), 'mine');
      const filled = args.map((arg) =>
        arg.replace('EXISTS', out('exists.pdf')).replace('NEW', out('new.pdf')).replace('DIR', out('dir')),
      );
      await refused(why, 'label', 'make', ...filled);
      expect(existsSync(out('new.pdf'))).toBe(false);
      expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
      expect(readFileSync(out('exists.pdf'), 'utf8')).toBe('mine');
    });
  });

  it('print prints a complete roll in its order, or resumes at the label where it stopped', async () => {
    const roll = (await ok('reserve', 'roll-print', '--product', 'ROLL', '--count', '4'))
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    const printed = async (): Promise<(string | undefined)[]> => {
      const jobs = JSON.parse(await ok('printer', 'jobs', '--json', '--reveal')) as Job[];
      return jobs.map(({ uci }) => uci).toReversed();
    };
    const before = (await printed()).length;
    await claimstamp('print', '--reservation', 'roll-print', '--printer', 'spool');
    expect((await printed()).slice(before)).toEqual(roll);
    const last = JSON.parse(await ok('printer', 'jobs', '--json', '--reveal')) as Job[];
    await ended(last[0]?.id ?? 0);
    await claimstamp('print', '--reservation', 'roll-print', '--from', '3', '--printer', 'spool', '--reason', 'torn');
    expect((await printed()).slice(before + 4)).toEqual(roll.slice(2));
    await refused(
      /has no label at or after this position/,
      'print',
      '--reservation',
      'roll-print',
      '--from',
      '5',
      '--printer',
      'spool',
    );
    await refused(/name one unit, or a roll/, 'print', '--printer', 'spool');
  });

  it('label make draws units by name, all of them or none', async () => {
    const [one, two] = [await issue(), await issue()];
    const out = join(tempFolder(), 'two.zpl');
    const { code } = await claimstamp('label', 'make', two, one.toLowerCase(), '--out', out);
    expect(code).toBe(0);
    const drawn = [...readFileSync(out, 'utf8').matchAll(/\^FD[LMQH]A,([0-9A-Z]+)\^FS/g)].map(([, uci]) => uci);
    expect(drawn).toEqual([two, one]);
    await refused(/there is no unit/, 'label', 'make', one, '0000000000', '--out', `${out}.none.zpl`);
    expect(existsSync(`${out}.none.zpl`)).toBe(false);
    await refused(/select units either/, 'label', 'make', '--out', `${out}.none.zpl`);
  });
});

it('a printer of the configuration file is read-only elsewhere', async () => {
  const folder = tempFolder();
  const config = join(folder, 'claimstamp.json5');
  const catalog = {
    printers: [{ name: 'spool', kind: 'file', folder, format: 'pdf' }],
    stations: [{ name: 'line-1', printer: 'spool', autoPrint: true }],
  };
  writeFileSync(config, JSON.stringify({ catalog }));
  const service = await startService(tempFolder(), { CLAIMSTAMP_CONFIG: config });
  const claimstamp = (...args: string[]): Promise<Output> => run('claimstamp', args, service.data);
  const { code, stderr } = await claimstamp('printer', 'set', 'spool', '--raw', '10.0.0.9');
  expect(code).toBe(1);
  expect(stderr).toMatch(/printer spool is set in the configuration file/);
  expect((await claimstamp('printer', 'set', 'other', '--raw', '10.0.0.9')).code).toBe(0);
  expect((await claimstamp('printer', 'test', 'spool')).stdout).toBe('done\n');
  await service.end('SIGTERM');
});

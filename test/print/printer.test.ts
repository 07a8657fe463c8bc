import { describe, expect, it } from 'vitest';
import { formatOf, placeOf, Printer } from '../../src/model/printer.ts';

const problemsOf = (settings: object): string[] =>
  (Printer.safeParse({ name: 'bench-1', ...settings }).error?.issues ?? []).map(
    (issue) => `${issue.path.join('.')}: ${issue.message}`,
  );

describe('settings', () => {
  it('a label printer needs a host and nothing else', () => {
    expect(Printer.parse({ name: 'bench-1', kind: 'raw9100', host: '10.0.8.20' })).toEqual({
      name: 'bench-1',
      kind: 'raw9100',
      host: '10.0.8.20',
      port: 9100,
      dpi: 203,
      connectMs: 5_000,
      stallMs: 30_000,
      closeMs: 3_000,
    });
  });

  it.for([
    'ipp://cups.example/printers/zebra',
    'ipps://10.0.8.21:6310/ipp/print',
    'http://localhost:631/printers/zebra',
    'https://[::1]/ipp/print',
    'ipp://[fe80::1%25eth0]:631/ipp/print',
    'ipps://[fe80::1%eth0]/ipp/print',
  ])('an IPP printer is at %s', (url) => {
    expect(problemsOf({ kind: 'ipp', url })).toEqual([]);
  });

  it.for([
    'ftp://host/queue',
    'ipp:///printers/zebra',
    'ipp://user:secret@host/printers/zebra',
    'ipp://host/printers/zebra#1',
    'host/printers/zebra',
    'ipp://[fe80::1%25]/ipp/print',
    'ipp://host%25eth0/ipp/print',
  ])('no IPP printer is at %s', (url) => {
    expect(problemsOf({ kind: 'ipp', url })).toEqual([expect.stringMatching(/^url: must be an address such as ipp:/)]);
  });

  it('a wrong setting is named with what it must be', () => {
    expect(problemsOf({ kind: 'raw9100', host: 'a b' })).toEqual(['host: must be a host name or an IP address']);
    expect(problemsOf({ kind: 'raw9100', host: 'zebra', dpi: 204 })).toEqual(['dpi: must be 203, 300 or 600']);
    expect(problemsOf({ kind: 'raw9100', host: 'zebra', stallMs: 0 })).toHaveLength(1);
    expect(problemsOf({ kind: 'raw9100', host: 'zebra', queue: 'q' })).toHaveLength(1);
    expect(problemsOf({ kind: 'usb' })).toHaveLength(1);
  });

  it.for([
    ['zebra', 'zebra', 9100],
    ['zebra:9101', 'zebra', 9101],
    ['10.0.8.20:6101', '10.0.8.20', 6101],
    ['fe80::1', 'fe80::1', 9100],
    ['fd00::9101', 'fd00::9101', 9100],
    ['[fe80::1]', 'fe80::1', 9100],
    ['[fe80::1]:9101', 'fe80::1', 9101],
    ['fe80::1%eth0', 'fe80::1%eth0', 9100],
    ['[fe80::1%eth0]:9101', 'fe80::1%eth0', 9101],
    ['::ffff:10.0.8.20', '::ffff:10.0.8.20', 9100],
  ] as const)('%s is host %s, port %i', ([text, host, port]) => {
    const printer = Printer.parse({ name: 'p', kind: 'raw9100', host: text });
    expect(printer).toMatchObject({ host, port });
    expect(Printer.parse({ name: 'p', kind: 'raw9100', host: placeOf(printer) })).toEqual(printer);
  });

  it.for([
    'fe80:',
    '[fe80::1',
    '[zebra]:x',
    'zebra:',
    'zebra:0',
    'zebra:65536',
    'fe80::1::9101',
    '[]:9100',
    'fe80::1%',
    '10.0.8.20%eth0',
  ])('%s is no address', (host) => {
    expect(problemsOf({ kind: 'raw9100', host })).toEqual(['host: must be a host name or an IP address']);
  });

  it('a certificate that nothing would compare is refused', () => {
    const certificate = Array.from({ length: 32 }, () => 'A0').join(':');
    expect(problemsOf({ kind: 'ipp', url: 'ipps://host/ipp/print', certificate })).toEqual([]);
    expect(problemsOf({ kind: 'ipp', url: 'ipp://host/ipp/print', certificate })).toEqual([
      'certificate: is only for ipps:// and https:// addresses',
    ]);
  });

  it('the kind says what to render', () => {
    const parse = (settings: object): Printer => Printer.parse({ name: 'p', ...settings });
    expect(formatOf(parse({ kind: 'raw9100', host: 'zebra' }))).toBe('zpl');
    expect(formatOf(parse({ kind: 'ipp', url: 'ipp://host/ipp/print' }))).toBe('pdf');
    expect(formatOf(parse({ kind: 'file', folder: '/tmp', format: 'zpl' }))).toBe('zpl');
  });
});

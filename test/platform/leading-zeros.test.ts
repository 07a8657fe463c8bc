import { describe, expect, it } from 'vitest';
import { readWitness } from '../../src/contract/proof-settings.ts';
import { readConfig } from '../../src/config.ts';
import { Printer } from '../../src/model/printer.ts';
import { StationDefinition } from '../../src/model/station.ts';

/* Programs disagree about what 127.000.000.010 means, so no setting takes it. */

const ODD = ['127.000.000.010', '010.0.8.11', '10.0.08.11'];

describe.each(ODD)('%s is refused', (address) => {
  it.each([
    { kind: 'raw9100', host: address },
    { kind: 'raw9100', host: `${address}:9101` },
    { kind: 'raw9100', host: `::ffff:${address}` },
    { kind: 'ipp', url: `ipp://${address}/q` },
    { kind: 'ipp', url: `ipps://${address}:8631/q` },
  ])('as the address of a printer: %o', (printer) => {
    expect(Printer.safeParse({ name: 'p', ...printer }).success).toBe(false);
  });

  it.each([address, `${address}/24`, `::ffff:${address}`])('as a source of a station: %s', (source) => {
    expect(StationDefinition.safeParse({ name: 's', sources: [source] }).success).toBe(false);
  });

  it.each([
    ['HOST', address],
    ['CLAIMSTAMP_URL', `http://${address}:4100`],
    ['CLAIMSTAMP_PUBLIC_URL', `https://${address}`],
    ['CLAIMSTAMP_BUILDER_URL', `https://${address}/api`],
    ['CLAIMSTAMP_PRINTER_ALLOW', address],
    ['CLAIMSTAMP_PRINTER_ALLOW', `${address}/24`],
    ['CLAIMSTAMP_TRUSTED_PROXIES', address],
    ['CLAIMSTAMP_AGENT_ALLOW', `${address}/24`],
    ['CLAIMSTAMP_CHECKPOINT_WEBHOOK', `https://${address}/hook`],
    ['CLAIMSTAMP_LEDGER', `postgres://u:p@${address}/claimstamp`],
  ])('as %s', (setting, value) => {
    expect(() => readConfig({ [setting]: value })).toThrow(setting);
  });

  it('as the address of a witness', () => {
    expect(() => readWitness(`key http://${address}/`)).toThrow();
  });
});

it.each(['127.0.0.10', '0.0.0.0', '10.0.8.100'])('%s is taken', (host) => {
  expect(Printer.safeParse({ name: 'p', kind: 'raw9100', host }).success).toBe(true);
});

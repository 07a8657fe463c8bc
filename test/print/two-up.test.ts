import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openZebra, type Zebra } from '../../src/simulate/zebra/zebra.ts';
import { attempt, idOf } from '../support/agent-wire.ts';
import { decode, type Code } from '../support/label-files.ts';
import { rasterPdf, readPdf } from '../support/pdf-reader.ts';
import { api, startService, tempFolder, type Service } from '../support/service.ts';

/* The label of the device and the label of its box, side by side on one roll. Anyone may see the label of the box. */

const PATIENCE = { timeout: 60_000 };
const ROLL = { dpi: 203, across: 2, acrossGap: 3, loaded: '50x25' };
/** In dots: where the second label begins. */
const SECOND = (53 * 203) / 25.4;

let service: Service;
let zebra: Zebra;
const folder = tempFolder();

interface Made {
  uci: string;
  serial: string;
}

beforeAll(async () => {
  service = await startService(tempFolder());
  zebra = await openZebra({});
  await api(service, 'PUT', '/v1/products/TWO', {
    name: 'Thermostat',
    label: 'device-50x25',
    labels: { box: { template: 'box-50x25' } },
  });
  await api(service, 'PUT', '/v1/printers/zpl', { kind: 'raw9100', host: '127.0.0.1', port: zebra.port, ...ROLL });
  await api(service, 'PUT', '/v1/printers/pdf', { kind: 'file', folder, ...ROLL });
});
afterAll(async () => {
  await service.end('SIGTERM');
  await zebra.close();
});

/** Units that a station prints by itself. The next device comes when the labels of the last one are out. */
async function printed(printer: string, count: number, labels: () => number): Promise<Made[]> {
  await api(service, 'PUT', '/v1/stations/default', { printer, autoPrint: true });
  const units: Made[] = [];
  for (let number = 1; number <= count; number++) {
    const body = JSON.stringify({ product: 'TWO', serial: `${printer}-${number}` });
    const uci = idOf(await attempt(service.port, body));
    units.push({ uci, serial: `${printer}-${number}` });
    await expect.poll(labels, PATIENCE).toBe(number);
  }
  return units;
}

function expectPair(codes: Code[], { uci, serial }: Made): void {
  const [first, second] = [codes.filter(({ x }) => x < SECOND), codes.filter(({ x }) => x >= SECOND)];
  expect(first.map(({ text }) => text)).toEqual([uci]);
  expect(second.map(({ format, text }) => ({ format, text }))).toEqual([
    { format: 'DataMatrix', text: `${serial} box` },
  ]);
  for (const { text } of second) expect(text).not.toContain(uci);
}

describe('a row of two labels', () => {
  it('has both labels of one unit, each in its column, on a printer with ZPL', async () => {
    const units = await printed('zpl', 3, () => zebra.labels.length);
    for (const [at, unit] of units.entries())
      expectPair(await decode((await zebra.labels[at]?.draw()) ?? new Uint8Array()), unit);
  });

  it('has both labels of one unit in a PDF, and no letter of the Claim ID on the label of the box', async () => {
    const files = () => readdirSync(folder).filter((name) => name.endsWith('.pdf'));
    const units = await printed('pdf', 3, () => files().length);
    const inOrder = files().toSorted((a, b) => parseInt(a, 10) - parseInt(b, 10));
    for (const [at, unit] of units.entries()) {
      const pdf = new Uint8Array(readFileSync(join(folder, inOrder[at] ?? '')));
      expectPair(await decode(rasterPdf(pdf, 203, 'mono')[0] ?? new Uint8Array()), unit);
      const [page] = readPdf(pdf);
      const words = page?.words.filter(({ left }) => left >= (SECOND * 72) / 203).map(({ text }) => text) ?? [];
      expect(words).toContain(unit.serial);
      const shown = words.join('');
      expect([shown.includes(unit.uci), shown.includes(unit.uci.slice(0, 5))]).toEqual([false, false]);
      expect(page?.text.replaceAll(/\s/g, '')).toContain(unit.uci);
    }
  });
});

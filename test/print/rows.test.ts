import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { expectQuiet, startService, tempFolder, type Service } from '../support/service.ts';
import { printClient } from '../support/print-client.ts';
import { freePort } from '../support/free-port.ts';
import { startRawPrinter } from '../support/raw-printer.ts';

/* Rolls with several labels side by side: each label prints once, and an unfinished row is continued. */

let service: Service;
const on = printClient(() => service);
beforeAll(async () => {
  service = await startService(tempFolder());
});
afterAll(async () => {
  await service.end('SIGTERM');
  expectQuiet(service.log(), audit(service.data).ucis);
});

/** For each label in a ZPL job: its Claim ID and its column. */
function cellsIn(zpl: string, ucis: string[]): string[][] {
  const rows = zpl.split('^XA^SZ2').slice(1);
  return rows.map((row) =>
    Array.from(row.matchAll(/\^FO(\d+),\d+,0\^BQN[^]*?\^FD[A-Z]A,([0-9A-Z]+)\^FS/g), ([, x, uci]) => {
      const column = Math.floor((Number(x) * 25.4) / 203 / 64) + 1;
      return `${ucis.indexOf(uci ?? '')}@${column}`;
    }),
  );
}

const across = { dpi: 203, across: 3, acrossGap: 2, loaded: '62x40' };

it('labels that wait fill rows, in their order, and the next label continues the row', async () => {
  const port = await freePort();
  await on.raw('three', port, across);
  const ucis = await on.make(6);
  const jobs: number[] = [];
  for (const uci of ucis.slice(0, 5)) jobs.push(await on.print(uci, 'three'));
  const raw = await startRawPrinter(undefined, port);
  for (const job of jobs) await on.reaches(job, 'sent');
  await on.reaches(await on.print(ucis[5] ?? '', 'three'), 'sent');
  expect(raw.received().flatMap((zpl) => cellsIn(zpl, ucis))).toEqual([['0@1', '1@2', '2@3'], ['3@1', '4@2'], ['5@3']]);
});

it('the unfinished row is still known after a start, and begins anew when labels are loaded', async () => {
  const folder = tempFolder();
  await on.printer('rows', { kind: 'file', folder, format: 'zpl', ...across });
  const ucis = await on.make(4);
  const place = async (index: number): Promise<string | undefined> => {
    const job = await on.reaches(await on.print(ucis[index] ?? '', 'rows'), 'done');
    expect(readdirSync(folder)).toContain(`${job.id}.zpl`);
    return cellsIn(readFileSync(join(folder, `${job.id}.zpl`), 'utf8'), ucis)[0]?.[0];
  };
  expect(await place(0)).toBe('0@1');
  await service.end('SIGTERM');
  service = await startService(service.data);
  expect(await place(1)).toBe('1@2');
  await on.ok('PUT', '/v1/stations/rows', { printer: 'rows' });
  await on.ok('POST', '/v1/stations/rows/loaded', { loaded: '62x40' });
  expect(await place(2)).toBe('2@1');
  await on.ok('PATCH', '/v1/printers/rows', { darkness: 12 });
  expect(await place(3)).toBe('3@2');
});

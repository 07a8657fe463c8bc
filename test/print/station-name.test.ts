import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { audit } from '../support/audit.ts';
import { expectQuiet, startService, tempFolder, type Service } from '../support/service.ts';
import { readPdf } from '../support/pdf-reader.ts';
import { printClient } from '../support/print-client.ts';

/* A printer that two stations share prints the name of the station on each label. */

let service: Service;
const on = printClient(() => service);
const folders = { shared: tempFolder(), other: tempFolder() };
beforeAll(async () => {
  service = await startService(tempFolder());
  for (const [name, folder] of Object.entries(folders))
    await on.printer(name, { kind: 'file', folder, format: 'pdf', stationName: true });
  for (const station of ['line-1', 'line-2']) await on.ok('PUT', `/v1/stations/${station}`, { printer: 'shared' });
});
afterAll(async () => {
  await service.end('SIGTERM');
  expectQuiet(service.log(), audit(service.data).ucis);
});

const stationsOn = async (folder: string, job: number): Promise<string[]> => {
  await on.reaches(job, 'done');
  const [page] = readPdf(readFileSync(join(folder, `${job}.pdf`)));
  return (page?.words ?? []).map(({ text }) => text).filter((text) => text.startsWith('line-'));
};
const printAt = async (uci: string, more: object): Promise<number> =>
  (await on.ok<{ job: number }>('POST', `/v1/units/${uci}/print`, more)).job;

it('labels and reprints show the station whose operator asked for them', async () => {
  const [uci = ''] = await on.make();
  expect(await stationsOn(folders.shared, await printAt(uci, { station: 'line-1' }))).toEqual(['line-1']);
  const again = { station: 'line-2', reason: 'smudged' };
  expect(await stationsOn(folders.shared, await printAt(uci, again))).toEqual(['line-2']);
});

it('a label that is printed for no station shows none', async () => {
  const [uci = ''] = await on.make();
  expect(await stationsOn(folders.shared, await printAt(uci, { printer: 'shared' }))).toEqual([]);
});

it('a label that moves to another printer still shows its station', async () => {
  const [uci = ''] = await on.make();
  const first = await printAt(uci, { station: 'line-1' });
  await on.reaches(first, 'done');
  const moved = { printer: 'other', reason: 'jammed' };
  const { job } = await on.ok<{ job: number }>('POST', `/v1/print-jobs/${first}/elsewhere`, moved);
  expect(await stationsOn(folders.other, job)).toEqual(['line-1']);
});

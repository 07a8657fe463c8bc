import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { runFactory } from '../support/factory.ts';
import { unzip } from '../support/zip.ts';
import { changed, linesOf, rawZip, withLines, zipOf } from '../support/forged-bundle.ts';
import { ADMIN_TOKEN, openDesk, tempFolder } from '../support/service.ts';

/* The commands of docs/formats.md, as they stand there, on a real bundle, a real ledger and a real proof. */

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

const shellBlocks = (document: string): string[] =>
  [...readFileSync(join(packageRoot, 'docs', document), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
    ([, block = '']) => block,
  );
const walk = shellBlocks('formats.md');

let files: string;

beforeAll(async () => {
  files = tempFolder();
  const desk = await openDesk();
  const get = async (path: string): Promise<Buffer> =>
    Buffer.from(await (await desk.app.request(path, { headers })).arrayBuffer());
  const save = (name: string, bytes: string | Buffer): void => writeFileSync(join(files, name), bytes);
  const { id } = (await desk.agent({ product: 'METER', mac: 'first' })).body;
  save('checkpoint-kept', await get('/v1/ledger/checkpoint'));
  const key = JSON.parse((await get('/v1/ledger/key')).toString()) as { publicKey: string; verifierKey: string };
  save('log-key.pem', key.publicKey);
  save('log-key', `${key.verifierKey}\n`);
  await runFactory(desk);
  save('bundle.zip', await get('/v1/ledger.zip?product=METER'));
  save('proof.json', await get(`/v1/ledger/proof/${id}?limit=1`));
  await desk.close();
  copyFileSync(join(desk.data, 'ledger.db'), join(files, 'backup.db'));
});

function walkThrough(prepare: (folder: string) => void = () => {}): { status: number | null; said: string } {
  const folder = tempFolder();
  cpSync(files, folder, { recursive: true });
  prepare(folder);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', walk.join('\n')], { cwd: folder, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const actor = (line: string): string => line.replace('"actor":"', '"actor":"not-');

/** What somebody changes in the bundle, the manifest made to fit. */
const IN_BUNDLE: [string, (files: Map<string, string>) => Map<string, string>, RegExp][] = [
  [
    'an event',
    (files) =>
      withLines(
        files,
        'events.jsonl',
        linesOf(files, 'events.jsonl').map((line, i) => (i === 2 ? actor(line) : line)),
      ),
    /event \d+ was changed/,
  ],
  [
    'the order of the events',
    (files) => withLines(files, 'events.jsonl', linesOf(files, 'events.jsonl').toReversed()),
    /is not in its place/,
  ],
  [
    'a hash',
    (files) => changed(files, 'leaves.txt', (text) => `0000${text.slice(4)}`),
    /^Signature Verified Successfully\n$/,
  ],
  [
    'a hash less',
    (files) => withLines(files, 'leaves.txt', linesOf(files, 'leaves.txt').slice(0, -1)),
    /^Signature Verified Successfully\n$/,
  ],
  [
    'the signature',
    (files) => changed(files, 'checkpoint', (text) => `${text.slice(0, -7)}AAAAA=\n`),
    /Verification Failure/,
  ],
  [
    'the size that was signed',
    (files) => changed(files, 'checkpoint', (text) => text.replace(/\n\d+\n/, '\n7\n')),
    /Verification Failure/,
  ],
];

describe('the walk through docs/formats.md', () => {
  it('has its steps, and the QA handbook says what to keep', () => {
    expect(shellBlocks('qa.md').join()).toContain('claimstamp checkpoint key --pem > log-key.pem');
    expect(walk.length).toBeGreaterThan(7);
  });

  it('runs to its end with a bundle, a backup and a proof as they were made', () => {
    const { status, said } = walkThrough();
    expect(said).toBe(
      "Signature Verified Successfully\nSignature Verified Successfully\nthe bundle holds\nthe ledger holds\nthe unit's event is in the ledger\n",
    );
    expect(status).toBe(0);
  });

  it.each(IN_BUNDLE)('ends where %s of the bundle was changed', async (_, change, said) => {
    const forged = await zipOf(change(unzip(readFileSync(join(files, 'bundle.zip')))));
    const walked = walkThrough((folder) => copyFileSync(forged, join(folder, 'bundle.zip')));
    expect(walked.said).toMatch(said);
    expect(walked.status).not.toBe(0);
  });

  it('ends where a file is not the one that the manifest names', async () => {
    const forged = await rawZip(
      changed(unzip(readFileSync(join(files, 'bundle.zip'))), 'units.csv', (text) => text.replace('METER', 'OTHER')),
    );
    const walked = walkThrough((folder) => copyFileSync(forged, join(folder, 'bundle.zip')));
    expect(walked.said).toContain('units.csv: FAILED');
    expect(walked.status).not.toBe(0);
  });

  it.each<[string, string, RegExp]>([
    ['the key is another one', 'openssl genpkey -algorithm ed25519 | openssl pkey -pubout > log-key.pem', /differ/],
    [
      'the ledger did not grow out of the one that was seen',
      `sed -i '3s/^..../AAAA/' checkpoint-kept`,
      /Verification Failure/,
    ],
    [
      'an event of the ledger was changed',
      `sqlite3 backup.db "DROP TRIGGER event_stays; UPDATE event SET line = replace(line, 'admin', 'nimda') WHERE seq = 4"`,
      /the bundle holds\n.*differ/,
    ],
    ['the proof is of another event', `sed -i 's/"leaf":"..../"leaf":"0000/' proof.json`, /the ledger holds\n$/],
  ])('ends where %s', (_, change, said) => {
    const walked = walkThrough((folder) => void spawnSync('sh', ['-c', change], { cwd: folder }));
    expect(walked.said).toMatch(said);
    expect(walked.status).not.toBe(0);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCheckpoint, signCheckpoint, verifierKey } from '../../src/proof/checkpoint.ts';
import type { Manifest } from '../../src/export/bundle.ts';
import { UNIT_COLUMNS } from '../../src/export/columns.ts';
import { verifyFile, type VerifyOptions } from '../../src/jobs/verify-file.ts';
import { append, leafHash, rootOf, type CompactRange } from '../../src/proof/tree.ts';
import type { Verification } from '../../src/proof/verification.ts';
import { newSigner, publicPem } from '../support/busy-ledger.ts';
import { runFactory } from '../support/factory.ts';
import { unzip } from '../support/zip.ts';
import { changed, linesOf, rawZip, withLines, zipOf } from '../support/forged-bundle.ts';
import { ADMIN_TOKEN, openDesk, tempFolder, type Desk } from '../support/service.ts';

/* A bundle of a factory where everything has happened, and what somebody may do to it who has a zip program. */

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

let desk: Desk;
let folder: string;
/** What an auditor kept before the bundle was made. */
let kept: Required<Pick<VerifyOptions, 'checkpoints' | 'keys'>>;
let units: Map<string, string>;
let events: Map<string, string>;

const get = async (path: string): Promise<Response> => desk.app.request(path, { headers });

async function fetchBundle(query: string): Promise<string> {
  const file = join(folder, `${query.replaceAll(/\W/g, '-')}.zip`);
  writeFileSync(file, Buffer.from(await (await get(`/v1/ledger.zip?${query}`)).arrayBuffer()));
  return file;
}

beforeAll(async () => {
  folder = tempFolder();
  desk = await openDesk();
  const early = await (await get('/v1/ledger/checkpoint')).text();
  await runFactory(desk);
  await desk.ask('PUT', '/v1/products/NONE', {});
  const { verifierKey: key } = (await (await get('/v1/ledger/key')).json()) as { verifierKey: string };
  kept = { checkpoints: [early, await (await get('/v1/ledger/checkpoint')).text()], keys: [key] };
  units = unzip(readFileSync(await fetchBundle('of=units')));
  events = unzip(readFileSync(await fetchBundle('of=events')));
});

it('a bundle of one unit holds, and a changed page for people is found', async () => {
  const { uci = '' } = (await desk.ask<{ units: { uci: string }[] }>('GET', '/v1/units?limit=1')).body.units[0] ?? {};
  const file = await fetchBundle(`of=units&unit=${uci}`);
  expect(await verifyFile(file, kept)).toMatchObject({ ok: true, findings: [] });
  const forged = changed(unzip(readFileSync(file)), 'history.html', () => 'nothing happened');
  const { ok, findings } = await verifyFile(await rawZip(forged), kept);
  expect(ok).toBe(false);
  expect(JSON.stringify(findings)).toContain('history.html does not have the SHA-256');
});

describe('a bundle as it was exported', () => {
  it.each(['of=units', 'of=units&product=METER', 'of=units&product=NONE', 'of=events', 'of=events&station=NEST'])(
    '%s holds, with what was kept elsewhere and without',
    async (query) => {
      const file = await fetchBundle(query);
      const alone = await verifyFile(file);
      expect(alone, JSON.stringify(alone.findings)).toMatchObject({ ok: true, of: 'bundle', findings: [] });
      expect(alone.unproven.join('\n')).toContain('--key');
      const held = await verifyFile(file, kept);
      expect(held, JSON.stringify(held.findings)).toMatchObject({ ok: true, size: alone.size, root: alone.root });
      expect(held.proven.join('\n')).toContain('the given key signed');
      expect(held.unproven.join('\n')).not.toContain('--key');
      expect(held.unproven.some((one) => one.includes('whether the bundle lacks rows that match the filter'))).toBe(
        query !== 'of=events',
      );
    },
  );

  it('is not that of another log', async () => {
    const found = await verifyFile(await fetchBundle('of=units'), { keys: [verifierKey(newSigner('elsewhere'))] });
    expect(found.ok).toBe(false);
    expect(found.findings[0]?.what).toContain('the checkpoint in it is not signed by the key');
  });
});

async function expectFound(file: string, what: RegExp, options: VerifyOptions = {}): Promise<Verification> {
  const found = await verifyFile(file, options);
  expect(found.ok).toBe(false);
  expect(found.proven).toEqual([]);
  expect(found.findings.map((one) => one.what).join('\n')).toMatch(what);
  return found;
}

describe('what somebody changed in a bundle is found', () => {
  it('in every file, where the manifest was left as it was', async () => {
    for (const name of units.keys()) {
      const content = changed(units, name, (text) =>
        text.replace(/[0-9](?=[^0-9]*$)/, (digit) => String((Number(digit) + 1) % 10)),
      );
      expect(content.get(name), name).not.toBe(units.get(name));
      await expectFound(
        await rawZip(content),
        name === 'manifest.json' ? /./ : /SHA-256|is not an Ed25519|contradicts/,
      );
    }
  });

  it('in an event, with the manifest made to fit', async () => {
    const lines = linesOf(units, 'events.jsonl');
    for (const [i, line] of lines.entries()) {
      if (i % 7 !== 0) continue;
      const { seq } = JSON.parse(line) as { seq: number };
      const forged = lines.with(i, line.replace('"actor":"', '"actor":"not-'));
      const found = await expectFound(await zipOf(withLines(units, 'events.jsonl', forged)), /was changed/);
      expect(found.findings[0]?.seq).toBe(seq);
    }
  });

  it('in an event and its hash: the root is another one then', async () => {
    const lines = linesOf(events, 'events.jsonl');
    const forged = (lines[4] as string).replace('"actor":"', '"actor":"not-');
    const leaves = linesOf(events, 'leaves.txt').with(4, leafHash(forged).toString('hex'));
    const both = withLines(withLines(events, 'events.jsonl', lines.with(4, forged)), 'leaves.txt', leaves);
    await expectFound(await zipOf(both), /the checkpoint in it contradicts the events/);
    const root = rootAt(leaves);
    await expectFound(
      await zipOf(both, (manifest) => (manifest.root = root.toString('hex'))),
      /the checkpoint in it contradicts the events/,
    );
  });

  it('in all of it, signed anew: only by what was kept elsewhere', async () => {
    const lines = linesOf(events, 'events.jsonl');
    const forged = (lines[4] as string).replace('"actor":"', '"actor":"not-');
    const leaves = linesOf(events, 'leaves.txt').with(4, leafHash(forged).toString('hex'));
    const thief = newSigner(parseCheckpoint(events.get('checkpoint') as string).origin);
    const root = rootAt(leaves);
    const files = withLines(withLines(events, 'events.jsonl', lines.with(4, forged)), 'leaves.txt', leaves)
      .set('checkpoint', signCheckpoint({ size: leaves.length, root }, thief))
      .set('public-key.pem', publicPem(thief.privateKey));
    const file = await zipOf(files, (manifest) => (manifest.root = root.toString('hex')));
    expect((await verifyFile(file)).ok).toBe(true);
    await expectFound(file, /the checkpoint in it is not signed by the key/, { keys: kept.keys });
    await expectFound(file, /contradicts the events: it covers \d+ events/, {
      checkpoints: kept.checkpoints,
    });
  });

  it('in each column of units.csv that the events tell of', async () => {
    const rows = (units.get('units.csv') as string).split('\r\n');
    const at = rows.findIndex((row) => row.includes('ümläut'));
    const cells = (row: string): string[] => row.match(/"(?:[^"]|"")*"|[^,]+|(?<=,|^)(?=,|$)/g) ?? [];
    expect(cells(rows[at] as string)).toHaveLength(UNIT_COLUMNS.length);
    for (const [i, { name, kind }] of UNIT_COLUMNS.entries()) {
      const other = kind === 'int' ? '7777' : kind === 'time' ? '"2026-01-01T00:00:00.000Z"' : '"other"';
      const row = cells(rows[at] as string)
        .with(i, other)
        .join(',');
      const file = await zipOf(changed(units, 'units.csv', () => rows.with(at, row).join('\r\n')));
      if (name === 'lot') expect((await verifyFile(file)).ok, 'no event of the unit says its lot').toBe(true);
      else if (name === 'seq' || name === 'uci') await expectFound(file, /has no row for it/);
      else if (name === 'last_seq') await expectFound(file, /in units\.csv are missing/);
      else expect((await expectFound(file, /differs from its events/)).findings[0]?.column).toBe(name);
    }
  });

  it('in the head of units.csv', async () => {
    await expectFound(
      await zipOf(changed(units, 'units.csv', (text) => text.replace('status', 'state'))),
      /columns of an export/,
    );
  });

  it('by a row or an event more or less, or in another place', async () => {
    const rows = (units.get('units.csv') as string).trimEnd().split('\r\n');
    const table = (changedRows: string[]): Promise<string> =>
      zipOf(changed(units, 'units.csv', () => changedRows.map((row) => `${row}\r\n`).join('')));
    await expectFound(await table(rows.toSpliced(-2, 1)), /has no row for it/);
    await expectFound(await table([...rows, rows.at(-1) as string]), /no event made/);
    await expectFound(await table([...rows.slice(0, -2), ...rows.slice(-2).toReversed()]), /has no row for it/);
    const lines = linesOf(units, 'events.jsonl');
    const story = (changedLines: string[]): Promise<string> => zipOf(withLines(units, 'events.jsonl', changedLines));
    await expectFound(await story(lines.slice(0, -1)), /in units\.csv are missing|no event made/);
    await expectFound(await story([...lines, lines.at(-1) as string]), /out of order/);
    await expectFound(await story(lines.with(3, lines[4] as string).with(4, lines[3] as string)), /out of order/);
    const all = linesOf(events, 'events.jsonl');
    await expectFound(
      await zipOf(withLines(events, 'events.jsonl', all.toSpliced(5, 1))),
      /without a filter must have all/,
    );
  });

  it('by a hash more or less, or one that is none', async () => {
    const leaves = linesOf(events, 'leaves.txt');
    const tree = (changedLeaves: string[]): Promise<string> => zipOf(withLines(events, 'leaves.txt', changedLeaves));
    await expectFound(await tree(leaves.slice(0, -1)), /leaves\.txt has \d+ hashes/);
    await expectFound(await tree([...leaves, leaves[0] as string]), /leaves\.txt has \d+ hashes/);
    await expectFound(await tree(leaves.with(2, leaves[3] as string).with(3, leaves[2] as string)), /was changed/);
    await expectFound(await tree(leaves.with(2, 'no hash')), /line 3 of leaves\.txt is not a hash/);
  });

  it('by a file more, less or twice', async () => {
    for (const name of units.keys()) {
      const less = new Map(units);
      less.delete(name);
      await expectFound(await rawZip(less), /is missing/);
    }
    await expectFound(await rawZip([...units, ['more.txt', 'x']]), /does not name more\.txt/);
    await expectFound(
      await rawZip([...units, ['units.csv', units.get('units.csv') as string]]),
      /is in the zip file 2 times/,
    );
  });

  it.each<[string, (manifest: Manifest) => void]>([
    ['treeSize', (manifest) => void manifest.treeSize--],
    ['root', (manifest) => (manifest.root = '0'.repeat(64))],
    ['origin', (manifest) => (manifest.origin = 'elsewhere')],
    ['checkpoint', (manifest) => (manifest.checkpoint = manifest.checkpoint.replace('\n', '1\n'))],
    ["a file's rows", (manifest) => (manifest.files[0] as { rows: number }).rows++],
    ['format', (manifest) => ((manifest as { format: string }).format = 'claimstamp-bundle/9')],
  ])('in the %s of its manifest', async (_, change) => {
    await expectFound(await zipOf(units, change), /./);
  });

  it('where it is no zip any more', async () => {
    const whole = readFileSync(await rawZip(units));
    const file = join(folder, 'half.zip');
    for (const part of [whole.subarray(0, whole.length / 2), whole.subarray(0, -1)]) {
      writeFileSync(file, part);
      await expectFound(file, /is broken/);
    }
    writeFileSync(file, whole.fill(0, 200, 260));
    await expectFound(file, /broken|SHA-256/);
  });
});

function rootAt(leaves: string[]): Buffer {
  const empty: CompactRange = { size: 0, hashes: [] };
  return rootOf(leaves.reduce((range, leaf) => append(range, Buffer.from(leaf, 'hex')), empty));
}

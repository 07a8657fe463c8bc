import { createHash, createPublicKey, verify } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/export/bundle.ts';
import { audit } from '../support/audit.ts';
import { ADMIN_TOKEN, openDesk, type Desk } from '../support/service.ts';
import { everyUnit, readCsv, runFactory } from '../support/factory.ts';
import { unzip } from '../support/zip.ts';

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RFC 6962, 2.1, as it is written there. */
function treeHash(leaves: Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer;
  const left = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, left)), treeHash(leaves.slice(left)));
}

const linesOf = (text = ''): string[] => text.split('\n').slice(0, -1);

describe('a bundle', () => {
  let desk: Desk;
  const fetchBundle = async (query: string): Promise<{ files: Map<string, string>; manifest: Manifest }> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await desk.app.request(`/v1/ledger.zip?${query}`, { headers });
    const files = unzip(Buffer.from(await answer.arrayBuffer()));
    return { files, manifest: JSON.parse(files.get('manifest.json') ?? '') as Manifest };
  };
  beforeAll(async () => {
    desk = await openDesk();
    await runFactory(desk);
  });

  it('of one unit begins with a page that says its history in words, in the language of the reader', async () => {
    const { units } = (await desk.ask<{ units: { uci: string; serial?: string }[] }>('GET', '/v1/units?limit=1')).body;
    const { uci = '', serial = '' } = units[0] ?? {};
    const { files } = await fetchBundle(`of=units&unit=${uci}`);
    expect([...files.keys()][0]).toBe('history.html');
    const page = files.get('history.html') ?? '';
    for (const said of [uci, serial, 'The unit was imported', 'Admin (token of the service)', 'UTC'])
      expect(page).toContain(said);
    expect(linesOf(files.get('events.jsonl')).length).toBeGreaterThan(0);
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'accept-language': 'es' };
    const answer = await desk.app.request(`/v1/ledger.zip?of=units&unit=${uci}`, { headers });
    const spanish = unzip(Buffer.from(await answer.arrayBuffer())).get('history.html');
    expect(spanish).toContain('Historia de una unidad');
  });

  it.each([
    ['of=units&product=METER', ['units.csv', 'events.jsonl', 'leaves.txt', 'checkpoint', 'public-key.pem']],
    ['of=events&station=NEST', ['events.jsonl', 'leaves.txt', 'checkpoint', 'public-key.pem']],
  ])('?%s proves itself with nothing but documented formats', async (query, names) => {
    const size = await desk.size();
    const { files, manifest } = await fetchBundle(query);
    expect([...files.keys()]).toEqual([...names, 'manifest.json']);
    const { made, origin, root, files: described, ...rest } = manifest;
    const [of, [filter, value]] = query.split('&').map((part) => part.split('=')) as [string[], string[]];
    expect(rest).toEqual({
      format: 'claimstamp-bundle/1',
      treeSize: size,
      checkpoint: files.get('checkpoint'),
      of: of[1],
      filter: { [filter as string]: value },
    });
    expect(Math.abs(Date.parse(made) - Date.now())).toBeLessThan(60_000);

    const leaves = linesOf(files.get('leaves.txt'));
    const events = linesOf(files.get('events.jsonl'));
    const rows = { 'units.csv': readCsv(files.get('units.csv') ?? '').length, 'events.jsonl': events.length };
    expect(described).toEqual(
      names.map((name) => {
        const content = Buffer.from(files.get(name) ?? '');
        const count = { ...rows, 'leaves.txt': size }[name];
        const counted = count === undefined ? {} : { rows: count };
        return { name, bytes: content.length, sha256: sha256(content).toString('hex'), ...counted };
      }),
    );

    expect(leaves).toHaveLength(size);
    expect(leaves.every((leaf) => /^[0-9a-f]{64}$/.test(leaf))).toBe(true);
    expect(treeHash(leaves.map((leaf) => Buffer.from(leaf, 'hex'))).toString('hex')).toBe(root);
    expect(events.length).toBeGreaterThan(3);
    for (const line of events) {
      const { seq } = JSON.parse(line) as { seq: number };
      expect(sha256('\0', line).toString('hex')).toBe(leaves[seq - 1]);
    }

    const [text = '', signatures = ''] = manifest.checkpoint.split('\n\n');
    expect(text).toBe(`${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}`);
    const signature = Buffer.from(signatures.trim().split(' ').at(-1) ?? '', 'base64').subarray(4);
    const key = createPublicKey(files.get('public-key.pem') ?? '');
    expect(verify(null, Buffer.from(`${text}\n`), key, signature)).toBe(true);
  });

  it('of units holds every event of each of them, in order, and no other', async () => {
    const told = await everyUnit(desk);
    const { files } = await fetchBundle('product=METER&status=void');
    const chosen = told.filter(({ product, status }) => product === 'METER' && status === 'void');
    expect(chosen).toHaveLength(2);
    const expected = chosen.flatMap(({ events }) => events.map(({ seq }) => seq)).toSorted((a, b) => a - b);
    const { lines } = audit(desk.data);
    expect(linesOf(files.get('events.jsonl'))).toEqual(expected.map((seq) => lines[seq - 1]));
    const whole = (await fetchBundle('')).files;
    const all = told.flatMap(({ events }) => events.map(({ seq }) => seq)).toSorted((a, b) => a - b);
    expect(linesOf(whole.get('events.jsonl'))).toEqual(all.map((seq) => lines[seq - 1]));
  });

  it('of nothing is one all the same: it shows that there was nothing', async () => {
    await desk.ask('PUT', '/v1/products/NONE', {});
    const { files, manifest } = await fetchBundle('product=NONE');
    expect(readCsv(files.get('units.csv') ?? '')).toEqual([]);
    expect(files.get('events.jsonl')).toBe('');
    expect(manifest.files.map(({ rows }) => rows).slice(0, 2)).toEqual([0, 0]);
    expect(linesOf(files.get('leaves.txt'))).toHaveLength(manifest.treeSize);
  });
});

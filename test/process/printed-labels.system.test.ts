import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyFile } from '../../src/jobs/verify-file.ts';
import { ledgerFile } from '../../src/sqlite/sqlite-ledger.ts';
import { printClient, PRODUCT } from '../support/print-client.ts';
import { ADMIN_TOKEN, run, startService, tempFolder, type Service } from '../support/service.ts';

/* Labels that were printed, drawn again after their template and their product changed. */

interface Drawn {
  print: { job: number; set: { number: number; template: { name: string; revision: number } } };
  dots: string;
  same: boolean;
  differences: { part: string }[];
}

const source = (revision: number): string =>
  JSON.stringify({
    media: { width: 90, height: 25 },
    boxes: [
      { type: 'qr', x: 1, y: 1, w: 22, h: 22 },
      { type: 'text', x: 24, y: 2, w: 65, h: 6, size: 5 + revision, floor: 4, text: '{name}' },
      { type: 'image', x: 24, y: 10, w: 4 + revision, h: 8 },
      { type: 'text', x: 24, y: 19, w: 65, h: 5, size: 7, floor: 4, text: '{serial} {lot}' },
    ],
  });

let service: Service;
let first: { uci: string; job: number; drawn: Drawn; png: Buffer };
let bundle: string;
const elsewhere = tempFolder();
const on = printClient(() => service);

const save = (revision: number): Promise<unknown> =>
  on.ok('PUT', '/v1/label-templates/mine', { source: source(revision), revision: revision - 1 });
const product = (more: object): Promise<unknown> =>
  on.ok('PUT', `/v1/products/${PRODUCT}`, { label: 'mine', code: 'AB', ...more });
async function printOne(): Promise<{ uci: string; job: number }> {
  const [uci = ''] = await on.make();
  const { id } = await on.reaches(await on.print(uci, 'folder'), 'done');
  return { uci, job: id };
}
const drawn = (uci: string, job: number): Promise<Drawn> => on.ok('GET', `/v1/units/${uci}/prints/${job}`);
async function file(path: string): Promise<Buffer> {
  const answer = await fetch(service.url + path, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  expect(answer.status, path).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

beforeAll(async () => {
  service = await startService(tempFolder());
  await on.printer('folder', { kind: 'file', folder: tempFolder(), format: 'zpl' });
  await save(1);
  await product({ name: 'Thermostat', logo: 'claimstamp.svg' });
  const one = await printOne();
  const png = await file(`/v1/units/${one.uci}/prints/${one.job}/label.png`);
  first = { ...one, drawn: await drawn(one.uci, one.job), png };
  for (const revision of [2, 3, 4, 5]) {
    await save(revision);
    await product({ name: `Thermostat ${revision}`, ...(revision > 3 ? {} : { logo: 'claimstamp.svg' }) });
    await printOne();
  }
  bundle = join(elsewhere, 'units.zip');
  writeFileSync(bundle, await file('/v1/ledger.zip?of=units'));
});
afterAll(async () => {
  await service.end('SIGTERM');
});

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a unit that was printed under revision 1', () => {
  it('has the dots of its print after revisions 2 to 5', async () => {
    const again = await drawn(first.uci, first.job);
    expect(again).toEqual(first.drawn);
    expect(again).toMatchObject({ same: true, differences: [], print: { set: { template: { revision: 1 } } } });
    expect(hash(await file(`/v1/units/${first.uci}/prints/${first.job}/label.png`))).toBe(hash(first.png));
    const today = await printOne();
    expect((await drawn(today.uci, today.job)).print.set.template.revision).toBe(5);
    const reprinted = await on.print(first.uci, 'folder', { reason: 'damaged' });
    await on.reaches(reprinted, 'done');
    const later = await drawn(first.uci, reprinted);
    expect(later.print.set.template.revision).toBe(5);
    expect(later.dots).not.toBe(first.drawn.dots);
  });

  it('is drawn with the same dots on another machine, from a bundle', async () => {
    const out = join(elsewhere, 'label.png');
    const args = ['label', 'printed', first.uci, '--bundle', bundle, '--out', out, '--json'];
    const { code, stdout, stderr } = await run('claimstamp', args, join(elsewhere, 'no-data'));
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ dots: first.drawn.dots, differences: [], set: { number: 1 } });
    expect(hash(readFileSync(out))).toBe(hash(first.png));
  });

  it('says on the command line what its label was printed with', async () => {
    const shown = await run('claimstamp', ['unit', 'show', first.uci], service.data);
    expect(shown.stdout).toMatch(/render set 1, template mine \(revision 1\), 203 dpi, renderer \d/);
    const out = join(elsewhere, 'service.png');
    const args = ['label', 'printed', first.uci, '--job', String(first.job), '--out', out];
    const { stdout, code, stderr } = await run('claimstamp', args, service.data);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('none: the dots are the same as the printed ones');
    expect(hash(readFileSync(out))).toBe(hash(first.png));
  });

  it('has the number of its set in the export', async () => {
    const rows = (await file('/v1/ledger.csv?of=units&status=printed')).toString().trim().split('\r\n');
    expect(rows[0]).toMatch(/,render_set,role_labels$/);
    for (const row of rows.slice(1)) expect(row).toMatch(/,[1-9],$/);
  });
});

describe('verify', () => {
  const copy = (change: string): string => {
    const path = join(tempFolder(), 'ledger.db');
    const db = new Database(ledgerFile(service.data), { readonly: true });
    db.exec(`VACUUM INTO '${path}'`);
    db.close();
    const copied = new Database(path);
    copied.exec(change);
    copied.close();
    return path;
  };

  it('says how many sets can be drawn again, in a ledger and in a bundle', async () => {
    for (const path of [copy(''), bundle]) {
      const said = await verifyFile(path);
      expect(said.findings).toEqual([]);
      expect(said.proven.join('\n')).toMatch(/printed with 5 render sets, and 5 of them can be drawn again/);
    }
  });

  it('finds a content that was changed', async () => {
    const { findings } = await verifyFile(copy(`UPDATE label_content SET bytes = x'00' WHERE rowid = 1`));
    expect(findings.map(({ what }) => what).join()).toMatch(/label_content [0-9a-f]{12} was changed/);
  });

  it('says what cannot be drawn again when contents are missing', async () => {
    const said = await verifyFile(copy('DELETE FROM label_content'));
    expect(said.ok).toBe(true);
    expect(said.unproven.join('\n')).toMatch(/setting is missing: 1, 2, 3, 4, 5/);
  });

  it('finds a set that no event recorded', async () => {
    const { findings } = await verifyFile(copy(`INSERT INTO render_set VALUES (9, 99999, 'x')`));
    expect(findings.map(({ what }) => what).join()).toMatch(/render_set 9 has a row, but no event made it/);
  });
});

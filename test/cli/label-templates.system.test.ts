import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, startService, tempFolder, type Output, type Service } from '../support/service.ts';

const template = (size: number) =>
  `{ media: { width: ${size + 2}, height: ${size + 2} }, boxes: [{ name: 'QR', type: 'qr', x: 1, y: 1, w: ${size}, h: ${size} }] }`;

describe('label templates from the command line', () => {
  let service: Service;
  let files: string;
  beforeAll(async () => {
    service = await startService(tempFolder());
    files = tempFolder();
  });
  afterAll(() => service.end('SIGTERM'));

  const claimstamp = (...args: string[]): Promise<Output> => run('claimstamp', ['label', ...args], service.data);
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await claimstamp(...args);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(files, name), text);
    return join(files, name);
  };

  it('are saved, compared, taken to another name and drawn', async () => {
    expect(await ok('save', 'mine', file('mine.json5', template(18)))).toBe('mine: revision 1');
    const larger = file('larger.json5', template(28));
    expect(await ok('save', 'mine', larger, '--revision', '1', '--note', 'larger')).toBe('mine: revision 2');
    const late = await claimstamp('save', 'mine', file('late.json5', template(20)), '--revision', '1');
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('at revision 2')]);
    expect(await ok('show', 'mine')).toBe(template(28));
    expect(await ok('show', 'mine', '--revision', '1')).toBe(template(18));
    expect(await ok('revisions', 'mine')).toMatch(/^2 .*larger\n1 /m);
    expect(await ok('changes', 'mine', '1', '2')).toMatch(/^QR +w +18 +28$/m);
    expect(await ok('templates')).toMatch(/^device-62x40 +file.*\n(?:.*\n)*mine +2 /m);
    const exported = join(files, 'mine.json');
    await ok('export', 'mine', '--out', exported);
    expect(JSON.parse(readFileSync(exported, 'utf8'))).toMatchObject({ name: 'mine', revision: 2, needs: [] });
    expect(await ok('import', exported, '--as', 'copy')).toBe('copy: revision 1');
    expect(await ok('show', 'copy')).toBe(template(28));
    expect((await run('claimstamp', ['issue', '--product', 'DEMO'], service.data)).code).toBe(0);
    const drawn = join(files, 'labels.zpl');
    await ok('make', '--product', 'DEMO', '--template', 'mine', '--out', drawn);
    // 30 mm at 203 dpi.
    expect(readFileSync(drawn, 'utf8')).toContain('^PW240^LL240');
  });
});

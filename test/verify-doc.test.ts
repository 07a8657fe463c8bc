import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/root.ts';
import { ADMIN_TOKEN, openDesk, tempFolder } from './support.ts';
import { need } from './tools.ts';

need('openssl', 'openssl');
need('xxd', 'xxd');
need('unzip', 'unzip');

/** The commands of docs/verify.md as they stand there, one block after the other, in one shell. */
const blocks = [...readFileSync(join(packageRoot, 'docs', 'verify.md'), 'utf8').matchAll(/^```sh\n([^`]*)^```$/gm)].map(
  ([, block = '']) => block,
);

describe("the auditor's walk through a bundle", () => {
  let folder: string;
  beforeAll(async () => {
    folder = tempFolder();
    const desk = await openDesk();
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const get = async (path: string): Promise<Response> => desk.app.request(path, { headers });
    for (let n = 0; n < 7; n++) await desk.agent({ product: 'DEMO', name: `Nr ${n} "é"` });
    writeFileSync(join(folder, 'checkpoint-2026-11'), await (await get('/v1/ledger/checkpoint')).text());
    for (let n = 0; n < 12; n++) await desk.agent({ product: 'DEMO', mac: `m${n}` });
    const { verifierKey } = (await (await get('/v1/ledger/key')).json()) as { verifierKey: string };
    writeFileSync(join(folder, 'ledger.key'), `${verifierKey}\n`);
    writeFileSync(join(folder, 'units.zip'), Buffer.from(await (await get('/v1/ledger.zip')).arrayBuffer()));
  });

  function walk(before = ''): { out: string[]; text: string } {
    rmSync(join(folder, 'bundle'), { recursive: true, force: true });
    const script = [...blocks.slice(0, 1), before, ...blocks.slice(1)].map((block) => `${block}\necho ---`).join('\n');
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    return { out: stdout.split('---\n').map((part) => part.trim()), text: stdout + stderr };
  }

  it('ends well, each step of it', () => {
    const { out, text } = walk();
    const [files = '', , lines, tree = '', signature = '', key = '', older = ''] = out;
    expect(files.split('\n').length, text).toBe(5);
    expect(files.split('\n').every((line) => line.endsWith(': OK'))).toBe(true);
    expect(lines).toBe('');
    const [root, said, size, leaves] = tree.split('\n');
    expect(root).toMatch(/^[0-9a-f]{64}$/);
    expect([said, leaves]).toEqual([root, size]);
    expect(signature).toContain('Signature Verified Successfully');
    for (const pair of [key, older]) {
      const [one, other, ...more] = pair.split('\n');
      expect(one).toMatch(/^[0-9a-f]{64}$/);
      expect([other, more]).toEqual([one, []]);
    }
  });

  it('finds an event that was changed, and one that was added', () => {
    const changed = walk(`sed -i '3s/DEMO/DEMA/' events.jsonl`);
    expect(changed.text).toMatch(/event \d+ is not in the ledger/);
    expect(walk(`sed -i '2s/^./0/;2s/.$/1/' leaves.txt`).text).toMatch(
      /event 2 is not in the ledger|is not in the ledger/,
    );
  });
});

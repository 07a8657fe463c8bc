import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { audit } from '../support/audit.ts';
import { expectQuiet, run, startService, tempFolder, type Output, type Service } from '../support/service.ts';

describe('what QA does from the command line', () => {
  let service: Service;
  let files: string;
  beforeAll(async () => {
    service = await startService(tempFolder());
    files = tempFolder();
  });
  afterAll(async () => {
    await service.end('SIGTERM');
    expectQuiet(service.log(), audit(service.data).ucis);
  });
  const claimstamp = (...args: string[]): Promise<Output> => run('claimstamp', args, service.data);
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await claimstamp(...args);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await claimstamp(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    return stderr.trim();
  };

  it('all units of a list in a file end together, and mistakes are named by their lines', async () => {
    const roll = await ok('reserve', 'roll-7', '--product', 'DEMO', '--count', '3');
    const [, a = '', b = '', c = ''] = roll.split(/\r?\n/).map((line) => line.slice(0, line.indexOf(',')));
    const list = join(files, 'burnt.txt');
    writeFileSync(list, `\uFEFF${a}\r\n\r\n  ${b.toLowerCase()} \r\n\r\nZZZZZZZZZZ\r\n`);
    const size = audit(service.data).lines.length;
    expect(await refused('unit', 'void', '--file', list, '--reason', 'label-lost')).toBe(
      'claimstamp: burnt.txt line 5: there is no unit ********ZZ; nothing was changed',
    );
    expect(await refused('unit', 'void', '--file', files, '--reason', 'label-lost')).toBe(
      `claimstamp: ${files} cannot be read: the path is a folder, not a file`,
    );
    writeFileSync(list, `\n${a}\nhello\n`);
    expect(await refused('unit', 'void', '--file', list, '--reason', 'label-lost')).toBe(
      'claimstamp: not Claim IDs: burnt.txt line 3; nothing was changed',
    );
    expect(audit(service.data).lines.length).toBe(size);
    writeFileSync(list, `${a}\n\n${b}\n`);
    expect(await ok('unit', 'void', '--file', list, '--reason', 'label-lost')).toBe('2 units are void');
    expect(await ok('reconcile', '--roll', 'roll-7')).toMatch(
      /^Reserved +3 = 0 given out \+ 2 voided \+ 1 left on the roll$/m,
    );
    expect(await ok('reconcile', '--roll', 'roll-7')).toMatch(new RegExp(`^left +${c}`, 'm'));
  });

  it('whoever reads of a long answer may leave when they have seen enough', async () => {
    await ok('reserve', 'roll-8', '--product', 'DEMO', '--count', '3000');
    const entry = join(packageRoot, 'dist', 'src', 'cli', 'claimstamp.js');
    const env = { PATH: process.env['PATH'], CLAIMSTAMP_DATA: service.data };
    const child = spawn(process.execPath, [entry, 'reconcile', '--roll', 'roll-8'], { env });
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('a work order is closed with what is left signed off, and it and its day have reports', async () => {
    await ok('work-order', 'set', 'WO-1', '--product', 'DEMO', '--planned', '2');
    const id = await ok('issue', '--product', 'DEMO', '--work-order', 'WO-1');
    const { at } = JSON.parse(audit(service.data).lines.at(-1) ?? '') as { at: number };
    expect(await refused('work-order', 'close', 'WO-1')).toMatch(/is unaccounted for \(\*{8}/);
    const why = ['--sign-off', `${id}=in the laboratory`];
    expect(await ok('work-order', 'close', 'WO-1', ...why)).toMatch(
      /^WO-1 is closed \(event \d+\): issued 1 = 0 released \+ 0 void \+ 0 scrapped \+ 1 unaccounted, 1 signed off$/,
    );
    const out = join(files, 'WO-1.json');
    await ok('work-order', 'report', 'WO-1', '--out', out);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      signedOff: [{ uci: id, reason: 'in the laboratory' }],
    });
    expect(await refused('work-order', 'report', 'WO-1', '--out', out)).toMatch(/exists: name a new file/);
    const date = new Date(at);
    const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
    const paper = join(files, 'day.pdf');
    await ok('reconcile', '--day', day.map((part) => String(part).padStart(2, '0')).join('-'), '--out', paper);
    expect(readFileSync(paper, 'latin1')).toMatch(/^%PDF-/);
    expect(await refused('reconcile', '--day', '25.11.2026', '--out', join(files, 'no.pdf'))).toMatch(/day/);
    expect(existsSync(join(files, 'no.pdf'))).toBe(false);
    expect(await refused('reconcile')).toMatch(/name a --day or a --roll/);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/platform/package-root.ts';
import { tempFolder } from '../support/service.ts';

/** What the script says of a project with these files in src/. */
function check(
  files: Record<string, string>,
  name = 'check-structure.mjs',
): { status: number | null; problems: string[] } {
  const root = tempFolder();
  for (const [file, text] of Object.entries(files)) {
    const path = join(root, 'src', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const script = join(packageRoot, 'scripts', name);
  const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  return { status, problems: stderr.split('\n').filter((line) => line !== '') };
}

const importing = (...paths: string[]): string => paths.map((path) => `import '${path}';\n`).join('');

describe('the arrangement of src/', () => {
  it('passes where imports point downwards', () => {
    const files = {
      'main.ts': importing('./config.ts', './jobs/work.ts'),
      'config.ts': importing('./model/unit.ts', 'node:fs'),
      'jobs/work.ts': importing('../console/page.tsx', '../model/unit.ts'),
      'console/page.tsx': importing('../http/app.ts'),
      'http/app.ts': '',
      'model/unit.ts': '// import "../http/app.ts"',
    };
    expect(check(files)).toEqual({ status: 0, problems: [] });
  });

  it.each([
    [
      'an import of a higher tier, for a type too',
      { 'model/unit.ts': `import type { Ledger } from '../contract/ledger.ts';`, 'contract/ledger.ts': '' },
      ['src/model/unit.ts imports src/contract/ledger.ts: contract is above model'],
    ],
    [
      'a higher tier in an import() type',
      { 'model/unit.ts': `type Ledger = import('../contract/ledger.ts').Ledger;`, 'contract/ledger.ts': '' },
      ['src/model/unit.ts imports src/contract/ledger.ts: contract is above model'],
    ],
    [
      'an import of another adapter',
      { 'label/zpl.ts': importing('../print/queue.ts'), 'print/queue.ts': '' },
      ['src/label/zpl.ts imports src/print/queue.ts: an adapter imports no other adapter'],
    ],
    [
      'two folders that import each other',
      {
        'jobs/a.ts': importing('../http/b.ts'),
        'http/b.ts': '',
        'http/c.ts': importing('../jobs/d.ts'),
        'jobs/d.ts': '',
      },
      [
        'src/http/c.ts imports src/jobs/d.ts: jobs is above http',
        'http and jobs import each other: src/http/c.ts → src/jobs/d.ts, src/jobs/a.ts → src/http/b.ts',
      ],
    ],
    [
      'a circle of files in one folder',
      {
        'model/a.ts': importing('./b.ts'),
        'model/b.ts': `export type { C } from './c.ts';`,
        'model/c.ts': importing('./a.ts'),
      },
      ['imports form a circle: src/model/a.ts → src/model/b.ts → src/model/c.ts → src/model/a.ts'],
    ],
    ['a file at the root', { 'unit.ts': '' }, ['src/unit.ts is at the root: move it into the folder of its tier']],
    [
      'a folder of no tier',
      { 'utils/text.ts': '' },
      ['src/utils belongs to no tier: add it to TIERS in scripts/check-structure.mjs'],
    ],
    [
      'a folder of too many files, but not an adapter',
      Object.fromEntries(
        ['model', 'http'].flatMap((folder) => Array.from({ length: 26 }, (_, nth) => [`${folder}/${nth}.ts`, ''])),
      ),
      ['src/model has 26 files, at most 25 are allowed: group some of them'],
    ],
    [
      'a file that no entry point of the build imports',
      {
        '../tsconfig.build.json': '{"files": ["bench/run.ts", "src/cli/a.ts"]}',
        'cli/a.ts': importing('../jobs/b.ts'),
        'jobs/b.ts': '',
        'jobs/b-child.ts': importing('./b.ts'),
      },
      ['src/jobs/b-child.ts is not built: import it, or name it in tsconfig.build.json if a process starts with it'],
    ],
  ])('names %s', (_, files, problems) => {
    expect(check(files)).toEqual({ status: 1, problems });
  });
});

describe('type assertions in src/', () => {
  it('are refused in every form, but `as const` and `satisfies` are none', () => {
    const forms = ['x as string', '<string>x', 'x!', '(x as unknown as string)', '[1] as const satisfies number[]'];
    const text = `// such as string\nexport const y = [\n  ${forms.join(',\n  ')},\n];`;
    const problems = check({ 'model/unit.ts': text }, 'check-assertions.mjs').problems;
    expect(problems.find((line) => line.startsWith('src/model/unit.ts'))).toContain(
      'has 5 type assertions instead of 0 (lines 3, 4, 5, 6, 6)',
    );
  });
});

// `npm test` runs the tests that need only what npm brings, and then lists the tests that it left out. `npm run
// test:system` runs those, named *.system.test.ts. It takes --install; all other arguments are Vitest's.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { howToInstall, install, LONG, missing, PROGRAMS } from './system-programs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [lane, ...args] = process.argv.slice(2);
const needs = needsOfEach();

if (lane === 'system') {
  const programs = missing();
  if (programs.length > 0) {
    if (args.includes('--install')) install(programs);
    else fail(howToInstall(programs));
  }
}
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const asked = args.filter((one) => one !== '--install');
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', lane, ...asked], {
  cwd: root,
  stdio: 'inherit',
});
if (lane === 'npm' && asked.length === 0) {
  const left = [...needs].map(([test, what]) => `  ${test} (${what.join(', ')})`);
  say(`left for npm run test:system, which needs programs of the system or minutes:\n${left.join('\n')}`);
}
process.exitCode = status ?? 1;

/** Each test of the system lane, and the programs it needs. Fails when the files differ from the list. */
function needsOfEach() {
  const found = readdirSync(join(root, 'test'), { recursive: true })
    .map((path) => `test/${path.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.system.test.ts'))
    .toSorted();
  const listed = new Set([...LONG, ...PROGRAMS.flatMap(({ tests }) => tests)]);
  const differing = [...listed]
    .filter((test) => !found.includes(test))
    .concat(found.filter((test) => !listed.has(test)));
  if (differing.length > 0)
    fail(`scripts/system-programs.mjs and the files in test/ differ in ${differing.join(', ')}`);
  return new Map(
    found.map((test) => [
      test,
      [
        ...PROGRAMS.filter(({ tests }) => tests.includes(test)).map(({ program }) => program),
        ...(LONG.includes(test) ? ['takes minutes'] : []),
      ],
    ]),
  );
}

function say(text) {
  process.stdout.write(`\n${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

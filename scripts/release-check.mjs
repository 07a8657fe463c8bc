// `npm run release:check` checks a release: every lane on every Node, the torture, the bench, the bundle built twice and
// installed on a Debian that has nothing. It writes what it found to release-facts.md, for the release notes.
// `--only NAME...` runs only these steps, `--former BUNDLE` upgrades from this bundle, `--against FOLDER` is a clone of the
// last release, whose bench runs in turn with this one's. Needs Linux on x64, root, and the programs of the system lane.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DRIVER, driverFor } from './bundle/driver.mjs';
import { nodeFolder, NODES } from './bundle/nodes.mjs';
import { output, run } from './bundle/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true }, former: { type: 'string' }, against: { type: 'string' } },
});
const work = mkdtempSync(join(tmpdir(), 'claimstamp-release-'));
const name = `claimstamp-${version}-linux-x64`;

const STEPS = {
  files: checkFiles,
  check: () => run('npm', ['run', 'check'], { cwd: root, env: { ...process.env, CI: '1' } }),
  ...Object.fromEntries(NODES.map((node) => [`test-${node.version.split('.')[0]}`, () => testOn(node)])),
  system: () => run('npm', ['run', 'test:system'], { cwd: root }),
  torture: () => run('npm', ['run', 'torture'], { cwd: root }),
  bench: bench,
  bundle: bundleTwice,
  install: install,
};

const asked = [...(values.only ?? []), ...positionals];
const unknown = asked.filter((step) => !(step in STEPS));
if (unknown.length > 0)
  throw new Error(`no such step: ${unknown.join(', ')}. The steps are ${Object.keys(STEPS).join(', ')}`);

const facts = [];
for (const [step, act] of Object.entries(STEPS)) {
  if (asked.length > 0 && !asked.includes(step)) continue;
  process.stderr.write(`\n==> ${step}\n`);
  const begun = performance.now();
  let fact;
  try {
    fact = { passed: true, text: act() ?? '' };
  } catch (error) {
    fact = { passed: false, text: error.message };
    process.exitCode = 1;
  }
  facts.push({ step, seconds: Math.round((performance.now() - begun) / 1000), ...fact });
}
rmSync(work, { recursive: true, force: true });
writeFileSync(join(root, 'release-facts.md'), report());
process.stdout.write(report());

function report() {
  const rows = facts.map(
    ({ step, passed, seconds, text }) => `| ${step} | ${passed ? 'passed' : 'FAILED'} | ${seconds} s | ${text} |\n`,
  );
  const commit = output('git', ['rev-parse', 'HEAD'], { cwd: root }).trim();
  return `# Claimstamp ${version}\n\nCommit ${commit}, ${new Date().toISOString()}.\n\n| step | result | time | |\n|---|---|---|---|\n${rows.join('')}`;
}

function checkFiles() {
  const problems = [];
  if (output('git', ['status', '--porcelain'], { cwd: root }) !== '')
    problems.push('there are changes without a commit');
  const changes = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  if (!changes.includes(`\n## [${version}]`)) problems.push(`CHANGELOG.md has no part for ${version}`);
  if (!existsSync(join(root, 'test', 'fixtures', `ledger-${version}`)))
    problems.push(`test/fixtures has no ledger of ${version}`);
  const described = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')).info.version;
  if (described !== version) problems.push(`openapi.json is of ${described}`);
  if (problems.length > 0) throw new Error(problems.join('; '));
}

/** Runs `npm test` in a copy, whose SQLite driver is compiled for this Node. */
function testOn(node) {
  const copy = join(work, `node-${node.version}`);
  run('git', ['clone', '--quiet', root, copy]);
  cpSync(join(root, 'node_modules'), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  rmSync(join(copy, 'node_modules', '.claimstamp'), { force: true });
  cpSync(driverFor(root, node), join(copy, 'node_modules', 'better-sqlite3', DRIVER));
  const env = { ...process.env, PATH: [join(nodeFolder(root, node), 'bin'), process.env.PATH].join(delimiter) };
  try {
    run('node', ['scripts/ready.mjs', 'scripts/test.mjs', 'npm'], { cwd: copy, env });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return `Node ${node.version}`;
}

/** Each figure depends on the machine, so both versions are measured here, one after the other. */
function bench() {
  const rates = [root, values.against].flatMap((folder) => (folder === undefined ? [] : [benchIn(resolve(folder))]));
  writeFileSync(join(root, 'release-bench.json'), JSON.stringify(rates, null, 2));
  return 'release-bench.json';
}

function benchIn(folder) {
  return { folder, ...JSON.parse(output('npm', ['run', '--silent', 'bench', '--', '--json'], { cwd: folder })) };
}

function bundleTwice() {
  const sums = ['first', 'second'].map((nth) => {
    run('npm', ['run', 'bundle', '--', '--fresh', '--out', join(work, nth)], { cwd: root });
    return readFileSync(join(work, nth, `${name}.tar.gz.sha256`), 'utf8');
  });
  if (sums[0] !== sums[1]) throw new Error('two builds differ');
  return `sha256 ${sums[0].split(' ')[0]}`;
}

function install() {
  const made = join(work, 'first');
  if (!existsSync(made)) run('npm', ['run', 'bundle', '--', '--out', made], { cwd: root });
  const former = values.former === undefined ? [] : [resolve(values.former)];
  const env = { ...process.env, FOLDER: join(work, 'bare') };
  const { status } = spawnSync(
    join(root, 'scripts', 'bundle', 'try-bare.sh'),
    [join(made, `${name}.tar.gz`), ...former],
    {
      stdio: ['ignore', 2, 2],
      env,
    },
  );
  if (status !== 0) throw new Error('the bundle does not work on a Debian that has nothing');
  return former.length > 0 ? 'installed, and upgraded from the former bundle' : 'installed';
}

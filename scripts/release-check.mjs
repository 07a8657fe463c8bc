// `npm run release:check -- --help` says what it does.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DRIVER, driverFor } from './bundle/driver.mjs';
import { nodeFolder, NODES, RELEASED } from './bundle/nodes.mjs';
import { output, run } from './bundle/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const USAGE = `npm run release:check -- [options] [step...]
Checks a release: both lanes on each Node, torture, upgrade, bench, the bundle built twice and installed on a Debian that
has nothing, and the container. Writes what it found to release-facts.md, for the release notes.

  --only STEP        runs only this step; may be repeated, and a step may also stand alone
  --against FOLDER   a clone of the last release, which is built: its ledger of a million units is upgraded, and its bench
                     runs in turn with this one's
  --former BUNDLE    installs this bundle first, and upgrades it
  --quick            the smallest size of each step: shows that the steps work, and checks no release

Needs Linux on x64, root, and the programs of the system lane. The step install also needs debootstrap, and container
needs podman.
`;
const { values, positionals } = readArguments();
const { quick } = values;
const against = values.against === undefined ? undefined : resolve(values.against);
const work = mkdtempSync(join(tmpdir(), 'claimstamp-release-'));
const name = `claimstamp-${version}-linux-x64`;

/** One lane on one Node. */
const LANES = ['npm', 'system'].flatMap((lane) =>
  NODES.map((node) => [`${lane}-${node.version.split('.')[0]}`, () => testOn(node, lane)]),
);

const STEPS = {
  files: checkFiles,
  check: () => run('npm', ['run', 'check'], { cwd: root, env: { ...process.env, CI: '1' } }),
  ...Object.fromEntries(LANES),
  torture: () =>
    run('npm', ['run', 'torture', '--', ...(quick ? ['--short', '--only', 'migrations'] : [])], { cwd: root }),
  upgrade,
  bench,
  bundle: bundleTwice,
  install,
  container,
};

const asked = [...(values.only ?? []), ...positionals];
if (values.help) {
  process.stdout.write(`${USAGE}\nThe steps: ${Object.keys(STEPS).join(', ')}\n`);
  process.exit(0);
}
const unknown = asked.filter((step) => !(step in STEPS));
if (unknown.length > 0) fail(`no such step: ${unknown.join(', ')}. The steps are ${Object.keys(STEPS).join(', ')}`);

const NOT_RUN = 'it needs --against';
const facts = [];
for (const [step, act] of Object.entries(STEPS)) {
  if (asked.length > 0 && !asked.includes(step)) continue;
  process.stderr.write(`\n==> ${step}\n`);
  const begun = performance.now();
  let fact;
  try {
    const text = act() ?? '';
    fact = { result: text === NOT_RUN ? 'not run' : 'passed', text };
  } catch (error) {
    fact = { result: 'FAILED', text: error.message };
    process.exitCode = 1;
  }
  facts.push({ step, seconds: Math.round((performance.now() - begun) / 1000), ...fact });
}
rmSync(work, { recursive: true, force: true });
writeFileSync(join(root, 'release-facts.md'), report());
process.stdout.write(report());

function readArguments() {
  const options = {
    only: { type: 'string', multiple: true },
    former: { type: 'string' },
    against: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return fail(`${error.message}\n${USAGE}`);
  }
}

function fail(text) {
  process.stderr.write(`release:check: ${text}\n`);
  process.exit(1);
}

function report() {
  const rows = facts.map(({ step, result, seconds, text }) => `| ${step} | ${result} | ${seconds} s | ${text} |\n`);
  const commit = output('git', ['rev-parse', 'HEAD'], { cwd: root }).trim();
  const schema = readdirSync(join(root, 'migrations', 'sqlite'))
    .toSorted()
    .at(-1)
    .slice(0, 4);
  const nodes = NODES.map((node) => node.version).join(', ');
  const begin = quick ? '**A quick run, which checks no release.**\n\n' : '';
  return `# Claimstamp ${version}\n\n${begin}Commit ${commit}, ${new Date().toISOString()}. Nodes ${nodes}; the bundle brings ${RELEASED.version}. Ledger schema ${Number(schema)}.\n\n| step | result | time | |\n|---|---|---|---|\n${rows.join('')}\n${changes()}`;
}

/** Returns the part of CHANGELOG.md about this version. */
function changes() {
  const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const [, part = ''] = text.split(`\n## [${version}]`);
  return `## Changes${part.replace(/^.*\n/, '\n').split('\n## [')[0]}`;
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

/** Runs a lane in a copy, whose SQLite driver is compiled for this Node. */
function testOn(node, lane) {
  const copy = join(work, `node-${node.version}`);
  run('git', ['clone', '--quiet', root, copy]);
  cpSync(join(root, 'node_modules'), join(copy, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  rmSync(join(copy, 'node_modules', '.claimstamp'), { force: true });
  cpSync(driverFor(root, node), join(copy, 'node_modules', 'better-sqlite3', DRIVER));
  const env = { ...process.env, PATH: [join(nodeFolder(root, node), 'bin'), process.env.PATH].join(delimiter) };
  const some = quick ? { npm: ['test/proof'], system: ['test/cli/doctor.system.test.ts'] }[lane] : [];
  try {
    run('node', ['scripts/ready.mjs', 'scripts/test.mjs', lane, ...some], { cwd: copy, env });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return `Node ${node.version}`;
}

function upgrade() {
  if (against === undefined) return NOT_RUN;
  const units = quick ? '2000' : '1000000';
  run('npm', ['run', 'torture', '--', '--only', 'upgrade', '--former', against, '--units', units], { cwd: root });
  return `from the ledger of the last release with ${units} units, killed at ten moments, and back`;
}

/** If a figure is worse than this share of the last release's, the step fails. Two runs on one machine differ by a tenth. */
const WORST = 0.8;

/**
 * Figures depend on the machine, so both versions are measured here, in turn for each part of the bench. Parts that the
 * last release does not know are measured for this one only.
 */
function bench() {
  const parts = quick
    ? ['issues']
    : [...new Set(readFileSync(join(root, 'bench', 'run.ts'), 'utf8').match(/(?<=^  ')\w+(?=',$)/gm))];
  const figures = parts.flatMap((part) => {
    const [now, before] = [root, against].map((folder) => (folder === undefined ? [] : benchIn(folder, part)));
    return now.map((figure) => ({ ...figure, last: before.find(({ what }) => what === figure.what)?.value }));
  });
  writeFileSync(join(root, 'release-bench.json'), JSON.stringify(figures, null, 2));
  const ratios = figures.flatMap(({ what, unit, value, last }) => {
    // Ratios of a figure to its own baseline are judged by the bench.
    if (last === undefined || unit === '×') return [];
    const isRate = unit === '/s';
    return [{ what, ratio: isRate ? value.middle / last.middle : last.middle / value.middle }];
  });
  if (ratios.length === 0) return `${figures.length} figures in release-bench.json; none of the last release`;
  const worst = ratios.toSorted((a, b) => a.ratio - b.ratio);
  const text = worst
    .slice(0, 3)
    .map(({ what, ratio }) => `${what}: ${ratio.toFixed(2)} ×`)
    .join('; ');
  if (!quick && worst[0].ratio < WORST) throw new Error(`slower than the last release: ${text}`);
  return `${ratios.length} figures, compared with the last release; the worst are ${text}`;
}

function benchIn(folder, part) {
  const args = ['run', '--silent', 'bench', '--', '--json', '--only', part, ...(quick ? ['--quick'] : [])];
  try {
    return JSON.parse(output('npm', args, { cwd: folder })).figures;
  } catch (error) {
    if (folder === root) throw error;
    process.stderr.write(`${folder}: ${part}: ${error.message}\n`);
    return [];
  }
}

function bundleTwice() {
  const sums = ['first', 'second'].map((nth) => {
    run('npm', ['run', 'bundle', '--', '--fresh', '--out', join(work, nth)], { cwd: root });
    return readFileSync(join(work, nth, `${name}.tar.gz.sha256`), 'utf8');
  });
  if (sums[0] !== sums[1]) throw new Error('two builds differ');
  const { size } = statSync(join(work, 'first', `${name}.tar.gz`));
  const { components } = JSON.parse(readFileSync(join(work, 'first', `${name}.cdx.json`), 'utf8'));
  return `sha256 ${sums[0].split(' ')[0]}, ${size} bytes, ${components.length} components`;
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
  run('node', [join(root, 'scripts', 'bundle', 'decode-label.mjs'), env.FOLDER], { cwd: root });
  return former.length > 0 ? 'installed, and upgraded from the former bundle' : 'installed';
}

function container() {
  run(join(root, 'scripts', 'bundle', 'try-container.sh'), [], {
    cwd: root,
    env: { ...process.env, FOLDER: join(work, 'container') },
  });
  return 'built, and run with compose.yaml as a random user, read-only, without capabilities';
}

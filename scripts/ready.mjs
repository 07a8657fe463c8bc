// Makes this folder ready: installs the packages that package-lock.json names, and builds if the sources have changed.
// `node scripts/ready.mjs` does only that. With arguments it then runs that built file in this process. A command never
// installs, and nothing is replaced while a process runs from this folder (docs/admin.md).
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, isStale } from './ready/build.mjs';
import { fits, install, isLockDamaged, putBack } from './ready/modules.mjs';
import { cleanUp } from './ready/swap.mjs';
import { alone, otherUsers, takePlace } from './ready/users.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Claimstamp needs Node 20.19 or newer, this is ${process.versions.node}.`);
}

const [file, ...args] = process.argv.slice(2);
const isProgram = file?.startsWith('dist/src/') ?? false;
const isCommand = isProgram && args[0] !== 'serve';

await alone(
  root,
  () => say('another process is preparing this folder: waiting for it'),
  async () => {
    cleanUp(root);
    await makeReady();
    if (file !== undefined) await takePlace(root);
  },
);

if (file !== undefined) {
  const script = resolve(root, file);
  process.argv.splice(1, process.argv.length, script, ...args);
  await import(pathToFileURL(script).href);
}

async function makeReady() {
  if (isLockDamaged(root)) fail('package-lock.json is damaged: put the files of this version into the folder again');
  // The checks read the sources and run nothing that is built.
  const builds = file !== 'scripts/check.mjs' && isStale(root);
  // Building and testing need the packages for development too.
  const what = builds || !isProgram ? 'all' : 'production';
  const installs = !fits(root, what);
  if (!builds && !installs) return;
  const users = await otherUsers(root);
  if (users.length > 0) keep(users);
  else {
    if (installs) supply(what);
    if (builds) rebuild();
  }
}

/** Other processes run from this folder. A command runs with what they run with. Everything else has to wait. */
function keep(users) {
  const who = `process ${users.join(', ')} runs from this folder`;
  if (!isCommand) fail(`${who}, so its packages and its build are not replaced: stop it, then run this again`);
  if (!canRun())
    fail(
      `${who}, and the packages here do not fit this version and Node ${process.versions.node}: stop it, then run "npm start"`,
    );
  say(`${who}, so this command uses the build that is there, not the changed files`);
}

function supply(what) {
  if (isCommand)
    fail(
      `the packages in node_modules do not fit this version and Node ${process.versions.node}: run "npm start", which installs them, or "npm ci"`,
    );
  if (putBack(root, what)) return say('using the packages that were kept in node_modules.former');
  say('installing (once; about a minute, the SQLite driver may be compiled)');
  const problem = install(root);
  if (problem === undefined) return undefined;
  if (isProgram && fits(root, 'production'))
    return say(`${problem}. The packages that are installed still run this version, so they stay`);
  return fail(
    `${problem}. Nothing was changed. Connect this machine to the npm registry and run this again, or put the former version of the files or of Node back (docs/admin.md). Where no ready-made SQLite driver fits Node ${process.versions.node}, npm also needs a C++ toolchain with Python 3`,
  );
}

function rebuild() {
  say('building');
  if (build(root)) return;
  fail(
    'the build failed: see above. The former build is unchanged. If the files of two versions are mixed, unpack the release again (docs/admin.md)',
  );
}

function canRun() {
  return existsSync(join(root, 'dist', 'src')) && fits(root, 'production');
}

function say(text) {
  process.stderr.write(`claimstamp: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

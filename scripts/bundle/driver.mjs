// The SQLite driver, compiled for one version of Node. A ready-made driver would be fetched from elsewhere, and no one
// could compile the same bytes again.
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFolder } from './nodes.mjs';
import { cacheIn, output, runQuietly } from './run.mjs';

/** The path of the driver in the folder of its package. All other compiled files are left out of a release. */
export const DRIVER = join('build', 'Release', 'better_sqlite3.node');

/** Returns the compiled file. With `fresh`, compiles it again even if the cache has it. */
export function driverFor(root, node, { fresh = false } = {}) {
  const file = join(cacheIn(root), `driver-${keyOf(root, node)}.node`);
  if (existsSync(file) && !fresh) return file;
  mkdirSync(cacheIn(root), { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'claimstamp-driver-'));
  try {
    compile(root, node, folder);
    copyFileSync(join(folder, DRIVER), `${file}.next`);
    renameSync(`${file}.next`, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return file;
}

function compile(root, node, folder) {
  const from = join(root, 'node_modules', 'better-sqlite3');
  for (const name of ['package.json', 'binding.gyp', 'deps', 'src'])
    cpSync(join(from, name), join(folder, name), { recursive: true });
  const home = nodeFolder(root, node);
  // The compiler must not write the folder, which has another name each time, into the file.
  const flags = `-ffile-prefix-map=${folder}=. -ffile-prefix-map=${home}=node`;
  runQuietly(
    join(home, 'bin', 'node'),
    [nodeGyp(), 'rebuild', '--release', `--nodedir=${home}`, '--loglevel=error', `--jobs=2`],
    {
      cwd: folder,
      env: { ...process.env, npm_config_nodedir: home, CFLAGS: flags, CXXFLAGS: flags, ZERO_AR_DATE: '1' },
    },
  );
  runQuietly('strip', ['--strip-unneeded', join(folder, DRIVER)]);
}

/** npm includes node-gyp, the program that compiles. */
function nodeGyp() {
  const npm = process.env.npm_execpath ?? join(output('npm', ['root', '--global']).trim(), 'npm', 'bin', 'npm-cli.js');
  return join(npm, '..', '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
}

function keyOf(root, node) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { integrity } = lock.packages['node_modules/better-sqlite3'];
  return createHash('sha256')
    .update([integrity, node.integrity, output('c++', ['--version'])].join('\0'))
    .digest('hex')
    .slice(0, 16);
}

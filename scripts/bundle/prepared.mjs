// `node scripts/bundle/prepared.mjs MAJOR` prints as JSON the paths of this version of Node and of its SQLite driver.
// It fetches Node and compiles the driver, unless this process runs on this version.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DRIVER, driverFor } from './driver.mjs';
import { nodeFolder, NODES } from './nodes.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [, , major] = process.argv;

process.stdout.write(JSON.stringify(major === process.versions.node.split('.')[0] ? here() : prepared()));

function here() {
  return { program: process.execPath, driver: join(root, 'node_modules', 'better-sqlite3', DRIVER) };
}

function prepared() {
  const node = NODES.find(({ version }) => version.startsWith(`${major}.`));
  if (node === undefined) throw new Error(`scripts/bundle/nodes.mjs has no Node ${major}`);
  return { program: join(nodeFolder(root, node), 'bin', 'node'), driver: driverFor(root, node) };
}

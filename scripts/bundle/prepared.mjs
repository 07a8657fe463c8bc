// `node scripts/bundle/prepared.mjs MAJOR` fetches a Node that releases are tested with, compiles the SQLite driver for it,
// and prints where both are, as JSON.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverFor } from './driver.mjs';
import { nodeFolder, NODES } from './nodes.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const node = NODES.find(({ version }) => version.startsWith(`${process.argv[2]}.`));
if (node === undefined) throw new Error(`scripts/bundle/nodes.mjs has no Node ${process.argv[2]}`);
const program = join(nodeFolder(root, node), 'bin', 'node');
process.stdout.write(JSON.stringify({ version: node.version, program, driver: driverFor(root, node) }));

// Prints the list of everything in the container image. It is made while the image is built.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sbom } from './sbom.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const Database = createRequire(import.meta.url)('better-sqlite3');
const sqlite = new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get();
const node = { version: process.versions.node, file: process.execPath };
process.stdout.write(sbom(root, root, { version, node, sqlite, time: new Date().toISOString() }));

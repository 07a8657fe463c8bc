// The list of everything in a release, as CycloneDX 1.6. npm writes the list of packages; Node, SQLite and the fonts are
// added, because they are in no package that npm lists.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { output } from './run.mjs';

/**
 * `folder` contains the folder labels/fonts. `node` has the version and the file of Node, `time` is the time of the
 * commit in ISO 8601.
 */
export function sbom(root, folder, { version, node, sqlite, time }) {
  const args = ['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { metadata, components, dependencies } = JSON.parse(output('npm', args, { cwd: root }));
  const added = [nodeComponent(node), sqliteComponent(sqlite), ...fontComponents(folder)];
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { ...metadata, timestamp: time, component: { ...metadata.component, name: 'claimstamp', version } },
    components: [...components, ...added],
    dependencies: [...dependencies, ...added.map((one) => ({ ref: one['bom-ref'], dependsOn: [] }))],
  };
  return `${JSON.stringify({ ...bom, serialNumber: serialOf(bom) }, null, 2)}\n`;
}

function nodeComponent({ version, file }) {
  return {
    'bom-ref': `node@${version}`,
    type: 'application',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    hashes: [hashOf(file)],
    licenses: [{ license: { id: 'MIT' } }],
  };
}

function sqliteComponent(version) {
  return {
    'bom-ref': `sqlite@${version}`,
    type: 'library',
    name: 'sqlite',
    version,
    cpe: `cpe:2.3:a:sqlite:sqlite:${version}:*:*:*:*:*:*:*`,
    description: 'Compiled into the SQLite driver of the package better-sqlite3',
    licenses: [{ license: { id: 'blessing' } }],
  };
}

function fontComponents(folder) {
  const fonts = join(folder, 'labels', 'fonts');
  return readdirSync(fonts)
    .filter((name) => /\.(ttf|otf)$/i.test(name))
    .toSorted()
    .map((name) => ({
      'bom-ref': `font:${name}`,
      type: 'file',
      name: `labels/fonts/${name}`,
      hashes: [hashOf(join(fonts, name))],
      licenses: [{ license: { id: name.startsWith('Droid') ? 'Apache-2.0' : 'Bitstream-Vera' } }],
    }));
}

function hashOf(file) {
  return { alg: 'SHA-256', content: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

/** npm's own number is random. This one is a UUID (version 8, RFC 9562) made from the content. */
function serialOf(bom) {
  const hash = createHash('sha256').update(JSON.stringify(bom)).digest('hex');
  const variant = ((Number.parseInt(hash[16] ?? '0', 16) & 3) | 8).toString(16);
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `${variant}${hash.slice(17, 20)}`];
  return `urn:uuid:${[...parts, hash.slice(20, 32)].join('-')}`;
}

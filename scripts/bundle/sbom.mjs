// The list of everything in a release, as CycloneDX 1.6: the packages of package-lock.json that are installed, Node, SQLite
// and the fonts. `npm sbom` (npm 11) leaves out packages such as pg, and writes 1.5.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `folder` contains node_modules and labels/fonts. `node` has the version and the file of Node, `time` is the time of the
 * commit in ISO 8601.
 */
export function sbom(root, folder, { version, node, sqlite, time }) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const packages = Object.entries(lock).filter(
    ([path, { dev }]) => path !== '' && !dev && existsSync(join(folder, path)),
  );
  const own = { 'bom-ref': refOf('claimstamp', version), type: 'application', name: 'claimstamp', version };
  const added = [nodeComponent(node), sqliteComponent(sqlite), ...fontComponents(folder)];
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: time, component: { ...own, purl: `pkg:npm/claimstamp@${version}` } },
    components: [...packages.map(([path, one]) => packageComponent(path, one)), ...added],
    dependencies: [
      { ref: own['bom-ref'], dependsOn: [...neededBy(lock, '', folder), ...added.map((one) => one['bom-ref'])] },
      ...packages.map(([path, one]) => ({
        ref: refOf(nameOf(path), one.version),
        dependsOn: neededBy(lock, path, folder),
      })),
    ],
  };
  return `${JSON.stringify({ ...bom, serialNumber: serialOf(bom) }, null, 2)}\n`;
}

function packageComponent(path, { version, license, integrity }) {
  const name = nameOf(path);
  const [algorithm, hash = ''] = integrity.split('-');
  return {
    'bom-ref': refOf(name, version),
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(hash, 'base64').toString('hex') }],
    ...(license === undefined
      ? {}
      : { licenses: [/ (OR|AND) /.test(license) ? { expression: license } : named(license)] }),
  };
}

function named(license) {
  return { license: license.startsWith('SEE ') ? { name: license } : { id: license } };
}

/**
 * Returns the packages that a package needs. Looks where Node looks: in its own node_modules, then in each folder
 * above.
 */
function neededBy(lock, path, folder) {
  const { dependencies = {}, optionalDependencies = {} } = lock[path] ?? {};
  const found = Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    for (let at = path; ; at = at.replace(/(^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
      const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
      if (lock[place] !== undefined && existsSync(join(folder, place))) return [refOf(name, lock[place].version)];
      if (at === '') return [];
    }
  });
  return [...new Set(found)].toSorted();
}

function nameOf(path) {
  return path.replace(/^.*node_modules\//, '');
}

function refOf(name, version) {
  return `${name}@${version}`;
}

function nodeComponent({ version, file }) {
  return {
    'bom-ref': refOf('node', version),
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
    'bom-ref': refOf('sqlite', version),
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

/** A UUID (version 8, RFC 9562) made from the content, so that two builds have the same number. */
function serialOf(bom) {
  const hash = createHash('sha256').update(JSON.stringify(bom)).digest('hex');
  const variant = ((Number.parseInt(hash[16] ?? '0', 16) & 3) | 8).toString(16);
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `${variant}${hash.slice(17, 20)}`];
  return `urn:uuid:${[...parts, hash.slice(20, 32)].join('-')}`;
}

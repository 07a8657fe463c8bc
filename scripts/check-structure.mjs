// Checks how the files of src/ are arranged: `node scripts/check-structure.mjs [folder that holds src/]`. Prints a
// sentence for each problem and exits with 1 if there is one. Line counts are checked by oxlint.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One folder per outside technology, with as many files as the technology needs. */
const ADAPTERS = [
  'sqlite',
  'postgres',
  'http',
  'console',
  'label',
  'print',
  'export',
  'report',
  'relay',
  'network',
  'sheet',
  'simulate',
];

/** Imports point downwards: to the same tier or to one further left. */
const TIERS = [
  ['platform'],
  ['model'],
  ['proof'],
  ['decide'],
  ['contract'],
  ['config.ts'],
  ADAPTERS,
  ['jobs'],
  ['main.ts'],
  ['cli'],
];

/** Adapters that use another (docs/decisions/0008). */
const USES = { console: 'http', postgres: 'sqlite' };

const ROOT_FILES = ['main.ts', 'config.ts'];
const MAX_FILES = 25;

const root = resolve(process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url))), 'src');
/** File → its imports, also of types; paths relative to src/. */
const imports = new Map(filesIn(root).map((file) => [file, importsOf(file)]));
const edges = [...imports].flatMap(([from, targets]) => targets.map((to) => ({ from, to })));

const problems = [
  ...rootFiles(),
  ...largeFolders(),
  ...upwardImports(),
  ...mutualFolders(),
  ...circles(),
  ...words(),
  ...notBuilt(),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
}

/** `from '…'`, `import '…'` and `import('…')` of a relative path, comments aside. */
function importsOf(file) {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
  const paths = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) => path);
  const targets = paths.map((path) => posix.normalize(posix.join(posix.dirname(file), path)));
  return [...new Set(targets)].filter((target) => existsSync(join(root, target)));
}

/** Returns the top-level folder of a file, or the file itself if it is at the root. */
function topOf(file) {
  return file.split('/')[0];
}

function rootFiles() {
  const others = [...imports.keys()].filter((file) => !file.includes('/') && !ROOT_FILES.includes(file));
  return others.map((file) => `src/${file} is at the root: move it into the folder of its tier`);
}

function largeFolders() {
  const counts = new Map();
  for (const file of imports.keys()) counts.set(posix.dirname(file), (counts.get(posix.dirname(file)) ?? 0) + 1);
  return [...counts]
    .filter(([folder, count]) => count > MAX_FILES && !ADAPTERS.includes(topOf(folder)))
    .map(([folder, count]) => `src/${folder} has ${count} files, at most ${MAX_FILES} are allowed: group some of them`);
}

function upwardImports() {
  const tierOf = (file) => TIERS.findIndex((tier) => tier.includes(topOf(file)));
  const unknown = new Set([...imports.keys()].filter((file) => file.includes('/') && tierOf(file) < 0).map(topOf));
  return [
    ...[...unknown].map((folder) => `src/${folder} belongs to no tier: add it to TIERS in scripts/check-structure.mjs`),
    ...edges.flatMap(({ from, to }) => {
      const [above, below] = [tierOf(from), tierOf(to)];
      if (above < 0 || below < 0) return [];
      if (below > above) return [`src/${from} imports src/${to}: ${topOf(to)} is above ${topOf(from)}`];
      const isOther = ADAPTERS.includes(topOf(from)) && below === above && topOf(to) !== topOf(from);
      if (!isOther || USES[topOf(from)] === topOf(to)) return [];
      return [`src/${from} imports src/${to}: an adapter imports no other adapter`];
    }),
  ];
}

function mutualFolders() {
  const first = new Map();
  for (const { from, to } of edges) {
    const pair = `${topOf(from)} ${topOf(to)}`;
    if (topOf(from) !== topOf(to) && !first.has(pair)) first.set(pair, `src/${from} → src/${to}`);
  }
  return [...first].flatMap(([pair, example]) => {
    const [one, other] = pair.split(' ');
    const back = first.get(`${other} ${one}`);
    if (back === undefined || one > other) return [];
    return [`${one} and ${other} import each other: ${example}, ${back}`];
  });
}

/** words/ is data for everything above it: it imports nothing of src/. */
function words() {
  const folder = join(dirname(root), 'words');
  if (!existsSync(folder)) return [];
  const importing = filesIn(folder).filter((file) =>
    /'(?:\.\.\/)+src\//.test(readFileSync(join(folder, file), 'utf8')),
  );
  return importing.map((file) => `words/${file} imports from src/: words are data, move the code to src/`);
}

/** The build contains what its entry points import, so that a source of an older version does no harm. */
function notBuilt() {
  const file = join(dirname(root), 'tsconfig.build.json');
  if (!existsSync(file)) return [];
  const entries = JSON.parse(readFileSync(file, 'utf8')).files.filter((entry) => entry.startsWith('src/'));
  const built = new Set(entries.map((entry) => entry.slice('src/'.length)));
  for (const one of built) for (const target of imports.get(one) ?? []) built.add(target);
  return [...imports.keys()]
    .filter((one) => !built.has(one))
    .map((one) => `src/${one} is not built: import it, or name it in tsconfig.build.json if a process starts with it`);
}

/** Finds the shortest cycle through each file that is in a cycle. Reports each cycle once. */
function circles() {
  const seen = new Set();
  return [...imports.keys()].flatMap((file) => {
    if (seen.has(file)) return [];
    const circle = circleThrough(file);
    for (const member of circle) seen.add(member);
    return circle.length === 0
      ? []
      : [`imports form a circle: ${[...circle, file].map((one) => `src/${one}`).join(' → ')}`];
  });
}

function circleThrough(start) {
  const cameFrom = new Map([[start, undefined]]);
  for (const file of cameFrom.keys()) {
    for (const target of imports.get(file) ?? []) {
      if (target === start) return pathTo(file, cameFrom);
      if (!cameFrom.has(target)) cameFrom.set(target, file);
    }
  }
  return [];
}

function pathTo(file, cameFrom) {
  const path = [];
  for (let at = file; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
  return path;
}

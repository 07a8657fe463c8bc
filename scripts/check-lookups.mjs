// Objects inherit names such as `constructor`. So if a name comes from outside, the value is read only with own()
// (src/platform/own.ts): `node scripts/check-lookups.mjs`. Looks at what is declared with a string index in the same
// file, and at the fields below wherever they are read. Literal keys, arrays and writes are left alone.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Fields keyed by names that devices, people or files choose. */
const FIELDS = ['attributes', 'workOrders', 'device', 'body'];

const DECLARED = /\b(\w+)\??: (?:Readonly<|Partial<)*(?:Record<string,|\{ (?:readonly )?\[\w+: string\])/g;
const READ = /\b(\w+)(?:\?\.)?\[(?!['\d])([A-Za-z_][\w.]*)(?: as \w+)?\](?!\s*(?:=[^=]|\?\?=|\+\+))/g;

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
const files = readdirSync(join(root, 'src'), { recursive: true }).filter((file) => /\.tsx?$/.test(file));
const problems = files.flatMap((file) => {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const names = new Set([...FIELDS, ...[...text.matchAll(DECLARED)].map(([, name]) => name)]);
  return text
    .split('\n')
    .flatMap((line, at) =>
      /^\s*(\/\/|\/?\*)/.test(line) || /Object\.hasOwn|own\(/.test(line)
        ? []
        : [...line.matchAll(READ)]
            .filter(([, name]) => names.has(name))
            .map(([read]) => `src/${file}:${at + 1}: read ${read} with own() (src/platform/own.ts)`),
    );
});
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

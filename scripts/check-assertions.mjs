// Counts the type assertions (`as T`, `<T>x`, `x!`; not `as const`) of src/: `node scripts/check-assertions.mjs [folder
// that holds src/]`. Prints a sentence for each file whose number differs from the list below, and exits with 1 if
// there is one.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript5';

/** The files that may have assertions, with their number and the reason why TypeScript cannot know the type. */
const ALLOWED = {
  'platform/own.ts': [3, 'Object.keys and Object.fromEntries forget the names of an object'],
  'platform/spool.ts': [2, 'a message of a child process of this program'],
  'model/labels/shown-settings.ts': [1, 'Object.fromEntries forgets the names of an object'],
  'jobs/webhooks/open-webhooks.ts': [1, 'a message of a child process of this program'],
  'model/event-check.ts': [1, 'the rules above it have checked the stored line'],
  'model/event.ts': [1, 'members are written out for a common V8 shape, which loses the link from type to data'],
  'model/settings.ts': [3, 'schemas that are made from other schemas'],
  'http/client.ts': [1, 'the type of an answer follows from its address; the transport checks the answer'],
  'http/operation.ts': [1, 'the types of a request follow from the schemas that have just checked it'],
  'http/read-body.ts': [1, 'Object.fromEntries forgets the names of an object'],
  'console/printer-pages.tsx': [1, 'the settings of one kind of printer are a part of all settings'],
  'cli/api.ts': [1, 'answers for the simulator, which runs with a service of its own version'],
  'cli/commands/label-make.ts': [1, 'the description of the API does not contain the fields of a label'],
  'sqlite/credentials.ts': [1, 'a row: members that must be present have NOT NULL columns'],
  'sqlite/ledger-file.ts': [1, 'a row: the stored answer of a command that is repeated'],
  'sqlite/save-rows.ts': [1, 'TypeScript cannot relate the table of a row to the function that saves it'],
  'sqlite/writer-client.ts': [1, 'a message of the writer thread, in the order of the commands'],
};

const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
const files = readdirSync(join(root, 'src'), { recursive: true })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => /\.tsx?$/.test(file));
const problems = [...new Set([...files, ...Object.keys(ALLOWED)])].flatMap((file) => {
  const lines = files.includes(file) ? assertionsIn(file) : [];
  const [allowed] = ALLOWED[file] ?? [0];
  if (lines.length === allowed) return [];
  const what = `src/${file} has ${lines.length} type assertions instead of ${allowed} (lines ${lines.join(', ') || '–'})`;
  return lines.length > allowed
    ? [`${what}: check the value, or use a helper of src/platform/own.ts`]
    : [`${what}: lower the number in scripts/check-assertions.mjs`];
});
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

function assertionsIn(file) {
  const source = ts.createSourceFile(file, readFileSync(join(root, 'src', file), 'utf8'), ts.ScriptTarget.Latest);
  const lines = [];
  const visit = (node) => {
    const isConst = ts.isAsExpression(node) && node.type.getText(source) === 'const';
    if ((ts.isAssertionExpression(node) && !isConst) || ts.isNonNullExpression(node))
      lines.push(source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}

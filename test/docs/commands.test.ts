import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/command-list.ts';
import { packageRoot } from '../../src/platform/package-root.ts';

/* Every command line in the documents names a command and options that exist, and gives each option its value. */

const IS_OPTION = /^--?[a-z]/;
const listed = ['ls-files', '*.md', ':!CHANGELOG.md', ':!docs/cli.md'];
const documents = execFileSync('git', listed, { cwd: packageRoot, encoding: 'utf8' }).trim().split('\n');
const commands = new Map(await Promise.all([...COMMANDS].map(async ([name, load]) => [name, await load()] as const)));

/** The command lines of a document: lines of shell examples, and code in the text. Comments and pipes end one. */
function commandLines(text: string): string[] {
  const code = [...text.matchAll(/^```\w*\n([^]*?)^```/gm)].map(([, block = '']) => block.replaceAll('\\\n', ' '));
  const inline = [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, one = '']) => one);
  return [...code.flatMap((block) => block.split('\n')), ...inline].flatMap((line) =>
    [...line.matchAll(/(^|[\s(;&])claimstamp (?:-- )?((?:[a-z-]+ ?)[^#|;&>)]*)/g)]
      // `docker compose exec claimstamp cat …` and `adduser claimstamp` name a container and a user.
      .filter(([, before, rest = '']) => before === '' || commands.has(rest.split(/\s/)[0] ?? ''))
      .map(([, , rest = '']) => rest.trim()),
  );
}

/** Returns what is wrong with a command line, or nothing. */
function faultOf(line: string): string | undefined {
  const words = line.split(/\s+/);
  const first = words.shift() ?? '';
  if (['--version', '--help'].includes(first)) return undefined;
  let command: Command | undefined = commands.get(first);
  if (command === undefined) return `no command ${first}`;
  const known: Option[] = [];
  for (;;) {
    known.push(...command.options);
    const next: Command | undefined = command.commands.find((one) => one.name() === words[0]);
    if (next === undefined) {
      // A command with a default subcommand takes the options of it.
      known.push(...command.commands.flatMap(({ options }) => options));
      break;
    }
    words.shift();
    command = next;
  }
  const faults = words.flatMap((word, i) => {
    if (!IS_OPTION.test(word)) return [];
    const [name = '', value = words[i + 1] ?? ''] = word.split('=');
    if (name === '--help') return [];
    const option = known.find(({ long, short }) => long === name || short === name);
    if (option === undefined) return [`no option ${name}`];
    return option.required && (value === '' || IS_OPTION.test(value)) ? [`no value for ${name}`] : [];
  });
  return faults.length === 0 ? undefined : `claimstamp ${line}: ${faults.join(', ')}`;
}

test.each(documents)('each command in %s exists, with its options and their values', (path) => {
  const lines = commandLines(readFileSync(join(packageRoot, path), 'utf8'));
  expect(lines.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
});

import type { Command } from 'commander';
import { COMMANDS } from '../../src/cli/command-list.ts';

/** Returns docs/cli.md: the help of each command, as Markdown. */
export async function commandReference(): Promise<string> {
  const commands = await Promise.all([...COMMANDS.values()].map((load) => load()));
  const index = commands.map((command) => `- [\`${command.name()}\`](#${command.name()}): ${command.description()}`);
  return [
    '# Commands',
    'Each command prints this text itself: `claimstamp COMMAND --help`. A command talks to the running service of the data folder, or works without a service. [Start](start.md#commands) says how to run commands in a clone, after the installer and in a container.',
    index.join('\n'),
    ...commands.flatMap((command) => chapter(command, [])),
  ]
    .join('\n\n')
    .concat('\n');
}

function chapter(command: Command, above: string[]): string[] {
  const names = [...above, command.name()];
  const usage = ['claimstamp', ...names, command.usage()].join(' ');
  const help = command.createHelp();
  const rows = [
    ...help.visibleArguments(command).map((one) => row(help.argumentTerm(one), help.argumentDescription(one))),
    ...help
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map((one) => row(help.optionTerm(one), help.optionDescription(one))),
  ];
  return [
    `${'#'.repeat(Math.min(4, names.length + 1))} ${names.join(' ')}`,
    `\`${usage}\`: ${command.description()}`,
    ...(rows.length === 0 ? [] : [`| argument or option | meaning |\n|---|---|\n${rows.join('\n')}`]),
    ...command.commands.filter((one) => one.name() !== 'help').flatMap((one) => chapter(one, names)),
  ];
}

/** A bar inside a cell would end the cell. */
function row(term: string, meaning: string): string {
  return `| \`${term.replaceAll('|', '\\|')}\` | ${meaning.replaceAll('|', '\\|')} |`;
}

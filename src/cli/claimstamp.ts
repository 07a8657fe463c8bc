#!/usr/bin/env node
import { Command } from 'commander';
import { markInUse } from '../platform/mark-in-use.ts';
import { version } from '../platform/package-root.ts';
import { ClaimstampError, errorCode } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import { ignoreEmptyZone } from '../platform/time-zone.ts';
import { surviveClosedTerminal } from '../platform/terminal/closed.ts';
import { COMMANDS } from './command-list.ts';
import { report } from './run.ts';

// Commands write files with Claim IDs, so only the owner of a file may read it.
process.umask(0o077);
ignoreEmptyZone(process.env);
surviveClosedTerminal();

// The program that reads the output, such as `head`, may close the pipe early. The command still runs to completion and
// closes the ledger, even if nothing reads its output.
process.stdout.on('error', (error) => {
  if (errorCode(error) === 'EPIPE' || process.exitCode === 1) return;
  process.exitCode = 1;
  report(new ClaimstampError('invalid', `the output cannot be written: ${fileError(error)}`));
});
process.stderr.on('error', () => {});
await markInUse();

const program = new Command('claimstamp')
  .description('Factory serialization for devices that run the Ioto agent')
  .version(version)
  .showHelpAfterError();

const asked = COMMANDS.get(process.argv[2] ?? '');
for (const load of asked ? [asked] : COMMANDS.values()) program.addCommand(await load());

try {
  await program.parseAsync();
} catch (error) {
  report(error);
  process.exitCode = 1;
}

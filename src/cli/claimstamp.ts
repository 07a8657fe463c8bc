#!/usr/bin/env node
import { Command } from 'commander';
import { markInUse } from '../platform/mark-in-use.ts';
import { version } from '../platform/package-root.ts';
import { ClaimstampError, errorCode } from '../platform/error.ts';
import { fileError } from '../platform/file-error.ts';
import { surviveClosedTerminal } from '../platform/terminal/closed.ts';
import { report } from './run.ts';

// Commands write files with Claim IDs, so only the owner of a file may read it.
process.umask(0o077);
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

/**
 * The commands, in the order in which the help lists them. Only the command that was called is imported, because
 * importing all commands would take too long.
 */
const commands = new Map<string, () => Promise<Command>>([
  ['serve', async () => (await import('./commands/serve.ts')).serveCommand()],
  ['demo', async () => (await import('./demo/command.ts')).demoCommand()],
  ['welcome', async () => (await import('./welcome/command.ts')).welcomeCommand()],
  ['issue', async () => (await import('./commands/issue.ts')).issueCommand()],
  ['reserve', async () => (await import('./commands/reserve.ts')).reserveCommand()],
  ['import', async () => (await import('./commands/import.ts')).importCommand()],
  ['label', async () => (await import('./commands/label.ts')).labelCommand()],
  ['export', async () => (await import('./commands/export.ts')).exportCommand()],
  ['events', async () => (await import('./commands/feed/events.ts')).eventsCommand()],
  ['webhook', async () => (await import('./commands/feed/webhook.ts')).webhookCommand()],
  ['backup', async () => (await import('./commands/backup.ts')).backupCommand()],
  ['restore', async () => (await import('./commands/restore.ts')).restoreCommand()],
  ['drill', async () => (await import('./drill/drill.ts')).drillCommand()],
  ['migrate', async () => (await import('./commands/migrate.ts')).migrateCommand()],
  ['print', async () => (await import('./commands/printer.ts')).printCommand()],
  ['print-agent', async () => (await import('./print-agent/command.ts')).printAgentCommand()],
  ['printer', async () => (await import('./commands/printer.ts')).printerCommand()],
  ['product', async () => (await import('./commands/product.ts')).productCommand()],
  ['station', async () => (await import('./commands/station.ts')).stationCommand()],
  ['work-order', async () => (await import('./commands/work-order.ts')).workOrderCommand()],
  ['shipping-list', async () => (await import('./commands/shipping/shipping-list.ts')).shippingListCommand()],
  ['reconcile', async () => (await import('./commands/reconcile.ts')).reconcileCommand()],
  ['return', async () => (await import('./commands/returns/return.ts')).returnCommand()],
  ['unit', async () => (await import('./commands/unit.ts')).unitCommand()],
  ['search', async () => (await import('./commands/find/search.ts')).searchCommand()],
  ['hold-code', async () => (await import('./commands/checkpoint.ts')).holdCodeCommand()],
  ['token', async () => (await import('./commands/token.ts')).tokenCommand()],
  ['person', async () => (await import('./commands/person.ts')).personCommand()],
  ['verify', async () => (await import('./commands/verify.ts')).verifyCommand()],
  ['checkpoint', async () => (await import('./commands/checkpoint.ts')).checkpointCommand()],
  ['clock', async () => (await import('./commands/checkpoint.ts')).clockCommand()],
  ['key', async () => (await import('./commands/checkpoint.ts')).keyCommand()],
  ['config', async () => (await import('./commands/config.ts')).configCommand()],
  ['doctor', async () => (await import('./doctor/command.ts')).doctorCommand()],
  ['support', async () => (await import('./commands/config.ts')).supportCommand()],
  ['simulate-printer', async () => (await import('./commands/simulate/printer.ts')).simulatePrinterCommand()],
  ['simulate', async () => (await import('./commands/simulate/line.ts')).simulateCommand()],
]);
const asked = commands.get(process.argv[2] ?? '');
for (const load of asked ? [asked] : commands.values()) program.addCommand(await load());

try {
  await program.parseAsync();
} catch (error) {
  report(error);
  process.exitCode = 1;
}

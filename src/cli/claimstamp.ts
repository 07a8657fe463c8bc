#!/usr/bin/env node
import { Command } from 'commander';
import { version } from '../root.ts';
import { checkpointCommand } from './checkpoint.ts';
import { backupCommand } from './backup.ts';
import { configCommand } from './config.ts';
import { exportCommand } from './export.ts';
import { importCommand } from './import.ts';
import { issueCommand } from './issue.ts';
import { labelCommand } from './label.ts';
import { personCommand } from './person.ts';
import { printCommand, printerCommand } from './printer.ts';
import { productCommand } from './product.ts';
import { reconcileCommand } from './reconcile.ts';
import { reserveCommand } from './reserve.ts';
import { migrateCommand } from './migrate.ts';
import { restoreCommand } from './restore.ts';
import { report } from './run.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { stationCommand } from './station.ts';
import { tokenCommand } from './token.ts';
import { unitCommand } from './unit.ts';
import { verifyCommand } from './verify.ts';
import { workOrderCommand } from './work-order.ts';

// Whatever a command writes, ledger or device.json5, holds Claim IDs: for its owner only.
process.umask(0o077);

// Whoever reads has seen enough, as `| head` has: the command goes on to its end, and lets go of the ledger as ever.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const program = new Command('claimstamp')
  .description('Factory serialization for devices that run the Ioto agent')
  .version(version)
  .showHelpAfterError();

for (const command of [
  serveCommand(),
  issueCommand(),
  reserveCommand(),
  importCommand(),
  labelCommand(),
  exportCommand(),
  backupCommand(),
  restoreCommand(),
  migrateCommand(),
  printCommand(),
  printerCommand(),
  productCommand(),
  stationCommand(),
  workOrderCommand(),
  reconcileCommand(),
  unitCommand(),
  tokenCommand(),
  personCommand(),
  verifyCommand(),
  checkpointCommand(),
  configCommand(),
  simulateCommand(),
]) {
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  report(error);
  process.exitCode = 1;
}

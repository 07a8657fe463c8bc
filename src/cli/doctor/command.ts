import { Command } from 'commander';
import { print, table } from '../run.ts';
import type { Finding } from './finding.ts';
import { examine } from './findings.ts';

/** The exit status for monitoring programs, as in Nagios plug-ins. */
const STATUS = { ok: 0, warning: 1, problem: 2 } as const;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check settings, folders, disk speed, clock, port, certificate, ledger, printers, backups and forecasts; exits with 0, 1 after a warning, or 2 after a problem',
    )
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const findings = await examine(process.env);
      print(json ? JSON.stringify(findings) : shown(findings));
      process.exitCode = Math.max(...findings.map(({ state }) => STATUS[state]));
    });
}

function shown(findings: Finding[]): string {
  return table(
    ['check', 'state', 'finding'],
    findings.map(({ check, state, text }) => [check, state, text]),
  );
}

import { Command } from 'commander';
import { linesOf, print, table } from '../run.ts';
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
      print(
        json ? JSON.stringify(findings) : shown(findings, process.stdout.isTTY ? process.stdout.columns : undefined),
      );
      process.exitCode = Math.max(...findings.map(({ state }) => STATUS[state]));
    });
}

/** The narrowest column in which sentences can still be read. */
const NARROWEST = 30;

/**
 * Formats the findings as lines. If `columns` (the width of the terminal) is given, long findings are wrapped within
 * their column.
 */
export function shown(findings: Finding[], columns = Infinity): string {
  const named = Math.max(...findings.map(({ check }) => check.length));
  const width = Math.max(NARROWEST, columns - named - '  problem  '.length);
  return table(
    ['check', 'state', 'finding'],
    findings.flatMap(({ check, state, text }) =>
      linesOf(text, width).map((line, n) => (n === 0 ? [check, state, line] : ['', '', line])),
    ),
  );
}

// Formats (in CI: only looks), lints and type-checks. Stops at the first that fails.
import { spawnSync } from 'node:child_process';

/** @type {[string, string[]][]} */
const steps = [
  ['oxfmt', process.env.CI ? ['--check', '.'] : ['.']],
  ['oxlint', ['--type-aware', '--deny-warnings', '.']],
  ['tsc', ['-p', 'tsconfig.json']],
];
for (const [tool, args] of steps) {
  const { status } = spawnSync('npx', ['--no-install', tool, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

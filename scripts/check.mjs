// Checks the licence notices, the structure of src/, look-ups by names from outside and type assertions, formats (in
// CI: only checks), lints and type-checks. Stops at the first step that fails.
import { spawnSync } from 'node:child_process';

const npx = (...args) => ['npx', ['--no-install', ...args]];
/** @type {[string, string[]][]} */
const steps = [
  [process.execPath, ['scripts/third-party-notices.mjs', '--check']],
  [process.execPath, ['scripts/check-structure.mjs']],
  [process.execPath, ['scripts/check-lookups.mjs']],
  [process.execPath, ['scripts/check-assertions.mjs']],
  npx('oxfmt', ...(process.env.CI ? ['--check', '.'] : ['.'])),
  npx('oxlint', '--type-aware', '--deny-warnings', '.'),
  npx('tsc', '-p', 'tsconfig.json'),
];
for (const [command, args] of steps) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

// The system programs that the tests named *.system.test.ts need, with their Debian packages and the tests that need them.
// Vitest loads this file before it runs one of them; scripts/test.mjs installs missing programs.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const FAILING_DISK = [
  'test/http/bulk.system.test.ts',
  'test/postgres/copy-disk.system.test.ts',
  'test/print/queue.system.test.ts',
  'test/process/clock.system.test.ts',
  'test/process/exports.system.test.ts',
  'test/process/faults.system.test.ts',
  'test/process/torture.system.test.ts',
  'test/sqlite/once.system.test.ts',
];
const CONSOLE = [
  'audit',
  'change-over',
  'desk',
  'exceptions',
  'forecasts',
  'forms',
  'gate',
  'health',
  'help',
  'kiosk',
  'label-beginner',
  'label-editor',
  'label-sets',
  'make',
  'reports',
  'scanner',
  'screens',
  'search',
  'set-up',
  'sign-on',
  'station',
].map((page) => `test/console/${page}.system.test.ts`);
const IPP = ['test/print/ipp.system.test.ts', 'test/print/queue.system.test.ts'];
const CUPS = ['test/print/print-agent-cups.system.test.ts', 'test/process/torture.system.test.ts'];
const SEGMENT = ['test/process/torture.system.test.ts', 'test/simulate/link.system.test.ts'];
const BUNDLE = ['test/process/bundle.system.test.ts'];
const COMPILED = [...BUNDLE, 'test/process/nodes.system.test.ts'];
const BY_HAND = ['test/process/verify-by-hand.system.test.ts'];
const BACKUP_BY_HAND = ['test/process/backup-by-hand.system.test.ts'];

export const PROGRAMS = [
  { program: 'chromium', packages: ['chromium'], tests: CONSOLE },
  { program: 'ippeveprinter', packages: ['cups-ipp-utils'], tests: IPP },
  { program: 'cupsd', packages: ['cups'], tests: CUPS },
  { program: 'lpadmin', packages: ['cups-client'], tests: CUPS },
  { program: 'dbus-daemon', packages: ['dbus'], tests: IPP },
  { program: 'pdftoppm', packages: ['poppler-utils'], tests: ['test/label/pdf.system.test.ts'] },
  { program: 'soffice', packages: ['libreoffice-calc'], tests: ['test/export/libreoffice.system.test.ts'] },
  { program: 'haproxy', packages: ['haproxy'], tests: ['test/postgres/balancer.system.test.ts'] },
  { program: 'ip', packages: ['iproute2'], tests: [...SEGMENT, ...BUNDLE] },
  { program: 'unshare', packages: ['util-linux'], tests: [...SEGMENT, ...BUNDLE] },
  { program: 'strace', packages: ['strace'], tests: ['test/process/torture.system.test.ts'] },
  { program: 'cc', packages: ['gcc', 'libc6-dev'], tests: FAILING_DISK },
  { program: 'c++', packages: ['g++'], tests: COMPILED },
  { program: 'make', packages: ['make'], tests: COMPILED },
  { program: 'strip', packages: ['binutils'], tests: COMPILED },
  {
    program: 'openssl',
    packages: ['openssl'],
    tests: [...BY_HAND, ...BACKUP_BY_HAND, 'test/platform/tls.system.test.ts'],
  },
  { program: 'prometheus', packages: ['prometheus'], tests: ['test/process/prometheus.system.test.ts'] },
  { program: 'promtool', packages: ['prometheus'], tests: ['test/process/prometheus.system.test.ts'] },
  { program: 'gpg', packages: ['gnupg'], tests: BACKUP_BY_HAND },
  { program: 'gpgv', packages: ['gpgv'], tests: BACKUP_BY_HAND },
  { program: 'unzip', packages: ['unzip'], tests: BY_HAND },
  { program: 'xxd', packages: ['xxd'], tests: BY_HAND },
  { program: 'curl', packages: ['curl'], tests: ['test/process/examples.system.test.ts'] },
  { program: 'pytest', packages: ['python3-pytest'], tests: ['test/process/examples.system.test.ts'] },
  { program: 'nginx', packages: ['nginx-light'], tests: ['test/docs/proxy-logs.system.test.ts'] },
  { program: 'caddy', packages: ['caddy'], tests: ['test/docs/proxy-logs.system.test.ts'] },
  { program: 'systemd-notify', packages: ['systemd'], tests: ['test/process/systemd.system.test.ts'] },
  { program: 'python3', packages: ['python3'], tests: ['test/process/systemd.system.test.ts', ...COMPILED] },
  { program: 'sqlite3', packages: ['sqlite3'], tests: BY_HAND },
];

/** Tests that need no program but take too long for `npm test`. */
export const LONG = [
  'test/cli/access.system.test.ts',
  'test/cli/catalog.system.test.ts',
  'test/cli/commands.system.test.ts',
  'test/cli/config-check.system.test.ts',
  'test/cli/demo.system.test.ts',
  'test/cli/doctor.system.test.ts',
  'test/cli/drill.system.test.ts',
  'test/cli/ends.system.test.ts',
  'test/cli/events.system.test.ts',
  'test/cli/export.system.test.ts',
  'test/cli/label-templates.system.test.ts',
  'test/cli/printing.system.test.ts',
  'test/cli/search.system.test.ts',
  'test/cli/serialize.system.test.ts',
  'test/cli/verify.system.test.ts',
  'test/http/auditor.system.test.ts',
  'test/http/default-limits.system.test.ts',
  'test/http/exports.system.test.ts',
  'test/http/fuzz.system.test.ts',
  'test/http/label-files.system.test.ts',
  'test/http/labels.system.test.ts',
  'test/http/limits.system.test.ts',
  'test/http/loaded.system.test.ts',
  'test/http/lookups.system.test.ts',
  'test/http/once.system.test.ts',
  'test/http/print-agents.system.test.ts',
  'test/http/reconciliation.system.test.ts',
  'test/http/roles.system.test.ts',
  'test/http/sign-in-audit.system.test.ts',
  'test/http/sign-in.system.test.ts',
  'test/http/sign-on.system.test.ts',
  'test/http/slow.system.test.ts',
  'test/http/tls.system.test.ts',
  'test/jobs/backup-schedule.system.test.ts',
  'test/jobs/checkpoints.system.test.ts',
  'test/jobs/rotate-key.system.test.ts',
  'test/jobs/webhooks/long-outage.system.test.ts',
  'test/postgres/contract.system.test.ts',
  'test/postgres/failover.system.test.ts',
  'test/postgres/feed.system.test.ts',
  'test/postgres/imports.system.test.ts',
  'test/postgres/ledger.system.test.ts',
  'test/postgres/labels.system.test.ts',
  'test/postgres/migrate.system.test.ts',
  'test/postgres/network.system.test.ts',
  'test/postgres/pools.system.test.ts',
  'test/postgres/returns.system.test.ts',
  'test/postgres/service.system.test.ts',
  'test/print/lost-jobs.system.test.ts',
  'test/print/no-label-lost.system.test.ts',
  'test/print/print-agent.system.test.ts',
  'test/print/queue-jobs.system.test.ts',
  'test/print/zebra.system.test.ts',
  'test/process/alarm.system.test.ts',
  'test/process/backup-lines.system.test.ts',
  'test/process/backup.system.test.ts',
  'test/process/closing.system.test.ts',
  'test/process/damaged-files.system.test.ts',
  'test/process/exports-load.system.test.ts',
  'test/process/gate.system.test.ts',
  'test/process/imports.system.test.ts',
  'test/process/load.system.test.ts',
  'test/process/log-output.system.test.ts',
  'test/process/owner.system.test.ts',
  'test/process/printed-labels.system.test.ts',
  'test/process/restore-access.system.test.ts',
  'test/process/spare.system.test.ts',
  'test/process/upgrade.system.test.ts',
  'test/process/verify.system.test.ts',
  'test/process/webhooks.system.test.ts',
  'test/relay/line.system.test.ts',
  'test/relay/registration.system.test.ts',
  'test/relay/witness.system.test.ts',
  'test/simulate/shift.system.test.ts',
  'test/simulate/simulate.system.test.ts',
  'test/sqlite/imports.system.test.ts',
  'test/sqlite/moved.system.test.ts',
  'test/sqlite/query-plans.system.test.ts',
];

/** Where Debian keeps haproxy and ippeveprinter: not on the PATH of ordinary users. */
const SBIN = ['/usr/sbin', '/sbin'];

/** The path of a program, or undefined. */
function find(program) {
  return [...(process.env.PATH ?? '').split(delimiter), ...SBIN]
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export const missing = () => PROGRAMS.filter(({ program }) => find(program) === undefined);

/** Instructions to install missing programs. */
export function howToInstall(programs) {
  const lines = programs.map(({ program, tests }) => `  ${program}, for ${tests.join(', ')}`);
  const packages = programs.flatMap((one) => one.packages).join(' ');
  return `these tests need programs that are missing here:\n${lines.join('\n')}\nInstall them: apt-get install ${packages}, or npm run test:system -- --install`;
}

/** Throws the instructions of `howToInstall` if apt is missing. */
export function install(programs) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const packages = programs.flatMap((one) => one.packages);
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const { status } = spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env });
    if (status !== 0) throw new Error(`apt-get ${args[0]} failed: it needs root, and Debian or a derivative`);
  }
}

/** Vitest's global set-up of the system lane. The tests find every program by PATH. */
export function setup() {
  process.env.PATH = [process.env.PATH, ...SBIN].join(delimiter);
  const programs = missing();
  if (programs.length > 0) throw new Error(howToInstall(programs));
}

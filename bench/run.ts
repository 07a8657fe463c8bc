import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchExports, needShell } from './exports.ts';
import { isMet, table, type Figure } from './figure.ts';
import { grow, growthFigures } from './growth.ts';
import { benchHistory } from './history.ts';
import { benchIssues } from './issues.ts';
import { benchLabelService } from './label-service.ts';
import { benchLabels } from './labels.ts';
import { machineFacts, machineText } from './machine.ts';
import { benchPages } from './pages.ts';
import { benchPeer } from './peer.ts';
import { benchReconcile } from './reconcile.ts';
import { benchScale } from './scale.ts';
import { benchScreens } from './screens.ts';
import { benchSearch } from './search.ts';
import { benchSlow } from './slow.ts';
import { benchStart } from './start.ts';
import { benchVerify } from './verify.ts';
import { benchRevisions } from './revisions.ts';
import { benchWebhooks } from './webhooks.ts';

/*
 * npm run bench [-- --only issues|labels|slow|screens|start|growth|verify|reconcile|exports|scale|history|search|pages|peer|webhooks|revisions] [--quick] [--json]
 * [--units N] [--data folder] [--profile folder]
 *
 * Prints a table of measurements. A missed budget is not an error, because the figures depend on the machine. With
 * --profile, every process and thread writes a .cpuprofile for Chromium's developer tools. Profiling makes the service
 * slower, so do not publish these figures.
 */

const PARTS = [
  'issues',
  'labels',
  'slow',
  'screens',
  'start',
  'growth',
  'verify',
  'reconcile',
  'exports',
  'scale',
  'history',
  'search',
  'pages',
  'peer',
  'webhooks',
  'revisions',
];

/** The settings of a complete run, which takes about twenty minutes. */
const FULL = {
  rounds: 5,
  warmMs: 3000,
  measureMs: 1500,
  starts: 5,
  fileRounds: 3,
  // A round has 1,600 requests, so its p99 would depend on only 16 of them. Therefore the p99 is computed over several
  // rounds.
  beside: { rounds: 6, measureMs: 8000 },
  // The bound is so close to 1 that a few slow requests could exceed it. So there are enough rounds for a median.
  besideWebhooks: { rounds: 12, measureMs: 4000 },
  units: 1_000_000,
};
/**
 * The settings of a quick run, which takes less than a minute. A quick run shows that everything works, but is too
 * short for judging budgets.
 */
const QUICK = {
  rounds: 2,
  warmMs: 300,
  measureMs: 500,
  starts: 2,
  fileRounds: 1,
  beside: { rounds: 1, measureMs: 2000 },
  besideWebhooks: { rounds: 1, measureMs: 2000 },
  units: 100_000,
};

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: PARTS },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    units: { type: 'string' },
    data: { type: 'string', default: './data' },
    profile: { type: 'string' },
  },
});
const stranger = options.only.find((part) => !PARTS.includes(part));
if (stranger !== undefined) throw new Error(`--only ${stranger}: use one of ${PARTS.join(', ')}`);
const effort = options.quick ? QUICK : FULL;
const units = Number(options.units ?? effort.units);
if (!Number.isSafeInteger(units) || units < 50_000)
  throw new Error(`--units ${options.units}: use a number from 50000 on`);

// The option `--cpu-prof` applies to all processes started after this line.
if (options.profile !== undefined) process.execArgv.push('--cpu-prof', `--cpu-prof-dir=${resolve(options.profile)}`);
if (options.only.includes('exports')) needShell();
mkdirSync(options.data, { recursive: true });
const folder = mkdtempSync(join(resolve(options.data), 'bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const begun = new Date();
const machine = machineFacts(folder);
if (!options.json) process.stdout.write(`${machineText(machine)}\n\n`);
const figures: Figure[] = [];
// If an error occurs, the figures that were measured before it are still reported.
const failed = await measure(options.only, effort, figures).then(
  () => undefined,
  (error: unknown) => error as Error,
);
if (options.json) process.stdout.write(`${JSON.stringify(report(figures))}\n`);
else
  process.stdout.write(
    `${table(figures)}\n${options.quick ? '\nThis was a quick run. A quick run is too short to judge budgets.\n' : ''}`,
  );
if (failed !== undefined) throw failed;

async function measure(parts: string[], given: typeof FULL, found: Figure[]): Promise<void> {
  const { starts, fileRounds, beside, besideWebhooks, ...effort } = given;
  if (parts.includes('issues')) found.push(...(await benchIssues(join(folder, 'issues'), effort, say)));
  if (parts.includes('labels')) {
    found.push(...benchLabels(fileRounds, say));
    found.push(...(await benchLabelService(join(folder, 'labels'), beside, say)));
  }
  if (parts.includes('slow')) found.push(...(await benchSlow(join(folder, 'slow'), beside, say)));
  if (parts.includes('revisions')) found.push(...(await benchRevisions(join(folder, 'revisions'), say)));
  if (parts.includes('webhooks')) found.push(...(await benchWebhooks(join(folder, 'webhooks'), besideWebhooks, say)));
  if (parts.includes('screens')) found.push(...(await benchScreens(join(folder, 'screens'), fileRounds, say)));
  // By default, `scale` makes only a tenth of the units, because in this part three processes and a PostgreSQL server
  // share one machine.
  if (parts.includes('scale'))
    found.push(...(await benchScale(join(folder, 'scale'), Number(options.units ?? units / 10), say)));
  if (parts.includes('peer')) found.push(...(await benchPeer(join(folder, 'peer'), effort, say)));
  if (parts.includes('history')) found.push(...(await benchHistory(join(folder, 'history'), units, effort, say)));
  if (parts.includes('pages')) found.push(...(await benchPages(join(folder, 'pages'), units, say)));
  if (parts.includes('search')) found.push(...(await benchSearch(join(folder, 'search'), units, say)));
  if (!['growth', 'start', 'verify', 'reconcile', 'exports'].some((part) => parts.includes(part))) return;
  const full = { data: join(folder, 'full'), units };
  const growth = await grow(full.data, units, say);
  if (parts.includes('start')) found.push(...(await benchStart(full, join(folder, 'start'), starts, say)));
  if (parts.includes('growth')) found.push(...growthFigures(growth));
  if (parts.includes('verify')) found.push(...(await benchVerify(full, fileRounds, say)));
  if (parts.includes('exports'))
    found.push(...(await benchExports(full, join(folder, 'exports'), fileRounds, beside, say)));
  if (parts.includes('reconcile')) found.push(...(await benchReconcile(full, units / 10, beside, say)));
}

function report(figures: Figure[]): unknown {
  const { quick } = options;
  return { at: begun.toISOString(), quick, machine, figures: figures.map((one) => ({ ...one, met: isMet(one) })) };
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

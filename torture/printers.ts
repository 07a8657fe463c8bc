import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PRODUCT, start, type Service } from '../harness/service.ts';
import { throwDice } from '../src/simulate/dice.ts';
import { openRow, type Check, type Row } from './check.ts';
import { contentsOf, ledgerIn } from './contents.ts';
import { cupsMachine, digest, ippMachine, zebraMachine, type Expected, type PrintMachine } from './print-machines.ts';

/** The seed for the random faults. The same seed gives the same faults, but not at the same times. */
const SEED = 20261130;
const JOBS = { short: 60, long: 1000 };
const RESTARTS = { short: 2, long: 10 };
/** The number of concurrent requests. */
const CLIENTS = 8;
/**
 * If no job ends within this time (ms), the check fails. After a failed attempt, the service pauses for at most 30 s.
 */
const PATIENCE_MS = 180_000;
const LOOK_MS = 200;

interface Job {
  id: number;
  uci: string;
  state: string;
  reason?: string;
}
interface Unit {
  labels: number;
  facts: { [fact: string]: string };
}

/**
 * Three printers print labels while random faults occur and the service is restarted. Afterwards, the ledger is
 * compared with the labels that were really printed. Then a person reprints the missing labels.
 */
export const printers: Check = async ({ short, folder, say }) => {
  const data = join(folder, 'printers');
  const jobs = short ? JOBS.short : JOBS.long;
  const machines = [
    await zebraMachine(throwDice(SEED, 1)),
    await ippMachine(throwDice(SEED, 2)),
    await cupsMachine(throwDice(SEED, 3)),
  ];
  const run: Run = { service: await start(data), data, machines, say };
  try {
    for (const { name, settings } of machines) await ok(run, 'PUT', `/v1/printers/${name}`, settings);
    await queueJobs(run, jobs);
    const restarts = await printWithRestarts(run, jobs, short ? RESTARTS.short : RESTARTS.long);
    for (const machine of machines) await machine.calm();
    const rows: Row[] = [];
    for (const machine of machines) rows.push(await compared(run, machine));
    rows.push(await printMissing(run, jobs));
    await run.service.end('SIGTERM');
    rows.push(await verified(data, jobs, restarts));
    return rows;
  } finally {
    await run.service.end('SIGKILL');
    for (const machine of machines) await machine.close();
  }
};

interface Run {
  service: Service;
  data: string;
  machines: PrintMachine[];
  say: (text: string) => void;
}

async function ok<T>({ service }: Run, method: string, path: string, body?: object): Promise<T> {
  const answer = await service.api<T>(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Calls `act` for each item, several at the same time. */
async function each<T>(items: T[], act: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < items.length; n = next++) await act(items[n] as T, n);
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
}

/** Queues jobs for the printers in turn. */
async function queueJobs(run: Run, count: number): Promise<void> {
  run.say(`printers: ${count} jobs`);
  const { units } = await ok<{ units: { uci: string }[] }>(run, 'POST', '/v1/units', { product: PRODUCT, count });
  await each(units, async ({ uci }, n) => {
    const { name: printer } = run.machines[n % run.machines.length] as PrintMachine;
    await ok(run, 'POST', `/v1/units/${uci}/print`, { printer });
  });
}

async function jobsOf(run: Run, printer: string): Promise<Job[]> {
  return (await ok<{ jobs: Job[] }>(run, 'GET', `/v1/print-jobs?printer=${printer}&limit=1000&reveal=true`)).jobs;
}

const OPEN = ['queued', 'sending'];

async function openCount(run: Run): Promise<number> {
  const all = await Promise.all(run.machines.map(({ name }) => jobsOf(run, name)));
  return all.flat().filter(({ state }) => OPEN.includes(state)).length;
}

/** Waits until the number of open jobs is at most `atMost`. */
async function untilOpen(run: Run, atMost: number): Promise<void> {
  let [before, since] = [Infinity, performance.now()];
  for (;;) {
    const open = await openCount(run);
    if (open <= atMost) return;
    if (open < before) [before, since] = [open, performance.now()];
    if (performance.now() - since > PATIENCE_MS) throw new Error(`${open} jobs do not end`);
    await pause(LOOK_MS);
  }
}

/** Restarts the service repeatedly, alternating between SIGKILL and SIGTERM. */
async function printWithRestarts(run: Run, jobs: number, restarts: number): Promise<number> {
  for (let n = 1; n <= restarts; n++) {
    await untilOpen(run, Math.floor(jobs * (1 - n / (restarts + 1))));
    run.say(`printers: restart ${n} of ${restarts}`);
    await run.service.end(n % 2 === 1 ? 'SIGKILL' : 'SIGTERM');
    run.service = await start(run.data);
  }
  await untilOpen(run, 0);
  return restarts;
}

async function expectedOf({ service }: Run, uci: string): Promise<Expected> {
  const headers = { authorization: `Bearer ${service.token}` };
  const answer = await fetch(`${service.url}/v1/units/${uci}/label.pdf?dpi=300`, { headers });
  return { uci, pdf: digest(new Uint8Array(await answer.arrayBuffer())) };
}

/** Compares the ledger with the labels that a printer really printed. */
async function compared(run: Run, machine: PrintMachine): Promise<Row> {
  const troubles = [...machine.troubles.values()].reduce((sum, count) => sum + count, 0);
  const jobs = await jobsOf(run, machine.name);
  const row = openRow(`${machine.kind}: labels with ${troubles} faults`);
  const counts = { lost: 0, twice: 0, unaccounted: 0 };
  const found = { drawn: 0, missing: 0 };
  await each(jobs, async (job) => {
    row.tried();
    const drawn = machine.drawn(await expectedOf(run, job.uci));
    found.drawn += drawn;
    if (drawn === 0) found.missing++;
    const unit = await ok<Unit>(run, 'GET', `/v1/units/${job.uci}`);
    for (const [kind, why] of faultsOf(job, unit, drawn)) {
      counts[kind]++;
      row.fail(`${kind}: job ${job.id} is ${job.state}, ${why}`);
    }
  });
  const strangers = machine.total() - found.drawn;
  if (strangers > 0) row.fail(`${strangers} labels that belong to no job`, strangers);
  counts.unaccounted += strangers;
  for (const [trouble, count] of machine.troubles) run.say(`printers: ${machine.name}: ${trouble} ${count} times`);
  for (const text of told(jobs)) run.say(`printers: ${machine.name}: ${text}`);
  const states = ['done', 'unknown', 'failed', 'sent'].map(
    (state) => `${jobs.filter((job) => job.state === state).length} ${state}`,
  );
  const zeros = `lost ${counts.lost}, twice ${counts.twice}, unaccounted ${counts.unaccounted}`;
  return row.row(
    `${found.drawn} labels came out: ${zeros}; ${states.join(', ')}; ${found.missing} missing, each reported`,
  );
}

type Fault = 'lost' | 'twice' | 'unaccounted';

/** Returns how the ledger and the printer differ. */
function faultsOf({ state, reason }: Job, { labels, facts }: Unit, drawn: number): [Fault, string][] {
  const isPrinted = facts['printed'] !== undefined;
  const faults: [Fault, string][] = [];
  if (drawn > 1) faults.push(['twice', `and ${drawn} labels came out`]);
  if ((state === 'done' || isPrinted) && drawn === 0) faults.push(['lost', 'and no label came out']);
  if (isPrinted !== (state === 'done')) faults.push(['unaccounted', `and "printed" of the unit is ${isPrinted}`]);
  if (drawn > labels) faults.push(['unaccounted', `${drawn} labels came out, but the unit counts ${labels}`]);
  if (OPEN.includes(state)) faults.push(['unaccounted', 'and has not ended']);
  if ((state === 'unknown' || state === 'failed') && !reason) faults.push(['unaccounted', 'and gives no reason']);
  return faults;
}

/** Returns the reasons why jobs were not done, each with the number of jobs. */
function told(jobs: Job[]): string[] {
  const counts = new Map<string, number>();
  for (const { state, reason = 'no proof' } of jobs) {
    if (state === 'done') continue;
    const text = `${state}: ${reason.replace(/\d+/g, '…')}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${count} × ${text}`);
}

/**
 * Acts like a person who checks the printers and reprints the missing labels. After that, each unit must have exactly
 * one label.
 */
async function printMissing(run: Run, jobs: number): Promise<Row> {
  const row = openRow('labels that are missing are printed again');
  const all: { unit: Expected; machine: PrintMachine }[] = [];
  for (const machine of run.machines)
    for (const { uci } of await jobsOf(run, machine.name)) all.push({ unit: await expectedOf(run, uci), machine });
  const missing = all.filter(({ unit, machine }) => machine.drawn(unit) === 0);
  for (const { unit, machine } of missing)
    await ok(run, 'POST', `/v1/units/${unit.uci}/print`, { printer: machine.name, reason: 'no label came out' });
  await untilOpen(run, 0);
  for (const { unit, machine } of all) {
    row.tried();
    const drawn = machine.drawn(unit);
    if (drawn !== 1) row.fail(`${drawn} labels of one unit came out at ${machine.name}`);
  }
  if (all.length !== jobs) row.fail(`${all.length} of ${jobs} jobs`, Math.abs(jobs - all.length));
  return row.row(`${missing.length} printed again; each of ${all.length} units has one label`);
}

async function verified(data: string, jobs: number, restarts: number): Promise<Row> {
  const row = openRow(`the ledger after ${restarts} restarts of the service`);
  row.tried();
  const { ucis, findings } = await contentsOf(ledgerIn(data));
  if (ucis.size !== jobs) row.fail(`${ucis.size} units instead of ${jobs}`, Math.abs(ucis.size - jobs));
  if (findings.length > 0) row.fail(String(findings[0]));
  return row.row(`${jobs} units, all hashes and rows agree; seed ${SEED}`);
}

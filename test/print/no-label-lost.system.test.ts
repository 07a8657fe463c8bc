import { afterAll, beforeAll, expect, it } from 'vitest';
import { openZebra } from '../../src/simulate/zebra/zebra.ts';
import { throwDice } from '../../src/simulate/dice.ts';
import { answer, jobGroup, oddPrinter, PRINT_JOB, printerGroup } from '../support/odd-ipp.ts';
import { printClient, type Job } from '../support/print-client.ts';
import { startService, tempFolder, type Service } from '../support/service.ts';
import { until } from '../support/until.ts';

/* Printers with random troubles: what the ledger says is what they printed. */

const JOBS = 20;
const PATIENCE_MS = 50_000;
const ENDED = ['done', 'sent', 'failed', 'unknown'];

let service: Service;
const on = printClient(() => service);
beforeAll(async () => {
  service = await startService(tempFolder());
});
afterAll(() => service.end('SIGTERM'));

async function printAll(printer: string): Promise<Job[]> {
  for (const uci of await on.make(JOBS)) await on.print(uci, printer);
  return until(async () => {
    const jobs = (await on.ok<{ jobs: Job[] }>('GET', `/v1/print-jobs?printer=${printer}&limit=1000&reveal=true`)).jobs;
    return jobs.every(({ state }) => ENDED.includes(state)) ? jobs : undefined;
  }, PATIENCE_MS);
}

it('a Zebra that runs out, jams, is opened, paused and switched off: none lost, none twice, none unaccounted', async () => {
  const dice = throwDice(7, 0);
  const troubles = ['paperOut', 'jam', 'open', 'pause', 'reboot'] as const;
  const zebra = await openZebra({
    trouble: () => {
      if (dice() > 0.15) return undefined;
      setTimeout(() => zebra.help(), 30);
      return troubles[Math.floor(dice() * troubles.length)];
    },
  });
  await on.raw('zebra', zebra.port, { answers: true });
  const jobs = await printAll('zebra');
  const drawn = (uci: string): number => zebra.labels.filter(({ description }) => description.includes(uci)).length;
  for (const { uci, state } of jobs) {
    expect(drawn(uci), `${state} ${uci}`).toBeLessThanOrEqual(1);
    if (state === 'done') expect(drawn(uci)).toBe(1);
    if (state === 'failed') expect(drawn(uci)).toBe(0);
    expect((await on.unit(uci)).facts['printed'] !== undefined).toBe(state === 'done');
  }
  expect(jobs.filter(({ state }) => state === 'done').length).toBeGreaterThan(JOBS / 2);
  await zebra.close();
});

it('an IPP printer that is busy, stops, aborts and hangs up: none lost, none twice, none unaccounted', async () => {
  const dice = throwDice(8, 0);
  const taken = new Map<string, number>();
  const odd = await oddPrinter(
    ({ request, response, operation, body }) => {
      if (operation !== PRINT_JOB) return answer(response, 0, [jobGroup(9, 'none')]);
      const roll = dice();
      if (roll < 0.05) return answer(response, 0x0507);
      const name = /Claimstamp label (\d+)/.exec(body.toString('latin1'))?.[1] ?? '';
      taken.set(name, (taken.get(name) ?? 0) + 1);
      if (roll < 0.1) return void request.socket.destroy();
      if (roll < 0.15) return answer(response, 0, [jobGroup(8, 'aborted-by-system')]);
      answer(response, 0, [jobGroup(roll < 0.4 ? 5 : 9, 'none')]);
    },
    ({ response }) => answer(response, 0, [printerGroup(dice() < 0.03 ? 5 : 3)]),
  );
  await on.printer('odd', { kind: 'ipp', url: odd.url });
  const jobs = await printAll('odd');
  expect(taken.size).toBe(JOBS);
  for (const { id, uci, state } of jobs) {
    expect(taken.get(String(id)), `${state} job ${id}`).toBe(1);
    expect((await on.unit(uci)).labels).toBe(1);
    expect((await on.unit(uci)).facts['printed'] !== undefined).toBe(state === 'done');
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBody } from '../src/model/body.ts';
import { DEFAULT_IDENTITY } from '../src/model/identity/placeholders.ts';
import type { Ledger } from '../src/contract/ledger.ts';
import { openReports } from '../src/jobs/make-report.ts';
import { openSpool } from '../src/platform/spool.ts';
import { ledgerFile, openSqliteLedger } from '../src/sqlite/sqlite-ledger.ts';
import { StationDefinition } from '../src/model/station.ts';
import { MAX_IMPORT } from '../src/decide/imports/import-units.ts';
import { generate, systemRandom } from '../src/model/claim-id.ts';
import { BODY, PRODUCT } from '../harness/agent.ts';
import { agentsBeside, whileAsking, type Asked, type Beside, type BesideEffort } from './beside.ts';
import { startServer } from './children.ts';
import { spread, type Figure } from './figure.ts';

/*
 * Measures a large work order in a large ledger. One figure is the latency of agents while the work order is closed and
 * while units are imported. The other figures say how long a child process takes for the closing, the reconciliation
 * and the report.
 */

const ORDER = 'WO-1';
const STATION = 'ordered';
const WAITING = 1024;
/**
 * The number of unaccounted units in the work order. A lead must sign off all unaccounted units before closing the work
 * order.
 */
const LEFT = 100;
const ROUNDS = 3;

export async function benchReconcile(
  full: { data: string; units: number },
  ordered: number,
  effort: BesideEffort,
  say: (text: string) => void,
): Promise<Figure[]> {
  const file = ledgerFile(full.data);
  const ledger = await openSqliteLedger({ file, onFault: say });
  await fill(ledger, ordered, say);
  await ledger.close();
  const count = ordered.toLocaleString('en-US');
  const figures = await closings(full.data, count, effort, say);
  const reports = openReports(file, openSpool(join(full.data, 'spool')), Date.now, () => undefined);
  const draw = async (format: 'json' | 'pdf', limit?: number): Promise<number[]> => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      say(`reconcile: ${format}, round ${round + 1}`);
      times.push(
        await timed(async () =>
          (
            await reports.draw({ workOrder: ORDER }, format, 'bench', limit === undefined ? {} : { limit })
          ).file.close(),
        ),
      );
    }
    return times;
  };
  return [
    ...figures,
    { what: `reconciliation of ${count} units`, unit: 'ms', value: spread(await draw('json', 100)) },
    { what: `report of ${count} units, JSON`, unit: 'ms', value: spread(await draw('json')) },
    { what: `report of ${count} units, PDF`, unit: 'ms', value: spread(await draw('pdf')) },
  ];
}

/** Closes and reopens the work order: first without agents, then while agents send requests. */
async function closings(
  data: string,
  count: string,
  effort: BesideEffort,
  say: (text: string) => void,
): Promise<Figure[]> {
  const server = await startServer('claimstamp', data);
  try {
    const asked = closeAndReopen(data, server.url);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await timed(() => ask(asked)));
    const during: Beside['during'] = (act) => whileAsking([asked], act);
    const what = `closing a work order of ${count}`;
    return [
      { what: `${what}, and reopening it`, unit: 'ms', value: spread(times) },
      await agentsBeside(server.url, what, { than: 'alone', bound: 2, during }, effort, say),
      await besideImports(asked, server.url, effort, say),
    ];
  } finally {
    await server.stop();
  }
}

/** The number of imports in one round. One import takes at least a second. */
const IMPORTS = 2;

/** Repeats an import that has the maximum number of units. Each import has new Claim IDs. */
async function besideImports(
  { headers }: Asked,
  url: string,
  effort: BesideEffort,
  say: (text: string) => void,
): Promise<Figure> {
  const importing = (): Asked => {
    const bodies = Array.from({ length: IMPORTS }, () => ({ units: Array.from({ length: MAX_IMPORT }, importedUnit) }));
    return { url: `${url}/v1/units/import`, method: 'POST', headers, bodies };
  };
  const during: Beside['during'] = (act) => whileAsking([importing()], act);
  const what = `imports of ${MAX_IMPORT.toLocaleString('en-US')}`;
  return agentsBeside(url, what, { than: 'alone', bound: 2, during }, effort, say);
}

function importedUnit(_none: unknown, index: number): object {
  const uci = generate(UCI_LENGTH, systemRandom);
  return { place: `line ${index}`, uci, device: { product: PRODUCT, mac: `imported-${uci}` } };
}
const UCI_LENGTH = 12;

function closeAndReopen(data: string, url: string): Asked {
  const { token } = JSON.parse(readFileSync(join(data, 'serve.json'), 'utf8')) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const order = `${url}/v1/work-orders/${ORDER}`;
  const reopen: Asked = { url: `${order}/reopen`, method: 'POST', headers, body: { reason: 'bench' } };
  return { url: `${order}/close`, method: 'POST', headers, body: { signOff: { all: 'bench' } }, after: reopen };
}

async function ask({ url, method, headers, body, after }: Asked): Promise<void> {
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  if (after) await ask(after);
}

async function fill(ledger: Ledger, ordered: number, say: (text: string) => void): Promise<void> {
  const device = JSON.parse(BODY) as { product: string };
  const { product } = device;
  const order = { id: ORDER, product, planned: ordered, overIssue: 'warn' as const };
  await ledger.record({ kind: 'set-work-order', workOrder: order, actor: 'bench' });
  await ledger.record({
    kind: 'set-product',
    merge: true,
    product: { id: product, deviceCode: 'uid' },
    actor: 'bench',
  });
  const station = StationDefinition.parse({ name: STATION, workOrders: { [product]: ORDER } });
  await ledger.record({ kind: 'set-station', station, actor: 'bench' });
  say(`reconcile: a work order of ${ordered.toLocaleString('en-US')}`);
  let left = ordered;
  const asker = async (): Promise<void> => {
    while (left-- > 0) {
      const uid = `bench-${left}`;
      const { uci } = await ledger.record({
        kind: 'issue',
        ...readBody(Buffer.from(JSON.stringify({ ...device, uid })), DEFAULT_IDENTITY),
        station: STATION,
        source: '127.0.0.1',
        strict: false,
      });
      if (left < LEFT) continue;
      await ledger.record({ kind: 'verify', station: STATION, label: uci, device: uid, actor: 'bench' });
    }
  };
  await Promise.all(Array.from({ length: WAITING }, asker));
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

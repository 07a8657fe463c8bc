import { join } from 'node:path';
import { DEFAULT_IDENTITY, readBody } from '../src/model/body.ts';
import type { Ledger } from '../src/contract/ledger.ts';
import { openReports } from '../src/jobs/make-report.ts';
import { openSpool } from '../src/platform/spool.ts';
import { ledgerFile, openSqliteLedger } from '../src/sqlite/sqlite-ledger.ts';
import { StationDefinition } from '../src/model/station.ts';
import { BODY } from '../harness/agent.ts';
import { spread, type Figure } from './figure.ts';

/*
 * Measures a work order of many units in a large ledger. The first figure is the time that agents wait while the writer
 * closes the work order in one transaction. The second figure is the time that a child process needs for the
 * reconciliation and the report of the work order.
 */

const ORDER = 'WO-1';
const STATION = 'ordered';
const WAITING = 1024;
/**
 * The number of unaccounted units of the work order. A lead must sign off all unaccounted units before the work order
 * can be closed.
 */
const LEFT = 100;
const ROUNDS = 3;

export async function benchReconcile(
  full: { data: string; units: number },
  ordered: number,
  say: (text: string) => void,
): Promise<Figure[]> {
  const file = ledgerFile(full.data);
  const ledger = await openSqliteLedger({ file, onFault: say });
  await fill(ledger, ordered, say);
  const count = ordered.toLocaleString('en-US');
  const closings: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    closings.push(
      await timed(() =>
        ledger.record({ kind: 'close-work-order', workOrder: ORDER, signOff: { all: 'bench' }, actor: 'bench' }),
      ),
    );
    await ledger.record({ kind: 'reopen-work-order', workOrder: ORDER, reason: 'bench', actor: 'bench' });
  }
  const reports = openReports(file, openSpool(join(full.data, 'spool')), Date.now);
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
  const figures: Figure[] = [
    { what: `closing a work order of ${count}: agents wait`, unit: 'ms', value: spread(closings) },
    { what: `reconciliation of ${count} units`, unit: 'ms', value: spread(await draw('json', 100)) },
    { what: `report of ${count} units, JSON`, unit: 'ms', value: spread(await draw('json')) },
    { what: `report of ${count} units, PDF`, unit: 'ms', value: spread(await draw('pdf')) },
  ];
  await ledger.close();
  return figures;
}

async function fill(ledger: Ledger, ordered: number, say: (text: string) => void): Promise<void> {
  const body = readBody(Buffer.from(BODY), DEFAULT_IDENTITY);
  const product = body.product as string;
  const order = { id: ORDER, product, planned: ordered, overIssue: 'warn' as const };
  await ledger.record({ kind: 'set-work-order', workOrder: order, actor: 'bench' });
  const station = StationDefinition.parse({ name: STATION, workOrders: { [product]: ORDER } });
  await ledger.record({ kind: 'set-station', station, actor: 'bench' });
  say(`reconcile: a work order of ${ordered.toLocaleString('en-US')}`);
  let left = ordered;
  const asker = async (): Promise<void> => {
    while (left-- > 0) {
      const { uci } = await ledger.record({
        kind: 'issue',
        ...body,
        station: STATION,
        source: '127.0.0.1',
        strict: false,
      });
      if (left < LEFT) continue;
      await ledger.record({ kind: 'verify', station: STATION, label: uci, device: uci, actor: 'bench' });
    }
  };
  await Promise.all(Array.from({ length: WAITING }, asker));
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

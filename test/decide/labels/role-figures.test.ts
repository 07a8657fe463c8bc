import { describe, expect, test } from 'vitest';
import { tally } from '../../../src/decide/reconcile.ts';
import type { PrintJob } from '../../../src/model/print-job.ts';
import type { Unit } from '../../../src/model/unit.ts';

/* A reconciliation counts the labels of each role. */

const unit = (uci: string, labels: number, more: Partial<Unit> = {}): Unit => ({
  id: 1,
  uci,
  product: 'P',
  facts: { issued: 1 },
  labels,
  lastSeq: 1,
  ...more,
});
const job = (uci: string, more: Partial<PrintJob>): PrintJob => ({
  id: 1,
  uci,
  printer: 'P',
  state: 'done',
  copies: 1,
  firstCopy: 1,
  at: 1,
  ...more,
});
const counting = { productOf: () => ({}), orderOf: () => ({}) };

describe('labels of several roles', () => {
  const units = [
    unit('A', 1, { extra: { roleLabels: { box: 3 } } }),
    unit('B', 1, { facts: { issued: 1, void: 2 }, extra: { roleLabels: { box: 1 } } }),
  ];
  const jobs = [
    job('A', {}),
    job('A', { id: 2, role: 'box', copies: 2 }),
    job('A', { id: 3, role: 'box', firstCopy: 3, reprint: 'torn', state: 'unknown' }),
    job('B', { id: 4 }),
    job('B', { id: 5, role: 'box' }),
    // Nothing of this job was sent, so it reprinted nothing.
    job('B', { id: 6, role: 'box', firstCopy: 2, reprint: 'torn', state: 'failed' }),
  ];

  test('are counted together, and apart', () => {
    const { labels } = tally(units, jobs, counting);
    expect(labels).toEqual({
      units: 2,
      copies: 6,
      reprints: [{ reason: 'torn', copies: 1 }],
      failed: 1,
      unknown: 1,
      roles: {
        box: { units: 2, copies: 4, reprinted: 1, unused: 1, failed: 1, unknown: 1 },
        device: { units: 2, copies: 2, reprinted: 0, unused: 1, failed: 0, unknown: 0 },
      },
    });
  });

  test('are not counted apart if all are labels of the devices', () => {
    const { labels } = tally([unit('A', 2)], [job('A', { copies: 2 })], counting);
    expect(labels.roles).toBeUndefined();
    expect(labels).toMatchObject({ units: 1, copies: 2 });
  });
});

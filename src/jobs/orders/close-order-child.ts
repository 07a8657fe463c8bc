import type { ClosingAnswer, ClosingQuestion, ClosingTask } from '../../contract/orders/closing.ts';
import { countedOrder, type Closed } from '../../decide/orders/close-order.ts';
import { refusal } from '../../platform/error.ts';
import { workInChild, yieldProcessor, type Parent } from '../../platform/spool.ts';
import { openOrderCount } from '../../sqlite/order-count.ts';

/* This child process counts the units of a work order, and decides whether the order can be closed. */

/**
 * When fewer events than this remain to be counted, the work order is blocked, because counting so few takes only about
 * ten ms.
 */
const FEW_EVENTS = 1000;

/**
 * After this many snapshots, the order is blocked, even if the line adds events faster than this process counts them.
 */
const MAX_SNAPSHOTS = 20;

/**
 * The maximum number of attempts to record the closing. An attempt takes about a tenth of a second, and fails if an
 * event of the work order is recorded during this time. While the line works on other orders, there are no such events.
 */
const MAX_ATTEMPTS = 50;

workInChild(async ({ ledger, workOrder, signOff }: ClosingTask, parent): Promise<Closed> => {
  const count = openOrderCount(ledger, workOrder, yieldProcessor);
  const decide = (): Extract<ClosingQuestion, { close: unknown }>['close'] => {
    const { snapshot, ...counted } = count.catchUp();
    return { snapshot, ...countedOrder(workOrder, counted, signOff) };
  };
  try {
    decide();
    for (let n = 1; n < MAX_SNAPSHOTS && count.behind() >= FEW_EVENTS; n++) decide();
    await ask(parent, { begin: true });
    for (let n = 0; n < MAX_ATTEMPTS; n++) {
      const answer = await ask(parent, { close: decide() });
      if ('seq' in answer) return answer;
    }
    throw refusal('busy', 'orderChanges', { workOrder });
  } finally {
    count.close();
  }
});

function ask(parent: Parent, question: ClosingQuestion): Promise<ClosingAnswer> {
  return parent.ask<ClosingAnswer>(question);
}

import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { FromSearch, SearchAnswer, SearchFigures, SearchQuestion, SearchTask } from '../../contract/search.ts';
import { isCode, traceOf } from '../../platform/error.ts';
import { explained } from '../../platform/file-error.ts';
import { NICE, yieldProcessor } from '../../platform/spool.ts';
import { untilLogIsShort } from '../../sqlite/long-log.ts';
import { openFilling, type Filling } from './fill-search.ts';

/* This child process fills the search file during production, and finds units with it. */

/** How often the child process checks for new events, in ms. */
const LOOK_EVERY_MS = 500;

/**
 * How long the child process waits after repeated failures, such as a full disk (ms). After the first failure, the
 * child process waits only one second, so that it soon begins a new file.
 */
const RETRY_MS = 10_000;
const FIRST_RETRY_MS = 1000;

process.once('message', (task: SearchTask) => {
  setPriority(NICE);
  const filling = openFilling(task);
  const end = (): never => {
    filling.close();
    process.exit(0);
  };
  // The service is stopping, or was killed.
  process.once('SIGTERM', end).once('disconnect', end);
  process.on('message', (question: SearchQuestion) => reply(filling, question));
  void work(filling, task.ledger);
});

async function work(filling: Filling, ledger: string): Promise<never> {
  for (let failures = 0; ;) {
    try {
      await untilLogIsShort(ledger);
      const isMore = filling.step();
      failures = 0;
      tell(filling.figures());
      yieldProcessor();
      // In this pause, searches that arrived during the step are answered.
      await pause(isMore ? 0 : LOOK_EVERY_MS);
    } catch (error) {
      failures++;
      filling.close();
      const problem = isCode(error, 'disk-full') ? 'disk-full' : 'other';
      if (failures > 1) tell({ ...filling.figures(), state: 'failed', problem });
      // If a fault persists, it is logged only twice.
      if (failures <= 2) send({ fault: explained(error) });
      await pause(failures > 1 ? RETRY_MS : FIRST_RETRY_MS);
    }
  }
}

/** The figures that were last sent to the service. */
let told = '';

function tell(figures: SearchFigures): void {
  const text = JSON.stringify(figures);
  if (text !== told) send({ figures });
  told = text;
}

function reply(filling: Filling, question: SearchQuestion): void {
  const { number } = question;
  try {
    send({ number, answer: answerTo(filling, question) });
  } catch (error) {
    send({ number, fault: traceOf(error) });
  }
}

function answerTo(filling: Filling, question: SearchQuestion): SearchAnswer {
  if ('page' in question) return { found: filling.find(question.page) };
  if ('names' in question) return { names: filling.names(question.names.text, question.names.limit) };
  filling.rebuild();
  tell(filling.figures());
  return {};
}

function send(said: FromSearch): void {
  process.send?.(said);
}

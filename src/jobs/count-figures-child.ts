import { writeFileSync } from 'node:fs';
import type { FiguresTask } from '../contract/figures.ts';
import { COUNTED, openCount } from '../decide/line-figures.ts';
import { workInChild } from '../platform/spool.ts';
import { eventsBetween } from '../sqlite/events-between.ts';

/* This child process counts the events of a time range. */

workInChild(async ({ ledger, out, from, to }: FiguresTask): Promise<null> => {
  const count = openCount();
  for (const event of eventsBetween(ledger, { from, to, types: COUNTED })) count.add(event);
  writeFileSync(out, JSON.stringify(count.result()), { flag: 'wx', mode: 0o600 });
  return null;
});

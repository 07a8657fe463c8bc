import { writeFileSync } from 'node:fs';
import type { CheckTask } from '../contract/ledger-check.ts';
import { workInChild } from '../platform/spool.ts';
import { verifyLedger } from './verify-file.ts';

/* This child process checks the ledger while production runs. */

workInChild(async ({ ledger, out }: CheckTask, { tell }): Promise<null> => {
  const checked = await verifyLedger(ledger, {}, (done, total) => tell({ done, total }));
  writeFileSync(out, JSON.stringify(checked), { flag: 'wx', mode: 0o600 });
  return null;
});

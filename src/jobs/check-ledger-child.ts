import type { CheckTask } from '../contract/ledger-check.ts';
import { workInChild } from '../platform/spool.ts';
import { verifyLedger } from './verify-file.ts';

/* This child process checks the ledger during production. */

workInChild(({ ledger }: CheckTask, { tell }) => verifyLedger(ledger, {}, (done, total) => tell({ done, total })));

import { workInChild } from '../spool.ts';
import type { Verification } from '../verification.ts';
import { verifyFile, type VerifyOptions } from './verify-file.ts';

/* A child process that checks a ledger or a bundle: at low priority, so that agents do not feel it. */

export interface VerifyTask {
  file: string;
  options: VerifyOptions;
}

workInChild(({ file, options }: VerifyTask, desk): Promise<Verification> =>
  verifyFile(file, options, (done, total) => desk.tell({ done, total })),
);

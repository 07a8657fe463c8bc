import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { ClaimstampError, type ErrorCode } from '../error.ts';
import { built } from '../root.ts';
import type { Verification } from '../verification.ts';
import { verifyFile, type OnProgress, type VerifyOptions } from './verify-file.ts';

/*
 * A check as a child process at a priority below the service's, so that agents do not feel it. This file is both: the
 * child, and how it is started.
 */

interface ToVerify {
  file: string;
  options: VerifyOptions;
}

type FromVerify =
  | { done: number; total: number }
  | { verification: Verification }
  | { refused: { code: ErrorCode; message: string } }
  | { fault: string };

/** Lower than the service's, so that the scheduler gives the agents' requests the processor first. */
const NICE = 10;

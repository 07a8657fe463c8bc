import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { checkAside } from './verify-integrity.ts';
import type { HashOrder } from './verify-hashes.ts';

(parentPort as MessagePort).postMessage(checkAside(workerData as HashOrder));

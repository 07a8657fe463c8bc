import { parentPort, workerData } from 'node:worker_threads';
import { checkAside } from './verify-integrity.ts';
import type { HashOrder } from './verify-hashes.ts';

const order: HashOrder = workerData;
parentPort?.postMessage(checkAside(order));

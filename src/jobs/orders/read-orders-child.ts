import { workInChild } from '../../platform/spool.ts';
import { readOrderFile, type OrderFile } from '../../sheet/read-orders.ts';

/* This child process reads a file with work orders. */

workInChild(({ bytes }: { bytes: Uint8Array }): Promise<OrderFile> => readOrderFile(Buffer.from(bytes)));

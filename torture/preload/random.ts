import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/*
 * This module is loaded before the service and replaces its random source. The file named by TORTURE_RANDOM says how
 * the source behaves: `good`, `stuck` (always the same byte), `repeats` (the same bytes at each call) or `fails`. While
 * the service starts, the random source is good.
 */

const control = process.env['TORTURE_RANDOM'] as string;
const fill = crypto.randomFillSync;

function bad<T extends NodeJS.ArrayBufferView>(buffer: T, ...rest: number[]): T {
  const mode = readFileSync(control, 'utf8').trim();
  if (mode === 'fails') throw new Error('the generator fails');
  if (mode === 'good') return fill(buffer, ...rest);
  const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = mode === 'stuck' ? 7 : (i * 167 + (i >> 3) * 29) & 255;
  return buffer;
}

crypto.randomFillSync = bad as typeof crypto.randomFillSync;
syncBuiltinESMExports();

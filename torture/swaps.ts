import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../src/platform/package-root.ts';
import type { Check, Row } from './check.ts';
import { inOwnNetwork } from '../src/simulate/segment.ts';

/**
 * Devices that send no identity share one IP address of a network segment, and only their link addresses distinguish
 * them. The check runs in its own network namespace (swaps-inside.ts), which is removed when the check ends.
 */
export const swaps: Check = async ({ short, folder, say }) => {
  if (process.platform !== 'linux') throw new Error('network namespaces need Linux');
  const [command = '', ...args] = inOwnNetwork;
  const inside = join(packageRoot, 'dist', 'torture', 'swaps-inside.js');
  const child = spawn(command, [...args, process.execPath, inside, folder, short ? 'short' : 'full'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, why] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => {
    why += text.toString();
    say(text.toString().trimEnd());
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the check in its own network ended with ${String(code)}: ${why.trim()}`);
  const rows: Row[] = JSON.parse(said);
  return rows;
};

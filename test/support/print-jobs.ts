import { randomBytes } from 'node:crypto';
import { type Format, type Printer as Settings, Printer } from '../../src/model/printer.ts';
import type { Job, Outcome } from '../../src/model/printing/sending.ts';
import { readConfig } from '../../src/config.ts';
import { openAgentChannel } from '../../src/print/agents.ts';
import { printerPlaces } from '../../src/print/places.ts';
import { sender } from '../../src/print/send.ts';

/** The service's own settings on loopback, and any folder. */
export const places = printerPlaces(readConfig({ CLAIMSTAMP_PRINT_FOLDERS: '/' }));
export const send = sender(places, openAgentChannel());

export function job(format: Format, bytes: Uint8Array | string, more: Partial<Job> = {}): Job {
  const body = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return { id: 'job-1', name: 'label ********XQ', format, bytes: body, copies: 1, ...more };
}

/** Random bytes between a PDF's first and last line: whatever alters them on their way is seen. */
export function somePdf(size = 20_000): Buffer {
  return Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size), Buffer.from('\n%%EOF\n')]);
}

export interface Sent {
  outcome: Outcome;
  /** How often `onSending` was called. */
  sending: number;
}

/** Sends with the settings as a file would have them. */
export async function sendTo(settings: object, what: Job, signal = new AbortController().signal): Promise<Sent> {
  const printer: Settings = Printer.parse({ name: 'bench-1', ...settings });
  let sending = 0;
  const hooks = {
    onSending: () => {
      sending++;
    },
  };
  const outcome = await send(printer, what, hooks, signal);
  return { outcome, sending };
}

import { resolve } from 'node:path';
import { Printer, type Format } from '../../model/printer.ts';
import type { Attempt, Job, Outcome, Places } from '../../model/printing/sending.ts';
import { ClaimstampError } from '../../platform/error.ts';
import { check } from '../../platform/validation-words.ts';
import { sendDevice } from '../../print/device.ts';
import { sendIpp } from '../../print/ipp.ts';
import { sendRaw } from '../../print/raw9100.ts';

/** The printer of a print agent. */
export interface Target {
  /** The format that the printer accepts. */
  takes: Format;
  /** The printer's address, as text for the log. */
  place: string;
  send: (job: Job, attempt: Attempt) => Promise<Outcome>;
}

/** The person at the PC chooses the printer, so no rules limit its address. */
export const ANY_PLACE: Places = { address: () => undefined, folder: (path) => resolve(path) };

export interface TargetOptions {
  to: string;
  media?: string | undefined;
  certificate?: string | undefined;
}

/**
 * Reads the option `--to`: a device, a Windows share, the address of a CUPS queue or IPP printer, or the `host[:port]`
 * of a printer.
 */
export function targetOf({ to, ...ipp }: TargetOptions, platform: NodeJS.Platform = process.platform): Target {
  if (/^(ipps?|https?):/i.test(to)) {
    const given = Object.entries(ipp).filter(([, value]) => value !== undefined);
    const printer = check(Printer, { name: 'printer', kind: 'ipp', url: to, ...Object.fromEntries(given) });
    if (printer.kind !== 'ipp') throw unusable(to);
    return { takes: 'pdf', place: to, send: (job, attempt) => sendIpp(printer, job, attempt) };
  }
  if (ipp.media !== undefined || ipp.certificate !== undefined)
    throw new ClaimstampError('invalid', '--media and --certificate are only for ipp:// and ipps:// addresses');
  if (isDevice(to, platform))
    return { takes: 'zpl', place: to, send: (job, attempt) => sendDevice({ path: to }, job, attempt) };
  const printer = check(Printer, { name: 'printer', kind: 'raw9100', host: to });
  if (printer.kind !== 'raw9100') throw unusable(to);
  return { takes: 'zpl', place: to, send: (job, attempt) => sendRaw(printer, job, attempt) };
}

function isDevice(to: string, platform: NodeJS.Platform): boolean {
  const isWindows = platform === 'win32';
  if (to.startsWith('\\\\') && !isWindows)
    throw new ClaimstampError(
      'invalid',
      `${to} is a Windows share, which only Windows can open: set up a CUPS queue for it, and use ipp://localhost/printers/NAME`,
    );
  return to.startsWith('\\\\') || to.includes('/') || (isWindows && /^(LPT|COM)\d:?$/i.test(to));
}

function unusable(to: string): ClaimstampError {
  return new ClaimstampError('invalid', `${to} is not a printer`);
}
